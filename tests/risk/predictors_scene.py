"""Synthetic people for the tests of learned predictors: truth known, quick to train on."""

from __future__ import annotations

import datetime as dt
from functools import cache

import polars as pl

from milepost.risk.predictors.cohort import Cohort, read_cohort
from milepost.risk.predictors.study import Study
from milepost.synth.outcomes import synthetic_outcomes, synthetic_study

AT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
DRAWS = 5


@cache
def people(n: int = 1500, seed: int = 1) -> pl.DataFrame:
    return synthetic_outcomes(n, seed)


def changed(**parts: dict[str, object]) -> Study:
    """The synthetic study with some keys of its parts replaced."""
    held = synthetic_study().model_dump(mode="json", exclude_none=True)
    for name, values in parts.items():
        held[name] = {**held.get(name, {}), **values}
    return Study.model_validate(held)


@cache
def cohort(n: int = 1500, seed: int = 1) -> Cohort:
    return read_cohort(synthetic_study(), people(n, seed), "synthetic")
