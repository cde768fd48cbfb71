"""The manifest of a backup: every file with its size and digest, signed with the key of the audit log.

A backup is these files exactly. One that is missing, changed, swapped for another or too many is named, and so is a
name that leads out of the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection
from pathlib import Path, PurePosixPath
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from milepost.service.audit.signing import public_key_of
from milepost.service.kit.files import write_whole

MANIFEST, SIGNATURE = "manifest.json", "manifest.signature.json"
PREFIX = b"milepost backup manifest 1\n"
"""So that a signature of a manifest can never be taken for a signature of anything else."""


class NotWhole(Exception):
    """The backup is not what was signed. The text names the file and says what to do."""


def files_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Name (with forward slashes) to size and digest, of every file below the folder."""
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": digest_of(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def digest_of(path: Path) -> str:
    """SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(folder: Path, manifest: dict[str, Any]) -> None:
    """Writes the manifest. The backup is one when it is signed."""
    write_whole(folder / MANIFEST, json.dumps(manifest, indent=1))


def sign(folder: Path, key: Ed25519PrivateKey) -> None:
    """Signs the manifest as it is, in a file beside it."""
    text = (folder / MANIFEST).read_bytes()
    signed = {"signature": key.sign(PREFIX + text).hex(), "public_key": public_key_of(key)}
    write_whole(folder / SIGNATURE, json.dumps(signed, indent=1))


def read(folder: Path, trusted_keys: Collection[str]) -> dict[str, Any]:
    """The manifest, if one of these public keys signed it.

    Raises:
        NotWhole: there is none, its signature is not good, or another key signed it.
    """
    try:
        text, signed = (folder / MANIFEST).read_bytes(), json.loads((folder / SIGNATURE).read_text())
        key, signature = str(signed["public_key"]), bytes.fromhex(signed["signature"])
        signer = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    except OSError as error:
        name = Path(str(error.filename)).name
        raise NotWhole(f"{folder} has no {name}: it is no backup, or one that did not end.") from None
    except (ValueError, KeyError, TypeError):
        raise NotWhole(f"{SIGNATURE} cannot be read. Use another backup.") from None
    try:
        signer.verify(signature, PREFIX + text)
    except InvalidSignature:
        raise NotWhole(f"{MANIFEST} is not as it was signed. Use another backup.") from None
    if key not in trusted_keys:
        whose = "by another key than this service's" if trusted_keys else "by a key that is not known here"
        raise NotWhole(
            f"{MANIFEST} is signed {whose}, {key[:16]}... Bring the service's key back first (MILEPOST_AUDIT_KEY, or "
            "audit.key in the folder of data), or say --public-key with the one that you keep elsewhere."
        )
    manifest: dict[str, Any] = json.loads(text)
    return manifest


def check_files(folder: Path, manifest: dict[str, Any], belongs: Callable[[str], bool]) -> None:
    """Whether the folder holds exactly the files of the manifest, each unchanged. ``belongs``: names that a backup
    may hold at all.

    Raises:
        NotWhole: naming the first file that is not right.
    """
    told = manifest["files"]
    for name in told:
        if not _stays_inside(name) or not belongs(name):
            raise NotWhole(f"The manifest names {name}, which no backup holds. Use another one.")
    there = _there(folder)
    for name, wanted in told.items():
        path = folder / name
        if name not in there:
            raise NotWhole(f"{name} is missing from the backup. Use another one.")
        if path.is_symlink() or path.stat().st_size != wanted["bytes"] or digest_of(path) != wanted["sha256"]:
            raise NotWhole(f"{name} is not as it was when the backup was made. Use another one.")
    for name in sorted(there - told.keys() - {MANIFEST, SIGNATURE}):
        raise NotWhole(
            f"{name} was not in the backup when it was made. Take it out only if you know whose it is."
        )


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return path.as_posix() == name and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _there(folder: Path) -> set[str]:
    """Every file and link below, whatever it leads to; links to folders are not followed."""
    found = set()
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if Path(place, name).is_symlink()]
        found |= {Path(place, name).relative_to(folder).as_posix() for name in [*names, *links]}
    return found
