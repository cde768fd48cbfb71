"""Section 7: findings about where a person was, from the kernel's absences and from attendance."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from types import ModuleType
from typing import Any

import numpy as np

from milepost.compliance import kernel as k
from milepost.compliance.attendance import judge_attendance
from milepost.compliance.coverage import coverage_of_parts
from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.findings import Findings
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


@dataclass(slots=True)
class Drafts:
    """Findings before evidence, levels and identity: the records of ``absence_pass``, those of attendance after them.

    ``kinds`` has the kind of each."""

    records: np.ndarray
    kinds: list[FindingKind]


def drafts(plan: Plan, facts: Facts, until_us: int) -> Drafts:
    """What the kernel says was broken, where the duty was one of places, and what attendance shows."""
    records = facts.absences
    duties = [plan.obligations[o].duty for o in records[:, k.A_OBLIGATION].tolist()]
    conflict = records[:, k.A_CONFLICT] == 1
    of_place = np.array([duty in ("be_inside", "be_outside", "attend") for duty in duties], bool)
    attends = np.array([duty == "attend" for duty in duties], bool)
    records = records[of_place & (conflict | ~attends)]
    kinds = [
        FindingKind.EVIDENCE_CONFLICT
        if conflicts
        else kind_of(plan.obligations[o].kind, bool(a), bool(b), bool(now))
        for o, conflicts, a, b, now in records[
            :, [k.A_OBLIGATION, k.A_CONFLICT, k.A_TOUCHES_START, k.A_TOUCHES_END, k.A_OPEN]
        ].tolist()
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
    questions = Questions(
        stream=plan.obl_stream[records[:, k.A_OBLIGATION]],
        start_us=np.ascontiguousarray(records[:, k.A_START]),
        end_us=np.ascontiguousarray(records[:, k.A_END]),
        any_side=conflict,
        by_fixes=conflict | (records[:, k.A_BY_FIXES] == 1),
        by_unit=conflict | (records[:, k.A_BY_UNIT] == 1),
    )
    proofs = prove(questions, plan, facts, kernel)
    numbers = records[:, k.A_OBLIGATION].tolist()
    owed = [plan.obligations[o] for o in numbers]
    length = questions.end_us - questions.start_us
    unseen = records[:, k.A_NO_DATA] / np.maximum(length, 1)
    columns: dict[str, list[Any]] = {
        "person_id": [o.person_id for o in owed],
        "activation_id": [
            _activation(wearings, device, when_us, o.person_id)
            for device, when_us, o in zip(proofs.first_device, proofs.first_us, owed, strict=True)
        ],
        "order_id": [o.order_id for o in owed],
        "order_version": [o.order_version for o in owed],
        "condition_id": [o.condition_id for o in owed],
        "kind": [str(kind) for kind in found.kinds],
        "status": ["open" if now else "closed" for now in records[:, k.A_OPEN].tolist()],
        "obligation_start_utc": [o.start_us for o in owed],
        "obligation_end_utc": [o.end_us for o in owed],
        "start_utc": questions.start_us.tolist(),
        "end_utc": questions.end_us.tolist(),
        "seconds": (records[:, k.A_BROKEN] / SECOND_US).tolist(),
        "start_earliest_utc": records[:, k.A_EARLIEST].tolist(),
        "end_latest_utc": records[:, k.A_LATEST].tolist(),
        "coverage": [round(1 - share, 4) for share in unseen.tolist()],
        "obligation_coverage": coverage_of_parts(
            plan, facts, records[:, k.A_OBLIGATION], questions.start_us, questions.end_us
        ),
        "certainty": proofs.certainty,
        "witness": proofs.witness,
        "evidence_count": proofs.count,
        "first_evidence": proofs.first,
        "last_evidence": proofs.last,
    }
    tables = [plan.tables[plan.obl_table[o]] for o in numbers]
    # Where no position shows a side, both witnesses may be right: that is no conflict (section 6).
    kept = [shows or not both for shows, both in zip(proofs.shows_sides, conflict.tolist(), strict=True)]
    if not all(kept):
        columns = {name: list(compress(column, kept)) for name, column in columns.items()}
        tables = list(compress(tables, kept))
    return Findings(columns, tables)


def _activation(wearings: Wearings, device: str | None, when_us: int, person_id: str) -> str:
    """The activation that a signal of the device belonged to then; "" if it is not this person's."""
    if device is None:
        return ""
    whose = wearings.of_device(device, when_us)
    return next((w.activation_id for w in whose if w.person_id == person_id), "")
