"""Telling whether a token that is shown is good, and whom it acts for. A token reads ``<prefix>.<secret>``."""

from __future__ import annotations

import datetime as dt
import hmac
from dataclasses import dataclass

from django.utils import timezone

from milepost.service.accounts.models import User
from milepost.service.api.models import ApiToken
from milepost.service.api.policy_data import numbers
from milepost.service.api.scopes import Scope
from milepost.service.signals.tokens import sha256

NOBODYS = sha256("")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. Without a token (a signed-in browser) there are no scopes to keep within."""

    user: User
    token: ApiToken | None = None

    def has(self, scope: Scope | None) -> bool:
        return scope is None or self.token is None or str(scope) in self.token.scopes


class NoCaller(Exception):
    """The token lets nobody in. The reason is for tests and logs; a caller is told no more than that."""


def caller_of(shown: str) -> Caller:
    """The caller a token stands for.

    Raises:
        NoCaller: unknown, wrong, expired, revoked, or its user is no longer active.
    """
    prefix, _dot, secret = shown.strip().partition(".")
    token = None
    if 0 < len(prefix) <= 12 and "\x00" not in prefix and prefix.isascii():
        token = ApiToken.objects.select_related("user").filter(prefix=prefix).first()
    # Compared even where there is none, so that the time it takes tells nothing.
    good = hmac.compare_digest(token.secret_sha256 if token else NOBODYS, sha256(secret))
    if token is None or not good:
        raise NoCaller("unknown")
    if token.state != "in_force":
        raise NoCaller(token.state)
    if not token.user.is_active:
        raise NoCaller("its user is no longer active")
    _note_use(token)
    return Caller(token.user, token)


def _note_use(token: ApiToken) -> None:
    """Now and then: a write at every request would be a lock at every request."""
    now = timezone.now()
    stale = dt.timedelta(seconds=numbers().tokens.note_use_every_s)
    if token.last_used_utc is None or now - token.last_used_utc > stale:
        ApiToken.objects.filter(pk=token.pk).update(last_used_utc=now)
