"""From numbers to findings. None claims more than the intervals allow; "we cannot tell" is a finding too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from milepost.risk.fairness.measures import MEASURES
from milepost.risk.fairness.result import FairnessReport, Finding, GroupResult
from milepost.risk.fairness.settings import Settings

SPOKEN_OF = (
    "calibration_gap", "selection_rate", "false_positive_rate", "false_negative_rate", "positive_predictive_value",
    "observed_rate", "calibration_slope",
)  # fmt: skip
"""In this order. Mean probability, Brier score and AUC differ wherever people differ: they are shown, not remarked on."""


def findings(report: FairnessReport, numbers: Settings) -> FairnessReport:
    """The report with its findings, the surest first."""
    told = [*_size(report), *_each(report), *_unknown(report), *_impossible(report), *_many(report)]
    return replace(report, findings=tuple(told))


def _size(report: FairnessReport) -> list[Finding]:
    hidden = sum(g.hidden and g.known for g in report.groups)
    if report.everybody.hidden:
        return [Finding("nothing", facts={"minimum": report.minimum_people})]
    if hidden:
        return [Finding("hidden", facts={"groups": hidden, "minimum": report.minimum_people})]
    return []


def _each(report: FairnessReport) -> list[Finding]:
    """One sentence for each difference that is sure; for the rest one for each measure."""
    sure: list[Finding] = []
    perhaps: list[Finding] = []
    unsure: list[Finding] = []
    alike: list[Finding] = []
    for key in [k for k in SPOKEN_OF if k in report.measures]:
        own = "off_" if MEASURES[key].ideal is not None else ""
        groups = [g for g in report.groups if key in g.differences]
        for group in groups:
            if group.differences[key].verdict == "differs":
                sure.append(Finding(f"{own}differs", key, group.by, _facts(group, key)))
        for way, higher in (("higher", True), ("lower", False)):
            some = [g for g in _having(groups, key, "may_differ") if (g.differences[key].value > 0) == higher]
            if some:
                facts = {"groups": [g.label for g in some], "higher": way == "higher"}
                perhaps.append(Finding(f"{own}may_differ", key, (), facts))
        for verdict, where in (("cannot_tell", unsure), ("alike", alike)):
            some = _having(groups, key, verdict)
            if some:
                ends = [(abs(g.differences[key].low), abs(g.differences[key].high)) for g in some]
                alone = [g.label for g in some if len(g.by) == 1]
                facts = {"groups": alone, "more": len(some) - len(alone), "widest": max(map(max, ends))}
                where.append(Finding(own + verdict, key, (), facts))
    return [*sure, *perhaps, *unsure, *alike]


def _having(groups: list[GroupResult], key: str, verdict: str) -> list[GroupResult]:
    return [g for g in groups if g.differences[key].verdict == verdict]


def _facts(group: GroupResult, key: str) -> dict[str, Any]:
    """The interval of the size of the difference: both ends have the sign of the difference."""
    found = group.differences[key]
    low, high = sorted((abs(found.low), abs(found.high)))
    return {
        "group": group.label, "value": group.measures[key].value, "others": found.others, "low": low, "high": high,
        "higher": found.value > 0,
    }  # fmt: skip


def _unknown(report: FairnessReport) -> list[Finding]:
    """Outcomes and characteristics that are not known: they are in nobody's numbers."""
    told = []
    everybody = report.everybody
    if "observed_rate" in report.measures and everybody.people:
        known = everybody.outcome_people or 0
        if known < everybody.people:
            told.append(Finding("outcome_unknown", facts={"share": 1 - known / everybody.people}))
    for group in report.groups:
        if len(group.by) == 1 and not group.known and not group.hidden and group.people and everybody.people:
            share = group.people / everybody.people
            told.append(Finding("group_unknown", by=group.by, facts={"share": share}))
    return told


def _impossible(report: FairnessReport) -> list[Finding]:
    """Where rates of the outcome differ, no score can have both equal calibration and equal errors.

    Kleinberg, Mullainathan and Raghavan 2016 (arXiv:1609.05807). The two rates shown follow from Chouldechova's
    identity, FPR = r / (1 - r) x (1 - PPV) / PPV x (1 - FNR), for the two groups whose rates lie furthest apart.
    """
    unlike = [
        g for g in report.groups
        if (d := g.differences.get("observed_rate")) and d.verdict in ("differs", "may_differ")
    ]  # fmt: skip
    if not unlike:
        return []
    whole = report.everybody.measures
    by = unlike[0].by
    shown = [g for g in report.shown(*by) if "observed_rate" in g.measures]
    rates = sorted((g.measures["observed_rate"].value, g.label) for g in shown)
    ppv, fnr = whole.get("positive_predictive_value"), whole.get("false_negative_rate")
    if not ppv or not fnr or not ppv.value or rates[-1][0] >= 1:
        return [Finding("impossible", by=by)]
    (low, low_label), (high, high_label) = rates[0], rates[-1]
    errors = [equal_value_errors(rate, ppv.value, fnr.value) for rate in (low, high)]
    if errors[1] > 1:  # no such rule exists at all
        return [Finding("impossible", by=by)]
    facts = {
        "low_group": low_label, "high_group": high_label, "low_rate": low, "high_rate": high,
        "low_errors": errors[0], "high_errors": errors[1],
    }  # fmt: skip
    return [Finding("impossible_by_how_much", by=by, facts=facts)]


def equal_value_errors(rate: float, ppv: float, fnr: float) -> float:
    """The false positive rate that follows from a rate of the outcome, a predictive value and a share missed."""
    return rate / (1 - rate) * (1 - ppv) / ppv * (1 - fnr)


def _many(report: FairnessReport) -> list[Finding]:
    total = sum(report.comparisons.values())
    if total < 2:
        return []
    by_chance = total * (1 - report.confidence)
    return [Finding("many", facts={"comparisons": total, "by_chance": by_chance})]
