"""One person's records, erased from every store: the database, recent signals, the lake, quarantine, uploads,
what waits for webhooks, tokens of their devices, scores of predictors in shadow.

What stays: entries of the audit log, which hold references and codes alone, and a row of counts. The lake goes
first, and once more at the end: signals that were on their way to it meanwhile do not escape. Killed in between,
the same command finishes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from milepost.risk.predictors.shadow import erase_person as erase_from_shadow
from milepost.service.algorithms.models import Outcome
from milepost.service.api.models import Repeat, WebhookDelivery
from milepost.service.assessments.models import Assessment, Contest, Override, RecordedFact, TierRecord
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write
from milepost.service.caseload.models import Snooze
from milepost.service.monitoring.models import Decision, Finding, Incident, IncidentEvent
from milepost.service.orders.models import (
    Absence,
    Activation,
    Approval,
    Document,
    Order,
    OrderVersion,
    ToCheck,
    ToJudge,
    Upload,
)
from milepost.service.people.models import Note, Person
from milepost.service.signals.inbox import lock_inbox
from milepost.service.signals.models import (
    Delivery,
    DeviceEvent,
    Fix,
    IngestToken,
    Presence,
    QuarantinedMessage,
    Sender,
)
from milepost.service.upkeep.models import UpkeepRun
from milepost.times import DAY_US, to_us
from milepost.tracks.lake import NotALake, PositionLake
from milepost.tracks.lake_read import DeviceInterval

ROWS_AT_ONCE = 500


class NobodyThere(Exception):
    """There is no person with this reference."""


@dataclass(slots=True)
class Erased:
    """What went, or in a dry run would go: counts by store."""

    dry_run: bool
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, n: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + n


def erase_person(reference: str, *, reason: str, by: Actor, dry_run: bool) -> Erased:
    """Erases everything of one person. ``reason`` goes into the audit log: no names in it.

    Raises:
        NobodyThere: nobody has this reference (any more).
    """
    person = Person.objects.filter(reference=reference).first()
    if person is None:
        raise NobodyThere(reference)
    done = Erased(dry_run)
    worn = _intervals(person)
    _lake(worn, done, count=True)
    _shadow(reference, done)
    clues = _Clues.of(person, worn)
    if dry_run:
        _count(person, clues, done)
        return done
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")  # what goes is overwritten, not only forgotten
    with transaction.atomic():
        _count(person, clues, done)
        _delete(person, clues)
        entry = write(by=by, operation=Operation.ERASURE, what="person.erase", subject=reference, reason=reason,
                      details=done.counts)  # fmt: skip
        UpkeepRun.objects.create(kind=UpkeepRun.Kind.ERASURE, facts=done.counts, audit_number=entry.number)
    _lake(worn, done, count=False)
    rewrite_files()
    return done


def rewrite_files() -> None:
    """So that no free page of the database file still holds what was deleted."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute("VACUUM")


def _intervals(person: Person) -> list[DeviceInterval]:
    rows = Activation.objects.filter(person=person).values_list("device__device_id", "from_utc", "until_utc")
    return [(d, to_us(start), None if end is None else to_us(end)) for d, start, end in rows]


def _lake(worn: list[DeviceInterval], done: Erased, *, count: bool) -> None:
    try:
        lake = PositionLake(Path(settings.LAKE))
    except NotALake:
        return
    if worn:
        erased = lake.erase(worn, dry_run=done.dry_run)
        if count:
            for name, n in erased.n_rows.items():
                done.add(f"lake.{name}", n)


def _shadow(reference: str, done: Erased) -> None:
    """Scores that predictors in shadow gave to this person."""
    if found := erase_from_shadow(Path(settings.PREDICTORS), reference, dry_run=done.dry_run):
        done.add("predictors.shadow", found)


@dataclass(slots=True)
class _Clues:
    """By what a person's traces are known where no key points to them."""

    reference: str
    worn: list[DeviceInterval]
    senders: dict[str, int]
    words: list[bytes]
    """Whole references and the name, as bytes: a stored message that holds one is about them."""
    incidents: set[int]
    absences: set[int]

    @classmethod
    def of(cls, person: Person, worn: list[DeviceInterval]) -> _Clues:
        devices = sorted({device for device, _, _ in worn})
        words = {person.reference, person.name, *devices}
        words |= set(Order.objects.filter(person=person).values_list("reference", flat=True))
        words |= set(Activation.objects.filter(person=person).values_list("reference", flat=True))
        return cls(
            person.reference,
            worn,
            dict(Sender.objects.filter(device_id__in=devices).values_list("device_id", "pk")),
            [word.encode() for word in sorted(words) if word],
            set(Incident.objects.filter(person=person).values_list("pk", flat=True)),
            set(Absence.objects.filter(person=person).values_list("pk", flat=True)),
        )

    def signals(self, model: type[models.Model]) -> Q:
        """Rows of a signal table that came from their devices while they wore them, or heard their tag."""
        wanted = Q(pk__in=[])
        for device, from_us, until_us in self.worn:
            when = Q(recorded_us__gte=from_us)
            if until_us is not None:
                when &= Q(recorded_us__lt=until_us)
            whose = Q(sender_id=self.senders.get(device, 0))
            if model is Presence:
                whose |= Q(tag_id=device)
            wanted |= whose & when
        return wanted

    def quarantined(self) -> list[int]:
        """Messages of their devices from those times, and any that holds one of the words."""
        found = []
        rows = QuarantinedMessage.objects.values_list("pk", "device_id", "received_us", "raw", "problems")
        for pk, device, received_us, raw, problems in rows.iterator(ROWS_AT_ONCE):
            text = bytes(raw) + json.dumps(problems, ensure_ascii=False).encode()
            theirs = any(
                device == d and received_us >= from_us and (until is None or received_us < until + DAY_US)
                for d, from_us, until in self.worn
            )
            if theirs or self.in_text(text):
                found.append(pk)
        return found

    def in_text(self, text: bytes) -> bool:
        return any(word in text for word in self.words)

    def uploads(self) -> list[int]:
        rows = Upload.objects.values_list("pk", "name", "content")
        return [pk for pk, name, content in rows.iterator(50) if self.in_text(bytes(content) + name.encode())]

    def webhooks(self) -> list[int]:
        found = []
        for pk, body in WebhookDelivery.objects.values_list("pk", "body").iterator(ROWS_AT_ONCE):
            numbers = body.get("incident") in self.incidents or body.get("absence") in self.absences
            if numbers or self.in_text(json.dumps(body, ensure_ascii=False).encode()):
                found.append(pk)
        return found

    def repeats(self) -> list[int]:
        rows = Repeat.objects.values_list("pk", "made", "key")
        return [pk for pk, made, key in rows.iterator(ROWS_AT_ONCE) if self.in_text(f"{made} {key}".encode())]

    def to_check(self) -> list[int]:
        """Parts of imports under their reference, or of a device, that say it was on them."""
        rows = ToCheck.objects.values_list("pk", "reference", "part").iterator(ROWS_AT_ONCE)
        return [
            pk
            for pk, reference, part in rows
            if reference == self.reference
            or any(a["person_id"] == self.reference for a in part.get("activations", []))
        ]

    def deliveries(self) -> list[int]:
        """Answers to batches that name one of their devices or hold a value of theirs."""
        found = []
        for pk, answer in (
            Delivery.objects.exclude(answer={}).values_list("pk", "answer").iterator(ROWS_AT_ONCE)
        ):
            if self.in_text(json.dumps(answer, ensure_ascii=False).encode()):
                found.append(pk)
        return found

    def tokens(self) -> models.QuerySet[IngestToken]:
        """Of devices that they wear now: whoever has it next gets a new one."""
        now = [device for device, _, until in self.worn if until is None or until > to_us(timezone.now())]
        return IngestToken.objects.filter(device_id__in=now, revoked_utc=None)


RECORDS: tuple[tuple[str, type[models.Model], str], ...] = (
    ("decisions", Decision, "incident__person"), ("incident_events", IncidentEvent, "incident__person"),
    ("findings", Finding, "person"), ("incidents", Incident, "person"), ("absences", Absence, "person"),
    ("documents", Document, "order__person"), ("order_versions", OrderVersion, "order__person"),
    ("orders", Order, "person"), ("activations", Activation, "person"), ("notes", Note, "person"),
    ("to_judge", ToJudge, "person"), ("tiers", TierRecord, "person"), ("contests", Contest, "person"),
    ("overrides", Override, "person"), ("assessments", Assessment, "person"),
    ("recorded_facts", RecordedFact, "person"), ("put_off", Snooze, "person"),
    ("outcomes", Outcome, "person"),
)  # fmt: skip
"""In the order in which they can be deleted: what names another comes first. The rest goes with the person."""


def _count(person: Person, clues: _Clues, done: Erased) -> None:
    done.add("person", 1)
    for name, model, path in RECORDS:
        done.add(name, model._default_manager.filter(**{path: person}).count())
    for name, table in (("fixes", Fix), ("presence", Presence), ("device_events", DeviceEvent)):
        done.add(f"recent.{name}", table.objects.filter(clues.signals(table)).count())
    done.add("quarantine", len(clues.quarantined()))
    done.add("uploads", len(clues.uploads()))
    done.add("webhook_deliveries", len(clues.webhooks()))
    done.add("api_repeats", len(clues.repeats()))
    done.add("imports_to_check", len(clues.to_check()))
    done.add("tokens_revoked", clues.tokens().count())


def _delete(person: Person, clues: _Clues) -> None:
    lock_inbox()
    clues.tokens().update(revoked_utc=timezone.now())
    found: tuple[tuple[type[models.Model], list[int]], ...] = (
        (QuarantinedMessage, clues.quarantined()), (Upload, clues.uploads()), (WebhookDelivery, clues.webhooks()),
        (Repeat, clues.repeats()), (ToCheck, clues.to_check()),
    )  # fmt: skip
    for kind, pks in found:
        for some in _parts(pks):
            kind._default_manager.filter(pk__in=some).delete()
    for some in _parts(clues.deliveries()):
        Delivery.objects.filter(pk__in=some).update(answer={})
    for table in (Fix, Presence, DeviceEvent):
        rows = table.objects.filter(clues.signals(table))
        rows._raw_delete(rows.db)  # no key points to a signal
    Decision.objects.filter(incident__person=person).update(replaces=None, absence=None)
    Note.objects.filter(person=person).update(corrects=None)
    Assessment.objects.filter(person=person).update(supersedes=None)
    approvals = list(Approval.objects.filter(version__order__person=person).values_list("pk", flat=True))
    for _, model, path in RECORDS:
        model._default_manager.filter(**{path: person}).delete()
    for some in _parts(approvals):  # versions name them, and go first
        Approval.objects.filter(pk__in=some).delete()
    person.delete()


def _parts(pks: list[int]) -> Iterable[list[int]]:
    return (pks[i : i + ROWS_AT_ONCE] for i in range(0, len(pks), ROWS_AT_ONCE))
