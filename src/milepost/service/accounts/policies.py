"""What an administrator may do with whom. Pure. Whether somebody is an administrator is a permission."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission, Role


class Refused(Exception):
    """What was asked may not be done. The text says why, for the person who asked."""


def holds(check: Callable[..., None], *args: Any) -> bool:
    try:
        check(*args)
    except Refused:
        return False
    return True


def check_can_manage(by: User) -> None:
    if not by.may(Permission.MANAGE_USERS):
        raise Refused(_("Your role does not include managing users."))


def check_can_change(user: User, by: User) -> None:
    """Name, role and team. Nobody raises themselves."""
    check_can_manage(by)
    if user.pk == by.pk:
        raise Refused(_("Nobody can change their own role or team. Ask another administrator."))


def can_change(user: User, by: User) -> bool:
    return holds(check_can_change, user, by)


def check_leaves_an_administrator(user: User, active_administrators: set[int]) -> None:
    """``active_administrators``: the keys of all, as they are now."""
    if user.role == Role.ADMINISTRATOR and not active_administrators - {user.pk}:
        raise Refused(_("This is the last administrator. Make somebody else administrator first."))


def check_can_deactivate(user: User, by: User, active_administrators: set[int]) -> None:
    check_can_manage(by)
    check_leaves_an_administrator(user, active_administrators)
    if user.pk == by.pk:
        raise Refused(_("You cannot deactivate yourself. Ask another administrator."))
    if not user.is_active:
        raise Refused(_("This account is not active already."))


def can_deactivate(user: User, by: User, active_administrators: set[int]) -> bool:
    return holds(check_can_deactivate, user, by, active_administrators)


def check_can_activate(user: User, by: User) -> None:
    check_can_manage(by)
    if user.is_active:
        raise Refused(_("This account is active already."))


def can_activate(user: User, by: User) -> bool:
    return holds(check_can_activate, user, by)


def check_can_invite(user: User, by: User) -> None:
    """A link sets a new password: so nobody makes one for themselves, and none for an account put out of use."""
    check_can_manage(by)
    if user.pk == by.pk:
        raise Refused(_("Change your own password on your account's page."))
    if not user.is_active:
        raise Refused(_("This account is not active. Activate it first."))


def can_invite(user: User, by: User) -> bool:
    return holds(check_can_invite, user, by)


def check_can_reset_second_factor(user: User, by: User) -> None:
    check_can_manage(by)
    if user.pk == by.pk:
        raise Refused(_("Replace your own second factor on your account's page."))


def can_reset_second_factor(user: User, by: User) -> bool:
    return holds(check_can_reset_second_factor, user, by)
