"""In which state what may be done, in pairs: ``check_can_x`` raises `Refused` with the reason, ``can_x`` answers.

Whether the user's role includes it is asked here too: an action is safe whoever calls it.
"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused, answers, need
from milepost.service.orders.models import Absence, Activation, Device, Document, Order, OrderVersion, ToCheck
from milepost.service.orders.states import EDITABLE, LIFE, OPEN


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


def _check_step(name: str, version: OrderVersion, user: User) -> None:
    step = LIFE.change(name)
    need(user, step.permission)
    if version.state not in step.came_from:
        raise Refused(_("Somebody has moved this version on already. Look at it again."))


def check_can_submit(version: OrderVersion, user: User) -> None:
    _check_step("submit", version, user)


def check_can_take_back(version: OrderVersion, user: User) -> None:
    _check_step("take_back", version, user)
    if not wrote_in(version, user):
        raise Refused(_("Only somebody who wrote in it can take it back."))


def wrote_in(version: OrderVersion, user: User) -> bool:
    return user.pk in (version.made_by_id, version.submitted_by_id) or user.pk in version.hands


def check_can_decide(version: OrderVersion, user: User) -> None:
    """Approve or return: a second person, never one whose words are in it."""
    _check_step("approve", version, user)
    if wrote_in(version, user):
        raise Refused(_("You wrote in this version, so somebody else must approve it."))


def check_can_discard(version: OrderVersion, user: User) -> None:
    _check_step("discard", version, user)


def check_can_add_document(order: Order, user: User) -> None:
    need(user, Permission.EDIT_ORDERS)


def check_can_remove_document(document: Document, user: User) -> None:
    need(user, Permission.EDIT_ORDERS)
    if document.version is None or document.version.state not in EDITABLE:
        raise Refused(_("The document belongs to a version that was decided on, so it stays."))


def check_can_fit(device: Device, user: User) -> None:
    need(user, Permission.FIT_DEVICES)
    if device.state != Device.State.IN_STOCK:
        raise Refused(_("Only a device that is in stock can be fitted."))


def check_can_end(activation: Activation, user: User, now: dt.datetime | None = None) -> None:
    """Take off or swap."""
    need(user, Permission.FIT_DEVICES)
    if activation.until_utc is not None:
        raise Refused(_("This device is off already."))


def check_can_mark_device(device: Device, user: User) -> None:
    need(user, Permission.FIT_DEVICES)
    if device.state == Device.State.FITTED:
        raise Refused(_("The device is on somebody. Remove it first."))


def check_can_add_absence(order: Order, user: User) -> None:
    need(user, Permission.AUTHORISE_ABSENCES)
    if not any(version.state == "approved" for version in order.versions.all()):
        raise Refused(_("The order has no approved version, so there is no duty to lift."))


def check_can_withdraw(absence: Absence, user: User) -> None:
    need(user, Permission.AUTHORISE_ABSENCES)
    if absence.withdrawn_utc is not None:
        raise Refused(_("It is withdrawn already."))


def check_can_second(absence: Absence, user: User, with_decision: bool = False) -> None:
    need(user, Permission.SECOND_DECISIONS)
    if absence.of_decision and not with_decision:
        raise Refused(
            _("It comes of a decision on an alert. Confirm that decision: the absence goes with it.")
        )
    if absence.withdrawn_utc is not None or not absence.waits_for_second:
        raise Refused(_("It does not wait for a second person."))
    if absence.by_id == user.pk:
        raise Refused(_("You entered it, so somebody else must confirm it."))


def check_can_check(part: ToCheck, user: User) -> None:
    """Decide on a part of an import: somebody who may see both sides, never who sent it."""
    need(user, Permission.CHECK_IMPORTS)
    if part.state != ToCheck.State.WAITING:
        raise Refused(_("Somebody has decided on it already."))
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
