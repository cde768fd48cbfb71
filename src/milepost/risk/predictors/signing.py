"""Signatures of predictors, Ed25519 as the audit log's checkpoints. A model is plain numbers, and is read only when
the key of its registry signed exactly those."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX = b"milepost predictor 1\n"
"""So that a signature of a predictor can never be taken for a signature of anything else."""


class Untrusted(Exception):
    """A file was changed, or signed by another key. The message names it and says what to do."""


def canonical(held: Any) -> bytes:
    """JSON with sorted keys and no spaces, UTF-8: the same on every machine. No NaN."""
    return json.dumps(
        held, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def hash_of(held: Any) -> str:
    return hashlib.sha256(canonical(held)).hexdigest()


def sign(key: Ed25519PrivateKey, held: Any) -> str:
    return key.sign(PREFIX + canonical(held)).hex()


def check(public_key: str, signature: str, held: Any, what: str) -> None:
    """Raises ``Untrusted`` unless the owner of ``public_key`` signed exactly this."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), PREFIX + canonical(held))
    except (InvalidSignature, ValueError):
        raise Untrusted(
            f"{what} is not what this registry's key signed. Do not use it; bring it back from a backup, or train "
            "it again."
        ) from None


def public_key_of(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def key_from(text: str) -> Ed25519PrivateKey:
    """The key whose 32 secret bytes ``text`` holds in hexadecimal. Raises ``ValueError``."""
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text.strip()))
    except ValueError:
        raise ValueError("The key of the registry is no key: write 64 hexadecimal digits.") from None


def key_in(file: Path) -> Ed25519PrivateKey:
    """The key in ``file``, made for its owner's eyes only if it is not there."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return key_from(file.read_text(encoding="ascii"))
    key = Ed25519PrivateKey.generate()
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(key.private_bytes_raw().hex() + "\n")
    return key
