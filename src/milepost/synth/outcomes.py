"""Synthetic people under supervision with what happened to each, and the true probability kept beside them.

Ethnicity has no part in the truth. It goes with how often someone was sentenced before, as it may where policing is
uneven: a predictor that is right for everyone can then be told from one that is not. Every number is made up.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

from milepost.risk.predictors.registry import Entry, Registry
from milepost.risk.predictors.study import Study, read_study

STUDY = Path(__file__).with_name("outcomes_study.toml")
FIRST_DAY = dt.date(2020, 1, 1)
DAYS = 4 * 365
HORIZON_DAYS = 365


def synthetic_outcomes(
    people: int, seed: int, *, shift: float = 0.0, more_unemployed: float = 0.0
) -> pl.DataFrame:
    """One row a person, columns as in ``outcomes_study.toml``, and ``true_probability``.

    ``shift`` adds to the true log-odds of those who start in the last year, and ``more_unemployed`` to how often
    they have no work: drift whose truth is known.
    """
    random = np.random.default_rng([seed, 404])
    start = np.sort(random.integers(0, DAYS, people))
    last_year = start >= DAYS - 365
    age = random.gamma(4.0, 4.5, people) + 18
    woman = random.random(people) < 0.15
    minority = random.random(people) < 0.2
    sanctions = random.poisson(np.where(woman, 3.0, 5.0) * np.where(minority, 1.3, 1.0))
    drugs = random.choice(3, people, p=[0.5, 0.3, 0.2])
    no_work = random.random(people) < 0.55 + more_unemployed * last_year
    no_home = random.random(people) < 0.2
    truth = (
        -1.0 - 0.035 * (age - 30) + 0.55 * np.log1p(sanctions) - 0.45 * woman + 0.35 * drugs + 0.4 * no_work
        + 0.45 * no_home + 0.25 * no_work * no_home + shift * last_year - 0.6
    )  # fmt: skip
    probability = 1 / (1 + np.exp(-truth))
    event = random.random(people) < probability
    after = random.integers(1, HORIZON_DAYS + 1, people)
    begun = [FIRST_DAY + dt.timedelta(days=int(day)) for day in start]
    asked = [
        day - dt.timedelta(days=int(n)) for day, n in zip(begun, random.integers(0, 60, people), strict=True)
    ]
    unasked, moved = random.random(people) < 0.12, random.random(people) < 0.02

    def some(values: list[str]) -> list[str | None]:
        return [None if out else value for value, out in zip(values, unasked, strict=True)]

    return pl.DataFrame(
        {
            "person_id": [f"SO-{seed}-{number + 1:06d}" for number in range(people)],
            "start_date": begun,
            "age": np.floor(age).astype(int),
            "sex": np.where(woman, "female", "male"),
            "ethnicity": np.where(minority, "synthetic group B", "synthetic group A"),
            "sanctions": sanctions,
            "assessed_on": asked,
            "drug_misuse": some(np.array(["none", "some", "severe"])[drugs].tolist()),
            "unemployed": some(np.where(no_work, "yes", "no").tolist()),
            "no_settled_home": some(np.where(no_home, "yes", "no").tolist()),
            "rearrested_on": [
                day + dt.timedelta(days=int(n)) if happened else None
                for day, n, happened in zip(begun, after, event, strict=True)
            ],
            # Two in a hundred were not followed to the end: what happened to them is not known.
            "followed_until": [
                day + dt.timedelta(days=100 if gone else HORIZON_DAYS + 30)
                for day, gone in zip(begun, moved, strict=True)
            ],
            "true_probability": probability.round(6),
        }
    )  # fmt: skip


def synthetic_study() -> Study:
    """The definition that goes with :func:`synthetic_outcomes`."""
    return read_study(STUDY)


def train_synthetic(folder: Path, *, by: str, at: dt.datetime, people: int = 3000, seed: int = 1) -> Entry:
    """A predictor trained on synthetic people, kept in the registry of ``folder``: for a demonstration alone."""
    from milepost.risk.predictors.cohort import read_cohort
    from milepost.risk.predictors.train import train

    cohort = read_cohort(synthetic_study(), synthetic_outcomes(people, seed), "synthetic people")
    return train(cohort, Registry(folder), by=by, at=at, thorough=False, draws=50)
