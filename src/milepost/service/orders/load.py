"""An order file into the database, in bulk: people, orders, versions, devices, activations.

``load_order_file`` is what the import page, the demo and the benchmarks use. What is there already stays as it
is (everything has a reference), so that loading the same file twice changes nothing. A part that cannot be kept
is left out with a ``Problem``; the rest goes in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Sized
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from milepost.orders import model as shape
from milepost.orders.write import to_plain
from milepost.problems import Problem
from milepost.service import clock
from milepost.service.accounts.models import Team, User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.events import announce
from milepost.service.orders import load_checks as checks
from milepost.service.orders.engine_file import ask_to_judge
from milepost.service.orders.models import (
    Activation,
    Device,
    Order,
    OrderVersion,
    VersionState,
)
from milepost.service.orders.policy_data import FAR_OFF, sight_after_removal, sight_before_fitting
from milepost.service.orders.terms import approval_told, terms_of, write_terms
from milepost.service.people.models import Person
from milepost.service.people.words import fold

BATCH = 2000


@dataclass(slots=True)
class Loaded:
    """What was made, what was there already, and what could not be kept."""

    people: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    versions: list[tuple[str, int]] = field(default_factory=list)
    """Order reference and version number."""
    devices: list[str] = field(default_factory=list)
    activations: list[str] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """How many of each kind were there already, and stayed as they were."""
    problems: list[Problem] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    """References of the people whom the file is about: whom a page about it names."""

    def __iadd__(self, more: Loaded) -> Loaded:
        """With what the next piece of the same file made."""
        for name in ("people", "orders", "versions", "devices", "activations", "problems"):
            getattr(self, name).extend(getattr(more, name))
        for kind, n in more.known.items():
            self.known[kind] += n
        return self

    @property
    def n_made(self) -> int:
        """How many rows were made."""
        made: tuple[Sized, ...] = (self.people, self.orders, self.versions, self.devices, self.activations)
        return sum(len(kind) for kind in made)


@dataclass(slots=True)
class _Load:
    by: User | None
    approve: bool
    team: Team | None
    source: str
    now: dt.datetime
    done: Loaded = field(default_factory=Loaded)
    people: dict[str, Person] = field(default_factory=dict)
    touched: dict[str, Person] = field(default_factory=dict)
    changed: dict[str, dt.datetime] = field(default_factory=dict)
    """From when on something changed that the engine heeds, by the person's reference."""
    approved: list[tuple[Order, OrderVersion]] = field(default_factory=list)
    documents: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Of each version, by its object's id: made once, for it is most of the work."""

    def touch(self, reference: str, from_utc: dt.datetime | None) -> Person:
        """Notes whom the engine has to judge again, and from when on; None: nothing that holds changed."""
        person = self.touched[reference] = self.people[reference]
        self.done.named.add(reference)
        if from_utc is not None:
            self.changed[reference] = min(from_utc, self.changed.get(reference, from_utc))
        return person

    def refuse(self, row: str, field_name: str | None, message: str, remedy: str, value: str = "") -> None:
        self.done.problems.append(Problem(self.source, row, field_name, message, remedy, value or None))


@transaction.atomic
def load_order_file(
    order_file: shape.OrderFile,
    *,
    by: User | None,
    approve: bool,
    team: Team | None,
    source: str = "order file",
    audit_each: bool = True,
) -> Loaded:
    """Makes rows of everything in the file that is not there yet. Fast enough for tens of thousands of people.

    ``approve`` puts new versions in force at once, decided by ``by`` and made by nobody of this service; else
    they are drafts. New people join ``team``. People that are there already must be visible to ``by`` (None: the
    system, sees all). ``audit_each`` writes an entry for every person and announces each approval; without it there is one
    entry for the file.
    """
    load = _Load(by, approve, team, source, clock.now_utc())
    _load_people(load, order_file)
    _load_orders(load, order_file)
    _load_activations(load, order_file)
    new = set(load.done.people)
    ask_to_judge({
        person: None if reference in new else load.changed.get(reference)
        for reference, person in load.touched.items()
    })  # fmt: skip
    _audit(load, audit_each)
    return load.done


def _existing(model: type[models.Model], name: str, values: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for at in range(0, len(values), BATCH):
        rows = model._default_manager.filter(**{f"{name}__in": values[at : at + BATCH]})
        found.update({getattr(row, name): row for row in rows})
    return found


def _load_people(load: _Load, order_file: shape.OrderFile) -> None:
    told = {person.id: person for person in order_file.people}
    named = [*told, *(o.person_id for o in order_file.orders), *(a.person_id for a in order_file.activations)]
    wanted = [ref for ref in dict.fromkeys(named) if checks.fits_person(load.refuse, ref, told.get(ref))]
    there = _existing(Person, "reference", wanted)
    seen = set(there)
    if load.by is not None and there:
        visible = Person.objects.visible_to(load.by).filter(pk__in=[p.pk for p in there.values()])
        seen = set(visible.values_list("reference", flat=True))
    for reference in [ref for ref in wanted if ref in there]:
        if reference in seen:
            load.people[reference] = there[reference]
            load.done.known["people"] += 1
        else:
            load.refuse(
                f"person {reference}", "id", "cannot be used by you",
                "Ask your senior practitioner, or correct the reference", reference,
            )  # fmt: skip
    new = [_person(load, ref, told.get(ref)) for ref in wanted if ref not in there]
    for person in Person.objects.bulk_create(new, batch_size=BATCH):
        load.people[person.reference] = person
        load.done.people.append(person.reference)


def _person(load: _Load, reference: str, told: shape.Person | None) -> Person:
    name = (told.name if told else None) or reference
    return Person(
        reference=reference,
        name=name,
        search_name=fold(name)[:120],
        date_of_birth=told.date_of_birth if told else None,
        synthetic=bool(told and told.synthetic),
        team=load.team,
        practitioner=load.by if load.by and load.by.team_id and load.by.team == load.team else None,
    )


def _load_orders(load: _Load, order_file: shape.OrderFile) -> None:
    wanted = [
        order
        for order in order_file.orders
        if order.person_id in load.people
        and checks.fits_order(load.refuse, order)
        and _make_documents(load, order)
    ]
    there = _existing(Order, "reference", [order.id for order in wanted])
    for order in list(wanted):
        known = there.get(order.id)
        if known is None:
            continue
        load.done.known["orders"] += 1
        if known.person_id != load.people[order.person_id].pk:
            load.refuse(f"order {order.id}", "person_id", "belongs to another person; it was left out",
                        "Give the order its own reference", order.id)  # fmt: skip
            wanted.remove(order)
    new = [_order(load, order) for order in wanted if order.id not in there]
    for row in Order.objects.bulk_create(new, batch_size=BATCH):
        there[row.reference] = row
        load.done.orders.append(row.reference)
    _load_versions(load, wanted, there)


def _make_documents(load: _Load, order: shape.Order) -> bool:
    """False if one holds what no database can keep."""
    for version in order.versions:
        if id(version) not in load.documents:
            load.documents[id(version)] = document_of(version)
    kept = [load.documents[id(version)] for version in order.versions]
    if checks.can_keep([*kept, to_plain(order.model_extra or {})]):
        return True
    load.refuse(f"order {order.id}", None, "holds a sign or number that cannot be kept; it was left out",
                "Remove NUL signs and infinite numbers")  # fmt: skip
    return False


def _order(load: _Load, order: shape.Order) -> Order:
    return Order(
        reference=order.id,
        person=load.people[order.person_id],
        regime=order.regime.value,
        ends_utc=order.ends_utc,
        source=load.source[:200],
        extra=to_plain(order.model_extra or {}),
        by=load.by,
    )


def _load_versions(load: _Load, orders: list[shape.Order], rows: dict[str, Order]) -> None:
    made_now = set(load.done.orders)
    pks = [rows[order.id].pk for order in orders if order.id not in made_now]
    there: dict[tuple[int, int], OrderVersion] = {}
    for at in range(0, len(pks), BATCH):
        for version in OrderVersion.objects.filter(order__in=pks[at : at + BATCH]):
            there[version.order_id, version.version] = version
    new: list[OrderVersion] = []
    for order in orders:
        for number, told in enumerate(order.versions):
            row = f"order {order.id}, version {told.version}"
            known = there.get((rows[order.id].pk, told.version))
            if known is not None:
                load.done.known["versions"] += 1
                if known.document != load.documents[id(told)]:
                    load.refuse(row, None, "differs from the one that is here, which stays as it is",
                                "Give a change a new version number")  # fmt: skip
                continue
            if any(earlier.version == told.version for earlier in order.versions[:number]):
                load.refuse(row, "version", "is there twice; the second was left out", "Number them 1, 2, 3")
                continue
            new.append(_version(load, rows[order.id], order, told))
            load.touch(order.person_id, told.effective_from_utc if load.approve else None)
    for made in OrderVersion.objects.bulk_create(new, batch_size=BATCH):
        load.done.versions.append((made.order.reference, made.version))
        if load.approve:
            load.approved.append((made.order, made))
    for approved, version in load.approved:
        if approved.reference not in made_now and version.terms != terms_of(approved):
            write_terms(approved, version.terms)


def document_of(version: shape.OrderVersion) -> dict[str, Any]:
    """``OrderVersion.document`` of a version: everything but what has a column of its own."""
    plain: dict[str, Any] = to_plain(version)
    return {k: v for k, v in plain.items() if k not in ("version", "effective_from_utc")}


def _version(load: _Load, row: Order, order: shape.Order, told: shape.OrderVersion) -> OrderVersion:
    made = OrderVersion(
        order=row,
        version=told.version,
        effective_from_utc=told.effective_from_utc,
        document=load.documents[id(told)],
        terms={
            "regime": order.regime.value,
            "ends_utc": to_plain(order.ends_utc),
            "source": row.source,
            "convicted_on": (order.model_extra or {}).get("x_convicted_on"),
        },
    )
    if load.approve:
        made.state = VersionState.APPROVED
        made.decided_by, made.decided_utc = load.by, load.now
    else:
        made.made_by = load.by
        made.hands = [load.by.pk] if load.by else []
    return made


def _load_activations(load: _Load, order_file: shape.OrderFile) -> None:
    wanted = [
        a
        for a in order_file.activations
        if a.person_id in load.people and checks.fits_activation(load.refuse, a)
    ]
    there = _existing(Activation, "reference", [a.id for a in wanted])
    load.done.known["activations"] += len(there)
    wanted = [a for a in wanted if a.id not in there]
    devices = _existing(Device, "device_id", list(dict.fromkeys(a.device_id for a in wanted)))
    spans = checks.spans_of(list(devices.values()))
    kept: list[shape.Activation] = []
    for told in sorted(wanted, key=lambda a: a.from_utc):
        known = devices.get(told.device_id)
        if checks.fits_device(load.refuse, told, known) and checks.is_free(load.refuse, told, spans):
            kept.append(told)
    on = {a.device_id for a in kept if a.until_utc is None or a.until_utc > load.now}
    fresh: dict[str, Device] = {}
    for told in kept:
        if told.device_id not in devices and told.device_id not in fresh:
            state = Device.State.FITTED if told.device_id in on else Device.State.IN_STOCK
            fresh[told.device_id] = Device(device_id=told.device_id, kind=told.device_kind, state=state)
    for device in Device.objects.bulk_create(fresh.values(), batch_size=BATCH):
        devices[device.device_id] = device
        load.done.devices.append(device.device_id)
    put_on = [devices[d].pk for d in on if d not in fresh]
    for at in range(0, len(put_on), BATCH):
        Device.objects.filter(pk__in=put_on[at : at + BATCH]).update(state=Device.State.FITTED)
    rows = [
        Activation(reference=a.id, device=devices[a.device_id], person=load.people[a.person_id],
                   from_utc=a.from_utc, until_utc=a.until_utc, place=a.place or "", fitted_by=load.by)
        for a in kept
    ]  # fmt: skip
    for activation in Activation.objects.bulk_create(rows, batch_size=BATCH):
        load.done.activations.append(activation.reference)
    _set_monitored(load, kept)


def _set_monitored(load: _Load, kept: list[shape.Activation]) -> None:
    changed: dict[dt.datetime, set[int]] = defaultdict(set)

    def see(person: Person, until: dt.datetime) -> None:
        if person.monitored_until_utc is None or until > person.monitored_until_utc:
            if person.monitored_until_utc is not None:
                changed[person.monitored_until_utc].discard(person.pk)
            person.monitored_until_utc = until
            changed[until].add(person.pk)

    for told in kept:
        person = load.touch(told.person_id, told.from_utc)
        see(person, FAR_OFF if told.until_utc is None else told.until_utc + sight_after_removal())
    people = {person.pk: person for person in load.people.values()}
    for order, _version in load.approved:  # whoever is to fit the device must find the person
        if order.ends_utc is None or order.ends_utc > load.now:
            see(people[order.person_id], load.now + sight_before_fitting())
    for until, pks in changed.items():  # a handful of dates stands for thousands of people
        ordered = sorted(pks)
        for at in range(0, len(ordered), BATCH):
            Person.objects.filter(pk__in=ordered[at : at + BATCH]).update(monitored_until_utc=until)


def _audit(load: _Load, each: bool) -> None:
    done = load.done
    counts = {
        name: len(getattr(done, name)) for name in ("people", "orders", "versions", "devices", "activations")
    }
    told = "\n".join([*done.orders, *(f"{o}/{v}" for o, v in done.versions), *done.activations])
    digest = hashlib.sha256(told.encode()).hexdigest()
    write(
        by=load.by, operation=Operation.COLLECTION, what="orders.import",
        details={**counts, "approved": load.approve, "problems": len(done.problems), "sha256": digest},
    )  # fmt: skip
    if each:
        for reference in dict.fromkeys([*done.people, *load.touched]):
            write(by=load.by, operation=Operation.COLLECTION, what="person.import", subject=reference,
                  details={"approved": load.approve, "sha256": digest})  # fmt: skip
        for order, version in load.approved:
            announce("order.approved", approval_told(order, version))
