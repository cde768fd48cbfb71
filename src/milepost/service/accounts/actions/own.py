"""What somebody does with their own account: password, app, recovery codes, sessions."""

from __future__ import annotations

import time

from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from milepost.service.accounts import sessions, totp
from milepost.service.accounts.models import Invitation, RecoveryCode, SecondFactor, User
from milepost.service.accounts.policy_data import limits
from milepost.service.accounts.secrets_kept import decrypt, digest, encrypt, new_recovery_code
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write


def _noted(by: User, what: str, **details: object) -> None:
    write(by=by, operation=Operation.SIGN_IN, what=what, details=details)


def find_invitation(secret: str) -> Invitation | None:
    """The invitation of a link, if it is neither used nor too old nor of an account put out of use."""
    return (
        Invitation.objects.select_related("user")
        .filter(
            secret_sha256=digest(secret), used_utc=None, expires_utc__gt=timezone.now(), user__is_active=True
        )
        .first()
    )


@transaction.atomic
def accept_invitation(*, invitation: Invitation, password: str) -> bool:
    """Sets the password. False if somebody used the link in the meantime."""
    now = timezone.now()
    if not Invitation.objects.filter(pk=invitation.pk, used_utc=None).update(used_utc=now):
        return False
    user = User.objects.select_for_update().get(pk=invitation.user_id)
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.end(user)
    _noted(user, "password.set", how="invitation")
    return True


@transaction.atomic
def change_password(*, by: User, password: str, request: HttpRequest) -> None:
    """Sets it and ends every other session; this one gets a new key."""
    by.set_password(password)
    by.save(update_fields=["password"])
    before = request.session.session_key
    update_session_auth_hash(request, by)
    sessions.moved(before, request.session.session_key)
    ended = sessions.end(by, but=request.session.session_key)
    _noted(by, "password.change", sessions=ended)


def _step_of(secret: str, code: str) -> int | None:
    numbers = limits().second_factor
    return totp.step_of(
        secret, code, time.time(), step_s=numbers.step_s, digits=numbers.digits, either_side=numbers.steps_either_side
    )  # fmt: skip


@transaction.atomic
def use_code(user: User, code: str) -> str:
    """Uses up a code of the app or a recovery code: "app", "recovery_code", or "" if it is neither.

    A code counts once, however many processes are asked at the same moment.
    """
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is not None:
        step = _step_of(decrypt(factor.secret), code)
        if step is not None:
            fresh = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step)
            return "app" if fresh else ""
    typed = "".join(letter for letter in code.lower() if letter.isalnum())
    whole = "-".join(typed[i : i + 4] for i in range(0, len(typed), 4))
    used = RecoveryCode.objects.filter(user=user, sha256=digest(whole), used_utc=None)
    return "recovery_code" if used.update(used_utc=timezone.now()) else ""


@transaction.atomic
def set_up_second_factor(*, by: User, secret: str, code: str) -> list[str] | None:
    """Keeps the app's secret, if ``code`` shows that the app has it. Returns new recovery codes, to show once."""
    step = _step_of(secret, code)
    if step is None:
        return None
    SecondFactor.objects.update_or_create(
        user=by, defaults={"secret": encrypt(secret), "since_utc": timezone.now(), "last_step": step}
    )
    _noted(by, "second_factor.set_up")
    return new_recovery_codes(by=by)


@transaction.atomic
def new_recovery_codes(*, by: User) -> list[str]:
    """New codes; the old ones are void."""
    by.recovery_codes.all().delete()
    codes = [new_recovery_code() for _ in range(limits().second_factor.recovery_codes)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=by, sha256=digest(code)) for code in codes)
    _noted(by, "recovery_codes.make", count=len(codes))
    return codes


@transaction.atomic
def end_sessions(*, by: User, only: int | None = None, but: str | None = None) -> int:
    """Ends one of one's own sessions, or all but the one of key ``but``. Returns how many."""
    ended = sessions.end(by, only=only, but=but)
    if ended:
        _noted(by, "session.end", why="own", sessions=ended)
    return ended
