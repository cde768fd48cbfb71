"""Measures beside slow, obvious counterparts and published values; reject option, decision curve, small groups."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest

from milepost.risk.predictors import measures
from milepost.risk.predictors.calibrate import calibrate, log_odds
from milepost.risk.predictors.judge import by_group, decision_curve, measured, reject_option, tenths
from milepost.risk.rows import Array
from milepost.risk.scored import sigmoid


def made(n: int = 300, seed: int = 1) -> tuple[Array, Array]:
    random = np.random.default_rng(seed)
    p = np.round(random.beta(2, 3, n), 2).clip(0.01, 0.99)
    return (random.random(n) < p).astype(float), p


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    y, p = made(80)
    pairs = list(itertools.product(p[y == 1], p[y == 0]))
    expected = np.mean([1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs])
    assert measures.auc(y, p) == pytest.approx(expected)
    assert np.isnan(measures.auc(np.ones(3), p[:3]))


def test_wilson_interval_as_published() -> None:
    """Newcombe 1998, Stat Med 17:857, table I: 81 of 263 is 0.2553 to 0.3662."""
    assert measures.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_calibration_of_what_was_bent_on_purpose() -> None:
    y, p = made(20_000, 3)
    bent = sigmoid(0.4 + 0.5 * log_odds(p))  # too timid: the slope back is 2
    assert measures.calibration_slope(y, bent) == pytest.approx(2.0, abs=0.1)
    assert measures.calibration_slope(y, p) == pytest.approx(1.0, abs=0.05)
    assert measures.calibration_intercept(y, p) == pytest.approx(0.0, abs=0.05)
    assert measures.calibration_intercept(y, sigmoid(log_odds(p) - 0.5)) == pytest.approx(0.5, abs=0.05)
    mended = calibrate("logistic", log_odds(bent), y).probabilities(log_odds(bent))
    assert np.abs(mended - p).max() < 0.03
    steps = calibrate("isotonic", log_odds(bent), y).probabilities(log_odds(bent))
    assert np.abs(steps - p).mean() < 0.03


def test_integrated_calibration_index_is_the_gap_that_was_made() -> None:
    y, p = made(5_000, 5)
    assert measures.integrated_calibration_index(y, p) < 0.02
    assert measures.integrated_calibration_index(y, p * 0.5) == pytest.approx(
        float(np.mean(p * 0.5)), abs=0.02
    )


def test_net_benefit_by_hand() -> None:
    """Ten people, four chosen of whom three had the event, at a threshold of 0.2: (3 - 1 * 0.25) / 10."""
    y = np.array([1, 1, 1, 0, 0, 0, 0, 0, 1, 0], float)
    p = np.array([0.9, 0.5, 0.2, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    row = next(row for row in decision_curve(y, p) if row["threshold"] == 0.2)
    assert row["predictor"] == pytest.approx(0.275)
    assert row["everyone"] == pytest.approx((4 - 6 * 0.25) / 10)


def test_silence_near_the_threshold_leaves_fewer_mistakes() -> None:
    y, p = made(20_000, 7)
    rows = reject_option(y, p, 0.5)
    shares = [row["left_to_people"] for row in rows]
    wrong = [row["wrong_of_the_rest"] for row in rows]
    assert shares == sorted(shares, key=float)
    assert shares[0] == 0
    assert wrong == sorted(wrong, key=float, reverse=True)
    last = rows[-1]
    assert last["wrong_of_those_left"] is not None
    assert last["wrong_of_the_rest"] is not None
    assert last["wrong_of_those_left"] > last["wrong_of_the_rest"]


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """40 samples of 200 from a known truth: the expected Brier score of Beta(2, 3) is 2 * 3 / (5 * 6) = 0.2."""
    held = 0
    for seed in range(40):
        random = np.random.default_rng([seed, 9])
        p = random.beta(2, 3, 200)
        y = (random.random(200) < p).astype(float)
        found = measured(y, p, seed=seed, draws=100, names=("brier",))["brier"]
        held += found["low"] <= 0.2 <= found["high"]
    assert held >= 34


def test_small_groups_are_not_shown_nor_to_be_had_by_subtraction() -> None:
    y, p = made(1200)
    sex = np.where(np.arange(1200) % 2 == 0, "female", "male")
    race = np.where(np.arange(1200) < 60, "C", np.where(np.arange(1200) < 500, "B", "A"))
    rows = by_group(y, p, pl.DataFrame({"sex": sex, "race": race}), seed=1, draws=3)
    silent = {tuple(row["group"].values()) for row in rows if row["n"] is None}
    # 60 people of C are too few; B, the next, is silent too, or the total less A and B would give C.
    assert silent == {("B",), ("C",), ("female", "C"), ("male", "C"), ("female", "B"), ("male", "B")}


def test_tenths_hold_everyone_once() -> None:
    y, p = made(205)
    found = tenths(y, p)
    assert sum(row["n"] for row in found) == 205
    assert all(row["low"] <= row["observed"] <= row["high"] for row in found)
