"""Why a finding says what it says, in words a person on probation can follow and a court can check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from milepost.compliance.display_contacts import PersonSignals
from milepost.compliance.explain_case import Case, case_of
from milepost.compliance.explain_evidence import EvidenceRow, evidence_rows
from milepost.compliance.explain_sentences import parts_of
from milepost.compliance.plain_words import FINDING_TITLES, chance_words, words
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.model import OrderFile
from milepost.orders.obligations import Obligation
from milepost.tracks.record import Signals


@dataclass(frozen=True, slots=True)
class Explanation:
    """One finding explained. ``evidence`` is by time; every number is worked out again, not copied."""

    finding_id: str
    title: str
    parts: dict[str, tuple[str, ...]]
    """Sentences by what they are about: summary, basis, evidence, unknown, certainty, rule, limits."""
    evidence: tuple[EvidenceRow, ...]
    case: Case

    @property
    def sentences(self) -> tuple[str, ...]:
        """All sentences in order. The first three need no knowledge of the subject."""
        return tuple(sentence for part in self.parts.values() for sentence in part)

    def as_text(self) -> str:
        """The title, the sentences and the evidence as plain text."""
        lines = [f"{self.title} ({self.finding_id})", "", *self.sentences, "", "Evidence"]
        for row in self.evidence:
            chance = "" if row.probability is None else f", chance {row.side} {chance_words(row.probability)}"
            place = (
                ""
                if row.distance_m is None
                else f", {row.distance_words} (precision {row.precision_m:.0f} m)"
            )
            lines.append(f"- {row.time_local} / {row.time_utc}: {row.source}, {row.says}{place}{chance}")
        return "\n".join(lines) + "\n"

    def as_dict(self) -> dict[str, Any]:
        """For JSON: times as text in UTC and local time and as microseconds."""
        return {
            "finding_id": self.finding_id,
            "title": self.title,
            "sentences": list(self.sentences),
            "evidence": [row.as_dict() for row in self.evidence],
        }


def explain_finding(
    finding: Mapping[str, Any],
    *,
    order_file: OrderFile,
    obligations: Iterable[Obligation],
    signals: Signals | PersonSignals,
    rules: RuleSet,
) -> Explanation:
    """Explains one row of ``results.FINDINGS`` (times as aware datetimes or microseconds UTC).

    Follows "How the engine decides", sections 3, 9, 10 and 11. What is missing (order, rule table,
    signals) is said or left out, never an error. Pass ``PersonSignals`` to explain many findings of
    one person without reading the record again.
    """
    case = case_of(finding, order_file=order_file, obligations=obligations, signals=signals, rules=rules)
    rows = evidence_rows(case)
    return Explanation(
        finding_id=finding["finding_id"],
        title=words(finding["kind"], FINDING_TITLES),
        parts=parts_of(case, rows),
        evidence=tuple(rows),
        case=case,
    )
