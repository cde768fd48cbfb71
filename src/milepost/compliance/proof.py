"""Sections 10 and 11: which signals show a finding, and how sure it is."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from milepost.compliance import kernel as k
from milepost.compliance.kernel_results import Facts
from milepost.compliance.plan import Plan
from milepost.compliance.presence import PresenceEvent
from milepost.compliance.times import iso
from milepost.tracks.record import PresenceState, Source

STATE_OF_LABEL = {k.INSIDE: PresenceState.IN_RANGE, k.OUTSIDE: PresenceState.OUT_OF_RANGE}


@dataclass(frozen=True, slots=True)
class Question:
    """The signals that show the breach side (or, for a conflict, any) of a stream in a closed interval."""

    stream: int
    start_us: int
    end_us: int
    any_side: bool = False
    by_fixes: bool = True
    by_unit: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """``first`` and ``last`` are evidence references; ``first_device`` and ``first_us`` find the activation."""

    count: int
    first: str
    last: str
    first_device: str | None
    first_us: int
    certainty: float
    witness: str
    shows_sides: bool
    """Of a conflict: a position in its time shows a side by itself."""


def reference_to_fix(device_id: str, t: int, source: int) -> str:
    return f"{device_id}@{iso(t)}/{Source(source).name.lower()}"


def reference_to_presence(event: PresenceEvent) -> str:
    return f"{event.device_id}@{iso(event.t)}/home_unit"


def prove(questions: list[Question], plan: Plan, facts: Facts, kernel: ModuleType) -> list[Proof]:
    """Answers each question. The contacts are looked at once more, exactly as the state machine did."""
    n = len(questions)
    found_n = np.zeros(n, np.int64)
    first = np.full(n, -1, np.int64)
    last = np.full(n, -1, np.int64)
    probability = np.zeros(n)
    track = [int(plan.str_track[q.stream]) for q in questions]
    for number, group in enumerate(facts.groups):
        asked = [i for i in range(n) if facts.trk_group[track[i]] == number]
        if not asked:
            continue

        def column(values: list[int]) -> np.ndarray:
            return np.array(values, dtype=np.int64)

        answers = (np.zeros(len(asked), np.int64), *(np.zeros(len(asked), np.int64) for _ in range(2)))
        sums = np.zeros(len(asked))
        c = group.columns
        kernel.evidence_pass(
            len(asked),
            column([questions[i].stream for i in asked]),
            column([questions[i].start_us for i in asked]),
            column([questions[i].end_us for i in asked]),
            column([int(questions[i].any_side) for i in asked]),
            plan.str_track, facts.trk_i0, facts.trk_i1, plan.trk_row, plan.str_target, plan.str_breach,
            c.t, c.source, c.lon_e7, c.lat_e7, c.precision_m, group.strength, plan.parameters,
            *plan.targets.as_args(),
            facts.str_out0, facts.str_out1, facts.sp_t0, facts.sp_t1, facts.sp_state,
            *answers, sums,
        )  # fmt: skip
        found_n[asked], first[asked], last[asked] = answers
        probability[asked] = sums
    return [
        _proof(q, plan, facts, track[i], int(found_n[i]), int(first[i]), int(last[i]), float(probability[i]))
        for i, q in enumerate(questions)
    ]


def _unit_events(q: Question, plan: Plan, facts: Facts) -> list[PresenceEvent]:
    """Events that say the side asked for in the interval, and the one still in force at its start."""
    wanted = STATE_OF_LABEL.get(int(plan.str_breach[q.stream]))
    table = plan.tables[int(plan.trk_row[plan.str_track[q.stream]]) // k.P_WIDTH]
    gap_us = table.evidence.presence.gap_s * 1e6
    found: list[PresenceEvent] = []
    for unit in facts.str_units.get(q.stream, []):
        times = [e.t for e in unit.events]
        lo, hi = bisect.bisect_left(times, q.start_us), bisect.bisect_right(times, q.end_us)
        found.extend(e for e in unit.events[lo:hi] if q.any_side or e.state == wanted)
        if not q.any_side and lo > 0 and unit.events[lo - 1].state == wanted:
            holds_until = times[lo] if lo < len(times) else facts.until_us
            if q.start_us < holds_until <= times[lo - 1] + gap_us:
                found.append(unit.events[lo - 1])
    return sorted(found)


def _proof(
    q: Question, plan: Plan, facts: Facts, track: int, n: int, first: int, last: int, strength: float
) -> Proof:
    heard = _unit_events(q, plan, facts)
    signals = [(e.t, 1, i, reference_to_presence(e), e.device_id) for i, e in enumerate(heard)]
    # Without a signal in the time itself, the last contact before it stands.
    if n or (not signals and first >= 0):
        c = facts.groups[facts.trk_group[track]].columns
        for i, row in enumerate((first, last)):
            device = c.devices[c.device[row]]
            t = int(c.t[row])
            signals.append((t, 0, i, reference_to_fix(device, t, int(c.source[row])), device))
    witness = "both" if q.by_fixes and q.by_unit else "home_unit" if q.by_unit else "fixes"
    evidence = plan.tables[int(plan.trk_row[track]) // k.P_WIDTH].evidence
    doubt = 1.0
    if q.by_fixes:
        doubt *= 1 - (evidence.certainty_of(strength, (q.end_us - q.start_us) / 1e6) if first >= 0 else 0.0)
    if q.by_unit:
        doubt *= 1 - evidence.presence.certainty
    certainty = 0.5 if q.any_side else round(1 - doubt, 3)
    if not signals:
        return Proof(0, "", "", None, q.start_us, certainty, witness, False)
    earliest, latest = min(signals), max(signals)
    count = max(n + len(heard), 1)
    return Proof(count, earliest[3], latest[3], earliest[4], earliest[0], certainty, witness, strength > 0)
