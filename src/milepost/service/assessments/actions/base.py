"""What the actions share: one change at a time, each in the log."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.assessments.models import Assessment
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write
from milepost.service.kit.refusals import Refused
from milepost.service.people.models import Person


def log_change(by: Actor, person: Person, what: str, **details: Any) -> None:
    """Details hold codes and numbers, never names or words of a person."""
    write(by=by, operation=Operation.ALTERATION, what=what, subject=person.reference, details=details)


def change(assessment: Assessment, revision: int | None = None, **fields: Any) -> None:
    """Claims the change for whoever saw ``revision`` (the row's own if None), and writes ``fields``.

    Raises:
        Refused: somebody was quicker.
    """
    seen = assessment.revision if revision is None else revision
    changed = Assessment.objects.filter(pk=assessment.pk, revision=seen, state=assessment.state).update(
        revision=seen + 1, **fields
    )
    if not changed:
        raise Refused(
            _(
                "Someone else has changed this assessment since you opened it. Look at it again, then make your change."
            )
        )
    assessment.refresh_from_db()


def hands(assessment: Assessment, by: User) -> list[int]:
    """Everybody who wrote in it, and now ``by``."""
    return sorted({*assessment.hands, by.pk})


def locked(assessment: Assessment) -> Assessment:
    """The row as it is now, kept from others until the transaction ends."""
    found: Assessment = (
        Assessment.objects.select_for_update(of=("self",)).select_related("person").get(pk=assessment.pk)
    )
    return found
