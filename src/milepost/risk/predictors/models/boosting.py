"""Gradient boosting: histogram trees by scikit-learn, or CatBoost's symmetric trees where that is installed."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from milepost.risk.predictors.models.plain import Trees
from milepost.risk.predictors.models.threads import THREADS, few_threads
from milepost.risk.rows import Array

GRID: tuple[dict[str, Any], ...] = (
    {"max_leaf_nodes": 16, "max_iter": 220},
    {
        "max_leaf_nodes": 16, "max_iter": 600, "learning_rate": 0.02, "max_features": 0.15, "l2_regularization": 20.0,
    },
)  # fmt: skip
"""A quick setting and a slow, more strongly held one. On the public re-arrest data other sizes of tree were within
0.0005 of their Brier score. A study may give its own."""
COMMON: dict[str, Any] = {
    "learning_rate": 0.03, "min_samples_leaf": 20, "l2_regularization": 5.0, "max_features": 0.3,
}  # fmt: skip
CATBOOST_GRID: tuple[dict[str, Any], ...] = (
    {"depth": 4, "iterations": 500, "learning_rate": 0.04},
    {"depth": 6, "iterations": 300, "learning_rate": 0.04},
)


LARGEST = sys.float_info.max
"""Stands for an endless threshold, by which a tree parts missing from known: JSON has no infinity."""


class _Nodes:
    """Collects the nodes of many trees in one row of arrays."""

    def __init__(self) -> None:
        self.held: dict[str, list[Any]] = {
            k: [] for k in ("roots", "input", "threshold", "missing_left", "left", "right", "value")
        }

    def tree(self, nodes: list[tuple[int, float, bool, int, int, float]]) -> None:
        """Nodes with children numbered within the tree."""
        at = len(self.held["input"])
        self.held["roots"].append(at)
        for which, cut, missing_left, left, right, value in nodes:
            row = (which, cut, missing_left, at + left, at + right, value)
            for key, item in zip(
                ("input", "threshold", "missing_left", "left", "right", "value"), row, strict=True
            ):
                self.held[key].append(item)

    def done(self, intercept: float) -> Trees:
        return Trees(intercept=intercept, **self.held)


def fit(inputs: Array, outcome: Array, settings: dict[str, Any], seed: int) -> Trees:
    """``settings`` are those of ``HistGradientBoostingClassifier``. Shapes: (rows, inputs) and (rows,)."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(**{**COMMON, **settings}, early_stopping=False, random_state=seed)
    with few_threads():
        model.fit(inputs, outcome)
    nodes = _Nodes()
    for (tree,) in model._predictors:  # the one way to the trees; the test compares with predict_proba
        nodes.tree(
            [
                (-1, 0.0, False, 0, 0, float(n["value"]))
                if n["is_leaf"]
                else (
                    int(n["feature_idx"]), min(float(n["num_threshold"]), LARGEST), bool(n["missing_go_to_left"]),
                    int(n["left"]), int(n["right"]), 0.0,
                )
                for n in tree.nodes
            ]
        )  # fmt: skip
    return nodes.done(float(model._baseline_prediction[0][0]))


def fit_catboost(inputs: Array, outcome: Array, settings: dict[str, Any], seed: int) -> Trees:
    """``settings`` are those of ``CatBoostClassifier``. Its trees ask the same question on each level."""
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        **{
            "verbose": False,
            "thread_count": THREADS,
            "random_seed": seed,
            "allow_writing_files": False,
            **settings,
        }
    ).fit(inputs, outcome)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        model.save_model(str(path), format="json")
        held = json.loads(path.read_text(encoding="utf-8"))
    treatment = [f.get("nan_value_treatment") for f in held["features_info"]["float_features"]]
    nodes = _Nodes()
    for tree in held["oblivious_trees"]:
        splits = tree["splits"] or []
        depth = len(splits)
        built: list[tuple[int, float, bool, int, int, float]] = []
        for level in range(depth):
            split = splits[depth - 1 - level]  # the last question is the highest bit of a leaf's number
            which = split["float_feature_index"]
            for i in range(2**level):
                first = 2 ** (level + 1) - 1 + 2 * i
                missing_left = treatment[which] != "AsTrue"
                built.append((which, float(split["border"]), missing_left, first, first + 1, 0.0))
        built += [(-1, 0.0, False, 0, 0, float(value)) for value in tree["leaf_values"]]
        nodes.tree(built)
    scale, bias = held["scale_and_bias"]
    trees = nodes.done(float(bias[0]))
    trees.value[:] = [v * scale for v in trees.value]
    return trees
