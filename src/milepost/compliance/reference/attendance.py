"""Section 7, *Attendance*: was the person at the place, in time and until the end?"""

from __future__ import annotations

from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.reference.absences import Case, finding_of
from milepost.compliance.reference.finding import Finding
from milepost.compliance.reference.intervals import clip, total_us, us
from milepost.compliance.reference.proof import proof_of_breach
from milepost.compliance.results import Label


def attendance(case: Case) -> list[Finding]:
    if not case.has_ended:
        return []
    start, end = case.obligation.start_us, case.obligation.end_us
    inside, outside = case.with_label(Label.INSIDE), case.with_label(Label.OUTSIDE)
    rule = case.table.evidence.attendance
    unseen = (end - start) - total_us(inside) - total_us(outside)
    if not inside:
        missed = outside and unseen < us(rule.minimum_s)
        return [found(case, FindingKind.ATTENDANCE_MISSED, start, end)] if missed else []

    findings = []
    arrival, leaving = inside[0].start, inside[-1].end
    latest_start, earliest_end = start + us(rule.grace_s), end - us(rule.grace_s)
    if arrival > latest_start and clip(outside, latest_start, arrival):
        findings.append(found(case, FindingKind.ATTENDANCE_LATE, start, arrival))
    if leaving < earliest_end and clip(outside, leaving, earliest_end):
        findings.append(found(case, FindingKind.ATTENDANCE_LEFT_EARLY, leaving, end))
    return findings


def found(case: Case, kind: FindingKind, start: int, end: int) -> Finding:
    outside = clip(case.with_label(Label.OUTSIDE), start, end)
    shown = proof_of_breach(case.knowledge, outside, start, end, case.table.evidence)
    return finding_of(case, outside, kind, "closed", shown, span=(start, end))
