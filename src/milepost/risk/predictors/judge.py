"""A judgement of probabilities by what happened: measures with intervals, by group, for decisions, and in doubt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from milepost.risk.predictors import measures
from milepost.risk.predictors.data_files import load
from milepost.risk.rows import Array

MEASURES: dict[str, Callable[[Array, Array], float]] = {
    "brier": measures.brier,
    "auc": measures.auc,
    "calibration_intercept": measures.calibration_intercept,
    "calibration_slope": measures.calibration_slope,
    "integrated_calibration_index": measures.integrated_calibration_index,
    "observed_minus_expected": lambda y, p: float(np.mean(y - p)),
}
TENTHS = 10


def measured(
    outcome: Array,
    probability: Array,
    *,
    seed: int = 1,
    draws: int | None = None,
    names: tuple[str, ...] = tuple(MEASURES),
) -> dict[str, Any]:
    """Each of ``names`` as ``{"value", "low", "high"}``, with a percentile bootstrap over people. Shapes: (rows,)."""
    settings = load("limits")["judge"]
    draws = settings["bootstrap_draws"] if draws is None else draws
    random, n = np.random.default_rng(seed), len(outcome)
    drawn: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(draws):
        rows = random.integers(0, n, n)
        for name in names:
            drawn[name].append(MEASURES[name](outcome[rows], probability[rows]))
    found: dict[str, Any] = {
        "n": n, "events": int(outcome.sum()), "observed": _round(outcome.mean()),
        "expected": _round(probability.mean()), "base_rate_brier": _round(measures.brier_of_base_rate(outcome)),
    }  # fmt: skip
    for name in names:
        value = MEASURES[name](outcome, probability)
        found[name] = {"value": _round(value), **interval(drawn[name])}
    return found


def interval(drawn: list[float]) -> dict[str, float | None]:
    """The middle 95 % of what was drawn (``judge.confidence``); None if it could not be worked out."""
    tail = (1 - load("limits")["judge"]["confidence"]) / 2
    known = [value for value in drawn if np.isfinite(value)]
    if len(known) < 2:
        return {"low": None, "high": None}
    low, high = np.quantile(known, [tail, 1 - tail])
    return {"low": _round(low), "high": _round(high)}


def averaged(
    outcome: Array, probability: Array, group: pl.Series, *, seed: int, draws: int
) -> dict[str, Any]:
    """The mean over groups of the Brier score, with an interval from draws within each group, and what the
    average of each group alone would score. Groups that are not known are left out and counted."""
    names = sorted(group.drop_nulls().unique().to_list())
    places = [np.flatnonzero((group == name).fill_null(False).to_numpy()) for name in names]
    squares = (outcome - probability) ** 2
    random = np.random.default_rng(seed)
    drawn = [
        float(np.mean([squares[random.choice(rows, len(rows))].mean() for rows in places]))
        for _ in range(draws)
    ]
    base = float(np.mean([measures.brier_of_base_rate(outcome[rows]) for rows in places]))
    value = float(np.mean([squares[rows].mean() for rows in places]))
    return {
        "over": {
            name: _round(squares[rows].mean()) for name, rows in zip(names, places, strict=True)
        },
        "value": _round(value), **interval(drawn), "base_rate": _round(base), "skill": _round(1 - value / base),
        "not_known": int(group.null_count()),
    }  # fmt: skip


def by_group(
    outcome: Array, probability: Array, groups: pl.DataFrame, *, seed: int, draws: int
) -> list[dict[str, Any]]:
    """The measures for each group, and for each two characteristics together. Small groups are only named."""
    names = groups.columns
    together = [(a,) for a in names] + [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    found: list[dict[str, Any]] = []
    for columns in together:
        table = groups.select(columns).fill_null("not known").with_row_index("__at__")
        cells = {
            tuple(str(k) for k in key): part["__at__"].to_numpy() for key, part in table.group_by(columns)
        }
        silent = _suppressed(cells, outcome)
        for key in sorted(cells):
            member: dict[str, Any] = {"group": dict(zip(columns, key, strict=True))}
            if key in silent:
                found.append({**member, "n": None, "suppressed": "too few people, here or beside it"})
            else:
                rows = cells[key]
                found.append({**member, **measured(outcome[rows], probability[rows], seed=seed, draws=draws)})
    return found


def _suppressed(cells: dict[tuple[str, ...], Array], outcome: Array) -> set[tuple[str, ...]]:
    """The groups too small to show, and more, so that none can be had by taking the others from a total."""
    settings = load("limits")["judge"]
    silent = set()
    for key, rows in cells.items():
        events = outcome[rows].sum()
        few = min(events, len(rows) - events) < settings["smallest_outcome"]
        if few or len(rows) < settings["smallest_group"]:
            silent.add(key)
    width = len(next(iter(cells), ()))
    totals = [{}] if width < 2 else [{at: value} for at in range(width) for value in {k[at] for k in cells}]
    changed = True
    while changed:
        changed = False
        for total in totals:
            members = [k for k in cells if all(k[at] == value for at, value in total.items())]
            shown = [k for k in members if k not in silent]
            if shown and len(members) - len(shown) == 1:
                silent.add(min(shown, key=lambda k: len(cells[k])))
                changed = True
    return silent


def decision_curve(outcome: Array, probability: Array) -> list[dict[str, float]]:
    """Net benefit of acting at each threshold, beside acting on everyone and on nobody (0)."""
    everyone = np.ones(len(outcome), bool)
    return [
        {
            "threshold": threshold,
            "chosen": _round(np.mean(probability >= threshold)),
            "predictor": _round(measures.net_benefit(outcome, probability >= threshold, threshold)),
            "everyone": _round(measures.net_benefit(outcome, everyone, threshold)),
            "nobody": 0.0,
        }
        for threshold in load("limits")["judge"]["thresholds"]
    ]


def reject_option(
    outcome: Array, probability: Array, threshold: float, margins: tuple[float, ...] = (0.0, 0.05, 0.1, 0.15)
) -> list[dict[str, float | None]]:
    """If the predictor keeps silent within ``margin`` of the threshold: how many it leaves to people, and how
    often it is on the wrong side for the rest and would have been for those left."""
    wrong = (probability >= threshold) != (outcome == 1)
    found: list[dict[str, float | None]] = []
    for margin in margins:
        silent = np.abs(probability - threshold) < margin
        found.append(
            {
                "threshold": threshold,
                "margin": margin,
                "left_to_people": _round(silent.mean()),
                "wrong_of_the_rest": _round(wrong[~silent].mean()) if (~silent).any() else None,
                "wrong_of_those_left": _round(wrong[silent].mean()) if silent.any() else None,
            }
        )
    return found


def tenths(outcome: Array, probability: Array) -> list[dict[str, float]]:
    """Ten groups of equal size by probability: what was said and what happened, with its interval."""
    found = []
    for rows in np.array_split(np.argsort(probability, kind="stable"), TENTHS):
        if len(rows) == 0:
            continue
        low, high = measures.wilson(outcome[rows].sum(), len(rows))
        found.append(
            {
                "n": len(rows), "from": _round(probability[rows].min()), "until": _round(probability[rows].max()),
                "expected": _round(probability[rows].mean()), "observed": _round(outcome[rows].mean()),
                "low": _round(low), "high": _round(high),
            }
        )  # fmt: skip
    return found


def _round(value: Any) -> Any:
    """Five places: more would pretend. None for what could not be worked out."""
    return round(float(value), 5) if np.isfinite(value) else None
