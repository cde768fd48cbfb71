"""Coming in and going out.

Between the right password and the right code somebody is *nobody*: the session remembers whose password was
right (`Pending`), but is not signed in. So no view can forget to ask for the second factor.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest

from milepost.service.accounts.attempts import TooMany
from milepost.service.accounts.models import SecondFactor, User
from milepost.service.accounts.openid_settings import OpenIdSettings
from milepost.service.accounts.policy_data import limits
from milepost.service.accounts.roles import Role
from milepost.service.accounts.secrets_kept import pseudonym
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write

PENDING = "pending_sign_in"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True)
class Pending:
    user: int
    since_s: float
    session_hash: str
    how: str
    """"password", "invitation" or "openid"."""
    onward: str


def needs_second_factor(user: User) -> bool:
    return settings.SECOND_FACTOR_REQUIRED or SecondFactor.objects.filter(user=user).exists()


def first_factor_passed(request: HttpRequest, user: User, *, how: str, onward: str = "") -> None:
    """Remembers whose first factor was right. The session gets a new key: an old one may be known to others."""
    request.session.flush()
    pending = Pending(user.pk, time.time(), user.get_session_auth_hash(), how, onward)
    request.session[PENDING] = asdict(pending)


def pending_user(request: HttpRequest) -> tuple[User, Pending] | None:
    """Whose second factor is awaited; None if nobody's, if it took too long, or the password changed since."""
    kept = request.session.get(PENDING)
    if kept is None:
        return None
    pending = Pending(**kept)
    if time.time() - pending.since_s > limits().lasts.between_password_and_code_s:
        return None
    user = User.objects.filter(pk=pending.user, is_active=True).first()
    if user is None or user.get_session_auth_hash() != pending.session_hash:
        return None
    return user, pending


@transaction.atomic
def come_in(request: HttpRequest, user: User, *, how: str, second: str) -> None:
    """Signs in, with a new key for the session. ``second``: "app", "recovery_code", "provider" or "none"."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    write(by=user, operation=Operation.SIGN_IN, what="sign_in", details={"how": how, "second_factor": second})


@transaction.atomic
def go_out(request: HttpRequest) -> None:
    user = request.user
    logout(request)
    if isinstance(user, User):
        write(by=user, operation=Operation.SIGN_IN, what="sign_out")


@transaction.atomic
def note_failure(*, stage: str, address: str, user: User | None = None, code: str = "") -> None:
    """``stage``: "password", "second_factor" or "openid". Who it claimed to be is noted only if we know them."""
    details: dict[str, Any] = {"stage": stage, "from": pseudonym(address)}
    if user is not None:
        details["user"] = user.pk
    if code:
        details["code"] = code
    write(by=None, operation=Operation.SIGN_IN, what="sign_in.failed", details=details)


@transaction.atomic
def note_too_many(problem: TooMany, *, address: str, user: User | None = None) -> None:
    """Logged when a limit is passed, not at every attempt after that: nobody can fill the log by guessing."""
    if problem.first:
        details: dict[str, Any] = {"limit": problem.kind, "from": pseudonym(address)}
        if user is not None:
            details["user"] = user.pk
        write(by=None, operation=Operation.SIGN_IN, what="sign_in.too_many", details=details)


class NotKnown(Exception):
    """The provider says who it is, but they have no account here, or no role. ``code`` is for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def user_of_claims(provider: OpenIdSettings, claims: dict[str, Any]) -> User:
    """The user whom the provider means: by its subject, or, the first time, by an e-mail address it vouches for.

    Raises:
        NotKnown: no such user and none is to be made, or the provider gives them no role.
    """
    subject = f"{provider.issuer} {claims['sub']}"
    email = str(claims.get("email") or "").lower() if claims.get("email_verified") is True else ""
    role = _role_of(provider, claims)
    user = User.objects.select_for_update().filter(openid_subject=subject).first()
    if user is None and email:
        user = User.objects.select_for_update().filter(email=email, openid_subject=None).first()
    if user is None:
        if not provider.create or not email or role is None or User.objects.filter(email=email).exists():
            raise NotKnown("not_known")
        name = str(claims.get("name") or email)[:100]
        user = User.objects.create_user(email, name=name, role=role, openid_subject=subject)
        write(by=user, operation=Operation.ALTERATION, what="user.add",
              details={"user": user.pk, "role": str(role), "by": "provider"})  # fmt: skip
    if not user.is_active:
        raise NotKnown("not_active")
    if user.openid_subject is None:
        user.openid_subject = subject
        user.save(update_fields=["openid_subject"])
        write(by=user, operation=Operation.SIGN_IN, what="openid.link", details={"user": user.pk})
    if role is not None and role != user.role:
        before, user.role = user.role, str(role)
        user.save(update_fields=["role"])
        details = {
            "user": user.pk,
            "before": {"role": before},
            "after": {"role": user.role},
            "by": "provider",
        }
        write(by=user, operation=Operation.ALTERATION, what="user.change", details=details)
    return user


def _role_of(provider: OpenIdSettings, claims: dict[str, Any]) -> Role | None:
    """None where roles are decided here. Raises NotKnown where the provider decides and gives not exactly one."""
    if not provider.roles:
        return None
    given = claims.get(provider.role_claim, [])
    values = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    roles = {provider.roles[value] for value in values if isinstance(value, str) and value in provider.roles}
    if len(roles) != 1:
        raise NotKnown("no_role" if not roles else "several_roles")
    return roles.pop()


def has_second_factor(claims: dict[str, Any]) -> bool:
    """Whether the provider says it asked for more than one factor (RFC 8176, "mfa")."""
    methods = claims.get("amr")
    return isinstance(methods, list) and "mfa" in methods
