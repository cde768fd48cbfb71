"""An authorised absence that comes of a decision: entered, freed by the second person, lifted when replaced.

What an absence is and who may enter one is asked in one place for all: ``orders.actions.absences``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring.models import Finding
from milepost.service.orders.actions.absences import (
    OfDecision,
    add_absence,
    confirm_absence,
    withdraw_absence,
)
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
        Refused: the findings are of no condition, or of several; or as ``add_absence``.
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
    return add_absence(
        by=by, order=order, from_utc=from_utc, until_utc=until_utc, reason_code=reason_code, evidence=evidence,
        condition_id=condition_id, decision=OfDecision(waits_for_second),
    )  # fmt: skip


def free(absence: Absence, *, by: User) -> None:
    """The second person agreed to the decision: it holds from now on, unless somebody has withdrawn it meanwhile."""
    if absence.withdrawn_utc is None:
        confirm_absence(by=by, absence=absence, with_decision=True)


def lift(absence: Absence, *, by: User) -> None:
    """It holds no longer. The row stays."""
    if absence.withdrawn_utc is None:
        withdraw_absence(by=by, absence=absence)
