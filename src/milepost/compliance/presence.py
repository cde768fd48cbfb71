"""Section 5: what the home unit says, as labelled intervals."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field

import pyarrow as pa

from milepost.compliance.columns import NO_SEQUENCE, _numbers
from milepost.compliance.kernel import FUTURE, INSIDE, NO_DATA, OUTSIDE, UNCERTAIN
from milepost.compliance.rule_tables import PresenceRule
from milepost.compliance.worn import Wearings
from milepost.tracks.record import PresenceState

Interval = tuple[int, int, int]
"""start, end (microseconds UTC, half-open), label."""


@dataclass(frozen=True, slots=True, order=True)
class PresenceEvent:
    t: int
    sequence: int
    state: int
    device_id: str
    tag_id: str


@dataclass(slots=True)
class UnitStream:
    """The events of the home units that stood in one place for one person, in time order."""

    place: str | None
    found: set[PresenceEvent]
    events: list[PresenceEvent] = field(default_factory=list)
    repeats: int = 0


def streams_by_person(presence: pa.Table, wearings: Wearings) -> tuple[dict[str, list[UnitStream]], int]:
    """Presence events to the people whose home units reported them, and how many nobody had."""
    streams: dict[str, dict[str | None, UnitStream]] = defaultdict(dict)
    nobody = 0
    columns = (
        presence.column("device_id").to_pylist(),
        _numbers(presence, "recorded_at_utc", "int64", 0).tolist(),
        _numbers(presence, "sequence", "int64", NO_SEQUENCE).tolist(),
        presence.column("state").to_pylist(),
        _numbers(presence, "quality", "int64", 0).tolist(),
        presence.column("tag_id").to_pylist()
        if "tag_id" in presence.column_names
        else [None] * len(presence),
    )
    for device_id, t, sequence, state, quality, tag_id in zip(*columns, strict=True):
        if quality & FUTURE:
            continue
        served = wearings.households(device_id, t)
        if tag_id is not None:  # it is about whoever wore that tag then
            worn = wearings.wearer(tag_id, t)
            served = [w for w in served if worn is not None and w.person_id == worn.person_id]
        nobody += not served
        for wearing in served:
            stream = streams[wearing.person_id].setdefault(wearing.place, UnitStream(wearing.place, set()))
            event = PresenceEvent(t, sequence, state, device_id, tag_id or "")
            stream.repeats += event in stream.found
            stream.found.add(event)
    for of_person in streams.values():
        for stream in of_person.values():
            stream.events = sorted(stream.found)
    return {person: list(of_person.values()) for person, of_person in streams.items()}, nobody


def labels_of(events: list[PresenceEvent], rule: PresenceRule, until_us: int) -> list[Interval]:
    """Labels from the first event to the end of the evaluation."""
    events = [e for e in events if e.t <= until_us]
    gap_us, out_us, lag_us = rule.gap_s * 1e6, rule.out_seconds * 1e6, rule.lag_s * 1e6
    intervals: list[Interval] = []
    out_since: int | None = None
    confirmed_from = 0
    for i, event in enumerate(events):
        end = events[i + 1].t if i + 1 < len(events) else until_us
        if event.state == PresenceState.OUT_OF_RANGE:
            if out_since is None:
                out_since = event.t
                back = next((e.t for e in events[i:] if e.state == PresenceState.IN_RANGE), events[-1].t)
                confirmed_from = back - event.t >= out_us
            label = OUTSIDE if confirmed_from else UNCERTAIN
        else:
            out_since = None
            label = INSIDE
        if end - event.t > gap_us:
            label = NO_DATA
        told_late = (
            label == INSIDE and i + 1 < len(events) and events[i + 1].state == PresenceState.OUT_OF_RANGE
        )
        lag_from = max(event.t, int(end - lag_us)) if told_late else end
        if lag_from > event.t:
            intervals.append((event.t, lag_from, label))
        if end > lag_from:
            intervals.append((lag_from, end, UNCERTAIN))
    return intervals


def joined(said: dict[str | None, list[Interval]], places: tuple[str, ...]) -> list[Interval]:
    """Several home units as one witness for a target that is any of ``places``."""
    if len(said) == 1 and len(places) <= 1:
        return next(iter(said.values()))
    cuts = sorted({t for unit in said.values() for t0, t1, _ in unit for t in (t0, t1)})
    result: list[Interval] = []
    at = dict.fromkeys(said, 0)
    for a, b in itertools.pairwise(cuts):
        now: dict[str | None, int] = {}
        for place, unit in said.items():
            while at[place] < len(unit) and unit[at[place]][1] <= a:
                at[place] += 1
            if at[place] < len(unit) and unit[at[place]][0] <= a:
                now[place] = unit[at[place]][2]
        labels = set(now.values())
        if INSIDE in labels:
            label = INSIDE
        elif OUTSIDE in labels:
            # Not at the one place is not yet away from all the places where the person may be.
            away = len(places) <= 1 or all(now.get(place) == OUTSIDE for place in places)
            label = OUTSIDE if away else UNCERTAIN
        else:
            label = UNCERTAIN if UNCERTAIN in labels else NO_DATA
        result.append((a, b, label))
    return result


def speaks_for(stream: UnitStream, places: tuple[str, ...] | None, any_unit: bool) -> bool:
    """Whether a home unit has a say about a target."""
    if places is None:
        return False
    return stream.place in places if stream.place is not None else any_unit
