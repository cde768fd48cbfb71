"""What others changed about one's people since the working day before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from milepost.service.audit.models import Entry
from milepost.service.caseload.asked import Asked, Found, address
from milepost.service.monitoring.models import Decision, Incident, IncidentState
from milepost.service.orders.models import OrderVersion, VersionState
from milepost.service.people.models import Note, Person
from milepost.supervision.today import Reason
from milepost.times import from_us


def since(asked: Asked) -> Iterator[Found]:
    """Five queries. What the user did themselves is not new to them."""
    yield from _approved(asked)
    yield from _decided(asked)
    yield from _closed(asked)
    yield from _notes(asked)
    yield from _allocated(asked)


def _approved(asked: Asked) -> Iterator[Found]:
    rows = OrderVersion.objects.filter(
        order__person_id__in=asked.ids, state=VersionState.APPROVED, decided_utc__gte=asked.since_utc
    )
    rows = rows.defer("document", "terms").select_related("order", "decided_by")
    for version in _not_own(rows, "decided_by", asked):
        person = asked.people[version.order.person_id]
        link = address("orders:version", person, reference=version.order.reference, number=version.version)
        by = version.decided_by.name if version.decided_by else ""
        yield _change(
            person, f"version-{version.pk}", "change_approved", link, version.decided_utc, by,
            order=version.order.reference, version=version.version,
        )  # fmt: skip


def _decided(asked: Asked) -> Iterator[Found]:
    rows = Decision.objects.filter(
        incident__person_id__in=asked.ids, state=Decision.State.STANDS, at_utc__gte=asked.since_utc
    )
    rows = _not_own(rows, "by", asked).values_list(
        "pk", "incident_id", "incident__person_id", "at_utc", "by__name", "kind", "incident__kind"
    )
    for pk, incident_id, person_id, at_utc, by, kind, finding in rows:
        person = asked.people[person_id]
        link = address("monitoring:incident", person, pk=incident_id)
        yield _change(
            person, f"decision-{pk}", "change_decided", link, at_utc, by, decision=kind, finding=finding
        )


def _closed(asked: Asked) -> Iterator[Found]:
    rows = Incident.objects.filter(
        person_id__in=asked.ids, state=IncidentState.CLOSED_BY_ITSELF, changed_us__gte=asked.since_us
    )
    for incident in rows:
        person = asked.people[incident.person_id]
        link = address("monitoring:incident", person, pk=incident.pk)
        at = from_us(incident.changed_us)
        yield _change(person, f"incident-{incident.pk}", "change_closed", link, at, "", finding=incident.kind)


def _notes(asked: Asked) -> Iterator[Found]:
    rows = Note.objects.filter(
        person_id__in=asked.ids, at_utc__gte=asked.since_utc, at_utc__lte=asked.now_utc
    )
    for note in _not_own(rows.defer("text").select_related("by"), "by", asked):
        person = asked.people[note.person_id]
        link = address("person_page:notes", person, reference=person.reference)
        yield _change(person, f"note-{note.pk}", "change_note", link, note.at_utc, note.by.name)


def _allocated(asked: Asked) -> Iterator[Found]:
    """The record keeps who supervises now; only the log knows since when."""
    people = {person.reference: person for person in asked.people.values()}
    entries = Entry.objects.filter(subject__in=people, what="person.allocate", at_us__gte=asked.since_us)
    rows: Any = entries.order_by("number").values_list("subject", "number", "actor", "at_us")
    newest = {reference: rest for reference, *rest in rows}
    own = asked.since_by.audit_name if asked.since_by else None
    for reference, (number, actor, at_us) in newest.items():
        if actor != own:
            person = people[reference]
            link = address("person_page:overview", person, reference=reference)
            at = from_us(at_us)
            text = "change_allocated" if person.practitioner_id else "change_unallocated"
            to = person.practitioner.name if person.practitioner else ""
            yield _change(person, f"entry-{number}", text, link, at, "", to=to)


def _not_own(rows: Any, field: str, asked: Asked) -> Any:
    return rows.exclude(**{field: asked.since_by}) if asked.since_by else rows


def _change(
    person: Person, key: str, text: str, link: str, at_utc: dt.datetime | None, by: str, **facts: Any
) -> Found:
    return Found(
        person,
        Reason(
            kind="change",
            key=key,
            text=text,
            link=link,
            source=key.replace("-", " "),
            since_utc=at_utc,
            facts={"by": by, "at_utc": at_utc, **facts},
            state=key,
        ),
    )
