"""Everything that lets somebody act as an account without proving anew who they are, and its end: all at once.

Two nets, one under the other:

- Each kind of credential is registered here (``register``, when its app is ready) with what ends it. ``end_all`` ends
  every kind. A test finds models that look like credentials and are not registered.
- Every account has a *round*. ``end_all`` begins a new one, and what was made in an earlier round counts no more: the
  sign-in sessions by their hash, tokens and challenges by a number they carry. So a credential that was being made
  while the others ended, or that no list knows of, is void as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.functional import Promise

from milepost.service.accounts import sessions
from milepost.service.accounts.models import User


@dataclass(frozen=True, slots=True)
class Shown:
    """One live credential, as its owner and administrators see it."""

    pk: int
    name: str
    where: str
    """The browser it was made in; "" if unknown."""
    made_utc: dt.datetime
    used_utc: dt.datetime | None
    ends_utc: dt.datetime | None
    here: bool = False
    """Whether it is the session that asks."""


class EndOne(Protocol):
    def __call__(self, *, by: User, user: User, pk: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of credential. ``code`` names it in the audit log and in addresses."""

    code: str
    model: str
    """Its Django label, such as "accounts.UserSession"."""
    title: str | Promise
    end_every: Callable[[User, str | None], int]
    """Ends those of a user, but not the session of the key given; returns how many."""
    live: Callable[[User, str | None], list[Shown]] | None = None
    """Those in force, for pages; None: too short-lived to show. The key is that of the session that asks."""
    end_one: EndOne | None = None
    """Ends one and writes its entry. Raises ``Refused``; does nothing where there is none."""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Makes a kind known. Called once, when its app is ready."""
    _kinds[kind.code] = kind


def kinds() -> list[Kind]:
    return list(_kinds.values())


def kind_of(code: str) -> Kind | None:
    return _kinds.get(code)


@transaction.atomic
def end_all(user: User, *, keep: HttpRequest | None = None) -> dict[str, int]:
    """Ends every credential of ``user``; returns how many of each kind, for the log.

    ``keep``: the request in which they do it themselves. Its session goes on, under a new key, and has to confirm
    anew who they are. Call it inside the transaction that gives the reason, after a changed password is saved.
    """
    User.objects.filter(pk=user.pk).update(credentials_round=F("credentials_round") + 1)
    user.refresh_from_db(fields=["credentials_round"])
    kept: str | None = None
    if keep is not None:
        before = keep.session.session_key
        update_session_auth_hash(keep, user)  # it gets a new key: an old one may be known to others
        sessions.moved(before, keep.session.session_key)
        kept = keep.session.session_key
    return {kind.code: kind.end_every(user, kept) for kind in kinds()}


def live(user: User, here: str | None = None) -> list[tuple[Kind, list[Shown]]]:
    """What is in force of each kind that is shown."""
    return [(kind, kind.live(user, here)) for kind in kinds() if kind.live is not None]
