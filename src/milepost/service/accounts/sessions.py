"""Whose sessions there are, and ending them. The row that Django keeps of a session is the session: without it
the next request is anonymous."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from milepost.service.accounts.models import User, UserSession

SEEN = "last_seen_s"
BEGAN = "began_s"
BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A session as its owner sees it."""

    pk: int
    browser: str
    began_utc: dt.datetime
    seen_utc: dt.datetime | None
    here: bool


def browser_of(request: HttpRequest) -> str:
    """ "Firefox, Windows": enough to know one's own again, no more."""
    agent = request.headers.get("User-Agent", "")
    found = (next((name for mark, name in table if mark in agent), "") for table in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in found if name)


def live(user: User, here: str | None = None) -> list[Shown]:
    """The user's sessions that have not ended, the newest first. ``here``: the key of the one that asks."""
    rows = {row.session_key: row for row in UserSession.objects.filter(user=user).order_by("-began_utc")}
    kept = Session.objects.filter(session_key__in=list(rows), expire_date__gt=timezone.now())
    data = {session.session_key: session.get_decoded() for session in kept}
    return [
        Shown(row.pk, row.browser, row.began_utc, _moment(data[key].get(SEEN)), key == here)
        for key, row in rows.items()
        if key in data
    ]


def _moment(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)


def end(user: User, *, only: int | None = None, but: str | None = None) -> int:
    """Ends the user's sessions: all of them, ``only`` one (its pk), or all ``but`` the one of that key."""
    rows = UserSession.objects.filter(user=user)
    if only is not None:
        rows = rows.filter(pk=only)
    if but is not None:
        rows = rows.exclude(session_key=but)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.filter(session_key__in=keys).delete()
    return len(keys)


def moved(old_key: str | None, new_key: str | None) -> None:
    """Follows a session whose key was changed."""
    UserSession.objects.filter(session_key=old_key).update(session_key=new_key)


def _began(sender: Any, request: HttpRequest | None, user: User, **more: Any) -> None:
    if request is None or not request.session.session_key:
        return
    known = UserSession.objects.filter(user=user)
    alive = Session.objects.filter(session_key__in=known.values("session_key")).values("session_key")
    known.exclude(session_key__in=alive).delete()
    UserSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={"user": user, "browser": browser_of(request)[:60], "began_utc": timezone.now()},
    )


def _ended(sender: Any, request: HttpRequest | None, user: User | None, **more: Any) -> None:
    if request is not None:
        UserSession.objects.filter(session_key=request.session.session_key or "").delete()


def follow_signing_in() -> None:
    """Called once, when the app is ready."""
    user_logged_in.connect(_began, dispatch_uid="milepost.sessions.began")
    user_logged_out.connect(_ended, dispatch_uid="milepost.sessions.ended")
