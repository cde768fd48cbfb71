"""Section 7: findings about where a person was, from the kernel's absences and from attendance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import compress
from types import ModuleType

import numpy as np

from milepost.compliance import kernel as k
from milepost.compliance.attendance import judge_attendance
from milepost.compliance.coverage import coverage_of_parts
from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.findings import Findings, column, rounded, spread
from milepost.compliance.kernel_results import Facts
from milepost.compliance.plan import Plan
from milepost.compliance.proof import Questions, prove
from milepost.compliance.times import SECOND_US
from milepost.compliance.worn import Wearings

CURFEW_KINDS = {
    (True, False): FindingKind.LATE_RETURN,
    (False, False): FindingKind.LEFT_DURING,
    (False, True): FindingKind.OUT_AT_END,
    (True, True): FindingKind.ABSENT_ENTIRE,
}
"""By (touches the start, touches the end)."""


def kind_of(obligation_kind: str, touches_start: bool, touches_end: bool, is_open: bool) -> FindingKind:
    if obligation_kind == "curfew":
        if is_open:
            return FindingKind.OUT_AT_START if touches_start else FindingKind.LEFT_DURING
        return CURFEW_KINDS[touches_start, touches_end]
    return FindingKind.ZONE_ENTRY if obligation_kind == "exclusion_zone" else FindingKind.ZONE_EXIT


DUTIES_OF_PLACE = ("be_inside", "be_outside", "attend")


@dataclass(slots=True)
class Drafts:
    """Findings before evidence, levels and identity: the records of ``absence_pass``, those of attendance after them.

    ``kinds`` has the kind of each."""

    records: np.ndarray
    kinds: list[FindingKind]


def drafts(plan: Plan, facts: Facts, until_us: int) -> Drafts:
    """What the kernel says was broken, where the duty was one of places, and what attendance shows."""
    records = facts.absences
    of = [plan.obligations[o] for o in records[:, k.A_OBLIGATION].tolist()]
    conflict = records[:, k.A_CONFLICT] == 1
    of_place = np.array([o.duty in DUTIES_OF_PLACE for o in of], bool)
    attends = np.array([o.duty == "attend" for o in of], bool)
    kept = of_place & (conflict | ~attends)
    records = records[kept]
    kinds = [
        FindingKind.EVIDENCE_CONFLICT if conflicts else _kind_of(o.kind, bool(a), bool(b), bool(now))
        for o, (conflicts, a, b, now) in zip(
            compress(of, kept.tolist()),
            records[:, [k.A_CONFLICT, k.A_TOUCHES_START, k.A_TOUCHES_END, k.A_OPEN]].tolist(),
            strict=True,
        )
    ]
    attended = []
    for o, obligation in enumerate(plan.obligations):
        if obligation.duty == "attend" and obligation.end_us <= until_us:
            for missed in judge_attendance(plan, facts, o):
                row = np.zeros(k.A_WIDTH, np.int64)
                row[k.A_OBLIGATION] = o
                row[k.A_START], row[k.A_END] = missed.start_us, missed.end_us
                row[k.A_BROKEN], row[k.A_NO_DATA] = missed.outside_us, missed.no_data_us
                row[k.A_EARLIEST], row[k.A_LATEST] = missed.earliest_us, missed.latest_us
                row[k.A_BY_FIXES], row[k.A_BY_UNIT] = missed.by_fixes, missed.by_unit
                attended.append(row)
                kinds.append(missed.kind)
    return Drafts(np.concatenate([records, np.array(attended)]) if attended else records, kinds)


_kind_of = cache(kind_of)  # of a handful of cases


def place_findings(
    plan: Plan,
    facts: Facts,
    wearings: Wearings,
    until_us: int,
    kernel: ModuleType,
) -> Findings:
    """Findings without level and identity."""
    found = drafts(plan, facts, until_us)
    if not found.kinds:
        return Findings()
    records = found.records
    conflict = records[:, k.A_CONFLICT] == 1
    of = records[:, k.A_OBLIGATION]
    questions = Questions(
        stream=plan.obl_stream[of],
        start_us=np.ascontiguousarray(records[:, k.A_START]),
        end_us=np.ascontiguousarray(records[:, k.A_END]),
        any_side=conflict,
        by_fixes=conflict | (records[:, k.A_BY_FIXES] == 1),
        by_unit=conflict | (records[:, k.A_BY_UNIT] == 1),
    )
    proofs = prove(questions, plan, facts, wearings, kernel)
    unseen = records[:, k.A_NO_DATA] / np.maximum(questions.end_us - questions.start_us, 1)
    covered = coverage_of_parts(plan, facts, of, questions.start_us, questions.end_us)
    columns = {
        **plan.owed_by(of),
        "activation_id": proofs.activation,
        "kind": column("kind", found.kinds),
        "status": spread(["closed", "open"], records[:, k.A_OPEN]),
        "start_utc": column("start_utc", questions.start_us),
        "end_utc": column("end_utc", questions.end_us),
        "seconds": column("seconds", records[:, k.A_BROKEN] / SECOND_US),
        "start_earliest_utc": column("start_earliest_utc", records[:, k.A_EARLIEST]),
        "end_latest_utc": column("end_latest_utc", records[:, k.A_LATEST]),
        "coverage": column("coverage", rounded(1 - unseen, 4)),
        "obligation_coverage": column("obligation_coverage", covered),
        "certainty": column("certainty", proofs.certainty),
        "witness": spread(["fixes", "home_unit", "both"], questions.by_unit * (1 + questions.by_fixes)),
        "evidence_count": column("evidence_count", proofs.count),
        "first_evidence": proofs.first,
        "last_evidence": proofs.last,
    }
    tables = plan.tables
    findings = Findings(columns, [tables[table] for table in plan.obl_table[of].tolist()])
    # Where no position shows a side, both witnesses may be right: that is no conflict (section 6).
    kept = proofs.shows_sides | ~conflict
    return findings if kept.all() else findings.take(np.flatnonzero(kept))
