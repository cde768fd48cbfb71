"""Why a finding says what it says, in words a person on probation can follow and a court can check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from milepost.compliance.display_contacts import PersonSignals
from milepost.compliance.explain_case import Case, case_of
from milepost.compliance.explain_drift import SignInWords, signs_in_words
from milepost.compliance.explain_evidence import EvidenceRow, evidence_rows, rows_against
from milepost.compliance.explain_sentences import parts_of
from milepost.compliance.plain_words import FINDING_TITLES, chance_words, words
from milepost.compliance.rule_tables import RuleSet
from milepost.language import ENGLISH, Language
from milepost.orders.model import OrderFile
from milepost.orders.obligations import Obligation
from milepost.tracks.record import Signals


@dataclass(frozen=True, slots=True)
class Explanation:
    """One finding explained. ``evidence`` is by time; every number is worked out again, not copied."""

    finding_id: str
    title: str
    parts: dict[str, tuple[str, ...]]
    """Sentences by what they are about: summary, drift, against, basis, evidence, unknown, certainty, rule, limits."""
    evidence: tuple[EvidenceRow, ...]
    against: tuple[EvidenceRow, ...]
    """What speaks for the person, by time; shown before the evidence."""
    drift: tuple[SignInWords, ...]
    """What looks like a drift of the receiver: first of what speaks for the person, and mostly empty."""
    case: Case

    @property
    def sentences(self) -> tuple[str, ...]:
        """All sentences in order. The first three need no knowledge of the subject."""
        return tuple(sentence for part in self.parts.values() for sentence in part)

    def as_text(self) -> str:
        """The title, the sentences and the evidence as plain text."""
        say = self.case.language.say
        lines = [f"{self.title} ({self.finding_id})", "", *self.sentences, ""]
        if self.against:
            lines += [
                say("Signals that fit with the condition being kept"),
                *(f"- {self._told(row)}" for row in self.against),
                "",
            ]
        lines.append(say("Evidence"))
        lines += [f"- {self._told(row)}" for row in self.evidence]
        return "\n".join(lines) + "\n"

    def _told(self, row: EvidenceRow) -> str:
        language = self.case.language
        told = [row.says]
        if row.distance_m is not None:
            precision = language.decimal(row.precision_m or 0, 0)
            told.append(
                language.say(
                    "{distance} (precision {precision} m)", distance=row.distance_words, precision=precision
                )
            )
        if row.probability is not None:
            chance = chance_words(row.probability, language)
            told.append(language.say("chance {side} {chance}", side=language.say(row.side), chance=chance))
        return language.say(
            "{local} / {utc}: {source}, {list}",
            local=row.time_local,
            utc=row.time_utc,
            source=row.source,
            list=", ".join(told),
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON: times as text in UTC and local time and as microseconds."""
        return {
            "finding_id": self.finding_id,
            "title": self.title,
            "sentences": list(self.sentences),
            "drift": [sign.as_dict() for sign in self.drift],
            "against": [row.as_dict() for row in self.against],
            "evidence": [row.as_dict() for row in self.evidence],
        }


def explain_finding(
    finding: Mapping[str, Any],
    *,
    order_file: OrderFile,
    obligations: Iterable[Obligation],
    signals: Signals | PersonSignals,
    rules: RuleSet,
    language: Language = ENGLISH,
) -> Explanation:
    """Explains one row of ``results.FINDINGS`` (times as aware datetimes or microseconds UTC).

    Follows "How the engine decides", sections 3, 9, 10 and 11. What is missing (order, rule table,
    signals) is said or left out, never an error. Pass ``PersonSignals`` to explain many findings of
    one person without reading the record again. All of it is said in ``language``, but for what others wrote:
    names, the words of the order, and the action, owner and source of the rule table.
    """
    case = case_of(
        finding,
        order_file=order_file,
        obligations=obligations,
        signals=signals,
        rules=rules,
        language=language.remembering(),
    )
    rows, against, drift = evidence_rows(case), rows_against(case), signs_in_words(case)
    return Explanation(
        finding_id=finding["finding_id"],
        title=words(finding["kind"], FINDING_TITLES, case.language),
        parts=parts_of(case, rows, against, drift),
        against=tuple(against),
        evidence=tuple(rows),
        drift=drift,
        case=case,
    )
