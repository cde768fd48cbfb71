"""Section 1: whose signal is it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from milepost.compliance.learned_errors import LearnedErrors
from milepost.compliance.reference.intervals import FOREVER_US, to_us
from milepost.compliance.reference.learned import learned_precision
from milepost.orders.model import OrderFile
from milepost.tracks.record import DEGREES_TO_E7, PresenceState, Quality, Signals, Source

DECIDED_BY_THE_ENGINE = Quality.DUPLICATE | Quality.IMPOSSIBLE_SPEED
"""Flags that a reader may have set and that are not read: the engine decides them in the stream."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """An activation, times in microseconds UTC, half-open."""

    id: str
    device: str
    person: str
    start: int
    end: int
    kind: str
    place: str | None

    @property
    def is_tag(self) -> bool:
        return self.kind in ("tag", "radio_tag")


@dataclass(frozen=True, slots=True)
class Fix:
    device: str
    time: int
    sequence: int | None
    source: Source
    lon_e7: int
    lat_e7: int
    precision_m: float | None
    battery_pct: float | None
    flags: Quality
    fitting: Fitting

    @property
    def lon(self) -> float:
        return self.lon_e7 / DEGREES_TO_E7

    @property
    def lat(self) -> float:
        return self.lat_e7 / DEGREES_TO_E7

    @property
    def what(self) -> str:
        return self.source.name.lower()


@dataclass(frozen=True, slots=True)
class Presence:
    device: str
    time: int
    sequence: int | None
    tag: str | None
    in_range: bool
    heartbeat: bool
    fitting: Fitting

    @property
    def what(self) -> str:
        return "home_unit"


@dataclass(frozen=True, slots=True)
class Event:
    device: str
    time: int
    sequence: int | None
    kind: str
    value: float | None
    unit: str | None
    fitting: Fitting

    @property
    def what(self) -> str:
        return self.kind


Signal = Fix | Presence | Event


@dataclass(slots=True)
class PersonSignals:
    """All of one person, each list in the order of section 1, repeats taken out."""

    person: str
    fittings: list[Fitting] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)
    presence: list[Presence] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def is_tag_fitted(self, time: int) -> bool:
        return any(f.is_tag and f.start <= time < f.end for f in self.fittings)

    def home_unit_streams(self) -> dict[str | None, list[Presence]]:
        """One stream for each place that a home unit stands in (None: no place named)."""
        streams: dict[str | None, list[Presence]] = {}
        for event in self.presence:
            streams.setdefault(event.fitting.place, []).append(event)
        return streams


@dataclass(slots=True)
class Input:
    """What the evaluation reads: ``start`` and ``end`` are the period, None where nothing was recorded."""

    people: dict[str, PersonSignals]
    start: int | None
    end: int
    counts: dict[str, int]


def missing_first(value: Any) -> tuple[bool, Any]:
    return (value is not None, 0 if value is None else value)


def order_of_fix(fix: Fix) -> tuple[Any, ...]:
    return (
        fix.time,
        missing_first(fix.sequence),
        int(fix.source),
        fix.lon_e7,
        fix.lat_e7,
        missing_first(fix.precision_m),
        fix.device,
        int(fix.flags),
        missing_first(fix.battery_pct),
    )


def order_of_presence(event: Presence) -> tuple[Any, ...]:
    return (
        event.time,
        missing_first(event.sequence),
        event.in_range,
        event.device,
        event.tag or "",
        event.heartbeat,
    )


def order_of_event(event: Event) -> tuple[Any, ...]:
    return (
        event.time,
        missing_first(event.sequence),
        event.kind,
        missing_first(event.value),
        event.device,
        event.unit or "",
    )


def fittings_of(order_file: OrderFile) -> list[Fitting]:
    return [
        Fitting(
            a.id,
            a.device_id,
            a.person_id,
            to_us(a.from_utc),
            FOREVER_US if a.until_utc is None else to_us(a.until_utc),
            a.device_kind,
            a.place,
        )
        for a in order_file.activations
    ]


def whose_tag(fittings: list[Fitting], device: str, time: int) -> Fitting | None:
    """A tag is on one person: of several activations the one that began last, then with the lowest id."""
    worn = [f for f in fittings if f.is_tag and f.device == device and f.start <= time < f.end]
    return min(worn, key=lambda f: (-f.start, f.id), default=None)


def whose_home_unit(fittings: list[Fitting], device: str, time: int) -> list[Fitting]:
    """A home unit may serve several people: for each, one activation, chosen as for a tag."""
    standing = [f for f in fittings if not f.is_tag and f.device == device and f.start <= time < f.end]
    best: dict[str, Fitting] = {}
    for f in sorted(standing, key=lambda f: (-f.start, f.id)):
        best.setdefault(f.person, f)
    return [best[person] for person in sorted(best)]


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    columns = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.int64())
        columns[name] = column.to_pylist()
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def whose_signals(
    order_file: OrderFile, signals: Signals, until_us: int | None, learned: Sequence[LearnedErrors] = ()
) -> Input:
    """Gives every signal to the person who wore the device; finds the period; takes repeats out."""
    fittings = fittings_of(order_file)
    counts: Counter[str] = Counter(
        {"future": 0, "nobody wore the device": 0, "after the end": 0, "duplicates": 0}
    )
    found: list[Signal] = []
    for name, table, read in (
        ("fixes", signals.fixes, read_fix),
        ("presence", signals.presence, read_presence),
        ("device events", signals.device_events, read_event),
    ):
        counts[name] = table.num_rows
        for row in rows_of(table):
            if Quality(row["quality"]) & Quality.FUTURE:
                counts["future"] += 1
                continue
            owned = read(row, fittings)
            if not owned:
                counts["nobody wore the device"] += 1
            found.extend(owned)

    start = min((s.time for s in found), default=None)
    latest = max((s.time for s in found), default=0)
    end = latest if until_us is None else until_us
    counts["after the end"] = sum(s.time > end for s in found)
    found = [s for s in found if s.time <= end]

    people: dict[str, PersonSignals] = {}
    for f in fittings:
        people.setdefault(f.person, PersonSignals(f.person)).fittings.append(f)
    for signal in found:
        person = people[signal.fitting.person]
        if isinstance(signal, Fix):
            person.fixes.append(_as_believed(signal, learned, order_file))
        elif isinstance(signal, Presence):
            person.presence.append(signal)
        else:
            person.events.append(signal)
    for person in people.values():
        counts["duplicates"] += take_repeats_out(person)
    return Input(people, start, end, dict(counts))


def _as_believed(fix: Fix, learned: Sequence[LearnedErrors], order_file: OrderFile) -> Fix:
    precision_m = learned_precision(
        fix.precision_m, fix.source, fix.device, fix.time, (fix.lon_e7, fix.lat_e7), learned, order_file
    )
    return replace(fix, precision_m=precision_m)


def take_repeats_out(person: PersonSignals) -> int:
    """Sorts the streams and keeps the first of each set of repeats; returns how many went."""
    before = len(person.fixes) + len(person.presence) + len(person.events)
    fixes: dict[tuple[Any, ...], Fix] = {}
    for fix in sorted(person.fixes, key=order_of_fix):
        fixes.setdefault((fix.device, fix.time, fix.sequence, fix.source), fix)
    presence: dict[tuple[Any, ...], Presence] = {}
    for heard in sorted(person.presence, key=order_of_presence):
        presence.setdefault((heard.device, heard.time, heard.sequence, heard.tag, heard.in_range), heard)
    events: dict[tuple[Any, ...], Event] = {}
    for event in sorted(person.events, key=order_of_event):
        events.setdefault((event.device, event.time, event.sequence, event.kind, event.value), event)
    person.fixes, person.presence = list(fixes.values()), list(presence.values())
    person.events = list(events.values())
    return before - len(person.fixes) - len(person.presence) - len(person.events)


def read_fix(row: dict[str, Any], fittings: list[Fitting]) -> list[Signal]:
    fitting = whose_tag(fittings, row["device_id"], row["recorded_at_utc"])
    if fitting is None:
        return []
    flags = Quality(row["quality"]) & ~DECIDED_BY_THE_ENGINE
    return [
        Fix(
            row["device_id"],
            row["recorded_at_utc"],
            row["sequence"],
            Source(row["source"]),
            row["lon_e7"],
            row["lat_e7"],
            row["precision_m"],
            row["battery_pct"],
            flags,
            fitting,
        )
    ]


def read_presence(row: dict[str, Any], fittings: list[Fitting]) -> list[Signal]:
    """A presence event that names a tag is about the person who wore that tag then."""
    device, time, tag = row["device_id"], row["recorded_at_utc"], row["tag_id"]
    owners = whose_home_unit(fittings, device, time)
    if tag is not None:
        worn = whose_tag(fittings, tag, time)
        owners = [f for f in owners if worn is not None and f.person == worn.person]
    in_range = row["state"] == PresenceState.IN_RANGE
    return [Presence(device, time, row["sequence"], tag, in_range, row["heartbeat"], f) for f in owners]


def read_event(row: dict[str, Any], fittings: list[Fitting]) -> list[Signal]:
    device, time = row["device_id"], row["recorded_at_utc"]
    tag = whose_tag(fittings, device, time)
    owners = [tag] if tag is not None else whose_home_unit(fittings, device, time)
    return [Event(device, time, row["sequence"], row["kind"], row["value"], row["unit"], f) for f in owners]
