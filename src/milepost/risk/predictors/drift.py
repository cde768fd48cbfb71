"""Is the world still the one that the predictor learnt from? Inputs, outcomes and calibration, each with alarms.

Sources: population stability index, Siddiqi 2006 (Credit Risk Scorecards, chapter 9), and its chance distribution,
Yurdakul 2018; risk-adjusted CUSUM, Steiner and others 2000, Biostatistics 1:441. Limits: ``data/limits.toml``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from milepost.risk.predictors import measures
from milepost.risk.predictors.calibrate import log_odds, logistic_line
from milepost.risk.predictors.cohort import Cohort
from milepost.risk.predictors.data_files import load
from milepost.risk.predictors.fit import Predictor
from milepost.risk.predictors.models.encode import Encoder, as_numbers
from milepost.risk.rows import Array

BINS = 10
SMALLEST_SHARE = 1e-4
"""Stands for an empty bin, so that its logarithm exists."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """``level``: ``watch`` or ``alarm``. What to do is for people to decide; a predictor is never moved by this."""

    kind: str
    what: str
    level: str
    value: float
    limit: float
    message: str


def reference_of(cohort: Cohort, predictor: Predictor) -> dict[str, Any]:
    """What the inputs and the probabilities looked like in training: counts by bin, for a later comparison."""
    probability = predictor.probabilities(cohort.values)
    edges = np.unique(np.quantile(probability, np.arange(1, BINS) / BINS))
    found: dict[str, Any] = {
        "probability": {"edges": edges.tolist(), "counts": _counts(probability, edges).tolist()}
    }
    for column in predictor.encoder.columns:
        series = cohort.values[column.feature]
        if column.kind == "category":
            held: dict[str, Any] = {"counts": _words(series, column.levels).tolist()}
        else:
            numbers = as_numbers(series, column)
            known = numbers[~np.isnan(numbers)]
            cuts = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else np.array([])
            held = {"edges": cuts.tolist(), "counts": _counts(numbers, cuts).tolist()}
        found[column.feature] = held
    return found


def stability_index(before: Array, now: Array) -> tuple[float, float]:
    """The population stability index of two sets of counts, and how often chance alone would exceed it.

    Shapes: (bins,). Bins empty in both are left out.
    """
    from scipy.stats import chi2

    both = (before + now) > 0
    before, now = before[both], now[both]
    a = np.maximum(before / before.sum(), SMALLEST_SHARE)
    b = np.maximum(now / now.sum(), SMALLEST_SHARE)
    index = float(((b - a) * np.log(b / a)).sum())
    scale = 1 / before.sum() + 1 / now.sum()
    return index, float(chi2.sf(index / scale, max(len(a) - 1, 1)))


def input_drift(
    encoder: Encoder, reference: dict[str, Any], values: pl.DataFrame, probability: Array
) -> tuple[list[dict[str, Any]], list[Alarm]]:
    """The index of each feature and of the probabilities, with alarms beyond the limits and beyond chance."""
    return compared(reference, counts_of(reference, bins_of(encoder, reference, values, probability)))


def bins_of(
    encoder: Encoder, reference: dict[str, Any], values: pl.DataFrame, probability: Array
) -> pl.DataFrame:
    """The number of the bin of each person's probability and features, as in ``reference``; the last is missing.

    Enough to measure drift later, and less than the features themselves.
    """
    found = {"probability": _bins(probability, np.array(reference["probability"]["edges"]))}
    for column in encoder.columns:
        series = values[column.feature]
        if column.kind == "category":
            found[column.feature] = _levels(series, column.levels)
        else:
            edges = np.array(reference[column.feature]["edges"])
            found[column.feature] = _bins(as_numbers(series, column), edges)
    return pl.DataFrame(found).cast(pl.Int16)


def counts_of(reference: dict[str, Any], bins: pl.DataFrame) -> dict[str, Array]:
    """Counts by bin of each part of ``reference`` that ``bins`` has; rows without a bin are left out."""
    return {
        name: np.bincount(bins[name].drop_nulls().to_numpy(), minlength=len(held["counts"]))
        for name, held in reference.items()
        if name in bins.columns
    }


def compared(reference: dict[str, Any], now: dict[str, Array]) -> tuple[list[dict[str, Any]], list[Alarm]]:
    """As :func:`input_drift`, from counts by bin. What nobody was counted in is left out."""
    limits = load("limits")["drift"]
    rows, alarms = [], []
    for name, counts in now.items():
        if not counts.sum():
            continue
        before = np.array(reference[name]["counts"])
        index, chance = stability_index(before, counts)
        missing = [round(float(c[-1] / c.sum()), 5) for c in (before, counts)]
        rows.append(
            {
                "what": name, "index": round(index, 5), "chance": round(chance, 6),
                "missing_before": missing[0], "missing_now": missing[1],
            }
        )  # fmt: skip
        for level in ("alarm", "watch"):
            if index >= limits[level] and chance < limits["chance"]:
                message = f"{name} is not spread as in training: index {index:.2f}."
                alarms.append(Alarm("inputs", name, level, round(index, 5), limits[level], message))
                break
    return rows, alarms


def cusum(outcome: Array, probability: Array, *, seed: int = 1) -> tuple[dict[str, Any], list[Alarm]]:
    """Two running sums over people in the order of time: is there more, or less, than was said?

    The limit of each is what only ``false_alarm`` of simulated runs over exactly calibrated people exceed.
    Shapes: (rows,), in order of time.
    """
    limits = load("limits")["drift"]
    random = np.random.default_rng(seed)
    runs = random.random((limits["runs"], len(outcome))) < probability
    found: dict[str, Any] = {"n": len(outcome)}
    alarms = []
    for name, odds in (("more", limits["odds_up"]), ("fewer", limits["odds_down"])):
        path = _path(outcome[None, :], probability, odds)[0]
        highest = _path(runs.astype(float), probability, odds).max(axis=1)
        limit = float(np.quantile(highest, 1 - limits["false_alarm"] / 2))
        over = np.flatnonzero(path > limit)
        found[name] = {
            "highest": round(float(path.max()), 4), "limit": round(limit, 4),
            "first_over_at": int(over[0]) if len(over) else None,
        }  # fmt: skip
        if len(over):
            message = f"There is {name} than was said, from person {over[0] + 1} on in order of time."
            alarms.append(
                Alarm("cusum", name, "alarm", round(float(path.max()), 4), round(limit, 4), message)
            )
    return found, alarms


def _path(outcome: Array, probability: Array, odds: float) -> Array:
    """The log-likelihood-ratio CUSUM of each run, shape (runs, people). Never below 0."""
    base = np.log(1 - probability + odds * probability)
    weight = outcome * np.log(odds) - base
    total = np.cumsum(weight, axis=1)
    lowest = np.minimum.accumulate(np.minimum(total, 0), axis=1)
    path: Array = total - lowest
    return path


def calibration_drift(
    outcome: Array, probability: Array, period: pl.Series
) -> tuple[list[dict[str, Any]], list[Alarm]]:
    """Observed over expected, and the slope, for each period; shapes (rows,). Small periods are only counted."""
    limits = load("limits")["drift"]
    rows, alarms = [], []
    for name in sorted(period.drop_nulls().unique().to_list()):
        at = (period == name).fill_null(False).to_numpy()
        y, p = outcome[at], probability[at]
        if len(y) < limits["smallest_period"]:
            rows.append({"period": name, "n": len(y), "suppressed": "too few people to measure"})
            continue
        expected, spread = float(p.sum()), float(np.sqrt((p * (1 - p)).sum()))
        low, high = (y.sum() - 1.96 * spread) / expected, (y.sum() + 1.96 * spread) / expected
        ratio = float(y.sum() / expected)
        slope = logistic_line(log_odds(p), y)[1]
        rows.append(
            {
                "period": name, "n": len(y), "observed": int(y.sum()), "expected": round(expected, 2),
                "ratio": round(ratio, 4), "low": round(low, 4), "high": round(high, 4),
                "slope": round(slope, 4) if np.isfinite(slope) else None,
                "auc": round(measures.auc(y, p), 4), "brier": round(measures.brier(y, p), 5),
            }
        )  # fmt: skip
        if abs(ratio - 1) >= limits["tolerance"] and not low <= 1 <= high:
            message = f"In {name}, {ratio:.2f} times as many as was said ({low:.2f} to {high:.2f})."
            alarms.append(
                Alarm("calibration", str(name), "alarm", round(ratio, 4), limits["tolerance"], message)
            )
        off = abs(slope - 1)
        if off >= limits["slope_tolerance"] and off > 1.96 * _slope_error(p):
            way = "timid" if slope > 1 else "extreme"
            message = f"In {name} the slope is {slope:.2f}: the probabilities are too {way}."
            alarms.append(
                Alarm("slope", str(name), "watch", round(slope, 4), limits["slope_tolerance"], message)
            )
    return rows, alarms


def _slope_error(probability: Array) -> float:
    """Standard error of the slope where it is 1, from the information of the probabilities."""
    z, v = log_odds(probability), probability * (1 - probability)
    spread = float(v @ z**2 - (v @ z) ** 2 / v.sum())
    return 1 / np.sqrt(spread) if spread > 0 else float("inf")


def as_dicts(alarms: list[Alarm]) -> list[dict[str, Any]]:
    return [asdict(alarm) for alarm in alarms]


def _bins(numbers: Array, edges: Array) -> Array:
    """The bin of each; the last is what is missing."""
    found: Array = np.where(
        np.isnan(numbers), len(edges) + 1, np.searchsorted(edges, np.nan_to_num(numbers), side="right")
    )
    return found


def _levels(series: pl.Series, levels: list[str]) -> Array:
    """The level of each; then other words; the last is what is missing."""
    at = {level: number for number, level in enumerate(levels)}
    gone, other = len(levels) + 1, len(levels)
    return np.array([gone if word is None else at.get(word, other) for word in series.to_list()], dtype=int)


def _counts(numbers: Array, edges: Array) -> Array:
    return np.bincount(_bins(numbers, edges), minlength=len(edges) + 2)


def _words(series: pl.Series, levels: list[str]) -> Array:
    return np.bincount(_levels(series, levels), minlength=len(levels) + 2)
