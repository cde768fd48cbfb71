"""A report as the page shows it, in the reader's language; and as a table to take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext
from markupsafe import Markup

from milepost.risk.fairness import FairnessReport
from milepost.risk.fairness.sentences import attribute_words, measure_words, sentence
from milepost.risk.fairness.view import View, hidden_words, sorted_findings, views
from milepost.risk.fairness.view import label_of as label_of_group
from milepost.service.algorithms.fairness.sources import Source
from milepost.service.algorithms.words import group_words

BY = {
    "sex": ("sex",), "ethnicity": ("ethnicity",), "age": ("age_band",), "sex-ethnicity": ("sex", "ethnicity"),
    "sex-age": ("sex", "age_band"), "ethnicity-age": ("ethnicity", "age_band"),
}  # fmt: skip
"""What the page can compare by, by the word in its address."""
COLUMNS = (
    "what", "by", "group", "measure", "people", "value", "low", "high", "difference", "difference_low",
    "difference_high", "verdict", "shown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """``findings``: headings with sentences. ``parts``: pictures with their tables."""

    report: FairnessReport
    findings: list[tuple[str, list[str]]]
    parts: list[View]
    hidden: str

    def svg(self, view: View) -> Markup:
        return Markup(view.svg)  # made by the library, every text in it escaped


def by_words(by: str) -> str:
    return attribute_words(BY[by], gettext)


def shown(source: Source, report: FairnessReport, by: str) -> Shown:
    """The report on a source by one set of characteristics. Findings are of all of them: none hides in another page."""
    report = replace(report, selected_means=str(source.selected), outcome_means=str(source.outcome))
    labels = {g.label: _lower(label_of_group(g, gettext, group_words)) for g in report.groups}

    def label_of(label: str) -> str:
        return labels.get(label, label)

    out, perhaps, open_, rest = sorted_findings(report)
    headings = (
        (gettext("What stands out"), out), (gettext("What perhaps differs"), perhaps),
        (gettext("What to know before you conclude anything"), rest),
        (gettext("What we cannot tell, and what is the same"), open_),
    )  # fmt: skip
    told = [(name, [sentence(report, f, gettext, label_of) for f in held]) for name, held in headings if held]
    if not out:
        nothing = gettext("Nothing stands out from chance. That is not proof that all is equal.")
        told.insert(0, (gettext("What stands out"), [nothing]))
    parts = views(report, BY[by], gettext, group_words)
    return Shown(report, told, parts, hidden_words(report, gettext))


def _lower(label: str) -> str:
    """As it stands within a sentence, but for names of ethnic groups."""
    first = label.split(" ")[0]
    return label if first in {"Asian", "Black", "Mixed", "White", "Other"} else label[:1].lower() + label[1:]


def lines(key: str, source: Source, report: FairnessReport, by: str) -> Iterator[list[Any]]:
    """The table of the page, a line for each group and measure, numbers unrounded; hidden groups without any."""
    report = replace(report, selected_means=str(source.selected), outcome_means=str(source.outcome))
    for group in [g for g in report.groups if g.by == BY[by] and g.known]:
        label = label_of_group(group, gettext, group_words)
        if group.hidden:
            yield [key, by, label, *[""] * 9, "no"]
            continue
        for measure, held in group.measures.items():
            told = group.differences.get(measure)
            more = [told.value, told.low, told.high, told.verdict] if told else ["", "", "", ""]
            yield [
                key, by, label, measure_words(report, measure, gettext), group.people, held.value, held.low, held.high,
                *more, "yes",
            ]  # fmt: skip
