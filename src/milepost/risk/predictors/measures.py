"""What a probability is worth beside what happened. Outcomes are 0 or 1, probabilities 0 to 1, shapes (rows,).

Sources: Brier 1950, Mon Weather Rev 78:1; Cox 1958, Biometrika 45:562 (calibration intercept and slope);
Austin and Steyerberg 2019, Stat Med 38:4051 (integrated calibration index); Vickers and Elkin 2006,
Med Decis Making 26:565 (net benefit); Wilson 1927, JASA 22:209 (interval of a share).
"""

from __future__ import annotations

import numpy as np

from milepost.risk.predictors.calibrate import log_odds, logistic_line
from milepost.risk.rows import Array
from milepost.risk.scored import sigmoid

NOT_KNOWN = float("nan")
SPAN = 0.75
"""Share of people that each point of the smooth curve looks at, as in the paper on the index."""
GRID = 40


def brier(outcome: Array, probability: Array) -> float:
    """Mean squared distance; 0 is perfect. NaN for nobody."""
    return float(np.mean((outcome - probability) ** 2)) if len(outcome) else NOT_KNOWN


def brier_of_base_rate(outcome: Array) -> float:
    """What giving everyone the average would score."""
    rate = outcome.mean() if len(outcome) else NOT_KNOWN
    return float(rate * (1 - rate))


def auc(outcome: Array, probability: Array) -> float:
    """How often someone with the event had the higher probability than someone without; ties count half."""
    _, whose, counts = np.unique(probability, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[whose]
    events = outcome == 1
    n, m = events.sum(), (~events).sum()
    if n == 0 or m == 0:
        return NOT_KNOWN
    return float((rank[events].sum() - n * (n + 1) / 2) / (n * m))


def calibration_slope(outcome: Array, probability: Array) -> float:
    """1 is right; below 1 the probabilities are too extreme, above 1 too timid."""
    return logistic_line(log_odds(probability), outcome)[1]


def calibration_intercept(outcome: Array, probability: Array) -> float:
    """0 is right on the whole; above 0 more happened than was said. Log-odds, with the slope held at 1."""
    if not 0 < outcome.sum() < len(outcome):
        return NOT_KNOWN
    z, a = log_odds(probability), 0.0
    for _ in range(50):
        p = sigmoid(a + z)
        step = float((outcome - p).sum() / (p * (1 - p)).sum())
        a += float(np.clip(step, -5, 5))
        if abs(step) < 1e-10:
            return a
    return NOT_KNOWN


def integrated_calibration_index(outcome: Array, probability: Array) -> float:
    """Mean distance between a probability and what happened to people with about that probability.

    What happened is a locally weighted line (loess, tricube weights), worked out on a grid of quantiles.
    """
    if len(outcome) < 2:
        return NOT_KNOWN
    order = np.argsort(probability, kind="stable")
    x, y = probability[order], outcome[order]
    points = np.unique(np.quantile(x, np.linspace(0, 1, GRID)))
    near = max(2, int(np.ceil(SPAN * len(x))))
    curve = np.empty(len(points))
    for i, point in enumerate(points):
        at = int(np.clip(np.searchsorted(x, point) - near // 2, 0, len(x) - near))
        while at > 0 and point - x[at - 1] < x[at + near - 1] - point:
            at -= 1
        while at + near < len(x) and x[at + near] - point < point - x[at]:
            at += 1
        part, target = x[at : at + near] - point, y[at : at + near]
        widest = np.abs(part).max()
        weight = np.ones(near) if widest == 0 else (1 - np.minimum(np.abs(part) / widest, 1) ** 3) ** 3
        total, first, second = weight.sum(), weight @ part, weight @ part**2
        spread = total * second - first**2
        if spread <= 1e-12 * total**2:
            curve[i] = weight @ target / total
        else:
            curve[i] = (second * (weight @ target) - first * ((weight * part) @ target)) / spread
    return float(np.mean(np.abs(np.interp(x, points, np.clip(curve, 0, 1)) - x)))


def net_benefit(outcome: Array, chosen: Array, threshold: float) -> float:
    """True finds less false ones, weighed by the odds of the threshold, for each person."""
    n = len(outcome)
    odds = threshold / (1 - threshold)
    return float((outcome[chosen].sum() - odds * (1 - outcome[chosen]).sum()) / n)


def wilson(events: float, n: float, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of a share. The whole range for nobody."""
    if n == 0:
        return 0.0, 1.0
    share, extra = events / n, z * z / n
    middle = (share + extra / 2) / (1 + extra)
    half = z * np.sqrt(share * (1 - share) / n + extra / (4 * n)) / (1 + extra)
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))
