"""Scores beside what happened later, where outcomes are recorded: instruments and predictors in shadow or in use.

Each person's first score counts, once its horizon has passed; whose record does not cover it is unknown, not "no".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from milepost.risk.instruments import CURRENT, instruments
from milepost.risk.predictors.followed import join_outcomes
from milepost.risk.predictors.registry import Entry
from milepost.risk.predictors.shadow import shadow_scores
from milepost.risk.predictors.study import Study
from milepost.service.algorithms.fairness.sources import SOURCES, Row, Source
from milepost.service.algorithms.outcomes.recorded import kinds_recorded, marks, table_of
from milepost.service.algorithms.policy_data import OutcomeKind, numbers, outcome_numbers
from milepost.service.algorithms.predictors import held
from milepost.service.algorithms.watching.run import WATCHED, kind_of
from milepost.service.assessments.models import IN_FORCE, AssessmentState, Score
from milepost.service.kit.local_days import today
from milepost.service.people.models import Person
from milepost.times import from_us

DAYS_A_YEAR = 365
COUNTED = (*IN_FORCE, AssessmentState.SUPERSEDED)
"""What was in force once: the first score is mostly that of a version that another has replaced."""
RECORDED = _(
    "An outcome is what was recorded, not what was done: where police look harder, more is found. Whose record does not "
    "cover all of the follow-up is not known, and not counted as “no”."
)
SEE_LATER = _("What happened later is under “%(title)s”.")
AND_LATER = _("%(name)s, and what happened later")
PREDICTOR = _("Predictor %(name)s %(version)s, and what happened later")
SYNTHETIC = _("Predictor %(name)s %(version)s (trained on synthetic people), and what happened later")
HIGH = _("given %(share)s or more")


def sources() -> Mapping[str, Source]:
    """Everything that the page can show now: what needs outcomes is there once some are recorded. Two queries, and
    the registry's files."""
    recorded = kinds_recorded()
    found = dict(SOURCES)
    for key in CURRENT:
        kind = outcome_numbers().judging(key)
        if kind is not None and kind.code in recorded:
            later = _instrument(key, kind)
            found[f"score-{key}"] = _pointing(SOURCES[f"score-{key}"], later)
            found[f"later-{key}"] = later
    for entry in held().entries:
        kind = kind_or_none(entry)
        if entry.state in WATCHED and kind is not None and kind.code in recorded:
            found[key_of(entry)] = _predictor(entry, kind)
    return found


def key_of(entry: Entry) -> str:
    return f"predictor-{entry.name}-{entry.version}"


def kind_or_none(entry: Entry) -> OutcomeKind | None:
    try:
        return kind_of(entry)
    except ValueError:
        return None


def _pointing(source: Source, later: Source) -> Source:
    return replace(source, is_not=SEE_LATER % {"title": later.title})


def _instrument(key: str, kind: OutcomeKind) -> Source:
    instrument = instruments()[key]
    days = int(instrument.horizon_years or 0) * DAYS_A_YEAR
    return Source(
        AND_LATER % {"name": instrument.name}, _("in a high or very high band"), str(kind).lower(), RECORDED,
        _rows_of_scores(key, kind, days), lambda until_us: (today(), *marks(), Score.objects.count()),
    )  # fmt: skip


def _rows_of_scores(instrument: str, kind: OutcomeKind, days: int) -> Callable[[int], list[Row]]:
    def rows(until_us: int) -> list[Row]:
        high = set(numbers().counts.bands_high)
        found = (
            Score.objects.filter(
                instrument=instrument, scored=True, current=True, assessment__state__in=COUNTED,
                assessment__signed_utc__lt=from_us(until_us),
            )
            .order_by("-pk")
            .values_list("assessment__person_id", "assessment__assessed_on", "percentage", "band")
        )  # fmt: skip
        told = found.filter(percentage__isnull=False)[: numbers().counts.rows_at_most]
        scores = pl.DataFrame(
            [(str(who), f"{on.isoformat()}T00:00:00", (share or 0) / 100, band) for who, on, share, band in told],
            schema={"person": pl.String, "scored_at": pl.String, "probability": pl.Float64, "band": pl.String},
            orient="row",
        )  # fmt: skip
        bands = dict(
            scores.sort("scored_at", "probability").unique("person", keep="first", maintain_order=True)
            .select("person", "band").iter_rows()
        )  # fmt: skip
        scores = scores.sort("scored_at", "probability").drop("band")
        return [
            (int(who), on, {
                "probability": str(p), "selected": str(int(bands[who] in high)) if bands[who] else "", "outcome": y
            })
            for who, on, p, y in _passed(scores, kind, days, person="person_id")
        ]  # fmt: skip

    return rows


def _predictor(entry: Entry, kind: OutcomeKind) -> Source:
    synthetic = bool(entry.body["synthetic"])
    words = {"name": entry.name, "version": entry.version}
    least = numbers().counts.probability_high
    days = Study.model_validate(entry.body["study"]).cohort.horizon_days

    def rows(until_us: int) -> list[Row]:
        keys = dict(Person.objects.order_by().values_list("reference", "pk"))
        return [
            (keys[who], on, {"probability": str(p), "selected": str(int(p >= least)), "outcome": y})
            for who, on, p, y in _passed(shadow_scores(entry), kind, days)
            if who in keys
        ]

    def changed(until_us: int) -> tuple[Any, ...]:
        files = sorted((f.name, f.stat().st_size) for f in (entry.folder / "shadow").glob("*.parquet"))
        return (today(), *marks(), *files)

    return Source(
        (SYNTHETIC if synthetic else PREDICTOR) % words, HIGH % {"share": f"{least:.0%}"}, str(kind).lower(), RECORDED,
        rows, changed, synthetic,
    )  # fmt: skip


def _passed(
    scores: pl.DataFrame, kind: OutcomeKind, days: int, *, person: str = "person__reference"
) -> list[tuple[str, dt.date, float, str]]:
    """Person, day, probability and outcome ("1", "0", "" not known) of everyone whose horizon has passed."""
    joined = join_outcomes(
        scores, table_of(kind.code, person=person), horizon_days=days, waiting_days=kind.waiting_days, today=today()
    )  # fmt: skip
    known = [(who, on, p, str(int(y))) for who, on, p, y in joined.known.iter_rows()]
    return known + [(who, on, p, "") for who, on, p in joined.unknown.iter_rows()]
