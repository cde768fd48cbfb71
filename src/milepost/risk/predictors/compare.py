"""A predictor beside the instrument it would replace, on the same people, none of whom trained either side."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from milepost.problems import Problem, UnreadableFile
from milepost.risk.predictors import measures
from milepost.risk.predictors.calibrate import logistic_line
from milepost.risk.predictors.data_files import load
from milepost.risk.predictors.evaluate import Unseen
from milepost.risk.predictors.judge import by_group, decision_curve, measured
from milepost.risk.predictors.split import folds
from milepost.risk.rows import Array
from milepost.risk.scored import sigmoid


def compare(found: Unseen, *, seed: int = 1, draws: int | None = None) -> dict[str, Any]:
    """Both sides' measures, and the differences with paired intervals, over people who have the instrument's score.

    The instrument's score is turned into a probability by logistic regression on folds, so that neither side is
    marked down for its scale. A person without the score is counted, not guessed.
    Raises ``UnreadableFile`` if the study names no instrument, or nobody has its score.
    """
    cohort = found.cohort
    instrument = cohort.study.instrument
    if instrument is None or cohort.instrument is None:
        problem = Problem(
            cohort.study.name,
            None,
            "instrument",
            "The study names no instrument",
            "Give its name and column.",
        )
        raise UnreadableFile(problem)
    draws = load("limits")["judge"]["bootstrap_draws"] if draws is None else draws
    known = np.flatnonzero(np.isfinite(cohort.instrument))
    if len(known) < load("limits")["judge"]["smallest_group"]:
        problem = Problem(
            cohort.study.name, None, instrument.column, f"Only {len(known)} people have this score",
            "Give more of them: a comparison of so few would mislead.",
        )  # fmt: skip
        raise UnreadableFile(problem)
    y, p = cohort.outcome[known], found.probability[known]
    q = probabilities_of(cohort.instrument[known], y, cohort.person.to_numpy()[known], seed)
    random = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {"brier": [], "auc": []}
    for _ in range(draws):
        rows = random.integers(0, len(y), len(y))
        drawn["brier"].append(measures.brier(y[rows], q[rows]) - measures.brier(y[rows], p[rows]))
        drawn["auc"].append(measures.auc(y[rows], p[rows]) - measures.auc(y[rows], q[rows]))
    groups = cohort.groups[pl.Series(known)]
    return {
        "instrument": instrument.name,
        "people": len(known),
        "without_its_score": len(cohort) - len(known),
        "predictor": measured(y, p, seed=seed, draws=draws),
        "instrument_measured": measured(y, q, seed=seed, draws=draws),
        "better_by": {
            "brier": _difference(measures.brier(y, q) - measures.brier(y, p), drawn["brier"]),
            "auc": _difference(measures.auc(y, p) - measures.auc(y, q), drawn["auc"]),
        },
        "decision_curve": {"predictor": decision_curve(y, p), "instrument": decision_curve(y, q)},
        "groups": {
            "predictor": by_group(y, p, groups, seed=seed, draws=min(draws, 50)),
            "instrument": by_group(y, q, groups, seed=seed, draws=min(draws, 50)),
        },
    }


def probabilities_of(score: Array, outcome: Array, person: Array, seed: int) -> Array:
    """A score as a probability, each person's by a line fitted on the others. Shapes: (rows,)."""
    fold, result = folds(person, outcome, 5, seed), np.empty(len(score))
    spread = score.std() or 1.0
    z = (score - score.mean()) / spread
    for number in range(5):
        out = fold == number
        a, b = logistic_line(z[~out], outcome[~out])
        result[out] = sigmoid(a + b * z[out]) if np.isfinite(b) else outcome[~out].mean()
    return result


def _difference(value: float, drawn: list[float]) -> dict[str, Any]:
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    clear = "better" if low > 0 else "worse" if high < 0 else "cannot be told apart"
    return {
        "value": round(value, 5), "low": round(float(low), 5), "high": round(float(high), 5), "verdict": clear,
    }  # fmt: skip
