"""What leaves the service is written down."""

from __future__ import annotations

from django.db import transaction

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.assessments.models import Assessment
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused


@transaction.atomic
def given_to_person(*, by: User, assessment: Assessment) -> int:
    """Writes that the person was given their own assessment. Returns the number of the entry."""
    if not by.may(Permission.WRITE_ASSESSMENTS):
        raise Refused("Your role does not include this.")
    entry = write(
        by=by, operation=Operation.DISCLOSURE, what="assessment.given", subject=assessment.person.reference,
        recipient="the person", details={"assessment": assessment.pk, "number": assessment.number},
    )  # fmt: skip
    return entry.number
