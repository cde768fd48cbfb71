"""In which state what may be done, in pairs: ``check_can_x`` raises `Refused` with the reason, ``can_x`` answers.

Whether the user's role includes it is asked here too: an action is safe whoever calls it.
"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused, answers, need
from milepost.service.kit.states import check_step
from milepost.service.orders.models import Absence, Activation, Device, Document, Order, OrderVersion, ToCheck
from milepost.service.orders.states import ABSENCE_LIFE, CHECK_LIFE, DEVICE_LIFE, EDITABLE, LIFE, OFF, OPEN


def check_can_start_order(user: User) -> None:
    need(user, Permission.EDIT_ORDERS)


def check_can_edit(version: OrderVersion, user: User) -> None:
    need(user, Permission.EDIT_ORDERS)
    if version.state not in EDITABLE:
        raise Refused(_("This version is no draft any more, so it cannot be changed."))


def check_can_vary(order: Order, user: User) -> None:
    need(user, Permission.EDIT_ORDERS)
    states = [version.state for version in order.versions.all()]
    if "approved" not in states:
        raise Refused(_("The order has no approved version yet. Change its draft."))
    if any(state in OPEN for state in states):
        raise Refused(_("There is a draft already. Finish it or discard it first."))


def check_can_submit(version: OrderVersion, user: User) -> None:
    check_step(LIFE, "submit", version.state, user)


def check_can_take_back(version: OrderVersion, user: User) -> None:
    check_step(LIFE, "take_back", version.state, user)
    if not wrote_in(version, user):
        raise Refused(_("Only somebody who wrote in it can take it back."))


def wrote_in(version: OrderVersion, user: User) -> bool:
    return user.pk in (version.made_by_id, version.submitted_by_id) or user.pk in version.hands


def check_can_decide(version: OrderVersion, user: User) -> None:
    """Approve or return: a second person, never one whose words are in it."""
    check_step(LIFE, "approve", version.state, user)
    if wrote_in(version, user):
        raise Refused(_("You wrote in this version, so somebody else must approve it."))


def check_can_discard(version: OrderVersion, user: User) -> None:
    check_step(LIFE, "discard", version.state, user)


def check_can_add_document(order: Order, user: User) -> None:
    need(user, Permission.EDIT_ORDERS)


def check_can_remove_document(document: Document, user: User) -> None:
    need(user, Permission.EDIT_ORDERS)
    if document.version is None or document.version.state not in EDITABLE:
        raise Refused(_("The document belongs to a version that was decided on, so it stays."))


def check_can_fit(device: Device, user: User) -> None:
    check_step(DEVICE_LIFE, "fit", device.state, user, _("Only a device that is in stock can be fitted."))


def check_can_end(activation: Activation, user: User, now: dt.datetime | None = None) -> None:
    """Take off or swap."""
    need(user, Permission.FIT_DEVICES)
    if activation.until_utc is not None:
        raise Refused(_("This device is off already."))


def check_is_off(state: str) -> None:
    if state not in OFF:
        raise Refused({"state": _("A device that is not fitted is in stock, faulty, lost or retired.")})


def check_can_mark_device(device: Device, user: User, state: str = Device.State.IN_STOCK) -> None:
    check_is_off(state)
    step = f"mark_{state}"
    check_step(DEVICE_LIFE, step, device.state, user, _("The device is on somebody. Remove it first."))


def check_can_correct_model(user: User) -> None:
    need(user, Permission.FIT_DEVICES)


def check_can_add_absence(order: Order, user: User) -> None:
    need(user, Permission.AUTHORISE_ABSENCES)
    if not any(version.state == "approved" for version in order.versions.all()):
        raise Refused(_("The order has no approved version, so there is no requirement to lift."))


def check_can_withdraw(absence: Absence, user: User) -> None:
    check_step(ABSENCE_LIFE, "withdraw", absence.state, user, _("It is withdrawn already."))


def check_can_second(absence: Absence, user: User, with_decision: bool = False) -> None:
    need(user, Permission.SECOND_DECISIONS)
    if absence.of_decision and not with_decision:
        raise Refused(
            _("It is part of a decision on an alert. Confirm that decision: the absence goes with it.")
        )
    check_step(ABSENCE_LIFE, "confirm", absence.state, user, _("It does not wait for a second person."))
    if absence.by_id == user.pk:
        raise Refused(_("You entered it, so somebody else must confirm it."))


def check_can_check(part: ToCheck, user: User) -> None:
    """Decide on a part of an import: somebody who may see both sides, never who sent it."""
    check_step(CHECK_LIFE, "take_in", part.state, user, _("Somebody has decided on it already."))
    if part.by_id == user.pk:
        raise Refused(_("You sent it, so somebody else must check it."))


can_start_order = answers(check_can_start_order)
can_edit = answers(check_can_edit)
can_vary = answers(check_can_vary)
can_submit = answers(check_can_submit)
can_take_back = answers(check_can_take_back)
can_decide = answers(check_can_decide)
can_discard = answers(check_can_discard)
can_add_document = answers(check_can_add_document)
can_remove_document = answers(check_can_remove_document)
can_fit = answers(check_can_fit)
can_end = answers(check_can_end)
can_mark_device = answers(check_can_mark_device)
can_add_absence = answers(check_can_add_absence)
can_withdraw = answers(check_can_withdraw)
can_second = answers(check_can_second)
can_check = answers(check_can_check)
