"""What is measured of a group, from weights on cells: once for the estimate, once for every bootstrap draw.

Definitions: Brier 1950 (mean squared error of probabilities); Cox 1958 (calibration slope: the slope of a logistic
regression of the outcome on the log-odds of the prediction); Mann and Whitney 1947 (AUC); Hardt, Price and Srebro 2016
(error rates by group, arXiv:1610.02413); Chouldechova 2017 (predictive value, arXiv:1703.00056). Subgroup calibration is
the observed rate against the mean prediction, as in evaluations of the National Institute of Justice's 2021 challenge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from milepost.risk.rows import Array

Base = Literal["everyone", "outcome"]
NEWTON_STEPS = 12
CERTAIN = 1e-6
"""Probabilities are kept this far from 0 and 1 where log-odds are taken."""


@dataclass(frozen=True, slots=True)
class Measure:
    """``base``: counted over everyone, or over those with a known outcome. ``rate``: a share of people, 0 to 1.
    ``compared``: with the other groups; else with the value that is ideal. ``events``: given only where enough had
    the outcome, and enough had not."""

    key: str
    base: Base
    needs: frozenset[str]
    rate: bool = False
    compared: bool = True
    ideal: float | None = None
    events: bool = False


def _measure(key: str, base: Base, *needs: str, **more: object) -> Measure:
    return Measure(key, base, frozenset(needs), **more)  # type: ignore[arg-type]


MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        _measure("selection_rate", "everyone", "selected", rate=True),
        _measure("mean_probability", "everyone", "probability"),
        _measure("observed_rate", "outcome", "outcome", rate=True),
        _measure("calibration_gap", "outcome", "probability", "outcome", compared=False, ideal=0.0),
        _measure(
            "calibration_slope", "outcome", "probability", "outcome", compared=False, ideal=1.0, events=True
        ),
        _measure("brier", "outcome", "probability", "outcome", events=True),
        _measure("auc", "outcome", "probability", "outcome", compared=False, events=True),
        _measure("false_positive_rate", "outcome", "selected", "outcome", rate=True),
        _measure("false_negative_rate", "outcome", "selected", "outcome", rate=True),
        _measure("positive_predictive_value", "outcome", "selected", "outcome", rate=True),
    )
}
"""By key, in the order in which they are shown. Mean calibration is judged against 0, its slope against 1."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows, or rows that are alike put together. NaN is unknown."""

    probability: Array
    selected: Array
    outcome: Array

    def taken(self, which: Array) -> Cells:
        return Cells(self.probability[which], self.selected[which], self.outcome[which])


def measure(cells: Cells, weights: Array, base: Base, with_slope: bool = True) -> dict[str, Array]:
    """Every measure of a base, for each row of ``weights`` (draws x cells). NaN where it is not defined."""
    p, s, y = cells.probability, cells.selected, cells.outcome
    has_p, has_s, has_y = ~np.isnan(p), ~np.isnan(s), ~np.isnan(y)
    p0, s0, y0 = np.nan_to_num(p), np.nan_to_num(s), np.nan_to_num(y)
    if base == "everyone":
        columns = np.stack([has_s, s0, has_p, p0], axis=1)
        n_s, selected, n_p, sum_p = (weights @ columns).T
        return {"selection_rate": _share(selected, n_s), "mean_probability": _share(sum_p, n_p)}
    both, marked = has_p & has_y, has_s & has_y
    columns = np.stack(
        [
            has_y, y0, both, both * p0, both * y0, both * (p0 - y0) ** 2,
            marked * s0 * y0, marked * s0 * (1 - y0), marked * (1 - s0) * y0, marked * (1 - s0) * (1 - y0),
        ],
        axis=1,
    )  # fmt: skip
    n_y, events, n, sum_p, sum_y, squares, tp, fp, fn, tn = (weights @ columns).T
    found = {
        "observed_rate": _share(events, n_y),
        "calibration_gap": _share(sum_p - sum_y, n),
        "brier": _share(squares, n),
        "false_positive_rate": _share(fp, fp + tn),
        "false_negative_rate": _share(fn, fn + tp),
        "positive_predictive_value": _share(tp, tp + fp),
    }
    if with_slope and both.any():
        held = weights[:, both]
        found["auc"] = auc(p0[both], y0[both], held)
        found["calibration_slope"] = calibration_slope(p0[both], y0[both], held)
    return found


def denominators(cells: Cells) -> dict[str, Array]:
    """Which rows a measure is a share of (bool over rows)."""
    p, s, y = ~np.isnan(cells.probability), ~np.isnan(cells.selected), ~np.isnan(cells.outcome)
    return {
        "selection_rate": s,
        "mean_probability": p,
        "observed_rate": y,
        **dict.fromkeys(("calibration_gap", "calibration_slope", "brier", "auc"), p & y),
        "false_positive_rate": s & (cells.outcome == 0),
        "false_negative_rate": s & (cells.outcome == 1),
        "positive_predictive_value": y & (cells.selected == 1),
    }


def numerators(cells: Cells) -> dict[str, Array]:
    """Which rows a rate counts (bool over rows), where its denominator holds them."""
    s, y = cells.selected, cells.outcome
    return {
        "selection_rate": s == 1,
        "observed_rate": y == 1,
        "false_positive_rate": s == 1,
        "false_negative_rate": s == 0,
        "positive_predictive_value": y == 1,
    }


def _share(part: Array, whole: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.where(whole > 0, part / whole, np.nan)
    return found


def auc(p: Array, y: Array, weights: Array) -> Array:
    """The chance that somebody with the outcome was scored above somebody without, ties counted half."""
    order = np.argsort(p, kind="stable")
    begins = np.flatnonzero(np.diff(p[order], prepend=-1.0))
    with_it = np.add.reduceat((weights * y)[:, order], begins, axis=1)
    without = np.add.reduceat((weights * (1 - y))[:, order], begins, axis=1)
    below = np.cumsum(without, axis=1) - without / 2
    pairs = with_it.sum(axis=1) * without.sum(axis=1)
    return _share((with_it * below).sum(axis=1), pairs)


def calibration_slope(p: Array, y: Array, weights: Array) -> Array:
    """By Newton's method on all draws at once. NaN where it does not settle (such as perfect separation)."""
    x = np.log(np.clip(p, CERTAIN, 1 - CERTAIN) / np.clip(1 - p, CERTAIN, 1 - CERTAIN))
    a, b = np.zeros(len(weights)), np.ones(len(weights))
    step = np.full(len(weights), np.inf)
    with np.errstate(all="ignore"):
        for _ in range(NEWTON_STEPS):
            mean = 1 / (1 + np.exp(-(a[:, None] + b[:, None] * x)))
            left, spread = weights * (y - mean), weights * mean * (1 - mean)
            g0, g1 = left.sum(axis=1), left @ x
            h00, h01, h11 = spread.sum(axis=1), spread @ x, spread @ (x * x)
            determinant = h00 * h11 - h01 * h01
            da, db = (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant
            a, b, step = a + da, b + db, np.abs(da) + np.abs(db)
    settled = np.isfinite(b) & (step < 1e-3) & (np.abs(b) < 50)
    found: Array = np.where(settled, b, np.nan)
    return found
