"""Sections 10 and 11: which signals show a finding, and how sure it is."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from milepost.compliance import compiled
from milepost.compliance import kernel as k
from milepost.compliance.columns import Columns
from milepost.compliance.kernel_results import Facts, Group
from milepost.compliance.plan import Plan
from milepost.compliance.presence import PresenceEvent
from milepost.compliance.rule_tables import Evidence
from milepost.compliance.times import SECOND_US, iso
from milepost.tracks.record import PresenceState, Source

STATE_OF_LABEL = {k.INSIDE: PresenceState.IN_RANGE, k.OUTSIDE: PresenceState.OUT_OF_RANGE}


@dataclass(slots=True)
class Questions:
    """For each, the signals that show the breach side (or, for a conflict, any) of a stream in a closed interval.

    Arrays of one length: stream numbers, microseconds UTC, and whether any side counts, whether fixes and whether a
    home unit speak."""

    stream: np.ndarray
    start_us: np.ndarray
    end_us: np.ndarray
    any_side: np.ndarray
    by_fixes: np.ndarray
    by_unit: np.ndarray


@dataclass(slots=True)
class Proofs:
    """The answers, as columns. ``first`` and ``last`` are evidence references; ``first_device`` (None: no signal) and
    ``first_us`` find the activation."""

    count: list[int]
    first: list[str]
    last: list[str]
    first_device: list[str | None]
    first_us: list[int]
    certainty: list[float]
    witness: list[str]
    shows_sides: list[bool]
    """Of a conflict: a position in its time shows a side by itself."""


def reference_to_fix(device_id: str, t: int, source: int) -> str:
    return f"{device_id}@{iso(t)}/{Source(source).name.lower()}"


def reference_to_presence(event: PresenceEvent) -> str:
    return f"{event.device_id}@{iso(event.t)}/home_unit"


def references_to_fixes(columns: Columns, rows: np.ndarray) -> list[str]:
    """``reference_to_fix`` for many rows; "" where the row is -1."""
    if not len(columns):
        return [""] * len(rows)
    t = columns.t[rows]
    times = np.datetime_as_string((t // SECOND_US).astype("M8[s]")).tolist()
    devices, sources = columns.devices, {source.value: source.name.lower() for source in Source}
    of = zip(
        rows.tolist(), columns.device[rows].tolist(), times, (t % SECOND_US).tolist(), columns.source[rows].tolist(),
        strict=True,
    )  # fmt: skip
    return [
        "" if row < 0
        else f"{devices[device]}@{time}Z/{sources[source]}" if not fraction
        else reference_to_fix(devices[device], int(columns.t[row]), source)
        for row, device, time, fraction, source in of
    ]  # fmt: skip


def prove(questions: Questions, plan: Plan, facts: Facts, kernel: ModuleType) -> Proofs:
    """Answers each question. The contacts are looked at once more, exactly as the state machine did."""
    n = len(questions.stream)
    found = np.zeros(n, np.int64)
    first, last = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    strength = np.zeros(n)
    device_of: list[str | None] = [None] * n
    first_us, last_us = questions.start_us.tolist(), [0] * n
    first_said, last_said = [""] * n, [""] * n
    group_of = facts.trk_group[plan.str_track[questions.stream]] if n else np.zeros(0, np.int64)
    for number, group in enumerate(facts.groups):
        asked = np.flatnonzero(group_of == number)
        if not len(asked):
            continue
        found[asked], first[asked], last[asked], strength[asked] = _answers(
            questions, asked, plan, facts, group, kernel
        )
        c = group.columns
        firsts, lasts = references_to_fixes(c, first[asked]), references_to_fixes(c, last[asked])
        if not len(c):
            continue
        devices, times, ends = (
            v.tolist() for v in (c.device[first[asked]], c.t[first[asked]], c.t[last[asked]])
        )
        for i, row, a, b, device, t, end in zip(
            asked.tolist(), first[asked].tolist(), firsts, lasts, devices, times, ends, strict=True
        ):
            if row >= 0:
                first_said[i], last_said[i], device_of[i], first_us[i], last_us[i] = (
                    a,
                    b,
                    c.devices[device],
                    t,
                    end,
                )
    any_side, by_fixes, by_unit = (
        v.tolist() for v in (questions.any_side, questions.by_fixes, questions.by_unit)
    )
    tables = (plan.trk_row[plan.str_track[questions.stream]] // k.P_WIDTH).tolist() if n else []
    seconds = ((questions.end_us - questions.start_us) / SECOND_US).tolist()
    certainty = [
        0.5
        if any_
        else _certainty(plan.tables[table].evidence, fixes, unit, strong if row >= 0 else None, length)
        for any_, fixes, unit, row, strong, length, table in zip(
            any_side, by_fixes, by_unit, first.tolist(), strength.tolist(), seconds, tables, strict=True
        )
    ]
    proofs = Proofs(
        np.maximum(found, 1).tolist(),
        first_said,
        last_said,
        device_of,
        first_us,
        certainty,
        [
            "both" if f and u else "home_unit" if u else "fixes"
            for f, u in zip(by_fixes, by_unit, strict=True)
        ],
        (strength > 0).tolist(),
    )
    for i in range(n):
        if device_of[i] is None:
            proofs.count[i] = 0
        if int(questions.stream[i]) in facts.str_units:
            _hear_unit(i, questions, plan, facts, int(found[i]), last_us[i], proofs)
    return proofs


def _answers(
    questions: Questions, asked: np.ndarray, plan: Plan, facts: Facts, group: Group, kernel: ModuleType
) -> tuple[np.ndarray, ...]:
    """Number, first and last row and strength of the fixes that answer some questions; on all cores if compiled."""
    c = group.columns
    stream, start, end = (v[asked] for v in (questions.stream, questions.start_us, questions.end_us))
    any_side = questions.any_side[asked].astype(np.int64)
    answers = [np.zeros(len(asked), np.int64) for _ in range(3)]
    sums = np.zeros(len(asked))

    def some(a: int, b: int) -> None:
        kernel.evidence_pass(
            b - a, stream[a:b], start[a:b], end[a:b], any_side[a:b],
            plan.str_track, facts.trk_i0, facts.trk_i1, plan.trk_row, plan.str_target, plan.str_breach,
            c.t, c.source, c.lon_e7, c.lat_e7, c.precision_m, group.strength, plan.parameters,
            *plan.targets.as_args(),
            facts.str_out0, facts.str_out1, facts.sp_t0, facts.sp_t1, facts.sp_state,
            *(v[a:b] for v in answers), sums[a:b],
        )  # fmt: skip

    compiled.in_pieces(some, len(asked), kernel)
    return (*answers, sums)


def _certainty(
    evidence: Evidence, by_fixes: bool, by_unit: bool, strength: float | None, seconds: float
) -> float:
    """``strength``: of the fixes together; None: there is no fix."""
    # Of two witnesses the surer counts: how far they err apart from each other nobody has measured. How long the fixes
    # speak is not said by a time that the unit made long.
    of_fixes = 0.0
    if by_fixes and strength is not None:
        of_fixes = evidence.certainty_of(strength, 0.0 if by_unit else seconds)
    return round(max(of_fixes, evidence.presence.certainty if by_unit else 0.0), 3)


def _unit_events(
    stream: int, start_us: int, end_us: int, any_side: bool, plan: Plan, facts: Facts
) -> list[PresenceEvent]:
    """Events that say the side asked for in the interval, and the one still in force at its start."""
    wanted = STATE_OF_LABEL.get(int(plan.str_breach[stream]))
    table = plan.tables[int(plan.trk_row[plan.str_track[stream]]) // k.P_WIDTH]
    gap_us = table.evidence.presence.gap_s * 1e6
    found: list[PresenceEvent] = []
    for unit in facts.str_units.get(stream, []):
        times = [e.t for e in unit.events]
        lo, hi = bisect.bisect_left(times, start_us), bisect.bisect_right(times, end_us)
        found.extend(e for e in unit.events[lo:hi] if any_side or e.state == wanted)
        if not any_side and lo > 0 and unit.events[lo - 1].state == wanted:
            holds_until = times[lo] if lo < len(times) else facts.until_us
            if start_us < holds_until <= times[lo - 1] + gap_us:
                found.append(unit.events[lo - 1])
    return sorted(found)


def _hear_unit(
    i: int, questions: Questions, plan: Plan, facts: Facts, fixes: int, last_us: int, proofs: Proofs
) -> None:
    """Adds what home units said to the answer of question ``i``."""
    stream = int(questions.stream[i])
    heard = _unit_events(
        stream, int(questions.start_us[i]), int(questions.end_us[i]), bool(questions.any_side[i]), plan, facts
    )
    if not heard:
        return
    signals = [(e.t, 1, n, reference_to_presence(e), e.device_id) for n, e in enumerate(heard)]
    device = proofs.first_device[i]
    # Without a signal in the time itself, the last contact before it stands.
    if fixes and device is not None:
        signals += [
            (proofs.first_us[i], 0, 0, proofs.first[i], device),
            (last_us, 0, 1, proofs.last[i], device),
        ]
    earliest, latest = min(signals), max(signals)
    proofs.count[i] = fixes + len(heard)
    proofs.first[i], proofs.last[i] = earliest[3], latest[3]
    proofs.first_device[i], proofs.first_us[i] = earliest[4], earliest[0]
