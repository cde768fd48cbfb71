"""The kinds of credentials that accounts have by themselves: sessions, invitations, passkey challenges.

What somebody confirmed lies in their session and ends with it; what waits between password and code compares the
hash of the session, which every new round changes. Neither needs an end of its own.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from milepost.service.accounts import policies, sessions
from milepost.service.accounts.credentials import Kind, Shown, register
from milepost.service.accounts.models import Invitation, PasskeyChallenge, User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write


def _live_sessions(user: User, here: str | None) -> list[Shown]:
    longest, idle = (dt.timedelta(seconds=s) for s in (settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_S))
    return [
        Shown(
            one.pk, one.browser or _now("Unknown browser"), one.browser, one.began_utc, one.seen_utc,
            min(one.began_utc + longest, (one.seen_utc or one.began_utc) + idle), one.here,
        )
        for one in sessions.live(user, here)
    ]  # fmt: skip


@transaction.atomic
def _end_session(*, by: User, user: User, pk: int) -> None:
    policies.check_can_end_credentials(user, by)
    if ended := sessions.end(user, only=pk):
        why = "own" if by.pk == user.pk else "administrator"
        write(by=by, operation=Operation.SIGN_IN, what="session.end",
              details={"user": user.pk, "why": why, "sessions": ended})  # fmt: skip


def _open_invitations(user: User, here: str | None) -> list[Shown]:
    rows = Invitation.objects.filter(user=user, used_utc=None, expires_utc__gt=timezone.now()).order_by("-pk")
    return [Shown(row.pk, _now("Invitation link"), "", row.made_utc, None, row.expires_utc) for row in rows]


def _end_invitations(user: User, keep: str | None) -> int:
    return Invitation.objects.filter(user=user, used_utc=None).update(used_utc=timezone.now())


@transaction.atomic
def _end_invitation(*, by: User, user: User, pk: int) -> None:
    policies.check_can_end_credentials(user, by)
    if Invitation.objects.filter(pk=pk, user=user, used_utc=None).update(used_utc=timezone.now()):
        write(by=by, operation=Operation.ALTERATION, what="user.invitation_end", details={"user": user.pk})


def _end_challenges(user: User, keep: str | None) -> int:
    return PasskeyChallenge.objects.filter(user=user).delete()[0]


def register_own() -> None:
    """Called once, when the app is ready."""
    register(Kind(
        "sessions", "accounts.UserSession", _("Sessions"), lambda user, keep: sessions.end(user, but=keep),
        _live_sessions, _end_session,
    ))  # fmt: skip
    register(Kind(
        "invitations", "accounts.Invitation", _("Invitation links"), _end_invitations, _open_invitations, _end_invitation,
    ))  # fmt: skip
    register(Kind(
        "passkey_challenges", "accounts.PasskeyChallenge", _("Passkey challenges"), _end_challenges,
    ))  # fmt: skip
