"""What is kept of secrets: encrypted where we must read them again, digests where we only compare."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letters that are taken for others when they are read from paper."""


class CannotRead(Exception):
    """A secret was encrypted under a key that is neither the present one nor among the old ones."""


def _key(purpose: str, secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"milepost {purpose}".encode()).derive(secret.encode())


def _fernet() -> MultiFernet:
    every = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_key("second factor", s))) for s in every])


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(kept: str) -> str:
    """Raises CannotRead."""
    try:
        return _fernet().decrypt(kept.encode()).decode()
    except InvalidToken:
        raise CannotRead(
            "The second factor was kept under a secret key that is not known any more."
        ) from None


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal, for secrets that are long and random: there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def pseudonym(text: str) -> str:
    """A keyed digest of what can be guessed (an address of the network, an e-mail address)."""
    key = _key("pseudonyms", settings.SECRET_KEY)
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def new_link_secret() -> str:
    return secrets.token_urlsafe(32)


def new_recovery_code() -> str:
    """Sixteen letters in fours: 79 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
