"""One block of people: their lives, what their devices said of them, and the truth beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from milepost.orders.model import ConditionKind, Part
from milepost.synth.battery import Battery, live_battery
from milepost.synth.devices import TrueEvent, as_activations, left_behind, unit_id
from milepost.synth.fixes import make_fixes
from milepost.synth.home_unit import listen
from milepost.synth.life import Life, Period, build_people
from milepost.synth.motion import Path, Span, clip
from milepost.synth.noise import Noise
from milepost.synth.plane import Floats
from milepost.synth.tables import (
    DeviceEventRow,
    FixChunk,
    PresenceRow,
    event_table,
    fix_table,
    presence_table,
)
from milepost.synth.truth import Seen, device_truth, position_truth, window_places
from milepost.synth.windows import subtract
from milepost.tracks.record import DeviceEventKind as Event


@dataclass(slots=True)
class Block:
    """What a block of people gives: parts of the order file, signals, truth."""

    people: list[str] = field(default_factory=list)
    """JSON text of each, as are the next two: small to hand over, quick to write."""
    activations: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    fixes: pa.Table | None = None
    presence: pa.Table | None = None
    device_events: pa.Table | None = None
    truth: list[dict[str, Any]] = field(default_factory=list)
    positions: list[tuple[str, Any, Any, Any]] = field(default_factory=list)
    """Person, seconds since the epoch, lon, lat each minute, if wanted."""


@dataclass(slots=True)
class _Signals:
    """What the devices of the block have said so far."""

    chunks: list[FixChunk] = field(default_factory=list)
    presence: list[PresenceRow] = field(default_factory=list)
    events: list[DeviceEventRow] = field(default_factory=list)


def make_block(period: Period, noise: Noise, indices: range, *, with_positions: bool = False) -> Block:
    """Lives, signals and truth of one block of people. Depends on nothing but its arguments."""
    block, signals = Block(), _Signals()
    for life in build_people(period, noise, indices):
        resident, order = life.resident, life.resident.order
        if order is None:
            continue
        block.people.append(_as_json(resident.person))
        block.orders.append(_as_json(order))
        block.activations += [_as_json(one) for one in as_activations(resident, life.tags, life.ends)]
        block.truth += _make_signals(period, noise, life, signals)
        if with_positions:
            minutes = np.arange(period.start_s, period.end_s, 60.0)
            lon, lat = resident.town.plane.e7(*life.path.at(minutes))
            block.positions.append((resident.person.id, minutes, lon, lat))
    block.fixes = fix_table(signals.chunks)
    block.presence = presence_table(signals.presence)
    block.device_events = event_table(signals.events)
    return block


def _as_json(part: Part) -> str:
    return part.model_dump_json(by_alias=True, exclude_none=True)


def _make_signals(period: Period, noise: Noise, life: Life, signals: _Signals) -> list[dict[str, Any]]:
    """Adds one person's signals and gives the rows of truth."""
    resident = life.resident
    rng = np.random.default_rng([period.seed, 707, resident.index])
    start_s = max(period.start_s, life.fitted_s)
    end_s = min(period.end_s, life.ends.timestamp()) if life.ends else period.end_s
    if end_s <= start_s:
        return []
    true_events = [e for e in life.tags.events if start_s <= e.start_s < end_s]
    tag_path = left_behind(life.path, life.tags.off_person)
    worn = [(max(w.from_s, start_s), min(w.until_s, end_s)) for w in life.tags.wears]
    worn = [span for span in worn if span[0] < span[1]]
    fix_s = np.empty(0)
    if resident.has_gps:
        battery = live_battery(rng, noise, life.path, _homes(life), period.start_s, end_s)
        fix_s, more = _add_fixes(rng, noise, life, tag_path, battery, start_s, end_s, signals)
        true_events += more
        worn = subtract(worn, battery.dead)
    unit_alive: dict[str, list[Span]] = {}
    if resident.has_home_unit:
        for i, place in enumerate(p for p in resident.place_areas if p.endswith("home")):
            unit = unit_id(resident, i + 1)
            record = listen(rng, noise, unit, resident.place_areas[place], tag_path, worn, start_s, end_s)
            signals.presence += [
                (unit, at, _worn_at(life, at), state, beat)
                for at, state, beat in record.presence
                if start_s <= at < end_s
            ]
            alive = [span for on in worn for span in clip(record.alive, *on)]
            unit_alive[place] = subtract(alive, life.tags.off_person)
            nights = [(w.start_s, w.end_s) for w in resident.windows if window_places(w) == [place]]
            for event in record.events:
                if event.kind != "evidence_conflict" or event.end_s is None:
                    true_events.append(event)
                    continue
                # Only in the hours of the curfew does it contradict anything that is asked.
                for night in nights:
                    for a, b in clip([(event.start_s, event.end_s)], *night):
                        true_events.append(replace(event, start_s=a, end_s=b))
    if any(window.condition.kind is ConditionKind.ALCOHOL for window in resident.windows):
        true_events += _add_alcohol(rng, noise, life, start_s, end_s, signals)
    _add_events(true_events, end_s, signals)
    seen = Seen(fix_s, unit_alive)
    rows = position_truth(resident, life.path, seen, start_s, end_s)
    return rows + device_truth(resident, true_events, seen, start_s, end_s)


def _homes(life: Life) -> set[str]:
    second = life.resident.second_home
    return {life.resident.home.name} | ({second.name} if second else set())


def _add_fixes(
    rng: np.random.Generator,
    noise: Noise,
    life: Life,
    tag_path: Path,
    battery: Battery,
    start_s: float,
    end_s: float,
    signals: _Signals,
) -> tuple[Floats, list[TrueEvent]]:
    """Adds fixes and battery events; gives when usable fixes were taken, and what befell the tag."""
    sigma_of = {
        name: float(rng.uniform(noise.gps_indoor_sigma_min_m, noise.gps_indoor_sigma_max_m))
        for name in dict.fromkeys(tag_path.stay_kind)
    }
    sigma_of |= {
        name: noise.gps_outdoor_sigma_m for name in sigma_of if name.startswith(("corner", "crossing"))
    }
    wears = life.tags.wears
    fixes, gaps = make_fixes(
        rng, noise, life.resident.town.plane, tag_path, wears, battery, sigma_of, start_s, end_s
    )
    for k, wear in enumerate(wears):
        rows = np.flatnonzero(fixes.wear == k)
        if len(rows):
            signals.chunks.append(FixChunk(wear.device_id, fixes, rows))
    fix_s = np.sort(fixes.true_s[fixes.usable])
    for a, b in life.tags.off_person:
        fix_s = fix_s[(fix_s < a) | (fix_s >= b)]
    true_events = _add_battery(life, battery, start_s, end_s, signals)
    for a, b in gaps:
        if device := _worn_at(life, a):
            true_events.append(TrueEvent("no_contact", device, a, b, "no signal"))
    return fix_s, true_events


def _add_alcohol(
    rng: np.random.Generator, noise: Noise, life: Life, start_s: float, end_s: float, signals: _Signals
) -> list[TrueEvent]:
    """Readings of somebody who drank under an alcohol condition."""
    true_events = []
    for at in np.sort(
        rng.uniform(start_s, end_s, rng.poisson(noise.drank_per_day * (end_s - start_s) / 86_400))
    ):
        if device := _worn_at(life, float(at)):
            reading = round(float(rng.uniform(20.0, 90.0)), 1)
            signals.events.append((device, float(at), Event.ALCOHOL, reading, "synthetic unit"))
            true_events.append(TrueEvent("alcohol", device, float(at), float(at), "drank"))
    return true_events


def _worn_at(life: Life, at: float) -> str | None:
    return next((w.device_id for w in life.tags.wears if w.from_s <= at < w.until_s), None)


STARTS_AND_ENDS = {
    "strap_tamper": (Event.STRAP_TAMPER, Event.STRAP_RESTORED),
    "power_off": (Event.POWER_OFF, Event.POWER_ON),
    "unit_moved": (Event.UNIT_MOVED, Event.UNIT_STILL),
}


def _add_events(true_events: list[TrueEvent], end_s: float, signals: _Signals) -> None:
    """The device's own word on what befell it."""
    for event in true_events:
        if event.kind in STARTS_AND_ENDS:
            begins, ends = STARTS_AND_ENDS[event.kind]
            signals.events.append((event.device_id, event.start_s, begins, None, None))
            if event.end_s is not None and event.end_s < end_s:
                signals.events.append((event.device_id, event.end_s, ends, None, None))


def _add_battery(
    life: Life, battery: Battery, start_s: float, end_s: float, signals: _Signals
) -> list[TrueEvent]:
    true_events = []
    ups = [a for a, _ in battery.charging]

    def add(at: float, kind: Event, pct: float) -> None:
        device = _worn_at(life, at)
        if device and start_s <= at < end_s:
            signals.events.append((device, at, kind, pct, "%"))

    for at in battery.low_at:
        add(at, Event.BATTERY_LOW, float(np.interp(at, battery.t, battery.pct)))
        until = min([x for x in [*ups, *(a for a, _ in battery.dead)] if x > at], default=None)
        if (device := _worn_at(life, at)) and at >= start_s:
            true_events.append(TrueEvent("battery_low", device, at, until, "battery low"))
    for at, until in battery.dead:
        add(at + 1.0, Event.BATTERY_DEAD, 0.0)  # its last word: after the last fix
        if (device := _worn_at(life, at)) and at >= start_s:
            back = until if until < end_s else None
            true_events.append(TrueEvent("battery_dead", device, at, back, "battery flat"))
    for at, full in battery.charging:
        add(at + 121.0, Event.CHARGING, float(np.interp(at + 121.0, battery.t, battery.pct)))
        add(full, Event.NOT_CHARGING, 100.0)
    return true_events
