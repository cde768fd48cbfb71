"""A published score carried over to people among whom the outcome is more common."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.nij import weighted_to

from milepost.risk.scored import sigmoid


def test_the_base_rates_score_what_they_score_there() -> None:
    y = np.repeat([1.0, 0.0, 1.0, 0.0], [30, 70, 20, 80])
    sexes = [np.arange(100), np.arange(100, 200)]
    p = np.repeat([0.3, 0.2], 100)
    assert weighted_to(y, p, sexes, 0.15) == pytest.approx(0.15, abs=1e-9)
    assert weighted_to(y, p, sexes, (0.21 + 0.16) / 2) == pytest.approx((0.21 + 0.16) / 2, abs=1e-9)


def test_a_right_model_scores_as_a_right_model_fitted_there() -> None:
    """True probabilities, carried to other base rates, against people drawn with those odds."""
    random = np.random.default_rng(4)
    n, by = 400_000, -0.4
    z = random.normal(-1, 1, n)
    y = (random.random(n) < sigmoid(z)).astype(float)
    cases = random.random(n) < np.where(y == 1, np.exp(by), 1.0)
    there, p = y[cases], sigmoid(z + by)[cases]
    rate = there.mean()
    expected = ((there - p) ** 2).mean()
    found = weighted_to(y, sigmoid(z), [np.arange(n)], rate * (1 - rate))
    assert found == pytest.approx(expected, abs=1e-3)
