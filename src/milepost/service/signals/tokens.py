"""Tokens of those who send: making one, and telling whether one that is shown is good.

A token reads ``<prefix>.<secret>``. The prefix finds it; of the secret only a SHA-256 is kept (it is random and
long, so there is nothing to guess and no need for a slow hash) and compared in constant time.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils import timezone

from milepost.service.signals.models import IngestToken
from milepost.service.signals.policy_data import limits

PREFIX_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letters that are taken for others when read out."""
PREFIX_LENGTH, PREFIX_AT_MOST = 10, 12
MOST_REMEMBERED = 100_000
NO_SECRET = hashlib.sha256(b"").hexdigest()
"""Compared with where there is no token, so that the answer takes as long."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What a good token allows."""

    token_id: int
    prefix: str
    device_id: str
    """Empty for a gateway."""
    device_prefix: str
    last_used_s: float

    @property
    def is_gateway(self) -> bool:
        return not self.device_id

    @property
    def audit_name(self) -> str:
        return f"device:{self.prefix}"

    @property
    def audit_role(self) -> str:
        return "gateway" if self.is_gateway else "device"

    def speaks_for(self, device_id: str) -> bool:
        if self.device_id:
            return device_id == self.device_id
        return device_id.startswith(self.device_prefix)


class NoPass(Exception):
    """The token does not let its bearer in. ``reason`` is for logs and tests; the answer says no more than 401."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class _Remembered:
    """What the database said of a prefix. ``token_id`` 0: there is no such token."""

    read_at_s: float
    token_id: int = 0
    prefix: str = ""
    secret_sha256: str = NO_SECRET
    device_id: str = ""
    device_prefix: str = ""
    revoked_utc: dt.datetime | None = None
    expires_utc: dt.datetime | None = None
    last_used_utc: dt.datetime | None = None


COLUMNS = (
    "pk", "prefix", "secret_sha256", "device_id", "device_prefix", "revoked_utc", "expires_utc", "last_used_utc"
)  # fmt: skip
_remembered: dict[str, _Remembered] = {}
_lock = threading.Lock()


def new_secret() -> tuple[str, str, str]:
    """(prefix, whole token to show once, SHA-256 of the secret to keep)."""
    prefix = "".join(secrets.choice(PREFIX_LETTERS) for _ in range(PREFIX_LENGTH))
    secret = secrets.token_urlsafe(32)
    return prefix, f"{prefix}.{secret}", sha256(secret)


def sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def shown_in(authorization: str, query: bytes = b"") -> tuple[str, str]:
    """(prefix, secret) as the request shows them; empty if it shows none.

    ``Authorization: Bearer <token>``; HTTP Basic with the prefix as user and the secret, or the whole
    token, as password; and ``?token=`` in the ``query``, for an address that takes it there.
    """
    kind, _, given = authorization.partition(" ")
    text = given.strip()
    user = ""
    if kind.lower() == "basic":
        try:
            user, _, text = base64.b64decode(text, validate=True).decode("utf-8").partition(":")
        except ValueError:
            return "", ""
    elif kind.lower() != "bearer":
        text = str(QueryDict(query).get("token", "")) if query else ""
    prefix, dot, secret = text.partition(".")
    return (prefix, secret) if dot else (user, text) if user else ("", "")


def check(prefix: str, secret: str) -> Pass:
    """The pass of a good token.

    What the database says of a token is remembered for ``tokens.cache_s`` seconds, "there is none" too: a
    token revoked is refused within that time.

    Raises:
        NoPass: unknown, wrong, expired or revoked.
    """
    prefix = prefix[:PREFIX_AT_MOST]
    known = _remembered.get(prefix)
    if known is None or not _is_fresh(known):
        known = read_ahead([prefix]).get(prefix) or _Remembered(0.0)
    good = hmac.compare_digest(known.secret_sha256, sha256(secret))
    if not known.token_id:
        raise NoPass("unknown")
    if not good:
        raise NoPass("wrong secret")
    if known.revoked_utc is not None:
        raise NoPass("revoked")
    if known.expires_utc is not None and known.expires_utc <= timezone.now():
        raise NoPass("expired")
    last_used_s = known.last_used_utc.timestamp() if known.last_used_utc else 0.0
    return Pass(known.token_id, known.prefix, known.device_id, known.device_prefix, last_used_s)


def read_ahead(prefixes: Iterable[str]) -> dict[str, _Remembered]:
    """Asks the database once for all of these that are not remembered, and says what it says of them. ``check`` then
    finds them."""
    asked = {
        prefix[:PREFIX_AT_MOST]
        for prefix in prefixes
        if prefix.isascii() and prefix.isprintable()  # the database has no others, and takes no NUL
    }
    missing = [p for p in asked if p and not ((known := _remembered.get(p)) and _is_fresh(known))]
    if not missing:
        return {}
    now_s = time.monotonic()
    found = {prefix: _Remembered(now_s) for prefix in missing}
    for row in IngestToken.objects.filter(prefix__in=missing).values_list(*COLUMNS):
        found[row[1]] = _Remembered(now_s, *row)
    with _lock:
        if len(_remembered) + len(found) > MOST_REMEMBERED:  # somebody is trying prefixes: begin anew
            _remembered.clear()
        _remembered.update(found)
    return found


def _is_fresh(known: _Remembered) -> bool:
    return time.monotonic() - known.read_at_s <= limits().tokens.cache_s


def note_use(passes: list[Pass]) -> None:
    """Notes when tokens were last used, for those not noted of late. In the transaction of what they sent."""
    now = timezone.now()
    stale = {
        p.token_id: p.prefix
        for p in passes
        if now.timestamp() - p.last_used_s > limits().tokens.note_use_every_s
    }
    if not stale:
        return
    IngestToken.objects.filter(pk__in=list(stale)).update(last_used_utc=now)
    for prefix in stale.values():
        if (known := _remembered.get(prefix)) is not None:
            known.last_used_utc = now


def forget(prefix: str = "") -> None:
    """What is remembered of a token, or of all, in this process. Other processes ask again by themselves."""
    with _lock:
        if prefix:
            _remembered.pop(prefix, None)
        else:
            _remembered.clear()
