"""Authorised absences, permitted purposes and suspensions: entered, confirmed, withdrawn."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.events import announce
from milepost.service.kit.refusals import Refused
from milepost.service.orders import policies
from milepost.service.orders.engine_file import judge_anew
from milepost.service.orders.models import Absence, Order, VersionState
from milepost.service.orders.policy_data import absence_reasons, read_reasons


def overlapping(
    order: Order, from_utc: dt.datetime, until_utc: dt.datetime, condition_id: str = ""
) -> list[Absence]:
    """Absences that stand or wait and touch the same time and duty."""
    found = Absence.objects.filter(
        order=order, withdrawn_utc=None, from_utc__lt=until_utc, until_utc__gt=from_utc
    ).order_by("from_utc")
    return [a for a in found if not condition_id or a.condition_id in ("", condition_id)]


@dataclass(frozen=True, slots=True)
class OfDecision:
    """It comes of a decision on an alert, which has its own reasons and its own rule of when two must agree."""

    needs_second: bool


@transaction.atomic
def add_absence(
    *,
    by: User,
    order: Order,
    from_utc: dt.datetime,
    until_utc: dt.datetime,
    reason_code: str,
    kind: str = Absence.Kind.AUTHORISED_ABSENCE,
    condition_id: str = "",
    reason: str = "",
    evidence: str = "",
    decision: OfDecision | None = None,
) -> Absence:
    """Lifts a duty for a time, at once or when a second person confirms, as the reasons' table says.

    The only way an absence comes to be: from the order's page, an alert's, the API. ``condition_id``: empty for every
    duty of the order.

    Raises:
        Refused: the order has no such duty; the table does not let this role or this time, or evidence is missing
            (of a decision, its own policy has asked that already).
    """
    policies.check_can_add_absence(order, by)
    _check_condition(order, condition_id)
    if decision is None:
        _check_reason(by, reason_code, from_utc, reason, evidence)
    if until_utc <= from_utc:
        raise Refused({"until_date": _("It ends before it starts. Correct the times.")})
    waits = decision.needs_second if decision is not None else _needs_second(reason_code, kind)
    absence = Absence.objects.create(
        person_id=order.person_id, order=order, condition_id=condition_id, kind=kind, from_utc=from_utc,
        until_utc=until_utc, reason_code=reason_code, reason=reason, evidence=evidence[:500], by=by,
        at_utc=clock.now_utc(), needs_second=waits, waits_for_second=waits, of_decision=decision is not None,
    )  # fmt: skip
    _log(by, absence, "absence.add")
    if not waits:
        _stands(absence)
    return absence


def _needs_second(reason_code: str, kind: str) -> bool:
    suspended = kind == Absence.Kind.SUSPENSION and absence_reasons().suspension_needs_second_person
    return suspended or read_reasons()[reason_code].second_person


def _check_condition(order: Order, condition_id: str) -> None:
    """Among those of any approved version: what is lifted may have been owed under an earlier one."""
    documents = order.versions.filter(state=VersionState.APPROVED).values_list("document", flat=True)
    known = {part.get("id") for document in documents for part in document.get("conditions") or []}
    if condition_id and condition_id not in known:
        raise Refused(
            {"condition_id": _("The order has no requirement with this id. See its approved version.")}
        )


def _check_reason(by: User, code: str, from_utc: dt.datetime, reason: str, evidence: str) -> None:
    told = read_reasons().get(code)
    if told is None:
        raise Refused({"reason_code": _("Choose a reason from the list.")})
    if Role(by.role) not in told.authorised_by:
        raise Refused({"reason_code": _("Your role may not authorise this reason. Ask the practitioner.")})
    begun = from_utc < clock.now_utc()
    if told.in_advance == "only" and begun:
        raise Refused({"from_date": _("This reason can only be authorised before the absence begins.")})
    if told.in_advance == "after" and not begun:
        raise Refused({"from_date": _("This reason can only be entered afterwards.")})
    if told.evidence_required and not evidence.strip():
        raise Refused({"evidence": _("Say what was seen: a letter, a call back, a booking.")})
    if code == "other" and not reason.strip():
        raise Refused({"reason": _("Say what the reason is.")})


@transaction.atomic
def confirm_absence(*, by: User, absence: Absence, with_decision: bool = False) -> None:
    """The second person's word. From now on the engine honours it. ``with_decision``: the decision that it comes of
    is being confirmed."""
    policies.check_can_second(absence, by, with_decision=with_decision)
    changed = Absence.objects.filter(pk=absence.pk, waits_for_second=True, withdrawn_utc=None).update(
        waits_for_second=False, second_by=by, second_utc=clock.now_utc()
    )
    if not changed:
        raise Refused(_("Somebody has decided on it already."))
    absence.refresh_from_db()
    _log(by, absence, "absence.confirm")
    _stands(absence)


@transaction.atomic
def withdraw_absence(*, by: User, absence: Absence) -> None:
    """The duty holds again, as if the absence had not been; the row stays."""
    policies.check_can_withdraw(absence, by)
    changed = Absence.objects.filter(pk=absence.pk, withdrawn_utc=None).update(
        withdrawn_utc=clock.now_utc(), withdrawn_by=by
    )
    if not changed:
        raise Refused(_("It is withdrawn already."))
    absence.refresh_from_db()
    _log(by, absence, "absence.withdraw")
    judge_anew(absence.person, absence.from_utc)


def _stands(absence: Absence) -> None:
    judge_anew(absence.person, absence.from_utc)
    announce(
        "absence.authorised",
        {
            "absence": absence.pk,
            "order": absence.order.reference,
            "person": absence.person.reference,
            "kind": absence.kind,
            "reason_code": absence.reason_code,
            "from_utc": absence.from_utc.isoformat(),
            "until_utc": absence.until_utc.isoformat(),
        },
    )


def _log(by: User, absence: Absence, what: str) -> None:
    write(
        by=by, operation=Operation.ALTERATION, what=what, subject=absence.person.reference,
        details={"order": absence.order.reference, "absence": absence.pk, "kind": absence.kind,
                 "reason_code": absence.reason_code, "condition": absence.condition_id,
                 "from_utc": absence.from_utc.isoformat(), "until_utc": absence.until_utc.isoformat()},
    )  # fmt: skip
