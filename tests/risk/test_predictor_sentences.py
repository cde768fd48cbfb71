"""The verdict on a predictor: what it says, and that a translator can find all of it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.foreign import Foreign, left_in_english, sentences_of_the_catalogue

from milepost.risk.predictors.sentences import comparison, verdict


def measured(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high}


EVALUATION: dict[str, Any] = {
    "overall": {
        "n": 12345, "events": 1000, "brier": measured(0.1234567, 0.11, 0.13), "base_rate_brier": 0.2,
        "auc": measured(0.7123, 0.69, 0.73), "calibration_slope": measured(1.01, 0.95, 1.05),
        "integrated_calibration_index": measured(0.01),
    },
    "how": {"split": "temporal"},
    "slope_within": {"low": 0.9, "high": 1.1},
    "brier_averaged": {**measured(0.1, 0.09, 0.11), "groups_of": "1", "skill": 0.2},
    "stability": {"typical_spread": 0.012, "large_spread": 0.04},
}  # fmt: skip
WORSE = EVALUATION | {
    "how": {"split": "folds", "folds": 5},
    "overall": EVALUATION["overall"] | {"brier": measured(0.3, 0.2, 0.4), "calibration_slope": measured(2, 1.5, 3)},
}  # fmt: skip
UNSURE = EVALUATION | {
    "overall": EVALUATION["overall"] | {"calibration_slope": measured(1, 0.8, 1.05), "auc": measured(None)}
}
NO_SLOPE = EVALUATION | {"overall": EVALUATION["overall"] | {"calibration_slope": measured(None)}}
FAIRNESS = {
    "groups": [
        {"group": {"1": "2"}, "n": 1500, "expected": 0.3, "observed": 0.35,
         "observed_minus_expected": measured(0.05, 0.01, 0.09)},
        {"group": {"1": "3"}, "n": 150, "expected": 0.3, "observed": 0.25,
         "observed_minus_expected": measured(-0.05, -0.09, -0.01)},
        {"group": {"1": "4"}, "n": 9, "expected": 0.3, "observed": 0.25,
         "observed_minus_expected": measured(-0.05)},
        {"group": {"1": "5"}, "n": 0},
    ],
    "effect_of_adding": {"added": ["1", "2", "3"], "brier_gain": measured(0.0, -0.001, 0.00002)},
}  # fmt: skip
COMPARED: dict[str, Any] = {
    "people": 1200, "instrument": "1", "without_its_score": 3,
    "predictor": {"brier": measured(0.1, 0.09, 0.11), "auc": measured(0.7, 0.6, 0.8)},
    "instrument_measured": {"brier": measured(0.2, 0.09, 0.11), "auc": measured(None)},
    "better_by": {
        "brier": {**measured(-0.001, -0.1, 0.1), "verdict": "cannot be told apart"},
        "auc": {**measured(0.1, 0.05, 0.15), "verdict": "better"},
    },
}  # fmt: skip


@pytest.mark.parametrize("evaluation", [EVALUATION, WORSE, UNSURE, NO_SLOPE])
@pytest.mark.parametrize("fairness", [FAIRNESS, None])
def test_a_verdict_has_no_word_that_cannot_be_translated(
    evaluation: dict[str, Any], fairness: dict[str, Any] | None
) -> None:
    foreign = Foreign()
    said = verdict(evaluation, fairness, foreign.spoken)
    assert len(said) > 5
    assert left_in_english(said) == []
    assert foreign.asked - sentences_of_the_catalogue() == set()


@pytest.mark.parametrize("clear", ["better", "worse", "cannot be told apart"])
def test_neither_has_a_comparison(clear: str) -> None:
    foreign = Foreign()
    better_by = {name: {**measured(0.1, 0.05, 0.15), "verdict": clear} for name in ("brier", "auc")}
    assert left_in_english(comparison(COMPARED | {"better_by": better_by}, foreign.spoken)) == []
    assert foreign.asked - sentences_of_the_catalogue() == set()


def test_what_the_verdict_says() -> None:
    assert verdict(EVALUATION, FAIRNESS) == [
        "Judged on later people: 12,345 people, 1,000 with the outcome.",
        "Brier score 0.1235 (0.1100 to 0.1300); giving everyone the average scores 0.2000.",
        "Of two people, one with the outcome, that one has the higher score 0.712 (0.690 to 0.730) of the time.",
        "Calibration slope 1.010 (0.950 to 1.050) (1 is right); typical distance from what happened 0.0100.",
        "Brier score averaged over 1: 0.1000 (0.0900 to 0.1100), skill 0.200.",
        "Trained again by chance, one person's probability moves by 0.012 typically, 0.040 for one in twenty.",
        "1 2: 1,500 people, said 0.300, happened 0.350: too low.",
        "1 3: 150 people, said 0.300, happened 0.250: too high.",
        "1 4: 9 people, said 0.300, happened 0.250: cannot tell it is wrong.",
        "1 5: too few people to measure.",
        "Adding 1 and 2 and 3 (measured, never used) would change the Brier score by -0.00000 (-0.00002 to +0.00100).",
    ]
    assert verdict(WORSE, None)[-3:] == [
        "NOT MEASURED: no groups were given, so nothing is known of how fair it is.",
        "NOT GOOD ENOUGH: the slope is outside 0.9 to 1.1.",
        "NOT GOOD ENOUGH: giving everyone the average would be as good.",
    ]
    assert verdict(WORSE, None)[0] == (
        "Judged in 5 folds, each within folds: 12,345 people, 1,000 with the outcome."
    )
    assert "Too few people to say that the slope is within 0.9 to 1.1." in verdict(UNSURE, None)
    assert "The calibration slope could not be worked out." in verdict(NO_SLOPE, None)


def test_what_a_comparison_says() -> None:
    assert comparison(COMPARED) == [
        "1,200 people with a score of 1; 3 without.",
        "Brier score: predictor 0.1000 (0.0900 to 0.1100), instrument 0.2000 (0.0900 to 0.1100). "
        "Difference -0.0010 (-0.1000 to 0.1000): cannot be told apart.",
        "AUC: predictor 0.700 (0.600 to 0.800), instrument not known. Difference 0.100 (0.050 to 0.150): better.",
        "A better score overall may still be worse for a group: see --json, groups.",
    ]
