"""A report as tables and pictures in words: what the page, the Markdown and the service all show."""

from __future__ import annotations

from dataclasses import dataclass

from milepost.risk.fairness.drawing import Bar, calibration, intervals
from milepost.risk.fairness.measures import MEASURES
from milepost.risk.fairness.result import FairnessReport, Finding, GroupResult
from milepost.risk.fairness.sentences import RATES, Translate, amount, attribute_words, measure_words

PICTURED = (
    "selection_rate", "calibration_gap", "observed_rate", "false_positive_rate", "false_negative_rate",
    "positive_predictive_value", "mean_probability", "brier", "auc", "calibration_slope",
)  # fmt: skip
VERDICTS = {
    "higher": "higher", "lower": "lower", "may_higher": "perhaps higher", "may_lower": "perhaps lower",
    "cannot_tell": "cannot tell", "alike": "similar", "": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One group in a table, every cell in words. ``hidden``: only the label."""

    label: str
    hidden: bool
    people: str = ""
    value: str = ""
    interval: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """One measure by one set of characteristics: a picture and its table."""

    measure: str
    by: tuple[str, ...]
    title: str
    summary: str
    svg: str
    rows: tuple[Row, ...]


def hidden_words(report: FairnessReport, translate: Translate = str) -> str:
    return translate("not shown: too few people, or it would give away a group of too few")


def views(
    report: FairnessReport, by: tuple[str, ...], translate: Translate = str, group_words: Translate = str
) -> list[View]:
    """A view for each measure that can be shown of any group of these characteristics."""
    found = []
    for key in PICTURED:
        if key in report.measures and (made := _view(report, by, key, translate, group_words)):
            found.append(made)
    return found


def label_of(group: GroupResult, translate: Translate = str, group_words: Translate = str) -> str:
    words = [
        translate("not known")
        if value is None
        else group_words(value.capitalize() if name == "ethnicity" else value)
        for name, value in zip(group.by, group.values, strict=True)
    ]
    text = f" {translate('and')} ".join(words) or translate("everybody")
    return text[:1].upper() + text[1:]


def _view(
    report: FairnessReport, by: tuple[str, ...], key: str, translate: Translate, group_words: Translate
) -> View | None:
    bars, rows = [], []
    for group in [g for g in report.groups if g.by == by and g.known]:
        label = label_of(group, translate, group_words)
        if group.hidden:
            rows.append(Row(label, True))
            continue
        estimate = group.measures.get(key)
        people = group.people if MEASURES[key].base == "everyone" else group.outcome_people
        if estimate is None or people is None:
            rows.append(Row(label, False, f"{people:,}" if people else "", translate("too few to say")))
            continue
        gap = key == "calibration_gap"
        value = amount(key, estimate.value, points=gap)
        interval = translate("not known how sure")
        if estimate.low is not None and estimate.high is not None:
            low, high = (amount(key, end, points=gap) for end in (estimate.low, estimate.high))
            interval = translate("%(low)s to %(high)s") % {"low": low, "high": high}
        rows.append(
            Row(label, False, f"{people:,}", value, interval, translate(VERDICTS[_verdict(group, key)]))
        )
        bars.append(Bar(label, estimate.value, estimate.low, estimate.high))
    if not bars:
        return None
    title = measure_words(report, key, translate)
    whole = report.everybody.measures.get(key)
    ideal = MEASURES[key].ideal
    line = ideal if ideal is not None else whole.value if whole else None
    summary = translate("%(measure)s by %(attribute)s.") % {
        "measure": title, "attribute": attribute_words(by, translate)
    }  # fmt: skip
    if ideal is None and whole:
        summary += " " + translate("The dashed line is everybody: %(value)s.") % {"value": amount(key, whole.value)}  # fmt: skip  # noqa: E501
    elif ideal is not None:
        summary += " " + translate("The dashed line is where it should be.")
    svg = intervals(bars, line_at=line, words=summary, percent=key not in RATES)
    return View(key, by, title, summary, svg, tuple(rows))


def _verdict(group: GroupResult, key: str) -> str:
    told = group.differences.get(key)
    if told is None or told.verdict in ("cannot_tell", "alike"):
        return told.verdict if told else ""
    return ("may_" if told.verdict == "may_differ" else "") + ("higher" if told.value > 0 else "lower")


@dataclass(frozen=True, slots=True)
class Curve:
    label: str
    summary: str
    svg: str
    rows: tuple[tuple[str, str, str], ...]
    """Mean prediction, what happened, its interval."""


def curves(
    report: FairnessReport, by: tuple[str, ...], translate: Translate = str, group_words: Translate = str
) -> list[Curve]:
    """Predicted against observed, for each group that has a line of them."""
    found = []
    for group in report.shown(*by):
        if len(group.calibration) < 2:
            continue
        label = label_of(group, translate, group_words)
        summary = translate("%(group)s: above the dashed line more happened than was predicted, below it less.") % {"group": label}  # fmt: skip  # noqa: E501
        svg = calibration(
            group.calibration, words=summary, across=translate("predicted"), up=translate("happened")
        )
        rows = tuple(
            (f"{p:.1%}", f"{rate:.1%}", translate("%(low)s to %(high)s") % {"low": f"{low:.1%}", "high": f"{high:.1%}"})
            for p, rate, low, high in group.calibration
        )  # fmt: skip
        found.append(Curve(label, summary, svg, rows))
    return found


STANDS_OUT, PERHAPS = ("differs", "off_differs"), ("may_differ", "off_may_differ")
OPEN = ("cannot_tell", "off_cannot_tell", "alike", "off_alike")


def sorted_findings(
    report: FairnessReport,
) -> tuple[list[Finding], list[Finding], list[Finding], list[Finding]]:
    """What stands out, what perhaps does, what cannot be told or is alike, and what to know of all of it."""

    def of(*codes: str) -> list[Finding]:
        return [f for f in report.findings if f.code in codes]

    rest = [f for f in report.findings if f.code not in (*STANDS_OUT, *PERHAPS, *OPEN)]
    return of(*STANDS_OUT), of(*PERHAPS), of(*OPEN), rest
