"""The whole judgement of a study's model: fitted and tested as its split says, every number from people unseen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from milepost.risk.predictors.cohort import Cohort
from milepost.risk.predictors.data_files import load
from milepost.risk.predictors.fit import fit
from milepost.risk.predictors.judge import (
    averaged,
    by_group,
    decision_curve,
    measured,
    reject_option,
    tenths,
)
from milepost.risk.predictors.protected import never
from milepost.risk.predictors.split import folds, temporal
from milepost.risk.predictors.study import Feature, Model
from milepost.risk.rows import Array


@dataclass(slots=True)
class Unseen:
    """Probabilities of people who did not train the model that gave them. Shapes: (rows,) over ``cohort``."""

    cohort: Cohort
    probability: Array
    how: dict[str, Any] = field(default_factory=dict)


def unseen(cohort: Cohort, wanted: Model) -> Unseen:
    """Fits and scores by the study's split. With folds, settings are chosen inside each outer fold (nested)."""
    split = cohort.study.split
    if split.kind == "temporal":
        early, late = temporal(cohort)
        predictor = fit(cohort.take(early), wanted)
        test = cohort.take(late)
        how = {"split": "temporal", "until": split.train_until, "trained": len(early), "tested": len(late)}
        return Unseen(test, predictor.probabilities(test.values), how)
    fold = folds(cohort.person.to_numpy(), cohort.outcome, split.folds, wanted.seed)
    probability = np.full(len(cohort), np.nan)
    for number in range(split.folds):
        out = np.flatnonzero(fold == number)
        predictor = fit(cohort.take(np.flatnonzero(fold != number)), wanted)
        probability[out] = predictor.probabilities(cohort.values[pl.Series(out)])
    how = {"split": "nested", "folds": split.folds, "reason": split.reason, "tested": len(cohort)}
    return Unseen(cohort, probability, how)


def evaluate(found: Unseen, *, seed: int = 1, draws: int | None = None) -> dict[str, Any]:
    """Overall, by group, for decisions, in doubt. Plain numbers, ready for JSON."""
    settings = load("limits")["judge"]
    draws = settings["bootstrap_draws"] if draws is None else draws
    y, p, study = found.cohort.outcome, found.probability, found.cohort.study
    overall = measured(y, p, seed=seed, draws=draws)
    low, high = settings["slope"]
    slope = overall["calibration_slope"]["value"]
    result: dict[str, Any] = {
        "how": found.how,
        "overall": overall,
        "slope_within": {"low": low, "high": high, "kept": slope is not None and low <= slope <= high},
        "tenths": tenths(y, p),
        "decision_curve": decision_curve(y, p),
        "reject_option": [
            row for threshold in settings["thresholds"][1::2] for row in reject_option(y, p, threshold)
        ],
        "limits": {"version": load("limits")["version"], "status": load("limits")["status"], "draws": draws},
    }
    if study.average_over:
        group = found.cohort.groups[study.average_over]
        result["brier_averaged"] = {
            "groups_of": study.average_over,
            **averaged(y, p, group, seed=seed, draws=draws),
        }
    return result


def fairness(found: Unseen, *, seed: int = 1, draws: int = 100) -> dict[str, Any] | None:
    """The measures by group and by two groups together. None if the study names no groups."""
    if not found.cohort.groups.width:
        return None
    settings = load("limits")["judge"]
    groups = by_group(found.cohort.outcome, found.probability, found.cohort.groups, seed=seed, draws=draws)
    return {"smallest_group": settings["smallest_group"], "groups": groups, "effect_of_adding": None}


def stability(cohort: Cohort, wanted: Model, seeds: int | None = None) -> dict[str, Any]:
    """How much a person's probability moves when only chance differs: other seeds, and a fresh draw of those
    who train. The same people are tested each time."""
    seeds = load("limits")["judge"]["seeds"] if seeds is None else seeds
    if cohort.study.split.kind == "temporal":
        early, late = temporal(cohort)
    else:
        fold = folds(cohort.person.to_numpy(), cohort.outcome, cohort.study.split.folds, wanted.seed)
        early, late = np.flatnonzero(fold != 0), np.flatnonzero(fold == 0)
    test, runs = cohort.take(late), []
    for seed in range(seeds):
        random = np.random.default_rng([wanted.seed, seed])
        drawn = np.sort(random.choice(early, len(early)))
        predictor = fit(cohort.take(drawn), wanted.model_copy(update={"seed": wanted.seed + seed}))
        runs.append(predictor.probabilities(test.values))
    spread = np.std(runs, axis=0, ddof=1)
    crossings = {
        str(threshold): round(float(np.mean(_sides_differ(runs, threshold))), 5)
        for threshold in load("limits")["judge"]["thresholds"]
    }
    brier = [float(np.mean((test.outcome - run) ** 2)) for run in runs]
    return {
        "refits": seeds,
        "typical_spread": round(float(np.median(spread)), 5),
        "large_spread": round(float(np.quantile(spread, 0.95)), 5),
        "brier_from": round(min(brier), 5),
        "brier_until": round(max(brier), 5),
        "changes_side": crossings,
    }


def _sides_differ(runs: list[Array], threshold: float) -> Array:
    """Whose runs lie on both sides of the threshold, shape (people,)."""
    above = np.array(runs) >= threshold
    differ: Array = above.any(axis=0) & ~above.all(axis=0)
    return differ


def with_groups(cohort: Cohort, names: tuple[str, ...]) -> Cohort:
    """The cohort with characteristics as if they were features, to measure what they would add. Nothing fitted on
    it is ever kept: the registry trains from a study's definition, which refuses them."""
    study = cohort.study
    added = {
        f"audit {name}": Feature(
            kind="category", description="measured only", known_at="index_date", known_at_source="audit"
        )
        for name in names
    }
    changed = study.model_copy(update={"features": {**study.features, **added}})
    values = cohort.values.with_columns(cohort.groups[name].alias(f"audit {name}") for name in names)
    whole = cohort.take(np.arange(len(cohort)))
    whole.study, whole.values = changed, values
    return whole


def effect_of_adding(cohort: Cohort, wanted: Model, without: Unseen, *, draws: int = 100) -> dict[str, Any]:
    """What the protected groups of the study would change if they entered the score: measured, never used."""
    names = tuple(name for name in cohort.groups.columns if never(name))
    if not names:
        return {}
    found = unseen(with_groups(cohort, names), wanted)
    y, a, b = found.cohort.outcome, without.probability, found.probability
    random = np.random.default_rng(wanted.seed)
    gain = (y - a) ** 2 - (y - b) ** 2
    drawn = [float(gain[random.integers(0, len(y), len(y))].mean()) for _ in range(draws)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    groups = by_group(y, b, found.cohort.groups, seed=wanted.seed, draws=min(draws, 20))
    return {
        "added": list(names),
        "brier_gain": {"value": round(float(gain.mean()), 6), "low": round(low, 6), "high": round(high, 6)},
        "expected_with": [
            {"group": g["group"], "observed": g["observed"], "expected": g["expected"]} for g in groups if g["n"]
        ],
    }  # fmt: skip
