"""Section 7: from labels to findings, for curfews and zones; and the conflicts of section 6."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.reference.coverage import Moment, parts_of, share_known
from milepost.compliance.reference.finding import Finding, evidence_ref
from milepost.compliance.reference.intervals import SECOND_US, Stretch, total_us, us
from milepost.compliance.reference.proof import Proof, proof_of_breach, proof_of_conflict
from milepost.compliance.reference.witnesses import Knowledge, Said
from milepost.compliance.results import Label
from milepost.compliance.rule_tables import RuleTable
from milepost.orders.model import ConditionKind
from milepost.orders.obligations import Obligation

CURFEW_KINDS = {
    # (touches the start, touches the end)
    (True, False): FindingKind.LATE_RETURN,
    (False, False): FindingKind.LEFT_DURING,
    (False, True): FindingKind.OUT_AT_END,
    (True, True): FindingKind.ABSENT_ENTIRE,
}


@dataclass(slots=True)
class Case:
    """One obligation under judgement: what is known, and the table that says what it proves."""

    obligation: Obligation
    knowledge: Knowledge
    moments: list[Stretch[Moment]]
    table: RuleTable
    end: int

    @property
    def has_ended(self) -> bool:
        return self.obligation.end_us <= self.end

    def with_label(self, label: Label) -> list[Stretch[Moment]]:
        return [s for s in self.moments if s.what.label == label]

    @property
    def kept(self) -> list[Stretch[Moment]]:
        """What speaks for the person: kept, or not proved but explained from the kept side."""
        return [s for s in self.moments if speaks_for_the_person(s.what.said, self.knowledge)]

    @property
    def hold(self) -> int:
        return us(self.table.evidence.hold_s)


def speaks_for_the_person(said: Said, knowledge: Knowledge) -> bool:
    explained = said.label == Label.UNCERTAIN and said.fixes == Label.EXPLAINED
    return said.label == knowledge.kept or explained


def groups_of(case: Case) -> list[list[Stretch[Moment]]]:
    """Broken stretches, together while no more than ``hold_s`` lies between and nothing speaks for the person."""
    groups: list[list[Stretch[Moment]]] = [[]]
    for s in case.moments:
        if speaks_for_the_person(s.what.said, case.knowledge):
            groups.append([])
        elif s.what.label == case.knowledge.breach:
            if groups[-1] and s.start - groups[-1][-1].end > case.hold:
                groups.append([])
            groups[-1].append(s)
    return [g for g in groups if g]


def group(
    moments: list[Stretch[Moment]], wanted: Label, is_divider: Callable[[Label], bool]
) -> list[list[Stretch[Moment]]]:
    """Stretches with the wanted label, together while no divider lies between them."""
    groups: list[list[Stretch[Moment]]] = [[]]
    for s in moments:
        if s.what.label == wanted:
            groups[-1].append(s)
        elif is_divider(s.what.label):
            groups.append([])
    return [g for g in groups if g]


def absences(case: Case) -> list[Finding]:
    """Absences of a curfew, entries of an exclusion zone, exits from the other zones."""
    groups = groups_of(case)
    findings = []
    for i, broken in enumerate(groups):
        if total_us(broken) < us(case.table.evidence.finding_min_s):
            continue
        kind, status = kind_and_status(case, broken, first=i == 0, last=i == len(groups) - 1)
        finding = finding_of(case, broken, kind, status, proof(case, broken))
        # The absence before it had ended, and the one after it had begun, whatever lies between.
        if i > 0:
            finding.start_earliest_utc = max(finding.start_earliest_utc, groups[i - 1][-1].end)
        if i + 1 < len(groups):
            finding.end_latest_utc = min(finding.end_latest_utc, groups[i + 1][0].start)
        findings.append(finding)
    return findings


def proof(case: Case, broken: list[Stretch[Moment]]) -> Proof:
    start, end = broken[0].start, broken[-1].end
    return proof_of_breach(case.knowledge, broken, start, end, case.table.evidence)


def kind_and_status(
    case: Case, broken: list[Stretch[Moment]], *, first: bool, last: bool
) -> tuple[FindingKind, str]:
    kept_since = any(s.start >= broken[-1].end for s in case.kept)
    is_open = not case.has_ended and not kept_since and last
    status = "open" if is_open else "closed"
    if case.obligation.kind == ConditionKind.EXCLUSION_ZONE:
        return FindingKind.ZONE_ENTRY, status
    if case.obligation.kind != ConditionKind.CURFEW:
        return FindingKind.ZONE_EXIT, status
    at_start = first and touches_start(case, broken[0].start)
    if is_open:
        return (FindingKind.OUT_AT_START if at_start else FindingKind.LEFT_DURING), status
    return CURFEW_KINDS[at_start, last and touches_end(case, broken[-1].end)], status


def touches_start(case: Case, start: int) -> bool:
    begin = case.obligation.start_us
    if any(s.end <= start for s in case.kept):
        return False
    if start == begin:
        return True
    before = first_known(case.knowledge, [s for s in reversed(case.knowledge.said) if s.start < begin])
    if begin < case.knowledge.said[0].start or before is None or begin - min(before.end, begin) > case.hold:
        return start - begin <= us(case.table.evidence.edge_s)
    is_broken = before.what.label == case.knowledge.breach
    return is_broken and start - begin <= case.hold


def touches_end(case: Case, end: int) -> bool:
    finish = case.obligation.end_us
    if any(s.start >= end for s in case.kept):
        return False
    after = first_known(case.knowledge, [s for s in case.knowledge.said if s.end > finish])
    goes_on = (
        after is not None
        and after.what.label == case.knowledge.breach
        and max(after.start, finish) - finish <= case.hold
        and finish - end <= case.hold
    )
    return goes_on or finish - end <= us(case.table.evidence.edge_s)


def first_known(knowledge: Knowledge, said: list[Stretch[Said]]) -> Stretch[Said] | None:
    """The first stretch that is broken or speaks for the person, looking past all others."""
    return next(
        (s for s in said if s.what.label == knowledge.breach or speaks_for_the_person(s.what, knowledge)),
        None,
    )


def conflicts(case: Case) -> list[Finding]:
    """Section 6: the home unit and the fixes say the opposite."""
    known = (Label.INSIDE, Label.OUTSIDE)
    findings = []
    for stretches in group(case.moments, Label.CONFLICT, lambda label: label in known):
        if total_us(stretches) < us(case.table.evidence.conflict_min_s):
            continue
        start, end = stretches[0].start, stretches[-1].end
        if not any(c.side in ("breach", "kept") and start <= c.time <= end for c in case.knowledge.classed):
            continue  # both may be right: nothing was heard of the positions while the home unit said the opposite
        known_since = any(s.start >= stretches[-1].end and s.what.label in known for s in case.moments)
        status = "closed" if case.has_ended or known_since else "open"
        shown = proof_of_conflict(case.knowledge, start, end)
        findings.append(finding_of(case, stretches, FindingKind.EVIDENCE_CONFLICT, status, shown))
    return findings


def parts_touched(case: Case, start: int, end: int) -> tuple[int, int]:
    """The obligation; of a long one, the local days that the finding's time touches."""
    first, last = case.moments[0].start, case.moments[-1].end
    parts = [(a, b) for a, b in parts_of(case.obligation, first, last) if a < end and b > start]
    return parts[0][0], parts[-1][1]


def finding_of(
    case: Case,
    counted: list[Stretch[Moment]],
    kind: FindingKind,
    status: str,
    shown: Proof,
    span: tuple[int, int] | None = None,
) -> Finding:
    """``counted`` is the time in ``seconds``; ``span`` the finding's time where it is not the same."""
    start, end = span or (counted[0].start, counted[-1].end)
    obligation = case.obligation
    return Finding(
        person_id=obligation.person_id,
        activation_id=shown.signals[0].fitting.id if shown.signals else "",
        order_id=obligation.order_id,
        order_version=obligation.order_version,
        condition_id=obligation.condition_id,
        kind=kind,
        status=status,
        obligation_start_utc=obligation.start_us,
        obligation_end_utc=obligation.end_us,
        start_utc=start,
        end_utc=end,
        seconds=total_us(counted) / SECOND_US,
        start_earliest_utc=max([s.end for s in case.kept if s.end <= start], default=obligation.start_us),
        end_latest_utc=min(
            [s.start for s in case.kept if s.start >= end], default=min(obligation.end_us, case.end)
        ),
        coverage=share_known(case.moments, start, end),
        obligation_coverage=share_known(case.moments, *parts_touched(case, start, end)),
        certainty=shown.certainty,
        witness=shown.witness,
        evidence_count=len(shown.signals),
        first_evidence=evidence_ref(shown.signals[0]) if shown.signals else "",
        last_evidence=evidence_ref(shown.signals[-1]) if shown.signals else "",
        table=case.table,
    )
