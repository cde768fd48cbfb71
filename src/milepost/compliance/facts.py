"""Runs the kernel over a plan and the signals: gaps, spells, segments, coverage, absences.

Tracks whose fixes lie in one slice of one device are run where they are; those of people who changed
devices are gathered first. Compiled runs are spread over threads, each taking whole tracks.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from milepost.compliance import compiled
from milepost.compliance import kernel as k
from milepost.compliance.causes import cause_gaps
from milepost.compliance.columns import Columns
from milepost.compliance.device_log import DeviceLog
from milepost.compliance.kernel_results import Facts, Group
from milepost.compliance.plan import Plan
from milepost.compliance.presence import UnitStream, joined, labels_of, speaks_for
from milepost.compliance.worn import Wearings, WornFixes, in_time_order


def layout(plan: Plan, worn: WornFixes) -> tuple[list[Group], np.ndarray, np.ndarray, np.ndarray]:
    """Groups of tracks, and for each track its group and slice."""
    n = len(plan.trk_person)
    group = np.zeros(n, np.int64)
    i0 = np.zeros(n, np.int64)
    i1 = np.zeros(n, np.int64)
    direct = Group(worn.columns, np.zeros(len(worn.columns), np.uint8), [], [""] * n)
    gather: list[tuple[int, list[tuple[int, int]]]] = []
    seen: set[int] = set()
    for track, person in enumerate(plan.trk_person):
        own_slices = worn.slices.get(plan.persons[person], [])
        slices = [(a, b) for a, b, _ in own_slices]
        if len(slices) > 1 or (slices and person in seen):
            gather.append((track, slices))
            continue
        seen.add(person)
        direct.tracks.append(track)
        if slices:
            i0[track], i1[track] = slices[0]
            direct.activation[track] = own_slices[0][2].activation_id
    groups = [direct]
    if gather:
        rows: list[np.ndarray] = []
        at = 0
        for track, slices in gather:
            own = _rows_in_time_order(worn.columns, slices)
            rows.append(own)
            group[track], i0[track], i1[track] = 1, at, at + len(own)
            at += len(own)
        columns = worn.columns.take(np.concatenate(rows))
        groups.append(Group(columns, np.zeros(len(columns), np.uint8), [track for track, _ in gather], []))
    return groups, group, i0, i1


def _rows_in_time_order(columns: Columns, slices: list[tuple[int, int]]) -> np.ndarray:
    """All rows of some slices of one person. They need sorting only where two tags reported at the same time."""
    t = columns.t
    slices = sorted(slices, key=lambda of: t[of[0]])
    own = np.concatenate([np.arange(a, b) for a, b in slices])
    if all(t[one[1] - 1] < t[other[0]] for one, other in itertools.pairwise(slices)):
        return own
    return in_time_order(columns, own)


@dataclass(slots=True)
class _Out:
    """Buffers one worker writes to; made larger when the kernel says so."""

    gap: list[np.ndarray]
    spell: list[np.ndarray]
    counts: np.ndarray

    @classmethod
    def sized(cls, n_gap: int, n_spell: int) -> _Out:
        return cls(
            [np.zeros(n_gap, np.int64) for _ in range(3)],
            [np.zeros(n_spell, np.int64), np.zeros(n_spell, np.int64), np.zeros(n_spell, np.int8)],
            np.zeros(2, np.int64),
        )

    def grow(self) -> None:
        self.gap = [np.concatenate([a, np.zeros_like(a)]) for a in self.gap]
        self.spell = [np.concatenate([a, np.zeros_like(a)]) for a in self.spell]


class TrackState:
    """The carried state of tracks and streams: how batch starts and live goes on."""

    def __init__(self, n_tracks: int, n_streams: int) -> None:
        self.last_t = np.full(n_tracks, k.NEVER, np.int64)
        self.last_i = np.full(n_tracks, -1, np.int64)
        self.anchor_t = np.full(n_tracks, k.NEVER, np.int64)
        self.anchor_lon = np.zeros(n_tracks)
        self.anchor_lat = np.zeros(n_tracks)
        self.anchor_prec = np.zeros(n_tracks)
        self.refused = np.zeros(n_tracks, np.int64)
        self.usual = np.zeros(k.USUAL * n_tracks, np.int64)
        self.state = np.zeros(n_streams, np.int8)
        self.spell_t0 = np.zeros(n_streams, np.int64)
        self.spell_t1 = np.zeros(n_streams, np.int64)
        self.run_i = np.zeros(k.R_I * n_streams, np.int64)
        self.run_f = np.zeros(k.R_F * n_streams)

    def of_tracks(self) -> tuple[np.ndarray, ...]:
        return (
            self.last_t, self.last_i, self.anchor_t, self.anchor_lon, self.anchor_lat, self.anchor_prec,
            self.refused, self.usual,
        )  # fmt: skip

    def of_streams(self) -> tuple[np.ndarray, ...]:
        return self.state, self.spell_t0, self.spell_t1, self.run_i, self.run_f

    def reset(self, track: int, s0: int, s1: int) -> None:
        self.last_t[track] = self.anchor_t[track] = k.NEVER
        self.last_i[track] = -1
        self.refused[track] = 0
        self.state[s0:s1] = 0
        self.usual[k.USUAL * track : k.USUAL * (track + 1)] = 0
        self.run_i[k.R_I * s0 : k.R_I * s1] = 0
        self.run_f[k.R_F * s0 : k.R_F * s1] = 0.0


def _chunks(plan: Plan, tracks: list[int], i0: np.ndarray, i1: np.ndarray, n: int) -> list[tuple[int, int]]:
    """Cuts a list of tracks into about ``n`` runs of about as many fixes; ranges of positions in the list."""
    weights = np.cumsum([(i1[t] - i0[t]) * (1 + plan.trk_s1[t] - plan.trk_s0[t]) + 1 for t in tracks])
    cuts = [0, *np.searchsorted(weights, weights[-1] * np.arange(1, n) / n).tolist(), len(tracks)]
    return [(a, b) for a, b in itertools.pairwise(cuts) if a < b]


def _consecutive(tracks: list[int]) -> list[tuple[int, int]]:
    """Track numbers as ranges that follow each other."""
    ranges: list[list[int]] = []
    for track in tracks:
        if ranges and ranges[-1][1] == track:
            ranges[-1][1] = track + 1
        else:
            ranges.append([track, track + 1])
    return [(a, b) for a, b in ranges]


def compute(
    plan: Plan,
    worn: WornFixes,
    wearings: Wearings,
    units: dict[str, list[UnitStream]],
    log: DeviceLog,
    begin_us: int,
    until_us: int,
    kernel: ModuleType,
    advance: Callable[[int], None] = lambda n: None,
) -> Facts:
    """Everything up to labels, coverage and absences. ``advance`` is told of tracks as they are done."""
    groups, trk_group, trk_i0, trk_i1 = layout(plan, worn)
    n_tracks, n_streams = len(plan.trk_person), len(plan.str_track)
    state = TrackState(n_tracks, n_streams)
    trk_gap0, trk_gap1 = np.zeros(n_tracks, np.int64), np.zeros(n_tracks, np.int64)
    str_out0, str_out1 = np.zeros(n_streams, np.int64), np.zeros(n_streams, np.int64)

    def work(group: Group, tracks: list[int]) -> _Out:
        fixes = int(sum(trk_i1[t] - trk_i0[t] for t in tracks))
        out = _Out.sized(64 + 2 * len(tracks) + fixes // 100, 64 + 16 * len(tracks) + fixes // 20)
        c = group.columns
        for a, b in _consecutive(tracks):
            while a < b:
                with compiled.at_work():
                    done = kernel.run_tracks(
                        a, b, begin_us, until_us, trk_i0, trk_i1, plan.trk_row, plan.trk_s0, plan.trk_s1,
                        c.t, c.sequence, c.source, c.lon_e7, c.lat_e7, c.precision_m, c.quality, c.device,
                        group.strength, plan.parameters, *state.of_tracks(),
                        *out.gap, trk_gap0, trk_gap1, plan.str_target, plan.str_breach,
                        *plan.targets.as_args(), *state.of_streams(),
                        *out.spell, str_out0, str_out1, out.counts,
                    )  # fmt: skip
                if done < b:
                    state.reset(done, plan.trk_s0[done], plan.trk_s1[done])
                    out.grow()
                a = done
        advance(len(tracks))
        return out

    alone = kernel is k or compiled.cores() == 1 or int((trk_i1 - trk_i0).sum()) < compiled.WORTH_THREADS
    jobs = [
        (group, group.tracks[a:b])
        for group in groups
        if group.tracks
        for a, b in _chunks(plan, group.tracks, trk_i0, trk_i1, 1 if alone else 8 * compiled.CORES)
    ]
    if alone:
        outs = [work(*job) for job in jobs]
    else:
        with ThreadPoolExecutor(compiled.CORES) as pool:
            outs = list(pool.map(lambda job: work(*job), jobs))
    for (_, tracks), gaps_before, spells_before in zip(jobs, _before(outs, 0), _before(outs, 1), strict=True):
        t = np.array(tracks)
        trk_gap0[t] += gaps_before
        trk_gap1[t] += gaps_before
        s = np.concatenate([np.arange(plan.trk_s0[a], plan.trk_s1[a]) for a in tracks]).astype(np.int64)
        str_out0[s] += spells_before
        str_out1[s] += spells_before

    def joined_out(name: str, i: int, count: int, dtype: type) -> np.ndarray:
        return np.concatenate([getattr(o, name)[i][: o.counts[count]] for o in outs] or [np.zeros(0, dtype)])

    gaps = [joined_out("gap", i, 0, np.int64) for i in range(3)]
    spells = [joined_out("spell", i, 1, np.int64) for i in range(3)]
    facts = Facts(
        begin_us=begin_us,
        until_us=until_us,
        groups=groups,
        trk_group=trk_group,
        trk_i0=trk_i0,
        trk_i1=trk_i1,
        gap_t0=gaps[0],
        gap_t1=gaps[1],
        gap_i=gaps[2],
        gap_cause=np.zeros(0, np.int8),
        trk_gap0=trk_gap0,
        trk_gap1=trk_gap1,
        sp_t0=spells[0],
        sp_t1=spells[1],
        sp_state=spells[2].astype(np.int8),
        str_out0=str_out0,
        str_out1=str_out1,
    )
    facts.gap_cause = cause_gaps(plan, facts, wearings, log)
    _add_presence(plan, facts, units, until_us)
    _label(plan, facts, wearings, begin_us, until_us, kernel)
    return facts


def _before(outs: list[_Out], which: int) -> list[int]:
    totals = np.cumsum([0, *(int(o.counts[which]) for o in outs)])
    return totals[:-1].tolist()


def _add_presence(plan: Plan, facts: Facts, units: dict[str, list[UnitStream]], until_us: int) -> None:
    if not units:
        return
    for s, track in enumerate(plan.str_track.tolist()):
        speaking = [
            u
            for u in units.get(plan.persons[plan.trk_person[track]], [])
            if speaks_for(u, plan.str_places[s], plan.str_any_unit[s])
        ]
        if speaking:
            rule = plan.tables[plan.trk_row[track] // k.P_WIDTH].evidence.presence
            facts.str_units[s] = speaking
            said = {u.place: labels_of(u.events, rule, until_us) for u in speaking}
            facts.str_presence[s] = joined(said, plan.str_places[s] or ())


def _flat(n: int, of: dict[int, list[tuple[int, int, int]]]) -> tuple[np.ndarray, ...]:
    """Ragged lists as start and end offsets by number and three flat arrays."""
    starts, ends = np.zeros(n, np.int64), np.zeros(n, np.int64)
    flat: list[tuple[int, int, int]] = []
    for i in sorted(of):
        starts[i] = len(flat)
        flat.extend(of[i])
        ends[i] = len(flat)
    values = np.array(flat, dtype=np.int64).reshape(-1, 3)
    return starts, ends, *(np.ascontiguousarray(values[:, c]) for c in range(3))


def _label(
    plan: Plan, facts: Facts, wearings: Wearings, begin_us: int, until_us: int, kernel: ModuleType
) -> None:
    """Segments, coverage and absences from gaps, spells and presence."""
    n_streams = len(plan.str_track)
    fitted = {
        track: [(a, b, 0) for a, b in wearings.fitted(plan.persons[person])]
        for track, person in enumerate(plan.trk_person)
    }
    trk_fit0, trk_fit1, fit_t0, fit_t1, _ = _flat(len(plan.trk_person), fitted)
    str_pr0, str_pr1, pr_t0, pr_t1, pr_label = _flat(n_streams, facts.str_presence)
    size = (
        64 + 3 * len(facts.sp_t0) + 4 * len(facts.gap_t0) + 3 * len(fit_t0) + 3 * len(pr_t0) + 2 * n_streams
    )
    facts.str_seg0, facts.str_seg1 = np.zeros(n_streams, np.int64), np.zeros(n_streams, np.int64)
    facts.seg_t = np.zeros(size, np.int64)
    small = [np.zeros(size, np.int8) for _ in range(4)]
    str_held0, str_held1, held_gap = _held(plan, facts, kernel)
    counts = np.zeros(1, np.int64)
    s = 0
    while s < n_streams:
        s = kernel.run_segments(
            s, n_streams, begin_us, until_us,
            plan.str_track, facts.trk_gap0, facts.trk_gap1, facts.gap_t0, facts.gap_t1, facts.gap_cause,
            trk_fit0, trk_fit1, fit_t0, fit_t1,
            facts.str_out0, facts.str_out1, facts.sp_t0, facts.sp_t1, facts.sp_state,
            str_pr0, str_pr1, pr_t0, pr_t1, pr_label, str_held0, str_held1, held_gap,
            facts.seg_t, *small, facts.str_seg0, facts.str_seg1, counts,
        )  # fmt: skip
        if s < n_streams:
            facts.seg_t = np.concatenate([facts.seg_t, np.zeros_like(facts.seg_t)])
            small = [np.concatenate([a, np.zeros_like(a)]) for a in small]
    facts.seg_label, facts.seg_cause, facts.seg_g, facts.seg_h = small

    facts.coverage = np.zeros(12 * len(plan.part_t0), np.int64)
    kernel.coverage_pass(
        0, len(plan.part_t0), begin_us, until_us, plan.part_stream, plan.part_t0, plan.part_t1,
        facts.str_seg0, facts.str_seg1, facts.seg_t, facts.seg_label, facts.seg_cause, facts.coverage,
    )  # fmt: skip
    facts.coverage = facts.coverage.reshape(-1, 12)
    facts.exactness = _exactness(plan, facts, until_us, kernel)

    records = np.zeros(k.A_WIDTH * (64 + len(plan.obl_t0) // 4), np.int64)
    counts = np.zeros(1, np.int64)
    o = 0
    while o < len(plan.obl_t0):
        o = kernel.absence_pass(
            o, len(plan.obl_t0), begin_us, until_us, plan.obl_stream, plan.obl_t0, plan.obl_t1, plan.obl_row,
            plan.str_breach, facts.str_seg0, facts.str_seg1, facts.seg_t, facts.seg_label,
            facts.seg_g, facts.seg_h, plan.parameters, records, counts,
        )  # fmt: skip
        if o < len(plan.obl_t0):
            records = np.concatenate([records, np.zeros_like(records)])
    facts.absences = records.reshape(-1, k.A_WIDTH)[: counts[0]]


def _held(plan: Plan, facts: Facts, kernel: ModuleType) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gaps over which a breach holds (section 4): start and end offsets by stream, and numbers of gaps."""
    streams, gaps = np.zeros(64, np.int64), np.zeros(64, np.int64)
    n, number = 0, 0
    str_group = facts.trk_group[plan.str_track]
    while number < len(facts.groups):
        group = facts.groups[number]
        c = group.columns
        done = kernel.held_pass(
            len(plan.str_track), plan.str_track, str_group, number, facts.trk_i0, facts.trk_i1, plan.trk_row,
            facts.trk_gap0, facts.trk_gap1, facts.gap_t0, facts.gap_t1, facts.gap_i, plan.str_target, plan.str_breach,
            facts.str_out0, facts.str_out1, facts.sp_t0, facts.sp_t1, facts.sp_state,
            c.t, c.source, c.lon_e7, c.lat_e7, c.precision_m, group.strength, plan.parameters, *plan.targets.as_args(),
            streams, gaps, n,
        )  # fmt: skip
        if done < 0:
            streams, gaps = np.concatenate([streams, streams]), np.concatenate([gaps, gaps])
            continue
        n, number = done, number + 1
    order = np.argsort(streams[:n], kind="stable")
    of, gaps = streams[:n][order], gaps[:n][order]
    numbers = np.arange(len(plan.str_track))
    return np.searchsorted(of, numbers), np.searchsorted(of, numbers, side="right"), gaps


def _exactness(plan: Plan, facts: Facts, until_us: int, kernel: ModuleType) -> np.ndarray:
    """For each part the strong contacts, and those that could not show keeping: int64 array of (parts, 2)."""
    out = np.zeros(2 * len(plan.part_t0), np.int64)
    depth = np.where(plan.str_target >= 0, plan.depths()[plan.str_target], 0.0)
    depth = np.where(plan.str_breach == k.OUTSIDE, depth, 0.0)
    str_group = facts.trk_group[plan.str_track]
    for number, group in enumerate(facts.groups):
        c = group.columns
        kernel.exactness_pass(
            0, len(plan.part_t0), until_us, plan.part_stream, plan.part_t0, plan.part_t1, str_group, number,
            plan.str_track, depth, facts.trk_i0, facts.trk_i1, plan.trk_row, c.t, c.source, c.precision_m,
            group.strength, plan.parameters, out,
        )  # fmt: skip
    return out.reshape(-1, 2)
