"""Regularised logistic regression: the plain model that everything stronger must beat."""

from __future__ import annotations

from typing import Any

import numpy as np

from milepost.risk.predictors.models.plain import Linear
from milepost.risk.predictors.models.threads import few_threads
from milepost.risk.rows import Array

GRID: tuple[dict[str, Any], ...] = ({"C": 0.003}, {"C": 0.02}, {"C": 0.2})
"""Inverse strengths of the ridge penalty to choose from, weak last."""


def fit(inputs: Array, outcome: Array, settings: dict[str, Any], seed: int) -> Linear:
    """``settings``: ``C``, the inverse strength of the penalty. Shapes: (rows, inputs) and (rows,).

    A count has its logarithm beside it: the first sanctions tell more than the twentieth.
    """
    from sklearn.linear_model import LogisticRegression

    missing = np.isnan(inputs)
    fill = np.where(missing, 0.0, inputs).sum(0) / np.maximum((~missing).sum(0), 1)
    filled = np.where(missing, fill, inputs)
    counts = np.flatnonzero([_is_count(filled[~missing[:, i], i]) for i in range(inputs.shape[1])])
    mean, scale = _standard(filled)
    logs = np.log1p(filled[:, counts])
    log_mean, log_scale = _standard(logs)
    seen = np.flatnonzero(missing.any(0))
    matrix = np.column_stack([(filled - mean) / scale, (logs - log_mean) / log_scale, missing[:, seen]])
    model = LogisticRegression(C=settings.get("C", 0.02), max_iter=2000, random_state=seed)
    with few_threads():
        model.fit(matrix, outcome)
    weight, log_part, flags = np.split(model.coef_[0], [inputs.shape[1], inputs.shape[1] + len(counts)])
    log_weight, missing_weight = np.zeros(inputs.shape[1]), np.zeros(inputs.shape[1])
    log_weight[counts] = log_part / log_scale
    missing_weight[seen] = flags
    intercept = float(model.intercept_[0] - (log_part * log_mean / log_scale).sum())
    return Linear(
        intercept, fill.tolist(), mean.tolist(), scale.tolist(),
        weight.tolist(), log_weight.tolist(), missing_weight.tolist(),
    )  # fmt: skip


def _is_count(known: Array) -> bool:
    """Whether the logarithm may tell something else: never below 0, and more than yes and no."""
    return bool(len(known) and known.min() >= 0 and len(np.unique(known[:1000])) > 2)


def _standard(matrix: Array) -> tuple[Array, Array]:
    scale = matrix.std(0)
    return matrix.mean(0), np.where(scale == 0, 1.0, scale)
