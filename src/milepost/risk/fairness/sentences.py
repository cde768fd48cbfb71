"""Findings in plain words. Every sentence stands here once, so that the service can say them in Welsh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from milepost.risk.fairness.result import FairnessReport, Finding

Translate = Callable[[str], str]

MEASURE_WORDS = {
    "selection_rate": "Share %(selected)s",
    "mean_probability": "Mean probability given",
    "observed_rate": "Share %(outcome)s",
    "calibration_gap": "Probability given, less what happened",
    "calibration_slope": "Calibration slope (1 is ideal)",
    "brier": "Brier score (lower is better)",
    "auc": "AUC (0.5 is chance, 1 is perfect order)",
    "false_positive_rate": "Share %(selected)s, of those not %(outcome)s",
    "false_negative_rate": "Share not %(selected)s, of those %(outcome)s",
    "positive_predictive_value": "Share %(outcome)s, of those %(selected)s",
}
ATTRIBUTE_WORDS = {"sex": "sex", "ethnicity": "ethnicity", "age_band": "age"}
SENTENCES = {
    "nothing": "Fewer than %(minimum)s people: nothing can be shown.",
    "hidden": "%(groups)s groups are not shown. They have fewer than %(minimum)s people, or would give away a group "
    "that has.",
    "differs_higher": "%(group)s: higher. %(measure)s: %(value)s; other groups shown: %(others)s. The difference is "
    "likely %(low)s to %(high)s, more than chance would explain.",
    "differs_lower": "%(group)s: lower. %(measure)s: %(value)s; other groups shown: %(others)s. The difference is "
    "likely %(low)s to %(high)s, more than chance would explain.",
    "may_differ_higher": "Perhaps higher: %(measure)s, for %(groups)s. With so many comparisons, chance alone may "
    "explain it.",
    "may_differ_lower": "Perhaps lower: %(measure)s, for %(groups)s. With so many comparisons, chance alone may "
    "explain it.",
    "cannot_tell": "%(measure)s: we cannot tell for %(groups)s. It could be the same as in the other groups shown, or "
    "differ by as much as %(widest)s.",
    "alike": "%(measure)s: similar for %(groups)s, to within %(widest)s of the other groups shown.",
    "calibration_gap_higher": "%(group)s: the score is too high. It is %(value)s above what happened, likely between "
    "%(low)s and %(high)s.",
    "calibration_gap_lower": "%(group)s: the score is too low. It is %(value)s below what happened, likely between "
    "%(low)s and %(high)s.",
    "calibration_gap_may_higher": "The score is perhaps too high for %(groups)s. With so many comparisons, chance "
    "alone may explain it.",
    "calibration_gap_may_lower": "The score is perhaps too low for %(groups)s. With so many comparisons, chance alone "
    "may explain it.",
    "calibration_gap_cannot_tell": "We cannot tell for %(groups)s whether the score is too high or too low. It may be "
    "right, or off by as much as %(widest)s.",
    "calibration_gap_alike": "The score is right on average for %(groups)s, to within %(widest)s.",
    "calibration_slope_higher": "%(group)s: high and low scores are too close together (slope %(value)s).",
    "calibration_slope_lower": "%(group)s: high and low scores are too far apart (slope %(value)s).",
    "calibration_slope_may_higher": "High and low scores are perhaps too close together for %(groups)s. With "
    "so many comparisons, chance alone may explain it.",
    "calibration_slope_may_lower": "High and low scores are perhaps too far apart for %(groups)s. With so "
    "many comparisons, chance alone may explain it.",
    "calibration_slope_cannot_tell": "We cannot tell for %(groups)s whether high and low scores are too close "
    "together or too far apart: the slope may be 1, or off by as much as %(widest)s.",
    "outcome_unknown": "Whether “%(outcome)s” is not known for %(share)s of people. Unknown is not counted as no: "
    "they are left out of everything that needs it. If they are unlike the others, so is the truth.",
    "group_unknown": "%(attribute)s is not known for %(share)s of people. They are in no group.",
    "impossible": "To be %(outcome)s is not equally common in all groups (by %(attribute)s). Then no score and no rule can "
    "be equally right for each group and also make equal errors in each (Kleinberg and others 2016). Which of the two "
    "matters more is for people to decide, and to say.",
    "impossible_by_how_much": "To be %(outcome)s is not equally common: %(low_rate)s for %(low_group)s, %(high_rate)s for "
    "%(high_group)s. Then no score and no rule can be equally right for each group and also make equal errors in each "
    "(Kleinberg and others 2016). With equal rightness, errors about people without it would be %(low_errors)s and "
    "%(high_errors)s (Chouldechova 2017). Which matters more is for people to decide, and to say.",
    "many": "%(comparisons)s comparisons were made. About %(by_chance)s of the plain intervals would leave out no "
    "difference by chance alone; only what is called higher or lower above allows for that.",
}
PAIRS, ONLY_PAIRS = "and %(n)s smaller groups", "%(n)s smaller groups"
RATES = {"brier", "auc", "calibration_slope"}
"""Measures that are no percentages."""


def measure_words(report: FairnessReport, key: str, translate: Translate = str) -> str:
    means = {"selected": report.selected_means, "outcome": report.outcome_means}
    words = translate(MEASURE_WORDS[key])
    return words % means if "%(" in words else words


def attribute_words(by: tuple[str, ...], translate: Translate = str) -> str:
    return f" {translate('and')} ".join(translate(ATTRIBUTE_WORDS[n]) if n in ATTRIBUTE_WORDS else n.replace("_", " ") for n in by)  # fmt: skip  # noqa: E501


def amount(key: str, value: float, points: bool = False) -> str:
    """ "34.5%", "12.0 points", "0.182". A share is never shown as all or none when it is not."""
    if key in RATES:
        return f"{value:.3f}" if key == "brier" else f"{value:.2f}"
    if points:
        return f"{100 * value:.1f} points"
    return f"{100 * value:.1f}%"


def sentence(
    report: FairnessReport, finding: Finding, translate: Translate = str, group_words: Translate = str
) -> str:
    """One finding as text. ``group_words`` says a group's label; both are for other languages."""
    facts: dict[str, Any] = dict(finding.facts)
    key, code = finding.measure, finding.code
    if key:
        facts["measure"] = measure_words(report, key, translate)
        for name in ("value", "others"):
            if name in facts:
                gap = key == "calibration_gap"
                facts[name] = amount(key, abs(facts[name]) if gap else facts[name], points=gap)
        for name in ("low", "high", "widest"):
            if name in facts:
                facts[name] = amount(key, facts[name], points=True)
        code = _code(finding)
    for name in ("share", "low_rate", "high_rate", "low_errors", "high_errors"):
        if name in facts:
            facts[name] = amount("", facts[name])
    if "by_chance" in facts:
        facts["by_chance"] = f"{facts['by_chance']:.0f}"
    if isinstance(facts.get("groups"), list):
        more = facts.get("more", 0)
        labels = [group_words(label) for label in facts["groups"]]
        labels += [translate(PAIRS if labels else ONLY_PAIRS) % {"n": more}] if more else []
        facts["groups"] = "; ".join(labels)
    for name in ("group", "low_group", "high_group"):
        if name in facts:
            facts[name] = group_words(facts[name])
    facts["outcome"] = report.outcome_means
    facts["attribute"] = attribute_words(finding.by, translate)
    text = translate(SENTENCES[code]) % facts
    return text[:1].upper() + text[1:]


def as_dict(report: FairnessReport) -> dict[str, Any]:
    """The report for machines, each finding with its sentence as ``text``."""
    plain = asdict(report)
    for made, finding in zip(plain["findings"], report.findings, strict=True):
        made["text"] = sentence(report, finding)
    return plain


def _code(finding: Finding) -> str:
    code = finding.code
    own = code.startswith("off_")
    code = code.removeprefix("off_")
    if code in ("differs", "may_differ"):
        way = "higher" if finding.facts["higher"] else "lower"
        if own:
            return f"{finding.measure}_{'may_' if code == 'may_differ' else ''}{way}"
        return f"{code}_{way}"
    return f"{finding.measure}_{code}" if own else code
