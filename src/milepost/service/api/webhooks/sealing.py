"""Secrets at rest: sealed with a key that comes of the service's own, so that a copy of the database tells none."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unsealable(Exception):
    """The secret was sealed with a key that is no longer known: make the webhook again."""


def _key(of: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"milepost webhook secrets v1").derive(of.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _keys() -> MultiFernet:
    return MultiFernet([_key(of) for of in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def seal(secret: str) -> str:
    return _keys().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises Unsealable."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unsealable("the secret was sealed with a key that is gone") from None


def signature(secret: str, at_s: int, body: bytes) -> str:
    """The value of ``Milepost-Signature``: HMAC-SHA-256 over ``<seconds>.<body>``, in hexadecimal."""
    told = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={told}"
