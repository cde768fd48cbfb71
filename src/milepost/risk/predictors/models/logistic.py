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
    """``settings``: ``C``, the inverse strength of the penalty. Shapes: (rows, inputs) and (rows,)."""
    from sklearn.linear_model import LogisticRegression

    missing = np.isnan(inputs)
    known = np.where(missing, 0.0, inputs).sum(0), np.maximum((~missing).sum(0), 1)
    fill = known[0] / known[1]
    filled = np.where(missing, fill, inputs)
    mean, scale = filled.mean(0), filled.std(0)
    scale[scale == 0] = 1.0
    seen = np.flatnonzero(missing.any(0))
    matrix = np.column_stack([(filled - mean) / scale, missing[:, seen]])
    model = LogisticRegression(C=settings.get("C", 0.02), max_iter=2000, random_state=seed)
    with few_threads():
        model.fit(matrix, outcome)
    weight = model.coef_[0]
    missing_weight = np.zeros(inputs.shape[1])
    missing_weight[seen] = weight[inputs.shape[1] :]
    return Linear(
        float(model.intercept_[0]), fill.tolist(), mean.tolist(), scale.tolist(),
        weight[: inputs.shape[1]].tolist(), missing_weight.tolist(),
    )  # fmt: skip
