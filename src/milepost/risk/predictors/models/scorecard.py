"""A scorecard of whole points that can be added up on paper."""

from __future__ import annotations

from typing import Any

import numpy as np

from milepost.risk.predictors.models.plain import Tables
from milepost.risk.rows import Array

GRID: tuple[dict[str, Any], ...] = ({"items": 8}, {"items": 16})
BINS = 4
"""Steps of a number. Few, so that the card fits on a page."""
MOST_POINTS = 10
"""Of the strongest step."""


def fit(inputs: Array, outcome: Array, settings: dict[str, Any], seed: int) -> Tables:
    """``settings``: ``items``, how many inputs the card may ask for. Shapes: (rows, inputs) and (rows,).

    Steps between quartiles; L1 logistic regression chooses the items, a second, ridge one weighs them; the
    weights become whole points; what a point is worth in log-odds is fitted last.
    """
    from sklearn.linear_model import LogisticRegression

    cuts = [_edges(inputs[:, i]) for i in range(inputs.shape[1])]
    steps = [_steps(inputs[:, i], edges) for i, edges in enumerate(cuts)]
    owner = np.concatenate([[i] * step.shape[1] for i, step in enumerate(steps)]).astype(int)
    matrix = np.column_stack(steps)
    items = int(settings.get("items", 12))
    chosen: Array = np.array([], int)
    for strength in np.geomspace(0.001, 1.0, 16):
        lasso = LogisticRegression(C=strength, l1_ratio=1.0, solver="liblinear", random_state=seed)
        weight = np.abs(lasso.fit(matrix, outcome).coef_[0])
        used = np.unique(owner[weight > 0])
        strongest = np.array([weight[owner == i].max() for i in used])
        chosen = np.sort(used[np.argsort(-strongest, kind="stable")][:items])
        if len(used) >= items:
            break
    kept = np.isin(owner, chosen)
    weight = np.zeros(len(owner))
    if kept.any():
        ridge = LogisticRegression(C=0.2, max_iter=2000).fit(matrix[:, kept], outcome)
        weight[kept] = ridge.coef_[0]
    unit = max(np.abs(weight).max() / MOST_POINTS, 1e-9)
    points = np.round(weight / unit)
    parts = []
    for i in chosen:
        own = points[owner == i].tolist()
        n = len(cuts[i]) + 1
        values, missing = [0.0, *own[: n - 1]], (own[n - 1] if len(own) >= n else 0.0)
        parts.append({"input": int(i), "edges": cuts[i].tolist(), "values": values, "missing": missing})
    card = Tables(0.0, 1.0, parts)
    sums = card.sums(inputs)[:, None]
    last = LogisticRegression(C=1e6).fit(sums, outcome)
    return Tables(float(last.intercept_[0]), float(last.coef_[0][0]), parts)


def _edges(column: Array) -> Array:
    """Where the steps part: quartiles of what is known; halfway for a yes or no."""
    known = column[~np.isnan(column)]
    distinct = np.unique(known)
    if len(distinct) < 2:
        return np.array([])
    if len(distinct) <= BINS:
        result: Array = (distinct[1:] + distinct[:-1]) / 2
        return result
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS))
    return edges[edges > distinct[0]]


def _steps(column: Array, edges: Array) -> Array:
    """One column of 0 and 1 for each step after the first, and one for missing where anything is."""
    at = np.searchsorted(edges, column, side="right")
    missing = np.isnan(column)
    parts = [(at == i) & ~missing for i in range(1, len(edges) + 1)]
    if missing.any():
        parts.append(missing)
    return np.column_stack(parts).astype(float) if parts else np.empty((len(column), 0))
