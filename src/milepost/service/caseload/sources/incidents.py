"""Alerts about one's people: to decide, held by a colleague, to look at again."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.service.caseload.asked import Asked, Found, address
from milepost.service.monitoring.board import Filters, to_look_at_again
from milepost.service.monitoring.models import Incident, IncidentState
from milepost.supervision.today import Reason
from milepost.times import from_us

DECIDABLE = (IncidentState.OPEN, IncidentState.CLAIMED)
"""Not what waits for a second person: its first has done their part."""


def to_decide(asked: Asked) -> Iterator[Found]:
    # Not as objects: a team may have thousands.
    rows = Incident.objects.filter(person_id__in=asked.ids, state__in=DECIDABLE).values_list(
        "pk", "person_id", "level", "kind", "still_going", "revision", "due_us", "opened_us", "began_us",
        "claimed_by_id", "claimed_by__name",
    )  # fmt: skip
    for pk, person_id, level, finding, going, revision, due_us, opened_us, began_us, holder, name in rows:
        person = asked.people[person_id]
        held = holder not in (None, asked.viewer.pk, person.practitioner_id)
        yield Found(
            person,
            Reason(
                kind="alert_held" if held else "alert_urgent" if level == "urgent" else "alert_review",
                key=f"incident-{pk}",
                text="alert_held" if held else "alert_going" if going else "alert",
                link=address("monitoring:incident", person, pk=pk),
                source=f"incident {pk}, revision {revision}",
                due_utc=None if due_us is None else from_us(due_us),
                since_utc=from_us(opened_us),
                facts={
                    "finding": finding,
                    "level": level,
                    "began_utc": from_us(began_us),
                    "holder": name if held else "",
                },
                state=f"{level} {finding} {due_us} {holder if held else ''}",
            ),
        )


def look_again(asked: Asked) -> Iterator[Found]:
    """Decided, and later signals changed what was decided on."""
    rows = to_look_at_again(asked.viewer, Filters()).filter(person_id__in=asked.ids)
    for incident in rows:
        yield Found(
            asked.people[incident.person_id],
            Reason(
                kind="look_again",
                key=f"incident-{incident.pk}",
                text="look_again",
                link=address("monitoring:incident", asked.people[incident.person_id], pk=incident.pk),
                source=f"incident {incident.pk}, revision {incident.revision}",
                since_utc=from_us(incident.changed_us),
                facts={"finding": incident.kind, "began_utc": from_us(incident.began_us)},
                state=str(incident.revision),
            ),
        )
