"""Section 7, attendance: missed, late, left early. Small enough to be judged in plain Python."""

from __future__ import annotations

from dataclasses import dataclass

from milepost.compliance import kernel as k
from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.kernel_results import Facts
from milepost.compliance.plan import Plan


@dataclass(frozen=True, slots=True)
class Segment:
    t0: int
    t1: int
    label: int
    from_fixes: int
    from_unit: int


@dataclass(frozen=True, slots=True)
class Attendance:
    """One attendance finding. Times microseconds UTC."""

    kind: FindingKind
    start_us: int
    end_us: int
    outside_us: int
    no_data_us: int
    earliest_us: int
    latest_us: int
    by_fixes: bool
    by_unit: bool


def segments_of(facts: Facts, stream: int, t0: int, t1: int, until_us: int | None = None) -> list[Segment]:
    """The labelled stretches of a stream in [t0, t1), clipped."""
    lo, hi = int(facts.str_seg0[stream]), int(facts.str_seg1[stream])
    if lo >= hi:
        return []
    result = []
    for j in range(k.first_segment_at(facts.seg_t, lo, hi, t0), hi):
        start = max(int(facts.seg_t[j]), t0)
        end = (
            min(int(facts.seg_t[j + 1]), t1) if j + 1 < hi else t1 if until_us is None else min(t1, until_us)
        )
        if start >= t1:
            break
        if start < end:
            result.append(
                Segment(start, end, int(facts.seg_label[j]), int(facts.seg_g[j]), int(facts.seg_h[j]))
            )
    return result


def judge_attendance(plan: Plan, facts: Facts, o: int) -> list[Attendance]:
    """Findings of an attendance obligation that has ended."""
    obligation = plan.obligations[o]
    rule = plan.tables[plan.obl_table[o]].evidence.attendance
    grace, minimum = int(rule.grace_s * 1e6), int(rule.minimum_s * 1e6)
    start, end = obligation.start_us, obligation.end_us
    segments = segments_of(facts, int(plan.obl_stream[o]), start, end)
    inside = [s for s in segments if s.label == k.INSIDE]
    outside = [s for s in segments if s.label == k.OUTSIDE]

    def finding(kind: FindingKind, a: int, b: int, earliest: int, latest: int) -> Attendance:
        within = [
            Segment(max(s.t0, a), min(s.t1, b), s.label, s.from_fixes, s.from_unit)
            for s in segments
            if s.t0 < b and s.t1 > a
        ]
        broken = [s for s in within if s.label == k.OUTSIDE]
        return Attendance(
            kind,
            a,
            b,
            sum(s.t1 - s.t0 for s in broken),
            sum(s.t1 - s.t0 for s in within if s.label == k.NO_DATA) + max(0, min(b, facts.begin_us) - a),
            earliest,
            latest,
            any(s.from_fixes == k.OUTSIDE for s in broken),
            any(s.from_unit == k.OUTSIDE for s in broken),
        )

    if not inside:
        unseen = (end - start) - sum(s.t1 - s.t0 for s in outside)
        if outside and unseen < minimum:
            return [finding(FindingKind.ATTENDANCE_MISSED, start, end, start, end)]
        return []
    found = []
    arrived, left = inside[0].t0, inside[-1].t1
    if arrived - start > grace and any(s.t1 > start + grace and s.t0 < arrived for s in outside):
        found.append(finding(FindingKind.ATTENDANCE_LATE, start, arrived, start, arrived))
    if end - left > grace and any(s.t0 < end - grace and s.t1 > left for s in outside):
        found.append(finding(FindingKind.ATTENDANCE_LEFT_EARLY, left, end, left, end))
    return found
