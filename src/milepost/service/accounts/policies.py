"""What an administrator may do with whom. Pure. Whether somebody is an administrator is a permission."""

from __future__ import annotations

from django.utils.translation import gettext as _

from milepost.service.accounts.models import Passkey, User
from milepost.service.accounts.roles import Permission, Role
from milepost.service.kit.refusals import Refused, answers


def check_can_manage(by: User) -> None:
    if not by.may(Permission.MANAGE_USERS):
        raise Refused(_("Your role does not include managing users."))


def check_can_change(user: User, by: User) -> None:
    """Name, role and team. Nobody raises themselves."""
    check_can_manage(by)
    if user.pk == by.pk:
        raise Refused(_("Nobody can change their own role or team. Ask another administrator."))


can_change = answers(check_can_change)


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


can_deactivate = answers(check_can_deactivate)


def check_can_activate(user: User, by: User) -> None:
    check_can_manage(by)
    if user.is_active:
        raise Refused(_("This account is active already."))


can_activate = answers(check_can_activate)


def check_can_invite(user: User, by: User) -> None:
    """A link sets a new password: so nobody makes one for themselves, and none for an account put out of use."""
    check_can_manage(by)
    if user.pk == by.pk:
        raise Refused(_("Change your own password on your account's page."))
    if not user.is_active:
        raise Refused(_("This account is not active. Activate it first."))


can_invite = answers(check_can_invite)


def check_can_reset_second_factor(user: User, by: User) -> None:
    check_can_manage(by)
    if user.pk == by.pk:
        raise Refused(_("Replace your own second factor on your account's page."))


can_reset_second_factor = answers(check_can_reset_second_factor)


def check_can_end_credentials(user: User, by: User) -> None:
    """One's own sessions, tokens and links; whoever manages users, everybody's."""
    if user.pk != by.pk:
        check_can_manage(by)


def check_can_add_passkey(there_are: int, at_most: int) -> None:
    if there_are >= at_most:
        raise Refused(
            _("You have %(n)s passkeys, and no more can be added. Remove one first.") % {"n": there_are}
        )


def check_can_remove_passkey(passkey: Passkey, by: User, has_another_factor: bool) -> None:
    if passkey.user_id != by.pk:
        raise Refused(_("This passkey belongs to somebody else."))
    if not has_another_factor:
        raise Refused(_("This is your only second factor. Set up an app or add another passkey first."))
