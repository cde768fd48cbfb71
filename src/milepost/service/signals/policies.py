"""In which state a quarantined message may be worked on, and a token revoked. Pure: rows in hand, no query.

Each rule comes twice: ``check_can_x`` raises ``Refused`` with the reason, ``can_x`` answers for a template.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused, answers
from milepost.service.signals.models import IngestToken, QuarantinedMessage
from milepost.service.signals.states import LIFE


def check_can_work(user: User, message: QuarantinedMessage) -> None:
    """To replay a message or set it aside."""
    if not user.may(Permission.REPLAY_QUARANTINE):
        raise Refused(_("Your role does not include dealing with messages that were not understood."))
    if LIFE.after(message.state, "replay") is None:
        raise Refused(_("This message was replayed already."))


can_work = answers(check_can_work)


def check_can_make_token(user: User) -> None:
    if not user.may(Permission.MANAGE_TOKENS):
        raise Refused(_("Your role does not include managing tokens."))


can_make_token = answers(check_can_make_token)


def check_can_revoke(user: User, token: IngestToken) -> None:
    check_can_make_token(user)
    if token.revoked_utc is not None:
        raise Refused(_("This token was revoked already."))


can_revoke = answers(check_can_revoke)


def check_gives_reason_for_any_device(any_device: bool, why: str) -> None:
    """A token that nothing narrows can send for everybody: somebody must have had a reason, in words."""
    if any_device and not why:
        raise Refused(
            {"why_any_device": _("Say why it may send for any device, or name what their ids begin with.")}
        )
