"""Where reasons come from, one file each. A source takes what is asked and a fixed number of queries, however many
people there are; it may give reasons that are too early: the rank rule leaves those out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from milepost.service.caseload.asked import Asked, Found
from milepost.service.caseload.sources import (
    absences,
    assessments,
    changes,
    device_trouble,
    exceptional,
    incidents,
    order_ends,
    orders_waiting,
    second_decisions,
)

Source = Callable[[Asked], Iterable[Found]]
SOURCES: tuple[Source, ...] = (
    incidents.to_decide,
    incidents.look_again,
    device_trouble.unheard,
    absences.ending,
    order_ends.ending,
    assessments.due_or_contested,
    changes.since,
)
"""About the people who are asked about."""
SIGNATURES: tuple[Source, ...] = (
    second_decisions.waiting,
    absences.to_confirm,
    orders_waiting.to_approve,
    assessments.to_countersign,
    exceptional.to_review,
)
"""What waits for one user as a second person, about anybody they may see."""
