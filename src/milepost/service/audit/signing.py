"""Checkpoints signed with Ed25519. Pure, but for `key_in`, which reads or makes the file of the key."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from milepost.service.audit.seal import canonical

PREFIX = b"milepost audit checkpoint 1\n"
"""So that a signature of a checkpoint can never be taken for a signature of anything else."""


@dataclass(frozen=True, slots=True)
class Signed:
    """``root`` over entries 1 to ``number``; hashes, signature and key in hexadecimal."""

    number: int
    at_us: int
    root: str
    signature: str
    public_key: str

    def is_good(self) -> bool:
        """Whether ``public_key`` made the signature. Whose key that is, only who keeps it outside can say."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            key.verify(bytes.fromhex(self.signature), _message(self.number, self.at_us, self.root))
        except (InvalidSignature, ValueError):
            return False
        return True

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"


def read_checkpoint(text: str) -> Signed:
    """Raises ValueError for a text that is not a checkpoint."""
    try:
        given = json.loads(text)
        return Signed(
            number=int(given["number"]),
            at_us=int(given["at_us"]),
            **{k: str(given[k]) for k in ("root", "signature", "public_key")},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"This is not a checkpoint of the audit log: {error}.") from None


def _message(number: int, at_us: int, root: str) -> bytes:
    return PREFIX + canonical({"number": number, "at_us": at_us, "root": root})


def sign(key: Ed25519PrivateKey, *, number: int, at_us: int, root: str) -> Signed:
    signature = key.sign(_message(number, at_us, root)).hex()
    return Signed(number, at_us, root, signature, public_key_of(key))


def public_key_of(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def key_from(text: str) -> Ed25519PrivateKey:
    """The key whose 32 secret bytes ``text`` holds in hexadecimal. Raises ValueError."""
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text.strip()))
    except ValueError:
        raise ValueError(
            "MILEPOST_AUDIT_KEY is not a key: write 64 hexadecimal digits. Make one with: python -c "
            "'import secrets; print(secrets.token_hex(32))'"
        ) from None


def key_in(file: Path) -> Ed25519PrivateKey:
    """The key in ``file``, which is made, for its owner's eyes only, if it is not there."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return key_from(file.read_text(encoding="ascii"))
    key = Ed25519PrivateKey.generate()
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(key.private_bytes_raw().hex() + "\n")
        out.flush()
        os.fsync(out.fileno())
    return key
