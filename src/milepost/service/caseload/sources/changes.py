"""What others changed about one's people since the working day before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from milepost.service.accounts.models import User
from milepost.service.audit.models import Entry
from milepost.service.caseload.asked import Asked, Found, address, utc_of_us
from milepost.service.monitoring.models import Decision, Incident, IncidentState
from milepost.service.orders.models import OrderVersion, VersionState
from milepost.service.people.models import Note, Person
from milepost.supervision.today import Reason


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
        yield _change(
            person, f"version-{version.pk}", "change_approved", link, version.decided_utc, version.decided_by,
            order=version.order.reference, version=version.version,
        )  # fmt: skip


def _decided(asked: Asked) -> Iterator[Found]:
    rows = Decision.objects.filter(
        incident__person_id__in=asked.ids, state=Decision.State.STANDS, at_utc__gte=asked.since_utc
    )
    for decision in _not_own(rows.select_related("incident", "by"), "by", asked):
        person = asked.people[decision.incident.person_id]
        link = address("monitoring:incident", person, pk=decision.incident_id)
        yield _change(
            person, f"decision-{decision.pk}", "change_decided", link, decision.at_utc, decision.by,
            decision=decision.kind, finding=decision.incident.kind,
        )  # fmt: skip


def _closed(asked: Asked) -> Iterator[Found]:
    rows = Incident.objects.filter(
        person_id__in=asked.ids, state=IncidentState.CLOSED_BY_ITSELF, changed_us__gte=asked.since_us
    )
    for incident in rows:
        person = asked.people[incident.person_id]
        link = address("monitoring:incident", person, pk=incident.pk)
        at = utc_of_us(incident.changed_us)
        yield _change(
            person, f"incident-{incident.pk}", "change_closed", link, at, None, finding=incident.kind
        )


def _notes(asked: Asked) -> Iterator[Found]:
    rows = Note.objects.filter(
        person_id__in=asked.ids, at_utc__gte=asked.since_utc, at_utc__lte=asked.now_utc
    )
    for note in _not_own(rows.defer("text").select_related("by"), "by", asked):
        person = asked.people[note.person_id]
        link = address("person_page:notes", person, reference=person.reference)
        yield _change(person, f"note-{note.pk}", "change_note", link, note.at_utc, note.by)


def _allocated(asked: Asked) -> Iterator[Found]:
    """The record keeps who supervises now; only the log knows since when."""
    people = {person.reference: person for person in asked.people.values()}
    entries = Entry.objects.filter(subject__in=people, what="person.allocate", at_us__gte=asked.since_us)
    newest: dict[str, Entry] = {entry.subject: entry for entry in entries.order_by("number")}
    own = asked.since_by.audit_name if asked.since_by else None
    for reference, entry in newest.items():
        if entry.actor != own:
            person = people[reference]
            link = address("person_page:overview", person, reference=reference)
            at = utc_of_us(entry.at_us)
            text = "change_allocated" if person.practitioner_id else "change_unallocated"
            to = person.practitioner.name if person.practitioner else ""
            yield _change(person, f"entry-{entry.number}", text, link, at, None, to=to)


def _not_own(rows: Any, field: str, asked: Asked) -> Any:
    return rows.exclude(**{field: asked.since_by}) if asked.since_by else rows


def _change(
    person: Person, key: str, text: str, link: str, at_utc: dt.datetime | None, by: User | None, **facts: Any
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
            facts={"by": by.name if by else "", "at_utc": at_utc, **facts},
            state=key,
        ),
    )
