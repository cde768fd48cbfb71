"""Exceptional access: asked for with a reason, given at once, reviewed afterwards."""

from __future__ import annotations

from django.db import transaction

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.people import policies
from milepost.service.people.actions.base import log_change
from milepost.service.people.models import ExceptionalAccess, Person
from milepost.service.people.policy_data import exceptional_access_lasts


@transaction.atomic
def ask_access(*, by: User, person: Person, reason: str) -> ExceptionalAccess:
    """Opens the record to ``by`` for a time. The reason goes into the log, and to the senior of the team."""
    policies.check_can_ask(person, by, reason)
    now = clock.now_utc()
    made = ExceptionalAccess.objects.create(
        person=person, user=by, reason=reason, at_utc=now, until_utc=now + exceptional_access_lasts()
    )
    write(
        by=by, operation=Operation.CONSULTATION, what="person.exceptional_access", subject=person.reference,
        reason=reason, details={"access": made.pk, "until": made.until_utc.isoformat()},
    )  # fmt: skip
    return made


@transaction.atomic
def review_access(*, by: User, access: ExceptionalAccess, outcome: str, note: str = "") -> None:
    """A senior has read the reason. What was not in order ends at once."""
    access = (
        ExceptionalAccess.objects.select_for_update(of=("self",)).select_related("person").get(pk=access.pk)
    )
    policies.check_can_review(access, by)
    now = clock.now_utc()
    access.reviewed_by, access.reviewed_utc, access.outcome, access.review_note = by, now, outcome, note
    if outcome == ExceptionalAccess.Outcome.NOT_IN_ORDER:
        access.until_utc = min(access.until_utc, now)
    access.save(update_fields=["reviewed_by", "reviewed_utc", "outcome", "review_note", "until_utc"])
    log_change(by, access.person, "person.access_review", access=access.pk, outcome=outcome)
