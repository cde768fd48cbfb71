"""A drift report as the page shows it: each part in a sentence, with a picture and the figures of the picture."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from markupsafe import Markup

from milepost.risk.fairness.drawing import Bar, calibration, intervals
from milepost.service.algorithms.models import DriftAlarm, DriftReport
from milepost.service.algorithms.policy_data import outcome_numbers
from milepost.service.web.formats import local_date

KINDS = {
    "inputs": gettext_lazy("Inputs"),
    "calibration": gettext_lazy("Observed and expected"),
    "slope": gettext_lazy("High and low scores"),
    "cusum": gettext_lazy("Running sum"),
}
LEVELS = {"alarm": gettext_lazy("Alarm"), "watch": gettext_lazy("Keep an eye on it")}


@dataclass(frozen=True, slots=True)
class Figure:
    """``picture`` and the table beside it: cells of a heading, then of each row, the first being its name."""

    title: str
    summary: str
    picture: Markup
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Drift:
    report: DriftReport
    people: list[tuple[str, str]]
    """Who was scored and what is known of them: words and number."""
    sentences: list[str]
    figures: list[Figure]


def drift_shown(report: DriftReport) -> Drift:
    found = report.found
    figures = [figure for figure in (_periods(found), _steps(found), _inputs(found)) if figure]
    return Drift(report, _people(found), list(_sentences(found)), figures)


def count(n: int | None, smallest: int) -> str:
    """A number of people; one that is too small, or would give one away that is, in words."""
    if n is None:
        return _("not shown: fewer than %(n)s, or it would give such a number away") % {"n": smallest}
    return f"{n:,}"


def _people(found: dict[str, Any]) -> list[tuple[str, str]]:
    smallest = found["smallest_count"]
    names = (
        ("scored", _("Scored in shadow")),
        ("waiting", _("Their time is not up yet")),
        ("not_followed", _("Their time is up, and what happened is not known")),
        ("with_outcome", _("What happened is known")),
    )
    told = {
        **found,
        "scored": found["scored"] if found["scored"] >= smallest or not found["scored"] else None,
    }
    return [(words, count(told[name], smallest)) for name, words in names]


def _sentences(found: dict[str, Any]) -> list[str]:
    said = []
    kind = outcome_numbers().of(found["outcome_kind"])
    if kind is None:
        said.append(
            _("Its study names no kind of outcome that is recorded here. Only its inputs can be watched.")
        )
    else:
        said.append(
            ngettext(
                "The outcome is: %(kind)s, within %(days)s day of the score. %(means)s",
                "The outcome is: %(kind)s, within %(days)s days of the score. %(means)s",
                found["horizon_days"],
            ) % {"kind": str(kind).lower(), "days": found["horizon_days"], "means": kind.means}
        )  # fmt: skip
    whole = found["overall"]
    if whole:
        said.append(
            _("%(observed)s people had it; %(expected)s were expected. That is %(ratio)s times as many (if the "
              "predictor is right, chance alone gives %(low)s to %(high)s times).")
            % {
                "observed": f"{whole['observed']:,}", "expected": f"{whole['expected']:,.0f}",
                "ratio": f"{whole['ratio']:.2f}", **_chance(whole),
            }
        )  # fmt: skip
    elif kind is not None:
        said.append(
            _(
                "Too few people to judge it by what happened: at least %(n)s are needed whose outcome is known."
            )
            % {"n": found["smallest"]}
        )
    if found["inputs"] is None:
        said.append(_("Too few people were scored recently to compare its inputs with those of training."))
    return said


def _chance(row: dict[str, Any]) -> dict[str, str]:
    """Between which ratios chance alone lies where the predictor is right."""
    half = (row["high"] - row["low"]) / 2
    return {"low": f"{max(1 - half, 0):.2f}", "high": f"{1 + half:.2f}"}


def _periods(found: dict[str, Any]) -> Figure | None:
    rows = [row for row in found["periods"] or () if "suppressed" not in row]
    if not rows:
        return None
    summary = _(
        "How many people had the outcome, for each one expected, by when they were scored. The dashed line is "
        "as many as expected. Where the line of a period does not touch it, more or fewer had it than chance explains."
    )
    bars = [Bar(_span(row["period"]), row["ratio"], max(row["low"], 0.0), row["high"]) for row in rows]
    return Figure(
        _("Observed and expected"), summary, Markup(intervals(bars, line_at=1.0, words=summary, percent=False)),
        (_("Scored in"), _("People"), _("Happened"), _("Expected"), _("Ratio"), _("Likely between"), _("Slope")),
        tuple(
            (
                _span(row["period"]), f"{row['n']:,}", f"{row['observed']:,}", f"{row['expected']:,.1f}",
                f"{row['ratio']:.2f}", _between(max(row["low"], 0.0), row["high"], "{:.2f}"),
                "–" if row["slope"] is None else f"{row['slope']:.2f}",
            )
            for row in rows
        ),
    )  # fmt: skip


def _steps(found: dict[str, Any]) -> Figure | None:
    rows = found["steps"] or []
    if len(rows) < 2:
        return None
    summary = _(
        "People in groups from the lowest to the highest score: what was predicted across, what happened up. On the dashed "
        "line both are the same; above it more happened than was predicted, below it less."
    )
    points = [(row["expected"], row["observed"], row["low"], row["high"]) for row in rows]
    picture = calibration(points, words=summary, across=_("predicted"), up=_("happened"))
    return Figure(
        _("Predicted and happened"), summary, Markup(picture),
        (_("Group"), _("People"), _("Predicted"), _("Happened"), _("Likely between")),
        tuple(
            (
                f"{number}", f"{row['n']:,}", f"{row['expected']:.0%}", f"{row['observed']:.0%}",
                _between(row["low"], row["high"], "{:.0%}"),
            )
            for number, row in enumerate(rows, start=1)
        ),
    )  # fmt: skip


def _inputs(found: dict[str, Any]) -> Figure | None:
    inputs = found["inputs"]
    if not inputs:
        return None
    smallest = found["smallest_count"]
    rows = sorted(inputs["rows"], key=lambda row: -row["index"])
    summary = _(
        "How far each input has moved from where it was in training: its population stability index, for %(n)s people "
        "scored since %(day)s. Beyond the dashed line (%(watch)s) keep an eye on it; from %(alarm)s it is an alarm, "
        "unless chance explains it."
    ) % {
        "n": f"{inputs['people']:,}", "day": local_date(dt.date.fromisoformat(inputs["from"])),
        "watch": inputs["watch"], "alarm": inputs["alarm"],
    }  # fmt: skip
    bars = [Bar(input_words(row["what"]), row["index"], None, None) for row in rows]
    picture = Markup(intervals(bars, line_at=inputs["watch"], words=summary, percent=False))
    return Figure(
        _("Inputs compared with training"), summary, picture,
        (_("Input"), _("Index"), _("Could it be chance?"), _("Missing in training"), _("Missing now")),
        tuple(
            (
                input_words(row["what"]), f"{row['index']:.3f}",
                _("no") if row["chance"] < 0.001 else _("it may"), f"{row['missing_before']:.0%}",
                f"{row['missing_now']:.0%}" if row["missing_now"] is not None
                else _("fewer than %(n)s people") % {"n": smallest},
            )
            for row in rows
        ),
    )  # fmt: skip


def input_words(name: str) -> str:
    return _("The probability itself") if name == "probability" else name.replace("_", " ").capitalize()


def _span(text: str) -> str:
    """ "2024-03 to 2024-06" in the reader's language."""

    def month(part: str) -> str:
        return date_format(dt.date.fromisoformat(f"{part}-01"), "M Y")

    first, to, last = text.partition(" to ")
    return _("%(low)s to %(high)s") % {"low": month(first), "high": month(last)} if to else month(first)


def _between(low: float, high: float, form: str) -> str:
    return _("%(low)s to %(high)s") % {"low": form.format(low), "high": form.format(high)}


def alarm_words(alarm: DriftAlarm) -> str:
    """What rang, in a sentence, from its numbers."""
    told = {"value": f"{alarm.value:.2f}", "limit": f"{alarm.limit:.2f}"}
    if alarm.kind == "inputs":
        told["what"] = input_words(alarm.what)
        return _("“%(what)s”: people scored now differ from those in training. Index %(value)s; the limit is %(limit)s.") % told  # fmt: skip  # noqa: E501
    if alarm.kind == "cusum":
        more = alarm.what == "more"
        text = _(
            "The running sum says that more happens than was said. It reached %(value)s; the limit is %(limit)s."
        )
        less = _(
            "The running sum says that less happens than was said. It reached %(value)s; the limit is %(limit)s."
        )
        return (text if more else less) % told
    told["when"] = _span(alarm.what)
    if alarm.kind == "slope":
        wide = _(
            "Scored from %(when)s on: high and low scores are too far apart (slope %(value)s, 1 is right)."
        )
        near = _(
            "Scored from %(when)s on: high and low scores are too close together (slope %(value)s, 1 is right)."
        )
        return (wide if alarm.value < 1 else near) % told
    return _("Scored from %(when)s on: %(value)s times as many people had the outcome as was said.") % told
