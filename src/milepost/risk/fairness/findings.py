"""From numbers to findings. None claims more than the intervals allow; "we cannot tell" is a finding too."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from milepost.risk.fairness.measures import MEASURES
from milepost.risk.fairness.result import FairnessReport, Finding, GroupResult
from milepost.risk.fairness.settings import Settings


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
    sure: list[Finding] = []
    unsure: list[Finding] = []
    for key in report.measures:
        ideal = MEASURES[key].ideal is not None
        groups = [g for g in report.groups if key in g.differences]
        for group in groups:
            found = group.differences[key]
            if found.verdict in ("differs", "may_differ"):
                code = ("off_" if ideal else "") + found.verdict
                facts = {
                    "group": group.label, "value": group.measures[key].value, "others": found.others,
                    "low": abs(found.low), "high": abs(found.high),
                    "higher": found.value > 0,
                }  # fmt: skip
                if found.value < 0:
                    facts["low"], facts["high"] = facts["high"], facts["low"]
                (sure if found.verdict == "differs" else unsure).append(
                    Finding(code, key, group.by, facts)
                )
        for by, members in groupby(groups, key=lambda g: g.by):
            those = list(members)
            unsure += _together(those, key, by, "cannot_tell", ideal)
            unsure += _together(those, key, by, "alike", ideal)
    order = ["may_differ", "off_may_differ", "cannot_tell", "off_cannot_tell", "alike", "off_alike"]
    return sure + sorted(unsure, key=lambda f: order.index(f.code))


def _together(
    groups: list[GroupResult], key: str, by: tuple[str, ...], verdict: str, ideal: bool
) -> list[Finding]:
    named = [g for g in groups if g.differences[key].verdict == verdict]
    if not named:
        return []
    widest = max(max(abs(g.differences[key].low), abs(g.differences[key].high)) for g in named)
    facts = {"groups": [g.label for g in named], "widest": widest}
    return [Finding(("off_" if ideal else "") + verdict, key, by, facts)]


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
