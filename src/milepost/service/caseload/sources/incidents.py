"""Alerts about one's people: to decide, held by a colleague, to look at again."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.service.caseload.asked import Asked, Found, address, utc_of_us
from milepost.service.monitoring.board import Filters, to_look_at_again
from milepost.service.monitoring.models import Incident, IncidentState
from milepost.supervision.today import Reason

DECIDABLE = (IncidentState.OPEN, IncidentState.CLAIMED)
"""Not what waits for a second person: its first has done their part."""


def to_decide(asked: Asked) -> Iterator[Found]:
    rows = Incident.objects.filter(person_id__in=asked.ids, state__in=DECIDABLE).select_related("claimed_by")
    for incident in rows:
        person = asked.people[incident.person_id]
        own = (None, asked.viewer.pk, person.practitioner_id)
        held = incident.claimed_by if incident.claimed_by_id not in own else None
        urgent = incident.level == "urgent"
        yield Found(
            person,
            Reason(
                kind="alert_held" if held else "alert_urgent" if urgent else "alert_review",
                key=f"incident-{incident.pk}",
                text="alert_held" if held else "alert_going" if incident.still_going else "alert",
                link=address("monitoring:incident", person, pk=incident.pk),
                source=f"incident {incident.pk}, revision {incident.revision}",
                due_utc=None if incident.due_us is None else utc_of_us(incident.due_us),
                since_utc=utc_of_us(incident.opened_us),
                facts={
                    "finding": incident.kind,
                    "level": incident.level,
                    "began_utc": utc_of_us(incident.began_us),
                    "holder": held.name if held else "",
                },
                state=f"{incident.level} {incident.kind} {incident.due_us} {held.pk if held else ''}",
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
                since_utc=utc_of_us(incident.changed_us),
                facts={"finding": incident.kind, "began_utc": utc_of_us(incident.began_us)},
                state=str(incident.revision),
            ),
        )
