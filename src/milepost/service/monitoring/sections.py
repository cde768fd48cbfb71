"""The sections of the board: who has to do something about an alert, in the order in which somebody should look.

- now: it needs this user or anybody. What is urgent or still going; of these, urgent and still going comes first.
- held: somebody else has it in hand.
- second: a second person has to answer the decision.
- over: it ended by itself and is not urgent. It wants a decision, and nothing happens meanwhile.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db.models import Case, F, IntegerField, OrderBy, Q, Value, When
from django.db.models.fields import CharField

from milepost.service.accounts.models import User
from milepost.service.monitoring.grouping import LEVELS, rank
from milepost.service.monitoring.models import IncidentState

URGENT = LEVELS[-1]


class Section(StrEnum):
    """In the order of the board."""

    NOW = "now"
    HELD = "held"
    SECOND = "second"
    OVER = "over"


def section_of(incident: Any, user: User) -> Section:
    """Of an undecided alert, for this user: an incident, or its ``state``, ``level``, ``still_going``, ``claimed_by_id``."""
    if incident.state == IncidentState.WAITING_FOR_SECOND:
        return Section.SECOND
    if incident.state == IncidentState.CLAIMED and incident.claimed_by_id not in (None, user.pk):
        return Section.HELD
    return Section.NOW if incident.still_going or incident.level == URGENT else Section.OVER


def section_in_sql(user: User) -> Case:
    """As ``section_of``, of undecided incidents."""
    held = Q(state=IncidentState.CLAIMED, claimed_by__isnull=False) & ~Q(claimed_by=user)
    return Case(
        When(state=IncidentState.WAITING_FOR_SECOND, then=Value(Section.SECOND)),
        When(held, then=Value(Section.HELD)),
        When(Q(still_going=True) | Q(level=URGENT), then=Value(Section.NOW)),
        default=Value(Section.OVER),
        output_field=CharField(),
    )


def severity() -> Case:
    """0 for the most severe."""
    whens = [When(level=level, then=Value(rank(URGENT) - rank(level))) for level in LEVELS]
    return Case(*whens, default=Value(len(LEVELS)), output_field=IntegerField())


def first_in_section() -> list[Case | OrderBy | str]:
    """The order within a section: urgent and still going, then urgent, then the rest; of each, what is due first."""
    urgent_going = Case(
        When(level=URGENT, still_going=True, then=Value(0)),
        When(level=URGENT, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return [urgent_going, F("due_us").asc(nulls_last=True), severity(), F("pk").asc()]
