"""Judging what somebody shows to prove who they are: a password, a code, a passkey. Guesses are limited and logged.

Used between password and second factor at sign-in, and where a signed-in person confirms that it is they.
"""

from __future__ import annotations

from django.http import HttpRequest

from milepost.service.accounts import attempts, passkeys
from milepost.service.accounts.actions import own, signing_in
from milepost.service.accounts.attempts import TooMany, client_address
from milepost.service.accounts.models import User
from milepost.service.accounts.passkeys import NotGood, Purpose


def _count(request: HttpRequest, user: User, keys: dict[str, str]) -> None:
    """Raises TooMany, which is logged."""
    try:
        attempts.count(keys)
    except TooMany as problem:
        signing_in.note_too_many(problem, address=client_address(request), user=user)
        raise


def by_code(request: HttpRequest, user: User, code: str) -> str:
    """Uses up a code: "app", "recovery_code", or "" if it is not right. Raises TooMany."""
    keys = {"second_factor": str(user.pk)}
    _count(request, user, keys)
    used = own.use_code(user, code)
    if used:
        attempts.give_back(keys)
    else:
        signing_in.note_failure(stage="second_factor", address=client_address(request), user=user)
    return used


def by_passkey(request: HttpRequest, user: User, answer: str, purpose: Purpose) -> str:
    """ "passkey", or "" if the answer proves nothing. Raises TooMany."""
    keys = {"second_factor": str(user.pk)}
    _count(request, user, keys)
    try:
        passkeys.prove(request, user, answer, purpose)
    except NotGood as problem:
        address = client_address(request)
        signing_in.note_failure(stage="passkey", address=address, user=user, code=problem.code)
        return ""
    attempts.give_back(keys)
    return "passkey"


def by_password_and_code(request: HttpRequest, user: User, password: str | None, code: str | None) -> str:
    """What of the two is asked (not None) must be right: "password app", "recovery_code" and so on; "" if it is not.

    A wrong password uses up no code, and the answer does not tell which of the two was wrong. Raises TooMany.
    """
    proved = []
    if password is not None:
        keys = attempts.password_keys(user.email, client_address(request))
        _count(request, user, keys)
        if not user.check_password(password):
            signing_in.note_failure(stage="confirm", address=client_address(request), user=user)
            return ""
        attempts.give_back(keys)
        proved.append("password")
    if code is not None:
        used = by_code(request, user, code)
        if not used:
            return ""
        proved.append(used)
    return " ".join(proved)
