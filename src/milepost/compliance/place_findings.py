"""Section 7: findings about where a person was, from the kernel's absences and from attendance."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from milepost.compliance import kernel as k
from milepost.compliance.attendance import judge_attendance
from milepost.compliance.coverage import coverage_of_parts, parts_by_obligation
from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.kernel_results import Facts
from milepost.compliance.plan import Plan
from milepost.compliance.proof import Proof, Question, prove
from milepost.compliance.times import SECOND_US
from milepost.compliance.worn import Wearings

CURFEW_KINDS = {
    (True, False): FindingKind.LATE_RETURN,
    (False, False): FindingKind.LEFT_DURING,
    (False, True): FindingKind.OUT_AT_END,
    (True, True): FindingKind.ABSENT_ENTIRE,
}
"""By (touches the start, touches the end)."""


@dataclass(slots=True)
class Draft:
    """A finding before levels and identity. Times microseconds UTC."""

    obligation: int
    kind: FindingKind
    is_open: bool
    start_us: int
    end_us: int
    broken_us: int
    earliest_us: int
    latest_us: int
    no_data_us: int
    question: Question


def kind_of(obligation_kind: str, touches_start: bool, touches_end: bool, is_open: bool) -> FindingKind:
    if obligation_kind == "curfew":
        if is_open:
            return FindingKind.OUT_AT_START if touches_start else FindingKind.LEFT_DURING
        return CURFEW_KINDS[touches_start, touches_end]
    return FindingKind.ZONE_ENTRY if obligation_kind == "exclusion_zone" else FindingKind.ZONE_EXIT


def drafts(plan: Plan, facts: Facts, until_us: int) -> list[Draft]:
    found: list[Draft] = []
    for record in facts.absences.tolist():
        o = record[k.A_OBLIGATION]
        obligation = plan.obligations[o]
        if obligation.duty not in ("be_inside", "be_outside", "attend"):
            continue
        conflict = bool(record[k.A_CONFLICT])
        if obligation.duty == "attend" and not conflict:
            continue
        start, end = record[k.A_START], record[k.A_END]
        is_open = bool(record[k.A_OPEN])
        found.append(
            Draft(
                obligation=o,
                kind=FindingKind.EVIDENCE_CONFLICT
                if conflict
                else kind_of(
                    obligation.kind, bool(record[k.A_TOUCHES_START]), bool(record[k.A_TOUCHES_END]), is_open
                ),
                is_open=is_open,
                start_us=start,
                end_us=end,
                broken_us=record[k.A_BROKEN],
                earliest_us=record[k.A_EARLIEST],
                latest_us=record[k.A_LATEST],
                no_data_us=record[k.A_NO_DATA],
                question=Question(
                    int(plan.obl_stream[o]),
                    start,
                    end,
                    conflict,
                    conflict or bool(record[k.A_BY_FIXES]),
                    conflict or bool(record[k.A_BY_UNIT]),
                ),
            )
        )
    for o, obligation in enumerate(plan.obligations):
        if obligation.duty == "attend" and obligation.end_us <= until_us:
            found.extend(
                Draft(
                    obligation=o,
                    kind=missed.kind,
                    is_open=False,
                    start_us=missed.start_us,
                    end_us=missed.end_us,
                    broken_us=missed.outside_us,
                    earliest_us=missed.earliest_us,
                    latest_us=missed.latest_us,
                    no_data_us=missed.no_data_us,
                    question=Question(
                        int(plan.obl_stream[o]),
                        missed.start_us,
                        missed.end_us,
                        False,
                        missed.by_fixes,
                        missed.by_unit,
                    ),
                )
                for missed in judge_attendance(plan, facts, o)
            )
    return found


def place_findings(
    plan: Plan,
    facts: Facts,
    wearings: Wearings,
    until_us: int,
    kernel: ModuleType,
) -> list[dict[str, Any]]:
    """Findings as rows without level and identity."""
    wanted = drafts(plan, facts, until_us)
    parts = parts_by_obligation(plan)
    proofs = prove([d.question for d in wanted], plan, facts, kernel)
    return [
        _row(d, p, plan, wearings, coverage_of_parts(plan, facts, parts[d.obligation], d.start_us, d.end_us))
        for d, p in zip(wanted, proofs, strict=True)
        if p.shows_sides or d.kind is not FindingKind.EVIDENCE_CONFLICT  # else both may be right (section 6)
    ]


def _row(
    draft: Draft, proof: Proof, plan: Plan, wearings: Wearings, obligation_coverage: float
) -> dict[str, Any]:
    obligation = plan.obligations[draft.obligation]
    wearing = None
    if proof.first_device:
        whose = wearings.of_device(proof.first_device, proof.first_us)
        wearing = next((w for w in whose if w.person_id == obligation.person_id), None)
    length = draft.end_us - draft.start_us
    return {
        "person_id": obligation.person_id,
        "activation_id": wearing.activation_id if wearing else "",
        "order_id": obligation.order_id,
        "order_version": obligation.order_version,
        "condition_id": obligation.condition_id,
        "kind": str(draft.kind),
        "status": "open" if draft.is_open else "closed",
        "obligation_start_utc": obligation.start_us,
        "obligation_end_utc": obligation.end_us,
        "start_utc": draft.start_us,
        "end_utc": draft.end_us,
        "seconds": draft.broken_us / SECOND_US,
        "start_earliest_utc": draft.earliest_us,
        "end_latest_utc": draft.latest_us,
        "coverage": round(1 - draft.no_data_us / length, 4) if length else 1.0,
        "obligation_coverage": obligation_coverage,
        "certainty": proof.certainty,
        "witness": proof.witness,
        "evidence_count": proof.count,
        "first_evidence": proof.first,
        "last_evidence": proof.last,
        "_table": plan.tables[plan.obl_table[draft.obligation]],
    }
