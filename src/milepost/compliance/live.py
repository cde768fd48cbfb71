# Over 400 lines: one class, the live engine; its memory, its clock, its record of findings and what moves
# people from engine to engine (live_load) are apart.
"""The live engine: signals as they come, findings as they change.

Each step puts new fixes in their place and carries the kernel's state on (``kernel.live_pass``): that is
what every signal pays. Only people of whom something was noticed are judged, by the very code that
batch runs, over what is kept of their signals. A late signal steps the state back to the last
checkpoint before it; one older than what is at hand reruns the track from its history.

The answer is batch's: after ``settle``, ``findings`` equals what ``batch.evaluate`` says of the same
signals and period, but for revision numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa

from milepost.compliance import compiled
from milepost.compliance import kernel as k
from milepost.compliance.batch import judge
from milepost.compliance.columns import Columns, columns_of
from milepost.compliance.compiled import CORES
from milepost.compliance.device_log import DeviceEvent, DeviceLog
from milepost.compliance.findings import Findings
from milepost.compliance.homes import homes_if_learned
from milepost.compliance.identity import as_table, finish
from milepost.compliance.learned_errors import models_of, with_learned_errors
from milepost.compliance.live_clock import Clock
from milepost.compliance.live_memory import AT_HAND, NAMES, ROW, Memory, columns_of_rows, in_order
from milepost.compliance.live_record import Change, Record, Row
from milepost.compliance.parameters import row_of
from milepost.compliance.plan import Plan, make_plan
from milepost.compliance.presence import UnitStream, streams_by_person
from milepost.compliance.results import FINDINGS
from milepost.compliance.rule_tables import RuleSet
from milepost.compliance.shares import Expand
from milepost.compliance.standing import orders_by_person
from milepost.compliance.worn import Wearings, attribute
from milepost.orders.model import OrderFile
from milepost.orders.obligations import Obligation
from milepost.tracks.record import PresenceState, Signals

DAY_US = 86_400_000_000
WORTH_SPREADING = 2_000
"""Tracks in a step from which threads pay."""


@dataclass(slots=True)
class Places:
    """Where everything of a device or a person is, as arrays and look-ups."""

    devices: list[str]
    device_number: dict[str, int]
    single_from: np.ndarray
    single_until: np.ndarray
    single_person: np.ndarray
    """For devices worn once: from, until, person. Person -1: look the wearer up."""
    person_number: dict[str, int]
    trk_person: np.ndarray
    """The number of the person of each track."""
    person_trk0: np.ndarray
    person_trk1: np.ndarray
    person_begin: np.ndarray
    """Signals recorded before this are not taken in; microseconds UTC, NEVER where all are."""


@dataclass(slots=True)
class Step:
    """What one batch of signals did; for tests and benchmarks."""

    changes: list[Change] = field(default_factory=list)
    judged: int = 0
    late: int = 0
    nobody_wore: int = 0
    too_early: dict[str, int] = field(default_factory=dict)
    """People of whom signals came from before their own begin, with the earliest time, microseconds UTC."""

    def note_too_early(self, person: str, when_us: int) -> None:
        self.too_early[person] = min(when_us, self.too_early.get(person, when_us))


class LiveEngine:
    """Judges people as their signals arrive.

    Args:
        order_file, rules: what was ordered and what it means.
        expand: ``orders.schedules.expand``.
        begin_us: where the evaluation begins (batch: ``begin_us``), microseconds UTC.
        horizon_us: how far obligations are laid out; ``advance`` beyond it raises ValueError.
        kernel: for tests; None takes the compiled one.
        begins: a beginning of their own for each person, none before ``begin_us``. Signals from before it
            are then left out and named in ``Step.too_early``. None: ``begin_us`` for all, and earlier
            signals are read as what went before.
        wearings: who wore what, where others than the people of the order file may wear the same devices.
        settled: findings from before a person's begin, by person; they count where repeats are counted.
    """

    def __init__(
        self,
        order_file: OrderFile,
        rules: RuleSet,
        expand: Expand,
        *,
        begin_us: int,
        horizon_us: int | None = None,
        kernel: ModuleType | None = None,
        begins: Mapping[str, int] | None = None,
        wearings: Wearings | None = None,
        settled: Mapping[str, list[Row]] | None = None,
    ) -> None:
        self.rules = rules
        self.models, self.homes = models_of(order_file), homes_if_learned(order_file, rules.learned)
        self.begin_us = begin_us
        self.horizon_us = horizon_us if horizon_us is not None else begin_us + 35 * DAY_US
        self.now_us = begin_us
        self.kernel = kernel or compiled.load()
        self.begins = begins
        self.settled = settled or {}
        self.wearings = wearings or Wearings.of(order_file)
        self.orders = orders_by_person(order_file)
        obligations = expand(order_file, begin_us, self.horizon_us)
        self.obligations: dict[str, list[Obligation]] = {}
        for obligation in obligations:
            self.obligations.setdefault(obligation.person_id, []).append(obligation)
        self.plan = self._plan(obligations)
        self.places = self._places()
        self.memory = Memory(len(self.plan.trk_person), len(self.plan.str_track))
        bounds = np.searchsorted(self.plan.obl_stream, np.arange(len(self.plan.str_track) + 1))
        self.str_obl0, self.str_obl1 = bounds[:-1].astype(np.int64), bounds[1:].astype(np.int64)
        self.events: dict[str, set[Any]] = {}
        self.units: dict[str, dict[str | None, UnitStream]] = {}
        self.record = Record(rules, self._zone_of)
        self.clock = Clock(self.plan, self.wearings, self.orders, rules, begin_us)
        if begins is not None:
            self.clock.begin_at(self.places.person_begin)
        self._pool = ThreadPoolExecutor(CORES) if self.kernel is not k and CORES > 1 else None
        self._quiet_us = int(min(t.evidence.no_contact_after_s for t in rules.tables) * 1e6)
        self.watch: set[str] = set()
        """People of whom any new signal is to be judged: silent, flat, or out by their home unit."""

    def _plan(self, obligations: list[Obligation]) -> Plan:
        plan = make_plan(obligations, self.rules, self.begin_us, self.horizon_us)
        # Someone with nothing to judge may still fall silent: a track without streams.
        known = set(plan.persons)
        for person in sorted(p for p in self.wearings.by_person if p not in known and self.orders.get(p)):
            table = self.rules.for_regime(self.orders[person][0].regime)
            if table not in plan.tables:
                plan.tables.append(table)
                plan.parameters = np.append(plan.parameters, row_of(table.evidence))
            plan.trk_person.append(len(plan.persons))
            plan.persons.append(person)
            plan.trk_row = np.append(plan.trk_row, plan.tables.index(table) * k.P_WIDTH)
            plan.trk_s0 = np.append(plan.trk_s0, len(plan.str_track))
            plan.trk_s1 = np.append(plan.trk_s1, len(plan.str_track))
        return plan

    def _places(self) -> Places:
        devices = sorted(self.wearings.tag_spans)
        number = {person: i for i, person in enumerate(self.plan.persons)}
        trk_person = np.array(self.plan.trk_person, np.int64)
        persons = np.arange(len(self.plan.persons))
        single = np.full((3, len(devices)), -1, np.int64)
        for i, device in enumerate(devices):
            spans = self.wearings.tag_spans[device]
            if len(spans) == 1 and spans[0][2].person_id in number:
                single[:, i] = spans[0][0], spans[0][1], number[spans[0][2].person_id]
        return Places(
            devices,
            {device: i for i, device in enumerate(devices)},
            single[0],
            single[1],
            single[2],
            number,
            trk_person,
            np.searchsorted(trk_person, persons, "left"),
            np.searchsorted(trk_person, persons, "right"),
            np.array([self.earliest_us(person) for person in self.plan.persons], np.int64),
        )

    def earliest_us(self, person: str) -> int:
        """Signals of the person from before this are not taken in; microseconds UTC."""
        return k.NEVER if self.begins is None else self.begins.get(person, self.begin_us)

    def begin_of(self, person: str) -> int:
        """Where the person's evaluation begins, microseconds UTC."""
        return self.begin_us if self.begins is None else self.begins.get(person, self.begin_us)

    def ingest(self, signals: Signals, *, now_us: int | None = None) -> Step:
        """Takes a batch in, in any order, with repeats, however late. ``now_us`` also moves the clock."""
        step = Step()
        look: set[str] = set()
        columns = columns_of(signals.fixes) if signals.fixes.num_rows else None
        latest = self.take(columns, signals.presence, signals.device_events, look, step)
        look |= self.tick(max(self.now_us, latest, now_us or 0))
        step.changes = self.judge_people(look, step)
        return step

    def take(
        self, fixes: Columns | None, presence: pa.Table, events: pa.Table, look: set[str], step: Step
    ) -> int:
        """Takes signals in without moving the clock; adds to ``look`` who has to be judged.

        Returns the latest time recorded of what somebody wore, microseconds UTC.
        """
        latest = 0
        if events.num_rows:
            latest = self._take_events(events, look, step)
        if presence.num_rows:
            latest = max(latest, self._take_presence(presence, look, step))
        if fixes is not None and len(fixes):
            latest = max(latest, self._take_fixes(fixes, look, step))
        return latest

    def advance(self, now_us: int) -> Step:
        """Moves the clock: what silence, a start or an end of an obligation changes."""
        step = Step()
        step.changes = self.judge_people(self.tick(now_us), step)
        return step

    def settle(self, now_us: int | None = None) -> Step:
        """Brings every finding that is still in play up to the clock."""
        step = Step()
        look = self.tick(max(now_us or 0, self.now_us)) | self.record.people()
        step.changes = self.judge_people(look, step)
        return step

    def findings(self) -> pa.Table:
        """The current findings; superseded and withdrawn ones are in the changes."""
        return as_table(self.record.current(), FINDINGS)

    def tick(self, now_us: int) -> set[str]:
        """Moves the clock; who has to be judged for it.

        Raises:
            ValueError: the clock has passed the horizon.
        """
        if now_us > self.horizon_us:
            raise ValueError("The clock has passed the horizon of the obligations: make the engine anew.")
        self.now_us = max(now_us, self.now_us)
        return self.clock.due(self.now_us, self.memory.state.last_t)

    def _take_events(self, table: pa.Table, look: set[str], step: Step) -> int:
        log = DeviceLog.of(table, self.wearings)
        step.nobody_wore += log.nobody_wore
        latest = 0
        for person, events in log.by_person.items():
            earliest = self.earliest_us(person)
            if events[0].t < earliest:
                step.note_too_early(person, events[0].t)
                events = [e for e in events if e.t >= earliest]
            if events:
                self.keep_events(person, events)
                look.add(person)
                latest = max(latest, events[-1].t)
        return latest

    def keep_events(self, person: str, events: list[DeviceEvent]) -> None:
        """Device events of one person, in time order."""
        self.events.setdefault(person, set()).update(events)
        tags = [e.t for e in events if e.wearing and e.wearing.device_kind != "home_unit"]
        self.clock.heard(person, max(tags, default=0))

    def _take_presence(self, table: pa.Table, look: set[str], step: Step) -> int:
        found, nobody = streams_by_person(table, self.wearings)
        step.nobody_wore += nobody
        latest = 0
        for person, streams in found.items():
            earliest = self.earliest_us(person)
            for stream in streams:
                if stream.events[0].t < earliest:
                    step.note_too_early(person, stream.events[0].t)
                    stream.found = {e for e in stream.found if e.t >= earliest}
                    stream.events = sorted(stream.found)
                if stream.events:
                    self.keep_presence(person, stream)
                    latest = max(latest, stream.events[-1].t)
                    look.add(person)
        return latest

    def keep_presence(self, person: str, stream: UnitStream) -> None:
        """What the home units in one place said of one person; at least one event."""
        own = self.units.setdefault(person, {})
        kept = own.setdefault(stream.place, UnitStream(stream.place, set()))
        kept.found |= stream.found
        kept.events = sorted(kept.found)
        self.clock.unit_spoke(person, kept.events[-1].t)
        self.clock.heard(
            person, max((e.t for e in stream.events if e.state == PresenceState.IN_RANGE), default=0)
        )

    def _take_fixes(self, columns: Columns, look: set[str], step: Step) -> int:
        rows, person = self.rows_of_people(columns, step)
        if not len(rows):
            return 0
        self._run(*self.by_track(rows, person), look, step)
        return int(rows["t"].max())

    def rows_of_people(self, columns: Columns, step: Step) -> tuple[np.ndarray, np.ndarray]:
        """The fixes that somebody of this engine wore, as an array of ROW, and the number of the person."""
        columns = with_learned_errors(columns, self.rules.learned, self.models, self.homes)
        known = (columns.quality & k.FUTURE) == 0
        numbers = np.fromiter(map(self.places.device_number.get, columns.devices, repeat(-1)), np.int64)
        device = numbers[columns.device]
        if len(self.places.devices):
            person = np.where(device >= 0, self.places.single_person[device], -1)
            worn = (self.places.single_from[device] <= columns.t) & (
                columns.t < self.places.single_until[device]
            )
            person = np.where(known & worn, person, -1)
            looked_up = known & (device >= 0) & (self.places.single_person[device] < 0)
            for i in np.flatnonzero(looked_up).tolist():
                wearing = self.wearings.wearer(self.places.devices[device[i]], int(columns.t[i]))
                if wearing:
                    person[i] = self.places.person_number.get(wearing.person_id, -1)
        else:
            person = np.full(len(columns), -1, np.int64)
        step.nobody_wore += int((known & (person < 0)).sum())
        rows = np.flatnonzero(person >= 0)
        if self.begins is not None:
            early = columns.t[rows] < self.places.person_begin[person[rows]]
            for i in rows[early].tolist():
                step.note_too_early(self.plan.persons[person[i]], int(columns.t[i]))
            rows = rows[~early]
        new = np.empty(len(rows), ROW)
        for name in NAMES:
            new[name] = device[rows] if name == "device" else getattr(columns, name)[rows]
        return new, person[rows]

    def by_track(self, new: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of people as rows of tracks: a person under two rule tables has a track for each."""
        track = self.places.person_trk0[person]
        n_tracks = self.places.person_trk1[person] - track
        if len(new) and n_tracks.max() > 1:
            again = np.repeat(np.arange(len(new)), n_tracks)
            offset = np.arange(len(again)) - np.repeat(np.cumsum(n_tracks) - n_tracks, n_tracks)
            new, track = new[again], track[again] + offset
        return new, track

    def _run(self, new: np.ndarray, track: np.ndarray, look: set[str], step: Step) -> None:
        """Carries tracks on over their new rows, and notes who has to be judged."""
        order = np.lexsort((new["t"], track))  # the kernel settles the order of one instant as it merges
        new, track = new[order], track[order]
        starts = np.flatnonzero(np.diff(track, prepend=-1))
        ends = np.append(starts[1:], len(track))
        touched = track[starts]
        plan, memory = self.plan, self.memory
        memory.make_room(touched, ends - starts, (plan.trk_s0, plan.trk_s1))
        fits = memory.hot_n[touched] + ends - starts <= AT_HAND
        seen = np.zeros(len(touched), np.int64)
        since = np.zeros(len(touched), np.int64)
        self.live_pass(touched, starts, ends, np.flatnonzero(fits), seen, since, new)
        late = seen & (k.SEEN_LATE | k.TOO_OLD) != 0
        step.late += int(late.sum())
        deep = np.flatnonzero((seen & k.TOO_OLD != 0) | ~fits)
        for q in deep.tolist():
            self._run_again(int(touched[q]), new[starts[q] : ends[q]])
            seen[q] |= k.SEEN_LATE | k.SEEN_CHANGE
            since[q] = int(new["t"][starts[q]])
        batteries = new["battery_pct"]
        self.clock.contacts(touched, memory.state.last_t, batteries[ends - 1])
        persons = self.places.trk_person[touched]
        latest = max(
            self.now_us, int(new["t"].max(initial=0))
        )  # the clock is moved after the signals are taken
        decisive = seen & (k.SEEN_CHANGE | k.SEEN_BATTERY | k.SEEN_SILENCE) != 0
        in_breach = seen & k.SEEN_BREACH != 0
        breach = in_breach.copy()
        breach[in_breach] = self.record.look_at(persons[in_breach]) <= latest
        for q in np.flatnonzero(in_breach & ~breach & ~decisive).tolist():
            # Known to be in breach of one duty, somebody may be so of another: no boundary is crossed when a
            # curfew begins for a person who is in a forbidden zone.
            breach[q] = self._untold_breach(int(touched[q]), plan.persons[persons[q]])
        in_play = late.copy()
        in_play[late] = since[late] <= self.record.in_play_until(persons[late])
        look.update(plan.persons[p] for p in persons[decisive | breach | in_play].tolist())
        if self.watch:
            number = self.places.person_number
            watched = np.fromiter((number.get(person, -1) for person in self.watch), np.int64)
            look.update(plan.persons[p] for p in persons[np.isin(persons, watched)].tolist())

    def _untold_breach(self, track: int, person: str) -> bool:
        """Whether the track is on the wrong side of a boundary for an obligation without an open finding."""
        plan, at_us = self.plan, int(self.memory.state.last_t[track])
        for s in range(int(plan.trk_s0[track]), int(plan.trk_s1[track])):
            if plan.str_target[s] < 0 or self.memory.state.state[s] != plan.str_breach[s]:
                continue
            for o in range(int(self.str_obl0[s]), int(self.str_obl1[s])):
                if plan.obl_t0[o] > at_us:
                    break
                owed = plan.obligations[o]
                now = owed.duty in ("be_inside", "be_outside") and at_us < owed.end_us
                if now and not self.record.has_open(person, owed.order_id, owed.condition_id, owed.start_us):
                    return True
        return False

    def _zone_of(self, row: Row) -> str | None:
        """The time zone of the duty that a finding is about."""
        wanted = row["order_id"], row["condition_id"]
        return next(
            (
                o.timezone
                for o in self.obligations.get(row["person_id"], ())
                if (o.order_id, o.condition_id) == wanted
            ),
            None,
        )

    def live_pass(
        self,
        touched: np.ndarray,
        starts: np.ndarray,
        ends: np.ndarray,
        which: np.ndarray,
        seen: np.ndarray,
        since: np.ndarray,
        new: np.ndarray,
    ) -> None:
        if not len(which):
            return
        plan, memory = self.plan, self.memory
        battery = plan.tables[0].evidence.battery
        got_seen, got_since = np.zeros(len(which), np.int64), np.zeros(len(which), np.int64)
        fields = [np.ascontiguousarray(new[name]) for name in NAMES]
        hot = [memory.hot[name] for name in NAMES]  # views into the rows

        room = 2 * k.LADDER_STEP + 2  # a fix ends two spells at most

        def carry(a: int, b: int) -> None:
            part = which[a:b]
            # NAMES: t, sequence, source, lon, lat, precision, quality, device, battery
            self.kernel.live_pass(
                b - a, touched[part], starts[part].astype(np.int64), ends[part].astype(np.int64),
                got_seen[a:b], got_since[a:b], *fields,
                AT_HAND, memory.hot_n, memory.hot_gone, *hot, memory.strength,
                self.begin_us, plan.parameters, plan.trk_row, plan.trk_s0, plan.trk_s1,
                memory.low, battery.low_pct, battery.ok_pct, self._quiet_us,
                *memory.state.of_tracks(), plan.str_target, plan.str_breach,
                self.str_obl0, self.str_obl1, plan.obl_t0, plan.obl_t1,
                *plan.targets.as_args(), *memory.state.of_streams(),
                memory.ladder_track, memory.ladder_stream,
                *(np.zeros(room, np.int64) for _ in range(5)), np.zeros(room, np.int8),
            )  # fmt: skip

        if self._pool is None or len(which) < WORTH_SPREADING:
            carry(0, len(which))
        else:  # tracks share nothing: each thread has its own
            half = np.linspace(0, len(which), CORES + 1).astype(int).tolist()
            list(self._pool.map(carry, half[:-1], half[1:]))
        seen[which], since[which] = got_seen, got_since

    def _run_again(self, track: int, late: np.ndarray) -> None:
        """Reruns a track from its history with late rows in their place."""
        memory, plan = self.memory, self.plan
        rows = np.concatenate([memory.rows_of(track), late])
        rows = np.unique(rows[in_order(rows)])  # rows that fitted are there already
        rows = rows[in_order(rows)]
        memory.state.reset(track, int(plan.trk_s0[track]), int(plan.trk_s1[track]))
        memory.replace(track, rows[:0])
        for i in range(0, len(rows), AT_HAND // 2):
            block = rows[i : i + AT_HAND // 2]
            one = np.array([track], np.int64)
            memory.make_room(one, np.array([len(block)]), (plan.trk_s0, plan.trk_s1))
            unused = np.zeros(1, np.int64)
            bounds = np.array([0], np.int64), np.array([len(block)], np.int64)
            self.live_pass(one, *bounds, np.array([0]), unused, unused.copy(), block)

    def judge_people(self, people: Iterable[str], step: Step) -> list[Change]:
        """Judges people anew by the code of batch, and records what changed."""
        people = sorted(people)
        step.judged += len(people)
        if not people:
            return []
        by_begin: dict[int, list[str]] = {}
        for person in people:
            by_begin.setdefault(self.begin_of(person), []).append(person)
        found = Findings()
        for begin_us, of_begin in by_begin.items():
            if begin_us <= self.now_us or self.begins is None:
                found.extend(self._judged_from(begin_us, of_begin))
        finish(found)
        changes = self.record.replace(people, found.rows(), self.places.person_number, self.now_us)
        for person in people:
            self.look_out_for(person)
        return changes

    def _judged_from(self, begin_us: int, people: list[str]) -> Findings:
        """People whose evaluation begins at the same time."""
        kept = []
        for person in people:
            number = self.places.person_number.get(person)
            if number is not None:
                kept.append(self.memory.rows_of(int(self.places.person_trk0[number])))
        columns = columns_of_rows(np.concatenate(kept) if kept else np.empty(0, ROW), self.places.devices)
        worn = attribute(columns, self.wearings, self.kernel, self.now_us)
        units = {p: list(self.units[p].values()) for p in people if p in self.units}
        log = DeviceLog({p: sorted(self.events[p]) for p in people if p in self.events})
        obligations = [o for p in people for o in self.obligations.get(p, [])]
        settled = [row for p in people for row in self.settled.get(p, [])]
        return judge(
            obligations, worn, self.wearings, units, log, self.orders, self.rules,
            begin_us, self.now_us, self.kernel, set(people), settled,
        ).findings  # fmt: skip

    def look_out_for(self, person: str) -> None:
        """Notes when the person has to be judged again, by what is recorded of them."""
        for when in self.record.ends_of(person):
            self.clock.wake(when, person)
        if self.record.wants_every_signal(person) or self._out_by_unit(person):
            self.watch.add(person)
        else:
            self.watch.discard(person)

    def _out_by_unit(self, person: str) -> bool:
        return any(
            u.events and u.events[-1].state == PresenceState.OUT_OF_RANGE
            for u in self.units.get(person, {}).values()
        )
