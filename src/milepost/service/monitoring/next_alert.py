"""Which alert needs this user next: the first of the board, one already open left out."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, IntegerField, Value, When

from milepost.service.accounts.models import User
from milepost.service.monitoring.board import undecided
from milepost.service.monitoring.filters import Filters
from milepost.service.monitoring.sections import Section, first_in_section


@dataclass(frozen=True, slots=True)
class NextAlert:
    """Names no person: the page where it is offered is about somebody else."""

    pk: int
    kind: str
    level: str
    still_going: bool


def next_alert(user: User, but: int) -> NextAlert | None:
    """The first that needs the user, then the first of those that are over; never what others have in hand.

    ``but``: the number of the alert that is open now. One query.
    """
    over_last = Case(When(section=Section.OVER, then=Value(1)), default=Value(0), output_field=IntegerField())
    rows = undecided(user, Filters()).filter(section__in=(Section.NOW, Section.OVER)).exclude(pk=but)
    first = (
        rows.order_by(over_last, *first_in_section())
        .values_list("pk", "kind", "level", "still_going")
        .first()
    )
    return NextAlert(*first) if first else None
