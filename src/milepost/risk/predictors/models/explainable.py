"""Explainable boosting by interpret-core: a sum of one curve for each input, kept as tables."""

from __future__ import annotations

import warnings
from typing import Any

from milepost.risk.predictors.models.plain import Tables
from milepost.risk.predictors.models.threads import few_threads
from milepost.risk.rows import Array

GRID: tuple[dict[str, Any], ...] = ({},)


def fit(inputs: Array, outcome: Array, settings: dict[str, Any], seed: int) -> Tables:
    """``settings`` are those of ``ExplainableBoostingClassifier``; no interactions. Shapes (rows, inputs), (rows,)."""
    from interpret.glassbox import ExplainableBoostingClassifier

    fixed = {"interactions": 0, "outer_bags": 4, "n_jobs": 1, "random_state": seed}
    kinds = ["continuous"] * inputs.shape[1]
    model = ExplainableBoostingClassifier(feature_types=kinds, **{**settings, **fixed})
    with warnings.catch_warnings(), few_threads():
        warnings.filterwarnings("ignore", "Missing values detected")  # they have a table value of their own
        model.fit(inputs, outcome)
    parts = []
    for (which,), scores in zip(model.term_features_, model.term_scores_, strict=True):
        # Scores stand as: missing, one for each bin, never seen.
        edges = [float(edge) for edge in model.bins_[which][0]]
        parts.append(
            {
                "input": int(which),
                "edges": edges,
                "values": scores[1:-1].tolist(),
                "missing": float(scores[0]),
            }
        )
    return Tables(float(model.intercept_[0]), 1.0, parts)
