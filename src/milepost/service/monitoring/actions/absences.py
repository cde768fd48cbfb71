"""An authorised absence that comes of a decision: entered, freed by the second person, lifted when replaced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.events import announce
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring.models import Finding
from milepost.service.orders.engine_file import judge_anew
from milepost.service.orders.models import Absence, Order
from milepost.service.people.models import Person


def make_absence(
    person: Person,
    findings: Sequence[Finding],
    *,
    from_utc: dt.datetime,
    until_utc: dt.datetime,
    by: User,
    reason_code: str,
    evidence: str,
    waits_for_second: bool,
) -> Absence:
    """Enters the absence on the one condition that the findings are about. The engine honours it from the next step.

    Raises:
        Refused: the findings are of no condition, or of several.
    """
    conditions = {(f.order_reference, f.condition_id) for f in findings if f.condition_id}
    if len(conditions) != 1:
        raise Refused(_("These findings are not of one condition. Enter the absence in the order instead."))
    ((reference, condition_id),) = conditions
    order = Order.objects.filter(reference=reference, person=person).first()
    if order is None:
        raise Refused(
            _("The order of these findings is no longer there. Enter the absence in the order instead.")
        )
    absence: Absence = Absence.objects.create(
        person=person, order=order, condition_id=condition_id, kind=Absence.Kind.AUTHORISED_ABSENCE,
        from_utc=from_utc, until_utc=until_utc, reason_code=reason_code, evidence=evidence[:500], by=by,
        at_utc=clock.now_utc(), waits_for_second=waits_for_second,
    )  # fmt: skip
    write(
        by=by, operation=Operation.ALTERATION, what="absence.enter", subject=person.reference,
        details={
            "absence": absence.pk, "order": order.reference, "condition": condition_id, "reason": reason_code,
            "waits_for_second": waits_for_second,
        },
    )  # fmt: skip
    if not waits_for_second:
        _honour(absence, person)
    return absence


def free(absence: Absence, *, by: User, person: Person) -> None:
    """The second person agreed: it holds from now on."""
    Absence.objects.filter(pk=absence.pk).update(waits_for_second=False, second_by=by)
    write(
        by=by, operation=Operation.ALTERATION, what="absence.confirm", subject=person.reference,
        details={"absence": absence.pk},
    )  # fmt: skip
    _honour(absence, person)


def lift(absence: Absence, *, by: User, person: Person) -> None:
    """It holds no longer. The row stays."""
    Absence.objects.filter(pk=absence.pk, withdrawn_utc=None).update(
        withdrawn_utc=clock.now_utc(), withdrawn_by=by
    )
    write(
        by=by, operation=Operation.ALTERATION, what="absence.withdraw", subject=person.reference,
        details={"absence": absence.pk},
    )  # fmt: skip
    judge_anew(person, absence.from_utc)


def _honour(absence: Absence, person: Person) -> None:
    judge_anew(person, absence.from_utc)
    announce("absence.authorised", {"absence": absence.pk, "person": person.reference})
