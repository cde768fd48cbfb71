"""Tokens of those who send: making one, and telling whether one that is shown is good.

A token reads ``<prefix>.<secret>``. The prefix finds it; of the secret only a SHA-256 is kept (it is random and
long, so there is nothing to guess and no need for a slow hash) and compared in constant time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils import timezone

from milepost.service.signals.models import IngestToken
from milepost.service.signals.policy_data import limits

PREFIX_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letters that are taken for others when read out."""
PREFIX_LENGTH = 10
MOST_REMEMBERED = 100_000


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
    read_at_s: float
    row: IngestToken | None
    used_noted_s: float = field(default=0.0)


_remembered: dict[str, _Remembered] = {}
_lock = threading.Lock()


def new_secret() -> tuple[str, str, str]:
    """(prefix, whole token to show once, SHA-256 of the secret to keep)."""
    prefix = "".join(secrets.choice(PREFIX_LETTERS) for _ in range(PREFIX_LENGTH))
    secret = secrets.token_urlsafe(32)
    return prefix, f"{prefix}.{secret}", sha256(secret)


def sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def shown_in(request: HttpRequest, *, in_query: bool = False) -> tuple[str, str]:
    """(prefix, secret) as the request shows them; empty if it shows none.

    ``Authorization: Bearer <token>``; HTTP Basic with the prefix as user and the secret, or the whole
    token, as password; and, only ``in_query``, ``?token=``.
    """
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    text = given.strip()
    user = ""
    if kind.lower() == "basic":
        try:
            user, _, text = base64.b64decode(text, validate=True).decode("utf-8").partition(":")
        except ValueError:
            return "", ""
    elif kind.lower() != "bearer":
        text = request.GET.get("token", "") if in_query else ""
    prefix, dot, secret = text.partition(".")
    return (prefix, secret) if dot else (user, text) if user else ("", "")


def check(prefix: str, secret: str) -> Pass:
    """The pass of a good token.

    What the database says of a token is remembered for ``tokens.cache_s`` seconds, "there is none" too: a
    token revoked is refused within that time.

    Raises:
        NoPass: unknown, wrong, expired or revoked.
    """
    now_s = time.monotonic()
    known = _remembered.get(prefix)
    if known is None or now_s - known.read_at_s > limits().tokens.cache_s:
        row = IngestToken.objects.filter(prefix=prefix[:12]).first() if prefix else None
        with _lock:
            if len(_remembered) >= MOST_REMEMBERED:  # somebody is trying prefixes: begin anew
                _remembered.clear()
            _remembered[prefix[:12]] = known = _Remembered(now_s, row)
    row = known.row
    good = hmac.compare_digest(row.secret_sha256 if row else sha256(""), sha256(secret))
    if row is None:
        raise NoPass("unknown")
    if not good:
        raise NoPass("wrong secret")
    if row.revoked_utc is not None:
        raise NoPass("revoked")
    if row.expires_utc is not None and row.expires_utc <= timezone.now():
        raise NoPass("expired")
    last_used_s = row.last_used_utc.timestamp() if row.last_used_utc else 0.0
    return Pass(row.pk, row.prefix, row.device_id, row.device_prefix, max(last_used_s, known.used_noted_s))


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
        if prefix in _remembered:
            _remembered[prefix].used_noted_s = now.timestamp()


def forget(prefix: str = "") -> None:
    """What is remembered of a token, or of all, in this process. Other processes ask again by themselves."""
    with _lock:
        if prefix:
            _remembered.pop(prefix, None)
        else:
            _remembered.clear()
