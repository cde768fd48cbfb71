"""What erasing one person would take away, thing by thing. Nothing is changed here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from milepost.service.api.models import Repeat, WebhookDelivery
from milepost.service.monitoring.models import Decision, Incident
from milepost.service.orders.models import Absence, Activation, Approval, Order, ToCheck, Upload
from milepost.service.people.models import NearWord, Person, words_of_nobody_else
from milepost.service.people.words import fold
from milepost.service.signals.models import (
    Delivery,
    DeviceEvent,
    Fix,
    IngestToken,
    Presence,
    QuarantinedMessage,
    Sender,
)
from milepost.service.upkeep.traces import About, Traces
from milepost.times import from_us, to_us
from milepost.tracks.lake_read import DeviceInterval

ROWS_AT_ONCE = 500
SIGNALS: tuple[type[models.Model], ...] = (Fix, Presence, DeviceEvent)
TOKENS, ANSWERS = "signals.IngestToken revoked", "signals.Delivery answer emptied"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing: a row, or the rows of one device in one span of time. ``store`` is the table, or the part of the lake."""

    store: str
    key: Any
    rows: int = 1


@dataclass(slots=True)
class Plan:
    """What went, or in a dry run would go."""

    dry_run: bool
    items: list[Item] = field(default_factory=list)
    to_look_at: list[Item] = field(default_factory=list)
    """What may be about the person but cannot be told for sure: it stays until somebody has looked."""
    texts: list[type[models.Model]] = field(default_factory=list)
    """Tables of which rows go for what they say."""
    signals: dict[type[models.Model], Q] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by store."""
        found: Counter[str] = Counter()
        for item in self.items:
            found[item.store] += item.rows
        return dict(found)

    def add(self, store: str, key: Any, rows: int = 1) -> None:
        if rows:
            self.items.append(Item(store, key, rows))

    def add_span(self, store: str, interval: DeviceInterval, rows: int) -> None:
        device, from_us_, until_us = interval
        until = "" if until_us is None else from_us(until_us).isoformat()
        self.add(store, f"{device} from {from_us(from_us_).isoformat()} until {until or 'now'}", rows)

    def keys(self, store: str) -> list[Any]:
        return [item.key for item in self.items if item.store == store]

    def __add__(self, other: Plan) -> Plan:
        return Plan(
            self.dry_run,
            [*self.items, *other.items],
            [*self.to_look_at, *other.to_look_at],
            other.texts,
            other.signals,
        )

    def as_plain(self) -> dict[str, Any]:
        """To be saved: every thing of it, for somebody to go through."""
        return {
            "dry_run": self.dry_run,
            "counts": self.counts,
            "items": [asdict(item) for item in self.items],
            "to_look_at": [asdict(item) for item in self.to_look_at],
        }


def plan_for(person: Person, worn: list[DeviceInterval], *, dry_run: bool) -> Plan:
    """All of the database. ``worn``: what they wore, from when until when."""
    plan = Plan(dry_run)
    for model, keys in _rows_of(person).items():
        for key in sorted(keys):
            plan.add(model._meta.label, key)
    approvals = Approval.objects.filter(version__order__person=person).order_by("pk")
    for key in approvals.values_list("pk", flat=True):
        plan.add(Approval._meta.label, key)
    for key in (
        NearWord.objects.filter(word__in=words_of_nobody_else(person))
        .order_by("pk")
        .values_list("pk", flat=True)
    ):
        plan.add(NearWord._meta.label, key)
    _signals(plan, worn)
    traces = _traces(person, worn)
    for store, key, found in _texts(plan, traces):
        if found is About.PERSON:
            plan.add(store, key)
        elif found is About.MAYBE:
            plan.to_look_at.append(Item(store, key))
    # Of devices that they wear now: whoever has one next gets a new token.
    now_us = to_us(timezone.now())
    now = [device for device, _, until in worn if until is None or until > now_us]
    for key in IngestToken.objects.filter(device_id__in=now, revoked_utc=None).values_list("pk", flat=True):
        plan.add(TOKENS, key)
    return plan


def intervals_of(person: Person) -> list[DeviceInterval]:
    rows = Activation.objects.filter(person=person).values_list("device__device_id", "from_utc", "until_utc")
    return [(d, to_us(start), None if end is None else to_us(end)) for d, start, end in rows.order_by("pk")]


def _rows_of(person: Person) -> dict[type[models.Model], set[Any]]:
    """The person and every row that a chain of keys ties to them, table by table."""
    found: dict[type[models.Model], set[Any]] = defaultdict(set)
    found[Person] = {person.pk}
    waiting: list[tuple[type[models.Model], list[Any]]] = [(Person, [person.pk])]
    while waiting:
        model, keys = waiting.pop()
        for key in model._meta.get_fields(include_hidden=True):
            if not isinstance(key, models.ManyToOneRel) or key.on_delete in (
                models.SET_NULL,
                models.DO_NOTHING,
            ):
                continue
            table, name = key.related_model, key.field.name
            there: set[Any] = set()
            for i in range(0, len(keys), ROWS_AT_ONCE):
                rows = table._base_manager.filter(**{f"{name}__in": keys[i : i + ROWS_AT_ONCE]})
                there |= set(rows.values_list("pk", flat=True))
            if fresh := there - found[table]:
                found[table] |= fresh
                waiting.append((table, list(fresh)))
    return {table: keys for table, keys in found.items() if keys}


def _signals(plan: Plan, worn: list[DeviceInterval]) -> None:
    """Rows that came from their devices while they wore them, or heard their tag."""
    devices = {device for device, _, _ in worn}
    senders = dict(Sender.objects.filter(device_id__in=devices).values_list("device_id", "pk"))
    for table in SIGNALS:
        before = Q(pk__in=[])
        for interval in worn:
            device, from_us_, until_us = interval
            when = Q(recorded_us__gte=from_us_)
            if until_us is not None:
                when &= Q(recorded_us__lt=until_us)
            whose = Q(sender_id=senders.get(device, 0))
            if table is Presence:
                whose |= Q(tag_id=device)
            rows = table._default_manager.filter(whose & when).exclude(
                before
            )  # a row of two intervals counts once
            plan.add_span(table._meta.label, interval, rows.count())
            before |= whose & when
        plan.signals[table] = before


def _traces(person: Person, worn: list[DeviceInterval]) -> Traces:
    names = {fold(name) for name in (person.name, *person.also_known_as.split(","))}
    names = {name.strip() for name in names if name.strip()}
    others = Person.objects.filter(search_name__in=names).exclude(pk=person.pk)
    references = {person.reference}
    for model in (Order, Activation):
        references |= set(model.objects.filter(person=person).values_list("reference", flat=True))
    owned = {
        "incident": Incident.objects.filter(person=person),
        "absence": Absence.objects.filter(person=person),
        "decision": Decision.objects.filter(incident__person=person),
    }
    numbers = {name: frozenset(rows.values_list("pk", flat=True)) for name, rows in owned.items()}
    return Traces(frozenset(references), frozenset(names), not others.exists(), tuple(worn), numbers)


def _texts(plan: Plan, traces: Traces) -> Iterator[tuple[str, Any, About]]:
    """Every text that no key ties to anybody, and whether it is about the person."""
    plan.texts = [QuarantinedMessage, Upload, WebhookDelivery, Repeat, ToCheck]
    label = QuarantinedMessage._meta.label
    messages = QuarantinedMessage.objects.values_list(
        "pk", "device_id", "received_us", "raw", "problems", "topic"
    )
    for pk, device, when_us, raw, problems, topic in messages.iterator(ROWS_AT_ONCE):
        said = (traces.about(bytes(raw), when_us, device), traces.about(problems, when_us),
                traces.about(topic.replace("/", " "), when_us))  # fmt: skip
        yield label, pk, _surest(*said)
    for pk, name, content, at_utc in Upload.objects.values_list("pk", "name", "content", "at_utc").iterator(
        50
    ):
        when_us = to_us(at_utc)
        yield (
            Upload._meta.label,
            pk,
            _surest(traces.about(bytes(content), when_us), traces.about(name, when_us)),
        )
    bodies = WebhookDelivery.objects.values_list("pk", "body", "created_utc")
    for pk, body, at_utc in bodies.iterator(ROWS_AT_ONCE):
        yield WebhookDelivery._meta.label, pk, traces.about(body, to_us(at_utc))
    for pk, made, key, at_utc in Repeat.objects.values_list("pk", "made", "key", "at_utc").iterator(
        ROWS_AT_ONCE
    ):
        yield Repeat._meta.label, pk, traces.about({"made": made, "key": key}, to_us(at_utc))
    parts = ToCheck.objects.values_list("pk", "reference", "part", "at_utc")
    for pk, reference, part, at_utc in parts.iterator(ROWS_AT_ONCE):
        yield ToCheck._meta.label, pk, traces.about({"reference": reference, **part}, to_us(at_utc))
    answers = Delivery.objects.exclude(answer={}).values_list("pk", "answer", "received_us")
    for pk, answer, when_us in answers.iterator(ROWS_AT_ONCE):
        yield ANSWERS, pk, traces.about(answer, when_us)


def _surest(*found: About) -> About:
    return next((one for one in (About.PERSON, About.MAYBE) if one in found), About.NOBODY)
