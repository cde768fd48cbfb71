"""What an administrator does with users and teams."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from milepost.service.accounts import credentials, policies
from milepost.service.accounts.models import Invitation, SecondFactor, Team, User
from milepost.service.accounts.policy_data import limits
from milepost.service.accounts.roles import Role
from milepost.service.accounts.secrets_kept import digest, new_link_secret
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write


def active_administrators(*, lock: bool = False) -> set[int]:
    """Their keys. ``lock``: nobody else changes one of them before this transaction ends."""
    rows = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")
    return set((rows.select_for_update() if lock else rows).values_list("pk", flat=True))


def _noted(by: Actor, what: str, user: User, **details: Any) -> None:
    write(by=by, operation=Operation.ALTERATION, what=what, details={"user": user.pk, **details})


@transaction.atomic
def add_user(
    *,
    by: User | None,
    actor: Actor | None = None,
    email: str,
    name: str,
    role: Role,
    team: Team | None = None,
    telephone: str = "",
) -> tuple[User, str]:
    """A new user and the secret of their invitation, which is shown once.

    ``by`` is None only for a command at the terminal, which is then ``actor``.

    Raises:
        Refused: ``by`` may not manage users.
        ValidationError: somebody has this e-mail address already.
    """
    if by is not None:
        policies.check_can_manage(by)
    doer: Actor = by if by is not None else actor  # type: ignore[assignment]
    if User.objects.filter(email=email.lower()).exists():
        raise ValidationError({"email": _("Somebody has an account with this e-mail address already.")})
    user = User.objects.create_user(email, name=name, role=role, team=team, telephone=telephone)
    _noted(doer, "user.add", user, role=str(role), team=team.pk if team else None)
    return user, _new_invitation(user, doer)


def _new_invitation(user: User, by: Actor) -> str:
    now = timezone.now()
    Invitation.objects.filter(user=user, used_utc=None).update(used_utc=now)  # an older link is void
    secret = new_link_secret()
    Invitation.objects.create(
        user=user,
        secret_sha256=digest(secret),
        expires_utc=now + dt.timedelta(seconds=limits().lasts.invitation_s),
    )
    _noted(by, "user.invite", user)
    return secret


@transaction.atomic
def invite(*, by: User, user: User) -> str:
    """A new link with which the user sets a (new) password. Older links are void. Returns its secret."""
    user = User.objects.select_for_update().get(pk=user.pk)
    policies.check_can_invite(user, by)
    return _new_invitation(user, by)


@transaction.atomic
def change_user(
    *, by: User, user: User, name: str, role: Role, team: Team | None, telephone: str | None = None
) -> User:
    """Name, role, team and, unless it is None, telephone.

    Whoever's role changes signs in again and makes new tokens: all credentials end.

    Raises:
        Refused: it is oneself, or the last administrator.
    """
    administrators = active_administrators(lock=True)
    user = User.objects.select_for_update().get(pk=user.pk)
    policies.check_can_change(user, by)
    if role != user.role:
        policies.check_leaves_an_administrator(user, administrators)
    before = {"role": user.role, "team": user.team_id}
    user.name, user.role, user.team = name, str(role), team
    if telephone is not None:
        user.telephone = telephone
    user.save(update_fields=["name", "role", "team", "telephone"])
    ended = credentials.end_all(user) if before["role"] != user.role else {}
    after = {"role": user.role, "team": user.team_id}
    _noted(by, "user.change", user, before=before, after=after, **ended)
    return user


@transaction.atomic
def deactivate(*, by: User, user: User) -> None:
    administrators = active_administrators(lock=True)
    user = User.objects.select_for_update().get(pk=user.pk)
    policies.check_can_deactivate(user, by, administrators)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _noted(by, "user.deactivate", user, **credentials.end_all(user))


@transaction.atomic
def activate(*, by: User, user: User) -> None:
    user = User.objects.select_for_update().get(pk=user.pk)
    policies.check_can_activate(user, by)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _noted(by, "user.activate", user)


@transaction.atomic
def reset_second_factor(*, by: User, user: User) -> None:
    """Takes app, passkeys and recovery codes away and ends all credentials: at the next sign-in a new app is set up."""
    policies.check_can_reset_second_factor(user, by)
    SecondFactor.objects.filter(user=user).delete()
    user.recovery_codes.all().delete()
    passkeys, _kinds = user.passkeys.all().delete()
    _noted(by, "second_factor.reset", user, passkeys=passkeys, **credentials.end_all(user))


@transaction.atomic
def sign_out_everywhere(*, by: User, user: User) -> int:
    """Ends every credential of somebody else. Returns how many there were."""
    policies.check_can_manage(by)
    ended = credentials.end_all(user)
    write(by=by, operation=Operation.SIGN_IN, what="credentials.end",
          details={"user": user.pk, "why": "administrator", **ended})  # fmt: skip
    return sum(ended.values())


@transaction.atomic
def save_team(*, by: User, team: Team | None, name: str, area: str) -> Team:
    """A new team, or ``team`` with another name or area. Raises ValidationError if the name is taken."""
    policies.check_can_manage(by)
    same_name = Team.objects.filter(name=name)
    if (same_name.exclude(pk=team.pk) if team else same_name).exists():
        raise ValidationError({"name": _("There is a team with this name already.")})
    what = "team.change" if team else "team.add"
    team = team or Team()
    team.name, team.area = name, area
    team.save()
    write(by=by, operation=Operation.ALTERATION, what=what, details={"team": team.pk})
    return team
