"""Calibration: log-odds of a model into probabilities that come true as often as they say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from milepost.risk.rows import Array
from milepost.risk.scored import sigmoid

EDGE = 1e-6
"""No person is certain: probabilities stay this far from 0 and 1."""


def log_odds(probability: Array) -> Array:
    p = np.clip(probability, EDGE, 1 - EDGE)
    result: Array = np.log(p / (1 - p))
    return result


@dataclass(frozen=True, slots=True)
class Calibration:
    """``logistic``: intercept and slope on the log-odds (Platt 1999). ``isotonic``: steps of ``x`` to ``y``,
    joined by lines. ``none``: the model's own probabilities."""

    kind: str = "none"
    intercept: float = 0.0
    slope: float = 1.0
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)

    def probabilities(self, z: Array) -> Array:
        """From log-odds, shape (rows,)."""
        if self.kind == "isotonic":
            return np.clip(np.interp(z, self.x, self.y), EDGE, 1 - EDGE)
        return np.clip(sigmoid(self.intercept + self.slope * z), EDGE, 1 - EDGE)

    def as_dict(self) -> dict[str, Any]:
        if self.kind == "isotonic":
            return {"kind": self.kind, "x": self.x, "y": self.y}
        return {"kind": self.kind, "intercept": self.intercept, "slope": self.slope}


def calibrate(kind: str, z: Array, outcome: Array) -> Calibration:
    """Learnt from log-odds that the model gave to people it was not fitted on. Shapes: (rows,)."""
    if kind == "none":
        return Calibration()
    if kind == "logistic":
        intercept, slope = logistic_line(z, outcome)
        return Calibration("logistic", intercept, slope)
    from sklearn.isotonic import IsotonicRegression

    steps = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(z, outcome)
    return Calibration("isotonic", x=steps.X_thresholds_.tolist(), y=steps.y_thresholds_.tolist())


def logistic_line(z: Array, outcome: Array, weight: Array | None = None) -> tuple[float, float]:
    """Maximum-likelihood intercept and slope of the outcome on ``z``, by Newton's method.

    NaN for both where they do not exist: one outcome only, no spread in ``z``, or a clean parting of the two.
    """
    w = np.ones(len(z)) if weight is None else weight
    if np.ptp(z) == 0 or not 0 < w @ outcome < w.sum():
        return float("nan"), float("nan")
    a, b = 0.0, 0.0
    for _ in range(50):
        p = sigmoid(a + b * z)
        v = w * p * (1 - p)
        gradient = np.array([w @ (outcome - p), (w * z) @ (outcome - p)])
        vz = v @ z
        hessian = np.array([[v.sum(), vz], [vz, v @ (z * z)]])
        if np.linalg.det(hessian) < 1e-12:
            return float("nan"), float("nan")
        step = np.linalg.solve(hessian, gradient)
        step *= min(1.0, 5.0 / max(np.abs(step).max(), 1e-300))
        a, b = a + step[0], b + step[1]
        if np.abs(step).max() < 1e-10:
            return float(a), float(b)
    return float("nan"), float("nan")
