"""Sections 10 and 11: which signals show a finding, and how sure it is."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from milepost.compliance import compiled
from milepost.compliance import kernel as k
from milepost.compliance.columns import Columns
from milepost.compliance.findings import rounded, spread
from milepost.compliance.kernel_results import Facts, Group
from milepost.compliance.plan import Plan
from milepost.compliance.presence import PresenceEvent
from milepost.compliance.times import SECOND_US, iso
from milepost.compliance.worn import Wearings
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
    """The answers, as columns. ``first`` and ``last`` are evidence references, "" where there is no signal;
    ``activation`` is that of the first signal, "" if it is not this person's."""

    count: np.ndarray
    first: pa.Array
    last: pa.Array
    activation: pa.Array
    certainty: np.ndarray
    shows_sides: np.ndarray
    """Of a conflict: a position in its time shows a side by itself."""


@dataclass(slots=True)
class _Heard:
    """What home units add to some answers: question number to a new first and last reference and activation."""

    count: np.ndarray
    first: dict[int, str] = field(default_factory=dict)
    last: dict[int, str] = field(default_factory=dict)
    activation: dict[int, str] = field(default_factory=dict)


def reference_to_fix(device_id: str, t: int, source: int) -> str:
    return f"{device_id}@{iso(t)}/{Source(source).name.lower()}"


def reference_to_presence(event: PresenceEvent) -> str:
    return f"{event.device_id}@{iso(event.t)}/home_unit"


def references_to_fixes(columns: Columns, rows: np.ndarray) -> pa.Array:
    """``reference_to_fix`` for many rows; "" where the row is -1."""
    if not len(columns):
        return pa.array([""] * len(rows), pa.string())
    there = rows >= 0
    t = columns.t[rows]
    whole = there & (t % SECOND_US == 0)
    seconds = pa.array(t // SECOND_US, pa.timestamp("s")).cast(pa.string())  # 2026-01-02 03:04:05
    found = pc.binary_join_element_wise(
        spread(columns.devices, columns.device[rows]),
        "@",
        pc.binary_replace_slice(seconds, 10, 11, "T"),
        "Z/",
        spread(_SOURCE_NAMES, columns.source[rows]),
        "",
    )
    if whole.all():
        return found
    words = found.to_pylist()
    for i in np.flatnonzero(~whole).tolist():
        row = rows[i]
        words[i] = (
            reference_to_fix(columns.devices[columns.device[row]], int(t[i]), int(columns.source[row]))
            if there[i]
            else ""
        )
    return pa.array(words, pa.string())


_SOURCE_NAMES = [
    Source(number).name.lower() if number in set(Source) else None for number in range(max(Source) + 1)
]


def prove(questions: Questions, plan: Plan, facts: Facts, wearings: Wearings, kernel: ModuleType) -> Proofs:
    """Answers each question. The contacts are looked at once more, exactly as the state machine did."""
    n = len(questions.stream)
    found = np.zeros(n, np.int64)
    first, last = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    strength = np.zeros(n)
    track = plan.str_track[questions.stream]
    group_of = facts.trk_group[track]
    said: list[tuple[np.ndarray, pa.Array, pa.Array, pa.Array]] = []
    for number, group in enumerate(facts.groups):
        asked = np.flatnonzero(group_of == number)
        if not len(asked):
            continue
        found[asked], first[asked], last[asked], strength[asked] = _answers(
            questions, asked, plan, facts, group, kernel
        )
        firsts, lasts = (references_to_fixes(group.columns, rows[asked]) for rows in (first, last))
        said.append((asked, firsts, lasts, _activations(group, first[asked], track[asked], plan, wearings)))
    order = pa.array(np.argsort(np.concatenate([asked for asked, *_ in said]), kind="stable"))
    first_said, last_said, activation = (
        pa.concat_arrays([one[i] for one in said]).take(order) for i in (1, 2, 3)
    )
    count = np.where(first >= 0, np.maximum(found, 1), 0)
    units = [i for i, stream in enumerate(questions.stream.tolist()) if stream in facts.str_units]
    if units:
        heard = _Heard(count)
        for i in units:
            group = facts.groups[group_of[i]]
            _hear_unit(i, questions, plan, facts, wearings, (found[i], first[i], last[i]), group, heard)
        first_said, last_said, activation = (
            _with(of, more)
            for of, more in (
                (first_said, heard.first),
                (last_said, heard.last),
                (activation, heard.activation),
            )
        )
    return Proofs(
        count,
        first_said,
        last_said,
        activation,
        _certainties(questions, plan.trk_row[track] // k.P_WIDTH, plan, first >= 0, strength),
        strength > 0,
    )


def _with(words: pa.Array, others: dict[int, str]) -> pa.Array:
    values = words.to_pylist()
    for i, other in others.items():
        values[i] = other
    return pa.array(values, pa.string())


def _activations(
    group: Group, rows: np.ndarray, track: np.ndarray, plan: Plan, wearings: Wearings
) -> pa.Array:
    """The activation that each row belongs to; "" where there is none."""
    c = group.columns
    if group.activation:  # each track has one slice, of one activation
        return spread([*group.activation, ""], np.where(rows >= 0, track, len(group.activation)))
    return pa.array(
        [
            _activation(wearings, c.devices[c.device[row]], int(c.t[row]), plan.persons[plan.trk_person[k_]])
            if row >= 0
            else ""
            for row, k_ in zip(rows.tolist(), track.tolist(), strict=True)
        ],
        pa.string(),
    )


def _activation(wearings: Wearings, device: str, when_us: int, person_id: str) -> str:
    """The activation that a signal of the device belonged to then; "" if it is not this person's."""
    whose = wearings.of_device(device, when_us)
    return next((w.activation_id for w in whose if w.person_id == person_id), "")


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

    with compiled.at_work():
        compiled.in_pieces(some, len(asked), kernel)
    return (*answers, sums)


def _certainties(
    questions: Questions, table: np.ndarray, plan: Plan, by_a_fix: np.ndarray, strength: np.ndarray
) -> np.ndarray:
    """How sure each answer is; a conflict is as sure one way as the other."""
    certainty = np.zeros(len(table))
    seconds = (questions.end_us - questions.start_us) / SECOND_US
    for number in np.unique(table).tolist():
        evidence, of = plan.tables[number].evidence, table == number
        # Of two witnesses the surer counts: how far they err apart from each other nobody has measured. How long the
        # fixes speak is not said by a time that the unit made long.
        long = np.where(questions.by_unit[of], 0.0, seconds[of])
        fixes = np.where(questions.by_fixes[of] & by_a_fix[of], evidence.certainties(strength[of], long), 0.0)
        certainty[of] = np.maximum(fixes, np.where(questions.by_unit[of], evidence.presence.certainty, 0.0))
    different, of = np.unique(np.where(questions.any_side, 0.5, certainty), return_inverse=True)
    return rounded(different, 3)[of]


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
    i: int,
    questions: Questions,
    plan: Plan,
    facts: Facts,
    wearings: Wearings,
    by_fixes: tuple[int, int, int],
    group: Group,
    answers: _Heard,
) -> None:
    """Adds what home units said to the answer of question ``i``; ``by_fixes``: how many, and the first and last row."""
    stream = int(questions.stream[i])
    heard = _unit_events(
        stream, int(questions.start_us[i]), int(questions.end_us[i]), bool(questions.any_side[i]), plan, facts
    )
    if not heard:
        return
    signals = [(e.t, 1, n, reference_to_presence(e), e.device_id) for n, e in enumerate(heard)]
    fixes, *rows = (int(number) for number in by_fixes)
    # Without a signal in the time itself, the last contact before it stands.
    if fixes and rows[0] >= 0:
        c = group.columns
        for n, row in enumerate(rows):
            device, t = c.devices[c.device[row]], int(c.t[row])
            signals.append((t, 0, n, reference_to_fix(device, t, int(c.source[row])), device))
    earliest, latest = min(signals), max(signals)
    answers.count[i] = fixes + len(heard)
    answers.first[i], answers.last[i] = earliest[3], latest[3]
    person_id = plan.persons[plan.trk_person[plan.str_track[stream]]]
    answers.activation[i] = _activation(wearings, earliest[4], earliest[0], person_id)
