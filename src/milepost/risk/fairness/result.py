"""What a check of fairness gives: plain values, ready for JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["differs", "may_differ", "alike", "cannot_tell"]


def label_of(by: tuple[str, ...], values: tuple[str | None, ...]) -> str:
    """ "female and Black": as a label stands in a sentence. Ethnic groups have a capital letter."""
    words = [
        "not known" if value is None else value.capitalize() if name == "ethnicity" else value
        for name, value in zip(by, values, strict=True)
    ]
    return " and ".join(words) or "everybody"


@dataclass(frozen=True, slots=True)
class Estimate:
    """``value`` with its interval, among ``people``. ``low`` and ``high`` None: there are too few to say how sure."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """From the other groups shown (or from the ideal, for calibration), with its interval and the one that allows for
    several comparisons."""

    value: float
    low: float
    high: float
    low_of_many: float
    high_of_many: float
    verdict: Verdict
    others: float
    """What it is compared with."""


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One group. ``hidden``: it has too few people, or would give away one that has; then there is no number at all.

    ``outcome_people`` have a known outcome; None where too few have one.
    """

    by: tuple[str, ...]
    values: tuple[str | None, ...]
    hidden: bool
    people: int | None = None
    rows: int | None = None
    outcome_people: int | None = None
    measures: dict[str, Estimate] = field(default_factory=dict)
    differences: dict[str, Difference] = field(default_factory=dict)
    calibration: tuple[tuple[float, float, float, float], ...] = ()
    """Points of a line: mean prediction, observed rate, low, high; each of enough people."""

    @property
    def known(self) -> bool:
        return None not in self.values

    @property
    def label(self) -> str:
        return label_of(self.by, self.values)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``code`` names the sentence in ``say.SENTENCES``, ``facts`` fill it."""

    code: str
    measure: str = ""
    by: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """``selected_means`` and ``outcome_means`` say in words what was counted; ``outcome_is_not`` what it does not show."""

    title: str
    selected_means: str
    outcome_means: str
    outcome_is_not: str
    rows: int
    people: int | None
    attributes: tuple[str, ...]
    measures: tuple[str, ...]
    groups: tuple[GroupResult, ...]
    findings: tuple[Finding, ...]
    comparisons: dict[str, int]
    minimum_people: int
    confidence: float
    bootstrap_draws: int
    settings_version: str
    settings_hash: str
    rows_left_out: int = 0
    synthetic: bool = False

    @property
    def everybody(self) -> GroupResult:
        return self.groups[0]

    def shown(self, *by: str) -> list[GroupResult]:
        """The groups by these characteristics that are shown and known."""
        return [g for g in self.groups if g.by == by and g.known and not g.hidden]
