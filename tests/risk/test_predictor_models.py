"""Models as plain numbers: the same probabilities as the library that fitted them, and the known truth recovered."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import polars as pl
import pytest
from predictors_scene import DRAWS, changed, cohort

from milepost.risk.predictors import measures
from milepost.risk.predictors.cohort import read_cohort
from milepost.risk.predictors.evaluate import effect_of_adding, evaluate, stability, unseen
from milepost.risk.predictors.fit import _members, fit, load_predictor
from milepost.risk.predictors.models import boosting, explainable, logistic, scorecard
from milepost.risk.predictors.models.plain import Tables, load_model
from milepost.risk.predictors.models.threads import few_threads
from milepost.risk.predictors.study import Model
from milepost.risk.rows import Array
from milepost.risk.scored import sigmoid
from milepost.synth.outcomes import synthetic_outcomes, synthetic_study


def made(n: int = 700) -> tuple[Array, Array]:
    """Three inputs with gaps, and an outcome that follows two of them."""
    random = np.random.default_rng(5)
    inputs = random.normal(size=(n, 3))
    outcome = (random.random(n) < sigmoid(inputs[:, 0] - inputs[:, 1] ** 2)).astype(float)
    inputs[random.random((n, 3)) < 0.1] = np.nan
    inputs[:, 2] = np.round(inputs[:, 2])
    return inputs, outcome


def test_trees_score_as_the_library_does() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    inputs, outcome = made()
    settings = {"max_iter": 20, "max_leaf_nodes": 8}
    expected = HistGradientBoostingClassifier(
        **{**boosting.COMMON, **settings}, early_stopping=False, random_state=1
    )
    with few_threads():
        expected.fit(inputs, outcome)
        wanted = expected.predict_proba(inputs)[:, 1]
    found = sigmoid(boosting.fit(inputs, outcome, settings, 1).log_odds(inputs))
    np.testing.assert_allclose(found, wanted, atol=1e-12)


@pytest.mark.skipif(not importlib.util.find_spec("catboost"), reason="the extra challenger is not installed")
def test_symmetric_trees_score_as_catboost_does() -> None:
    from catboost import CatBoostClassifier

    inputs, outcome = made()
    settings = {"iterations": 20, "depth": 4, "learning_rate": 0.1}
    expected = CatBoostClassifier(
        **settings, verbose=False, random_seed=1, thread_count=1, allow_writing_files=False
    ).fit(inputs, outcome)
    found = sigmoid(boosting.fit_catboost(inputs, outcome, settings, 1).log_odds(inputs))
    np.testing.assert_allclose(found, expected.predict_proba(inputs)[:, 1], atol=1e-6)


@pytest.mark.skipif(not importlib.util.find_spec("interpret"), reason="the extra challenger is not installed")
def test_tables_score_as_explainable_boosting_does() -> None:
    from interpret.glassbox import ExplainableBoostingClassifier

    inputs, outcome = made()
    expected = ExplainableBoostingClassifier(
        feature_types=["continuous"] * 3, interactions=0, outer_bags=4, n_jobs=1, random_state=1
    )
    with pytest.warns(UserWarning, match="Missing values"):
        expected.fit(inputs, outcome)
    found = sigmoid(explainable.fit(inputs, outcome, {}, 1).log_odds(inputs))
    np.testing.assert_allclose(found, expected.predict_proba(inputs)[:, 1], atol=1e-9)


def test_logistic_regression_is_the_line_it_says() -> None:
    """With a weak penalty and nothing missing: maximum likelihood, by Newton's method on one input."""
    from milepost.risk.predictors.calibrate import logistic_line

    random = np.random.default_rng(2)
    x = random.normal(3.0, 2.0, 2000)
    y = (random.random(2000) < sigmoid(-1 + 0.5 * x)).astype(float)
    a, b = logistic_line(x, y)
    found = logistic.fit(x[:, None], y, {"C": 1e6}, 1).log_odds(np.array([[0.0], [1.0]]))
    np.testing.assert_allclose(found, [a, a + b], atol=1e-3)
    assert abs(b - 0.5) < 0.1


def test_a_scorecard_can_be_added_up_on_paper() -> None:
    inputs, outcome = made()
    card = scorecard.fit(inputs, outcome, {"items": 2}, 1)
    assert isinstance(card, Tables)
    assert len(card.parts) <= 2
    points = [p for part in card.parts for p in (*part["values"], part["missing"])]
    assert all(p == int(p) and abs(p) <= 10 for p in points)
    assert measures.auc(outcome, card.log_odds(inputs)) > 0.65
    row = inputs[:1]
    by_hand = sum(
        part["missing"]
        if np.isnan(row[0, part["input"]])
        else part["values"][sum(edge <= row[0, part["input"]] for edge in part["edges"])]
        for part in card.parts
    )
    assert card.sums(row)[0] == by_hand


@pytest.mark.parametrize("kind", ["logistic", "blend"])
def test_what_is_kept_as_text_scores_the_same(kind: str) -> None:
    held = cohort()
    wanted = Model(kind=kind, settings={"boosting": {"max_iter": 10}})  # type: ignore[arg-type]
    found = fit(held, wanted)
    again = load_predictor(json.loads(json.dumps(found.as_dict())))
    np.testing.assert_array_equal(again.probabilities(held.values), found.probabilities(held.values))


def test_a_blend_leaves_out_a_member_that_knows_nothing() -> None:
    random = np.random.default_rng(3)
    truth = random.normal(size=4000)
    outcome = (random.random(4000) < sigmoid(truth)).astype(float)
    one, other = (truth + random.normal(scale=0.7, size=4000) for _ in range(2))
    guess = random.normal(scale=2.0, size=4000)
    assert set(_members({"one": one, "guess": guess, "other": other}, outcome)) == {"one", "other"}
    assert _members({"guess": guess, "truth": truth}, outcome) == ("truth",)


def test_the_truth_is_recovered_on_later_people() -> None:
    """12,000 synthetic people: the probabilities are close to the true ones, and calibrated by every measure."""
    people = synthetic_outcomes(12_000, 4)
    found = unseen(read_cohort(synthetic_study(), people), Model(settings={"logistic": {"C": 0.2}}))
    truth = dict(zip(people["person_id"], people["true_probability"], strict=True))
    true = np.array([truth[name] for name in found.cohort.person])
    # A tenth of the answers are missing, so that nobody could know each true probability exactly.
    assert np.abs(found.probability - true).mean() < 0.05
    judged = evaluate(found, draws=DRAWS)["overall"]
    assert 0.85 < judged["calibration_slope"]["value"] < 1.15
    assert abs(judged["calibration_intercept"]["value"]) < 0.12
    assert judged["integrated_calibration_index"]["value"] < 0.03


def test_adding_a_group_without_part_in_the_truth_gains_nothing() -> None:
    held = cohort()
    wanted = Model(settings={"logistic": {"C": 0.02}})
    without = unseen(held, wanted)
    effect = effect_of_adding(held, wanted, without, draws=30)
    assert effect["added"] == ["ethnicity"]
    assert abs(effect["brier_gain"]["value"]) < 0.003
    assert "audit ethnicity" not in held.study.features


def test_stability_says_how_much_chance_moves_a_person() -> None:
    found = stability(cohort(), Model(settings={"logistic": {"C": 0.02}}), seeds=3)
    assert 0 < found["typical_spread"] < found["large_spread"] < 0.2
    assert found["brier_from"] < found["brier_until"]


def test_people_unlike_those_who_trained_are_counted() -> None:
    held = cohort()
    found = fit(held, Model(settings={"logistic": {"C": 0.02}}))
    strange = held.values[:1].with_columns(age=pl.lit("150"))
    assert found.encoder.unfamiliar(held.values).max() == 0
    assert found.encoder.unfamiliar(strange).tolist() == [1]


def test_an_unknown_kind_of_model_is_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        changed(model={"kind": "oracle"})


def test_what_is_kept_of_logistic_regression_is_what_was_fitted() -> None:
    """Counts, gaps and yes-or-no together, beside the library on the same columns."""
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(6)
    counts, flag = random.poisson(4, 900).astype(float), random.integers(0, 2, 900).astype(float)
    y = (random.random(900) < sigmoid(np.log1p(counts) - 2 + flag)).astype(float)
    inputs = np.column_stack([counts, flag])
    inputs[random.random(900) < 0.2, 1] = np.nan
    missing = np.isnan(inputs[:, 1])
    filled = np.where(missing, np.nanmean(inputs[:, 1]), inputs[:, 1])
    columns = np.column_stack([counts, filled, np.log1p(counts)])
    matrix = np.column_stack([(columns - columns.mean(0)) / columns.std(0), missing])
    with few_threads():
        expected = LogisticRegression(C=0.5, max_iter=2000).fit(matrix, y).predict_proba(matrix)[:, 1]
    found = sigmoid(logistic.fit(inputs, y, {"C": 0.5}, 1).log_odds(inputs))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_trees_that_part_missing_from_known_can_be_kept() -> None:
    random = np.random.default_rng(4)
    inputs = random.integers(0, 2, (400, 1)).astype(float)
    gone = random.random(400) < 0.4
    inputs[gone, 0] = np.nan
    outcome = (random.random(400) < np.where(gone, 0.9, 0.1)).astype(float)
    found = boosting.fit(inputs, outcome, {"max_iter": 5, "max_leaf_nodes": 2, "max_features": 1.0}, 1)
    again = load_model(json.loads(json.dumps(found.as_dict(), allow_nan=False)))
    probability = sigmoid(again.log_odds(np.array([[np.nan], [0.0], [1.0]])))
    assert probability[0] > probability[1] + 0.05
    assert probability[1] == probability[2]
