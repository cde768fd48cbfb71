"""Scores as pages show them: live from the answers, or frozen at signature. Both look the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup

from milepost.risk.frozen import result_in, tier_in
from milepost.risk.instruments import CURRENT, instruments
from milepost.service.assessments import registers
from milepost.service.assessments.drawing import band_bar, term_bars
from milepost.service.assessments.models import Answer, Assessment, Override
from milepost.service.assessments.vocabulary import questions, translated
from milepost.service.assessments.words import value_in_words
from milepost.service.assessments.work_out import WorkedOut, answers_of, as_json
from milepost.service.web.formats import number
from milepost.service.web.language import LANGUAGE

TERMS_SHOWN = 10
SMALL = 0.0005
"""Parts of a score below this are not worth a line."""


@dataclass(frozen=True, slots=True)
class ScoreShown:
    """``result`` is ``milepost.risk.result.Result`` as a dictionary. ``terms``: the largest first, none of nothing."""

    key: str
    result: Mapping[str, Any]
    band: str
    distance: str
    terms: tuple[Mapping[str, Any], ...]
    bar: Markup
    bars: Markup
    override: Override | None = None

    @property
    def applies(self) -> bool:
        return bool(self.result["scored"]) and self.result["band"] != "not_applicable"

    @property
    def largest(self) -> tuple[Mapping[str, Any], ...]:
        """The three largest parts that say something of the person."""
        return tuple(term for term in self.terms if not term["name"].startswith("Intercept"))[:3]


def shown(key: str, kept: Mapping[str, Any], override: Override | None = None) -> ScoreShown:
    result = result_in(kept, LANGUAGE)
    terms = tuple(
        sorted(
            (term for term in result["terms"] if abs(term["value"]) >= SMALL), key=lambda term: -abs(term["value"])
        )
    )  # fmt: skip
    instrument = instruments()[key]
    band = value_in_words(result["band"]) if result["band"] else ""
    percentage = result["percentage"]
    drawn = result["scored"] and result["band"] != "not_applicable" and percentage is not None
    names = [value_in_words(name) for name in instrument.bands]
    return ScoreShown(
        key, result, band, _distance(result), terms,
        band_bar(percentage, instrument.edges, names) if drawn else Markup(""),
        term_bars(terms[:TERMS_SHOWN]) if drawn and terms else Markup(""), override,
    )  # fmt: skip


def _distance(result: Mapping[str, Any]) -> str:
    """How far from the edges of its band: a score near an edge could as well be in the next."""
    unit = _("points") if result["edge_unit"] == "points" else _("percentage points")
    parts = []
    if result["to_next_band"] is not None:
        parts.append(
            _("%(n)s %(unit)s below the next band") % {"n": number(result["to_next_band"]), "unit": unit}
        )
    if result["to_band_below"] is not None:
        parts.append(
            _("%(n)s %(unit)s above the lower edge of this one")
            % {"n": number(result["to_band_below"]), "unit": unit}
        )
    return "; ".join(parts)


def live_scores(worked: WorkedOut) -> list[ScoreShown]:
    return [shown(key, as_json(worked.results[key])) for key in CURRENT]


def frozen_scores(assessment: Assessment, overrides: list[Override]) -> list[ScoreShown]:
    """As they were signed, each with the override that stands or waits."""
    standing = {o.target: o for o in overrides if o.state in (Override.State.STANDS, Override.State.WAITING)}
    rows = {score.instrument: score for score in assessment.scores.filter(current=True)}
    return [shown(key, rows[key].result, standing.get(key)) for key in CURRENT if key in rows]


@dataclass(frozen=True, slots=True)
class TierShown:
    tier: Mapping[str, Any]
    title: str
    not_known: tuple[str, ...]
    """Registers whose answer is not known: they counted as no, so the tier could be higher."""


def _tier(tier: Mapping[str, Any], given: Mapping[str, object]) -> TierShown:
    return TierShown(
        tier_in(tier, LANGUAGE),
        value_in_words(tier["tier"]),
        tuple(translated(questions()[key].label) for key in registers.not_known(given)),
    )


def live_tier(worked: WorkedOut) -> TierShown:
    return _tier(worked.tier.as_dict(), worked.answers)


def frozen_tier(assessment: Assessment, answers: list[Answer]) -> TierShown | None:
    if not assessment.tier_result:
        return None
    return _tier(assessment.tier_result, answers_of(answers))
