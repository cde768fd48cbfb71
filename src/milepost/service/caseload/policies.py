"""What may be put off, until when; whose working hours may be set. In pairs: ``check_can_x`` raises `Refused`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.caseload.models import Snooze
from milepost.service.caseload.policy_data import longest_put_off, put_off_reason
from milepost.service.kit.refusals import Refused, answers, need
from milepost.service.people.policies import SUPERVISES
from milepost.supervision.today import Placed


def latest_until(one: Placed, now_utc: dt.datetime) -> dt.datetime | None:
    """Until when a reason may be put off at the latest: the policy's time for its class, never beyond its own.

    None: it may not be put off. What is late may only where policy has a time for that.
    """
    due = one.reason.due_utc
    late = due is not None and due <= now_utc
    longest = longest_put_off(one.urgency, late=late)
    if longest is None:
        return None
    return now_utc + longest if due is None or late else min(now_utc + longest, due)


def check_can_put_off(one: Placed, user: User, now_utc: dt.datetime) -> None:
    need(user, Permission.VIEW_TODAY)
    if latest_until(one, now_utc) is None:
        raise Refused(_("Its time has passed, so it cannot be put off. It needs action now."))


def check_until(one: Placed, until_utc: dt.datetime, now_utc: dt.datetime) -> None:
    latest = latest_until(one, now_utc)
    if latest is None or until_utc > latest:
        raise Refused({"until": _("It cannot be put off for so long. Choose a shorter time.")})
    if until_utc <= now_utc:
        raise Refused({"until": _("Choose a time that is still to come.")})


def check_why(code: str, text: str) -> None:
    why = put_off_reason(code)
    if why is None:
        raise Refused({"why_code": _("Select why you put it off.")})
    if why.explain and not text.strip():
        raise Refused({"why": _("Say in a few words why you put it off.")})


def check_can_bring_back(snooze: Snooze, user: User) -> None:
    need(user, Permission.VIEW_TODAY)
    if snooze.user_id != user.pk:
        raise Refused(_("Somebody else put this off."))
    if snooze.ended_utc is not None:
        raise Refused(_("It is back already."))


def check_can_set_hours(of: User, user: User) -> None:
    need(user, Permission.VIEW_TEAM_WORK)
    if of.team_id is None or of.team_id != user.team_id or of.role not in SUPERVISES:
        raise Refused(_("You can set the hours of people in your own team alone."))


def check_hours(hours: Decimal, reductions_hours: Decimal) -> None:
    if reductions_hours > hours:
        raise Refused(
            {"reductions_hours": _("The hours not for casework cannot be more than the contracted hours.")}
        )


can_put_off = answers(check_can_put_off)
can_bring_back = answers(check_can_bring_back)
can_set_hours = answers(check_can_set_hours)
