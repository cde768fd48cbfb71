"""What has to be judged: obligations as tracks, streams and targets that the kernel can run over.

A *track* is one person under one rule table. A *stream* is a track looking at one target from one side
(or at no place, for duties that only ask for contact). Obligations and coverage parts point at streams.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from milepost.compliance import kernel
from milepost.compliance.geometry import TargetArrays, arrays_of
from milepost.compliance.parameters import row_of
from milepost.compliance.rule_tables import RuleSet, RuleTable
from milepost.compliance.times import from_us, to_us
from milepost.orders.obligations import Obligation, Target

LONG_OBLIGATION_US = 36 * 3600 * 1_000_000
"""Longer ones are covered local day by local day (section 9)."""

NO_PLACE = -1
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
    obl_table: list[int]
    part_obl: np.ndarray
    part_stream: np.ndarray
    part_t0: np.ndarray
    part_t1: np.ndarray
    not_evaluable: list[tuple[Obligation, RuleTable]]

    def depths(self) -> np.ndarray:
        """Of each target the largest radius, metres, and a 0 at the end; 0 where some of it is drawn."""
        t = self.targets
        circle = t.shape_ring0 == t.shape_ring1
        radius = t.shape_geo.reshape(-1, 5)[:, 2]
        spans = zip(t.tgt_shape0.tolist(), t.tgt_shape1.tolist(), strict=True)
        return np.array([radius[a:b].max() if circle[a:b].all() else 0.0 for a, b in spans] + [0.0])


@cache
def _local_midnight_after(us: int, timezone: str) -> int:
    zone = ZoneInfo(timezone)
    local = from_us(us).astimezone(zone)
    tomorrow = local.date() + dt.timedelta(days=1)
    return to_us(dt.datetime.combine(tomorrow, dt.time(), zone).astimezone(dt.UTC))


def parts_of(obligation: Obligation, begin_us: int, until_us: int) -> list[tuple[int, int]]:
    """The obligation itself, or those of its local days that the evaluation reaches."""
    start, end = obligation.start_us, obligation.end_us
    if end - start <= LONG_OBLIGATION_US:
        return [(start, end)]
    parts = []
    while start < min(end, until_us):
        nxt = min(_local_midnight_after(start, obligation.timezone), end)
        if nxt > begin_us:
            parts.append((start, nxt))
        start = nxt
    return parts


def make_plan(obligations: list[Obligation], rules: RuleSet, begin_us: int, until_us: int) -> Plan:
    """Lays out the obligations that overlap [begin, until).

    Raises:
        LookupError: a regime has no published rule table on the day an obligation starts.
    """
    table_numbers: dict[str, int] = {}
    tables: list[RuleTable] = []

    @cache
    def table_of(regime: str, day: dt.date) -> int:
        table = rules.for_regime(regime, day)  # type: ignore[arg-type]
        if table.name not in table_numbers:
            table_numbers[table.name] = len(tables)
            tables.append(table)
        return table_numbers[table.name]

    target_numbers: dict[Target, int] = {}
    target_by_identity: dict[int, int] = {}
    streams: dict[tuple[str, int, int, int, bool], list[int]] = {}
    judged: list[Obligation] = []
    judged_table: list[int] = []
    not_evaluable = []
    for obligation in obligations:
        if obligation.end_us <= begin_us or obligation.start_us >= until_us:
            continue
        table = table_of(obligation.regime, from_us(obligation.start_us).date())
        if obligation.not_evaluable is not None:
            not_evaluable.append((obligation, tables[table]))
            continue
        target = NO_PLACE
        if obligation.target is not None:
            # Hashing a long polygon for each night is what would cost; most share the object.
            known = target_by_identity.get(id(obligation.target))
            if known is None:
                known = target_numbers.setdefault(obligation.target, len(target_numbers))
                target_by_identity[id(obligation.target)] = known
            target = known
        breach = BREACH_OF_DUTY.get(obligation.duty, 0)
        key = (obligation.person_id, table, target, breach, obligation.kind == "curfew")
        streams.setdefault(key, []).append(len(judged))
        judged.append(obligation)
        judged_table.append(table)

    ordered = sorted(streams.items())
    persons: list[str] = []
    trk_person: list[int] = []
    trk_row: list[int] = []
    trk_s0: list[int] = []
    str_track: list[int] = []
    order: list[int] = []
    obl_stream: list[int] = []
    last: tuple[str, int] | None = None
    for s, (key, members) in enumerate(ordered):
        if not persons or persons[-1] != key[0]:
            persons.append(key[0])
        if last != key[:2]:
            last = key[:2]
            trk_person.append(len(persons) - 1)
            trk_row.append(key[1] * kernel.P_WIDTH)
            trk_s0.append(s)
        str_track.append(len(trk_person) - 1)
        order.extend(sorted(members, key=lambda i: (judged[i].start_us, judged[i].end_us)))
        obl_stream.extend([s] * len(members))
    obligations_in_order = [judged[i] for i in order]
    obl_table = [judged_table[i] for i in order]
    targets = list(target_numbers)
    part_obl, part_t0, part_t1 = [], [], []
    for i, obligation in enumerate(obligations_in_order):
        for a, b in parts_of(obligation, begin_us, until_us):
            part_obl.append(i)
            part_t0.append(a)
            part_t1.append(b)

    def ints(values: list[int]) -> np.ndarray:
        return np.array(values, dtype=np.int64)

    streams_of_obligations = ints(obl_stream)
    return Plan(
        persons=persons,
        tables=tables,
        parameters=np.concatenate([row_of(t.evidence) for t in tables]) if tables else np.zeros(0),
        targets=arrays_of(targets),
        trk_person=trk_person,
        trk_row=ints(trk_row),
        trk_s0=ints(trk_s0),
        trk_s1=ints([*trk_s0[1:], len(ordered)] if trk_s0 else []),
        str_track=ints(str_track),
        str_target=ints([key[2] for key, _ in ordered]),
        str_breach=ints([key[3] for key, _ in ordered]),
        str_places=[targets[key[2]].place_ids if key[2] != NO_PLACE else None for key, _ in ordered],
        str_any_unit=[key[4] for key, _ in ordered],
        obligations=obligations_in_order,
        obl_stream=streams_of_obligations,
        obl_t0=ints([o.start_us for o in obligations_in_order]),
        obl_t1=ints([o.end_us for o in obligations_in_order]),
        obl_row=ints([table * kernel.P_WIDTH for table in obl_table]),
        obl_table=obl_table,
        part_obl=ints(part_obl),
        part_stream=streams_of_obligations[ints(part_obl)] if part_obl else ints([]),
        part_t0=ints(part_t0),
        part_t1=ints(part_t1),
        not_evaluable=not_evaluable,
    )
