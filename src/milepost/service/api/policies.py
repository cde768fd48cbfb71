"""Who may do what with tokens and webhooks, in pairs: ``check_can_x`` raises `Refused`, ``can_x`` answers."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.api.models import ApiToken, WebhookDelivery
from milepost.service.api.scopes import scopes_of
from milepost.service.kit.refusals import Refused, answers


def check_can_make_token(user: User, scopes: Iterable[str]) -> None:
    beyond = set(scopes) - {str(s) for s in scopes_of(user)}
    if beyond:
        raise Refused({"scopes": _("Your role does not include all of these. Choose again.")})


def check_can_revoke(token: ApiToken, user: User) -> None:
    """One's own; whoever manages users may revoke everybody's."""
    if token.user_id != user.pk and not user.may(Permission.MANAGE_USERS):
        raise Refused(_("This token belongs to somebody else."))
    if token.revoked_utc is not None:
        raise Refused(_("The token is revoked already."))


can_revoke = answers(check_can_revoke)


def check_can_manage_webhooks(user: User) -> None:
    if not user.may(Permission.MANAGE_WEBHOOKS):
        raise Refused(_("Your role does not include webhooks."))


def check_can_send_again(delivery: WebhookDelivery, user: User) -> None:
    check_can_manage_webhooks(user)
    if delivery.state != WebhookDelivery.State.GIVEN_UP:
        raise Refused(_("Only a message that failed can be sent again."))


can_send_again = answers(check_can_send_again)
