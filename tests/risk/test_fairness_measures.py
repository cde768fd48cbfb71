"""Every measure against a loop that says what it means, and against published figures and identities."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from milepost.risk.fairness import check, read_table
from milepost.risk.fairness.bootstrap import difference, draws, gridded, wilson
from milepost.risk.fairness.findings import equal_value_errors
from milepost.risk.fairness.measures import Cells, auc, calibration_slope, measure
from milepost.risk.fairness.settings import age_band, settings


def rows(n: int = 400, seed: int = 3) -> Cells:
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.02, 0.9, n)
    y = (rng.random(n) < p).astype(float)
    s = (p + rng.normal(0, 0.1, n) > 0.5).astype(float)
    y[rng.random(n) < 0.15] = np.nan
    s[rng.random(n) < 0.05] = np.nan
    p[rng.random(n) < 0.05] = np.nan
    return Cells(p, s, y)


def by_loop(cells: Cells) -> dict[str, float]:
    triples = [
        tuple(None if math.isnan(v) else v for v in row)
        for row in zip(cells.probability, cells.selected, cells.outcome, strict=True)
    ]

    def mean(values: list[float]) -> float:
        return sum(values) / len(values)

    scored = [(p, y) for p, _, y in triples if p is not None and y is not None]
    pairs = [
        1.0 if a > b else 0.5 if a == b else 0.0 for a, ya in scored if ya == 1 for b, yb in scored if yb == 0
    ]
    return {
        "selection_rate": mean([s for _, s, _ in triples if s is not None]),
        "mean_probability": mean([p for p, _, _ in triples if p is not None]),
        "observed_rate": mean([y for _, _, y in triples if y is not None]),
        "calibration_gap": mean([p - y for p, y in scored]),
        "brier": mean([(p - y) ** 2 for p, y in scored]),
        "auc": mean(pairs),
        "false_positive_rate": mean([s for _, s, y in triples if s is not None and y == 0]),
        "false_negative_rate": mean([1 - s for _, s, y in triples if s is not None and y == 1]),
        "positive_predictive_value": mean([y for _, s, y in triples if s == 1 and y is not None]),
    }


def test_measures_are_what_a_loop_says():
    cells = rows()
    ones = np.ones((1, len(cells.outcome)))
    found = measure(cells, ones, "everyone") | measure(cells, ones, "outcome")
    for key, value in by_loop(cells).items():
        assert found[key][0] == pytest.approx(value), key


def test_weights_are_the_same_as_rows_repeated():
    cells, rng = rows(60), np.random.default_rng(1)
    times = rng.integers(0, 4, 60)
    repeated = cells.taken(np.repeat(np.arange(60), times))
    weighted = measure(cells, times[None, :].astype(float), "outcome")
    plain = measure(repeated, np.ones((1, int(times.sum()))), "outcome")
    for key, value in plain.items():
        assert weighted[key][0] == pytest.approx(value[0]), key


def test_the_slope_is_where_the_likelihood_is_highest():
    cells = rows()
    both = ~np.isnan(cells.probability) & ~np.isnan(cells.outcome)
    p, y = cells.probability[both], cells.outcome[both]
    slope = calibration_slope(p, y, np.ones((1, len(p))))[0]
    x = np.log(p / (1 - p))

    def likelihood(b: float) -> float:
        return max(
            float(np.sum(y * (a + b * x) - np.log1p(np.exp(a + b * x)))) for a in np.linspace(-1.5, 1.5, 1201)
        )

    assert likelihood(slope) >= max(likelihood(slope - 0.05), likelihood(slope + 0.05))


def test_a_slope_that_cannot_be_told_is_not_told():
    p, y = np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.0, 0.0, 1.0, 1.0])
    assert np.isnan(calibration_slope(p, y, np.ones((1, 4)))[0])
    assert auc(p, y, np.ones((1, 4)))[0] == 1.0


def test_chouldechovas_identity_holds_in_every_table():
    cells = rows(2000)
    known = ~np.isnan(cells.outcome) & ~np.isnan(cells.selected)
    held = cells.taken(known)
    found = measure(held, np.ones((1, int(known.sum()))), "outcome")
    errors = equal_value_errors(
        found["observed_rate"][0], found["positive_predictive_value"][0], found["false_negative_rate"][0]
    )
    assert errors == pytest.approx(found["false_positive_rate"][0])


def test_published_intervals():
    """Newcombe 1998, Statistics in Medicine 17, 857-872: 81 of 263, and 0 of 20; 873-890: 56 of 70 less 48 of 80."""
    assert wilson(81 / 263, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20, 0.95) == pytest.approx((0.0, 0.1611), abs=5e-5)
    one, other = (56 / 70, *wilson(56 / 70, 70, 0.95)), (48 / 80, *wilson(48 / 80, 80, 0.95))
    assert difference(one, other) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_subgroup_calibration_as_reported_for_the_challenge_of_2021():
    """Black women, second year: observed 0.138, predicted 0.189, 261 people: the score is too high."""
    n, events = 261, 36  # 36 of 261 is 0.138
    frame = pl.DataFrame(
        {
            "group": ["a"] * n + ["b"] * n,
            "probability": [0.189] * (2 * n),
            "outcome": [1] * events + [0] * (n - events) + [1] * 49 + [0] * (n - 49),
        }
    )
    report = check(read_table(frame, groups=["group"])[0], title="x")
    first = report.shown("group")[0]
    assert first.measures["calibration_gap"].value == pytest.approx(0.189 - 0.138, abs=1e-3)
    assert first.differences["calibration_gap"].value > 0


def test_draws_keep_the_rows_of_a_person_together():
    cell, person = np.array([0, 1, 1, 2, 2, 2]), np.array([0, 0, 1, 2, 2, 2])
    weights, cells = draws(cell, person, 4000, np.random.default_rng(5))
    assert cells.tolist() == [0, 1, 2]
    assert set(np.unique(weights[:, 2])) == {0.0, 3.0, 6.0, 9.0}, (
        "three rows of one person come or go at once"
    )
    assert weights.mean(axis=0) == pytest.approx([1, 2, 3], rel=0.06)


def test_drawing_sorts_at_once_is_drawing_people_one_by_one():
    rng = np.random.default_rng(9)
    cell = rng.choice(4, 4000, p=[0.1, 0.2, 0.3, 0.4])
    at_once, _ = draws(cell, np.arange(4000), 3000, np.random.default_rng(1))
    drawn = cell[np.random.default_rng(2).integers(0, 4000, (3000, 4000))]
    one_by_one = np.stack([(drawn == c).sum(axis=1) for c in range(4)], axis=1)
    assert at_once.mean(axis=0) == pytest.approx(one_by_one.mean(axis=0), rel=0.01)
    assert at_once.std(axis=0) == pytest.approx(one_by_one.std(axis=0), rel=0.06)


def test_the_grid_changes_no_measure_much():
    cells = rows(3000)
    grid = gridded(cells, settings().logit_step)
    counts = np.bincount(grid.cell_of_row)[None, :].astype(float)
    exact = measure(cells, np.ones((1, 3000)), "outcome")
    coarse = measure(grid.cells, counts, "outcome")
    for key, value in exact.items():
        assert coarse[key][0] == pytest.approx(value[0], abs=2e-3 if key != "calibration_slope" else 2e-2), (
            key
        )


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """100 groups of 40 people, each with three rows, of which the truth is known: 95% intervals, seeded."""
    rng = np.random.default_rng(12)
    n_groups, people, each = 100, 40, 3
    frail = rng.beta(2, 3, (n_groups, people))  # the chance of a person's rows: rows of one person are alike
    y = rng.random((n_groups, people, each)) < frail[:, :, None]
    frame = pl.DataFrame(
        {
            "person_id": [f"{g}-{p}" for g in range(n_groups) for p in range(people) for _ in range(each)],
            "group": [f"g{g}" for g in range(n_groups) for _ in range(people * each)],
            "probability": [0.4] * y.size,
            "outcome": y.ravel().astype(int),
        }
    )
    report = check(read_table(frame, groups=["group"])[0], title="x")
    held = {"observed_rate": 0, "calibration_gap": 0}
    for group in report.shown("group"):
        for key, truth in (("observed_rate", 0.4), ("calibration_gap", 0.0)):
            found = group.measures[key]
            held[key] += found.low <= truth <= found.high
    for key, times in held.items():
        assert 0.90 <= times / n_groups < 1, (key, times)
    wrong = [g.label for g in report.shown("group") if g.differences["observed_rate"].verdict == "differs"]
    assert wrong == [], "nothing differs: with 100 comparisons none may be called sure"


@pytest.mark.parametrize(
    ("age", "band"), [(17, "under 18"), (18, "18 to 24"), (24.9, "18 to 24"), (50, "50 and over")]
)
def test_age_bands(age, band):
    assert age_band(age, (18, 25, 50)) == band
