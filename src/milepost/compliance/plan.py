"""What has to be judged: obligations as tracks, streams and targets that the kernel can run over.

A *track* is one person under one rule table. A *stream* is a track looking at one target from one side
(or at no place, for duties that only ask for contact). Obligations and coverage parts point at streams.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from milepost.compliance import kernel
from milepost.compliance.geometry import TargetArrays, arrays_of
from milepost.compliance.parameters import row_of
from milepost.compliance.rule_tables import RuleSet, RuleTable
from milepost.compliance.times import from_us, to_us
from milepost.orders.clock import DAY_US
from milepost.orders.model import Regime
from milepost.orders.obligations import Obligation, Target

LONG_OBLIGATION_US = 36 * 3600 * 1_000_000
"""Longer ones are covered local day by local day (section 9)."""

NO_PLACE = -1
OWED = {"order_id": pa.string(), "order_version": pa.int32(), "condition_id": pa.string()}
"""What findings and coverage repeat of an obligation as it stands."""
BREACH_OF_DUTY = {"be_inside": kernel.OUTSIDE, "attend": kernel.OUTSIDE, "be_outside": kernel.INSIDE}


@dataclass(slots=True)
class Plan:
    """Arrays that follow each other: tracks by person, streams by track, obligations by stream."""

    persons: list[str]
    tables: list[RuleTable]
    parameters: np.ndarray  # float64, kernel.P_WIDTH a table
    targets: TargetArrays
    trk_person: list[int]
    trk_row: np.ndarray
    trk_s0: np.ndarray
    trk_s1: np.ndarray
    str_track: np.ndarray
    str_target: np.ndarray
    str_breach: np.ndarray
    str_places: list[tuple[str, ...] | None]
    """Places a home unit may speak for; None: no home unit has a say."""
    str_any_unit: list[bool]
    """True for curfews: a home unit without a place speaks for them too."""
    obligations: list[Obligation]
    obl_stream: np.ndarray
    obl_t0: np.ndarray
    obl_t1: np.ndarray
    obl_row: np.ndarray
    obl_table: np.ndarray
    part_obl: np.ndarray
    part_stream: np.ndarray
    part_t0: np.ndarray
    part_t1: np.ndarray
    not_evaluable: list[tuple[Obligation, RuleTable]]

    def owed_by(self, obligations: np.ndarray) -> dict[str, pa.Array]:
        """For each number of an obligation whose it is, on what basis, and when: columns as findings and coverage
        have them, times int64 microseconds UTC."""
        numbers = pa.array(obligations)
        persons = np.repeat(np.array(self.trk_person, np.int64), self.trk_s1 - self.trk_s0)
        columns = {
            "person_id": pa.array(self.persons, pa.string()).take(
                pa.array(persons[self.obl_stream[obligations]])
            )
        }
        for name, kind in OWED.items():
            columns[name] = pa.array([getattr(o, name) for o in self.obligations], kind).take(numbers)
        columns["obligation_start_utc"] = pa.array(self.obl_t0[obligations])
        columns["obligation_end_utc"] = pa.array(self.obl_t1[obligations])
        return columns

    def depths(self) -> np.ndarray:
        """Of each target the largest radius, metres, and a 0 at the end; 0 where some of it is drawn."""
        t = self.targets
        circle = t.shape_ring0 == t.shape_ring1
        radius = t.shape_geo.reshape(-1, 5)[:, 2]
        spans = zip(t.tgt_shape0.tolist(), t.tgt_shape1.tolist(), strict=True)
        return np.array([radius[a:b].max() if circle[a:b].all() else 0.0 for a, b in spans] + [0.0])


@lru_cache(maxsize=20_000)
def _local_midnight_after(us: int, timezone: str) -> int:
    zone = ZoneInfo(timezone)
    local = from_us(us).astimezone(zone)
    tomorrow = local.date() + dt.timedelta(days=1)
    return to_us(dt.datetime.combine(tomorrow, dt.time(), zone).astimezone(dt.UTC))


def _days_of(obligation: Obligation, begin_us: int, until_us: int) -> Sequence[tuple[int, int]]:
    """Of a long obligation those local days that the evaluation reaches."""
    start, end, timezone = obligation.start_us, obligation.end_us, obligation.timezone
    # Cut to some days more than are looked at, what has held for years shares its days with all that has.
    if start < begin_us - _SOME_DAYS_US:
        start = _local_midnight_after(begin_us - _SOME_DAYS_US, timezone)
    return _local_days(start, min(end, until_us + _SOME_DAYS_US), timezone, begin_us, until_us)


_SOME_DAYS_US = 3 * 24 * 3600 * 1_000_000


@lru_cache(maxsize=20_000)
def _local_days(
    start: int, end: int, timezone: str, begin_us: int, until_us: int
) -> tuple[tuple[int, int], ...]:
    parts = []
    while start < min(end, until_us):
        nxt = min(_local_midnight_after(start, timezone), end)
        if nxt > begin_us:
            parts.append((start, nxt))
        start = nxt
    return tuple(parts)


def _all_parts(
    obligations: list[Obligation], t0: np.ndarray, t1: np.ndarray, begin_us: int, until_us: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each the obligation itself or, of a long one, its days, one after the other: its number, start and end."""
    short = t1 - t0 <= LONG_OBLIGATION_US  # most: nights, of one part
    long = [
        (i, a, b)
        for i in np.flatnonzero(~short).tolist()
        for a, b in _days_of(obligations[i], begin_us, until_us)
    ]
    whole = np.column_stack([np.flatnonzero(short), t0[short], t1[short]])
    parts = np.concatenate([whole, np.array(long, dtype=np.int64).reshape(-1, 3)])
    of, starts, ends = parts[np.argsort(parts[:, 0], kind="stable")].T.copy()
    return of, starts, ends


def make_plan(obligations: list[Obligation], rules: RuleSet, begin_us: int, until_us: int) -> Plan:
    """Lays out the obligations that overlap [begin, until).

    Raises:
        LookupError: a regime has no published rule table on the day an obligation starts.
    """
    tables = _Tables(rules)
    numbers = _Numbers()
    judged: list[Obligation] = []
    table: list[int] = []
    target: list[int] = []
    not_evaluable = []
    for obligation in obligations:
        if obligation.end_us <= begin_us or obligation.start_us >= until_us:
            continue
        number = tables.number_of(obligation.regime, obligation.start_us // DAY_US)
        if obligation.not_evaluable is not None:
            not_evaluable.append((obligation, tables.tables[number]))
            continue
        judged.append(obligation)
        table.append(number)
        target.append(NO_PLACE if obligation.target is None else numbers.number_of(obligation.target))

    persons = sorted({o.person_id for o in judged})
    person_number = {person: n for n, person in enumerate(persons)}
    # By these an obligation has its stream; the first two are its track.
    stream_of = np.array(
        [
            [person_number[o.person_id] for o in judged],
            table,
            target,
            [BREACH_OF_DUTY.get(o.duty, 0) for o in judged],
            [o.kind == "curfew" for o in judged],
        ],
        dtype=np.int64,
    )
    t0, t1 = (
        np.array(of, dtype=np.int64) for of in ([o.start_us for o in judged], [o.end_us for o in judged])
    )
    order = np.lexsort((t1, t0, *stream_of[::-1]))
    stream_of = stream_of[:, order]
    obl_stream, first_of_stream = _runs(stream_of)
    streams = stream_of[:, first_of_stream]
    str_track, first_of_track = _runs(streams[:2])
    tracks = streams[:, first_of_track]
    obligations_in_order = [judged[i] for i in order.tolist()]
    t0, t1 = t0[order], t1[order]
    parts, part_t0, part_t1 = _all_parts(obligations_in_order, t0, t1, begin_us, until_us)
    return Plan(
        persons=persons,
        tables=tables.tables,
        parameters=np.concatenate([row_of(t.evidence) for t in tables.tables])
        if tables.tables
        else np.zeros(0),
        targets=arrays_of(numbers.targets),
        trk_person=tracks[0].tolist(),
        trk_row=tracks[1] * kernel.P_WIDTH,
        trk_s0=first_of_track,
        trk_s1=np.append(first_of_track, len(str_track))[1:],
        str_track=str_track,
        str_target=streams[2].copy(),
        str_breach=streams[3].copy(),
        str_places=[numbers.targets[n].place_ids if n != NO_PLACE else None for n in streams[2].tolist()],
        str_any_unit=[bool(any_unit) for any_unit in streams[4].tolist()],
        obligations=obligations_in_order,
        obl_stream=obl_stream,
        obl_t0=t0,
        obl_t1=t1,
        obl_row=stream_of[1] * kernel.P_WIDTH,
        obl_table=stream_of[1],
        part_obl=parts,
        part_stream=obl_stream[parts],
        part_t0=part_t0,
        part_t1=part_t1,
        not_evaluable=not_evaluable,
    )


def _runs(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of sorted columns: the number of the run of equal ones that each is in, and where each run begins."""
    begins = np.ones(rows.shape[1], dtype=bool)
    begins[1:] = (rows[:, 1:] != rows[:, :-1]).any(axis=0)
    return np.cumsum(begins) - 1, np.flatnonzero(begins)


class _Tables:
    """Rule tables in the order in which they are first asked for."""

    def __init__(self, rules: RuleSet) -> None:
        self.tables: list[RuleTable] = []
        self._rules = rules
        self._number: dict[str, int] = {}
        self._on_day: dict[tuple[Regime, int], int] = {}

    def number_of(self, regime: Regime, day: int) -> int:
        """The table in force for a regime on a day, counted in UTC from the epoch."""
        key = regime, day
        if key not in self._on_day:
            table = self._rules.for_regime(regime, from_us(day * DAY_US).date())
            if table.name not in self._number:
                self._number[table.name] = len(self.tables)
                self.tables.append(table)
            self._on_day[key] = self._number[table.name]
        return self._on_day[key]


class _Numbers:
    """Different targets in the order in which they come."""

    def __init__(self) -> None:
        self.targets: list[Target] = []
        self._number: dict[Target, int] = {}
        self._of_object: dict[int, int] = {}

    def number_of(self, target: Target) -> int:
        # Hashing a long polygon for each night is what would cost; most share the object.
        known = self._of_object.get(id(target))
        if known is None:
            known = self._number.setdefault(target, len(self.targets))
            if known == len(self.targets):
                self.targets.append(target)
            self._of_object[id(target)] = known
        return known
