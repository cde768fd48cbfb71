"""How many hours a week somebody works."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction

from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.caseload import policies
from milepost.service.caseload.models import WorkingHours


@transaction.atomic
def set_hours(
    *, by: User, of: User, hours: Decimal, reductions_hours: Decimal, from_date: dt.date, why: str = ""
) -> WorkingHours:
    """A new row: from ``from_date`` on it holds. Earlier rows stay. Hours are hours a week."""
    policies.check_can_set_hours(of, by)
    policies.check_hours(hours, reductions_hours)
    made = WorkingHours.objects.create(
        user=of, hours=hours, reductions_hours=reductions_hours, from_date=from_date, why=why.strip(), by=by
    )
    write(
        by=by, operation=Operation.ALTERATION, what="team.hours",
        details={"user": of.pk, "hours": str(hours), "reductions": str(reductions_hours),
                 "from": from_date.isoformat()},
    )  # fmt: skip
    return made
