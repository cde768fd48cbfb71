"""Alarms ring for drift that was made, and rarely for none."""

from __future__ import annotations

import numpy as np
import polars as pl
from predictors_scene import AT, changed, cohort

from milepost.risk.predictors.cohort import read_cohort
from milepost.risk.predictors.drift import (
    calibration_drift,
    cusum,
    input_drift,
    reference_of,
    stability_index,
)
from milepost.risk.predictors.fit import fit
from milepost.risk.predictors.study import Model
from milepost.risk.predictors.watch import watch
from milepost.synth.outcomes import synthetic_outcomes, train_synthetic

PLAIN = Model(settings={"logistic": {"C": 0.02}})


def test_the_stability_index_by_hand() -> None:
    """Half and half becomes 0.6 and 0.4: 0.1 ln 1.2 - 0.1 ln 0.8 = 0.0405."""
    index, chance = stability_index(np.array([500, 500]), np.array([600, 400]))
    assert abs(index - (0.1 * np.log(1.2) - 0.1 * np.log(0.8))) < 1e-12
    assert chance < 1e-4  # as a chi-squared test of the two counts says, 20.2 on one degree


def test_no_alarm_where_nothing_changed_and_one_where_it_did() -> None:
    predictor = fit(cohort(), PLAIN)
    reference = reference_of(cohort(), predictor)
    rung = 0
    for seed in range(20, 28):
        now = read_cohort(changed(), synthetic_outcomes(400, seed))
        found = input_drift(predictor.encoder, reference, now.values, predictor.probabilities(now.values))
        rung += len(found[1])
    assert rung == 0
    out_of_work = read_cohort(changed(), synthetic_outcomes(800, 31, more_unemployed=0.4))
    last = out_of_work.take(np.arange(len(out_of_work))[-190:])
    _, alarms = input_drift(predictor.encoder, reference, last.values, predictor.probabilities(last.values))
    assert {alarm.what for alarm in alarms} >= {"unemployed"}


def test_cusum_rings_for_a_shift_and_seldom_without() -> None:
    random = np.random.default_rng(12)
    rung = 0
    for run in range(40):
        p = random.beta(2, 4, 300)
        rung += bool(cusum((random.random(300) < p).astype(float), p, seed=run)[1])
    assert rung <= 2
    p = random.beta(2, 4, 600)
    odds = p / (1 - p) * np.where(np.arange(600) < 200, 1.0, 2.0)
    found, alarms = cusum((random.random(600) < odds / (1 + odds)).astype(float), p)
    assert [alarm.what for alarm in alarms] == ["more"]
    assert found["more"]["first_over_at"] > 200
    odds = p / (1 - p) / 2
    _, alarms = cusum((random.random(600) < odds / (1 + odds)).astype(float), p)
    assert [alarm.what for alarm in alarms] == ["fewer"]


def test_cusum_is_the_one_of_the_paper_step_by_step() -> None:
    """W becomes max(0, W + y ln R - ln(1 - p + R p)), Steiner and others 2000, with the odds ratio of the settings."""
    random = np.random.default_rng(3)
    p = random.beta(2, 4, 200)
    y = (random.random(200) < p).astype(float)
    highest, w = 0.0, 0.0
    for outcome, chance in zip(y, p, strict=True):
        w = max(0.0, w + outcome * np.log(1.5) - np.log(1 - chance + 1.5 * chance))
        highest = max(highest, w)
    assert cusum(y, p)[0]["more"]["highest"] == round(highest, 4)


def test_calibration_of_each_year_is_judged() -> None:
    random = np.random.default_rng(8)
    p = random.beta(2, 4, 2000)
    year = pl.Series(["2024"] * 1000 + ["2025"] * 950 + ["2026"] * 50)
    odds = p / (1 - p) * np.where(np.arange(2000) < 1000, 1.0, 2.0)
    rows, alarms = calibration_drift((random.random(2000) < odds / (1 + odds)).astype(float), p, year)
    assert {alarm.what for alarm in alarms if alarm.kind == "calibration"} == {"2025"}
    assert rows[2] == {"period": "2026", "n": 50, "suppressed": "too few people to measure"}


def test_watching_a_registered_predictor(tmp_path) -> None:  # type: ignore[no-untyped-def]
    entry = train_synthetic(tmp_path, by="A. Analyst", at=AT, people=1200)
    fresh = synthetic_outcomes(1000, 55)
    assert watch(entry, fresh)["alarms"] == []
    worse = watch(entry, synthetic_outcomes(1000, 55, shift=1.0))
    assert {alarm["kind"] for alarm in worse["alarms"]} >= {"cusum", "calibration"}
    without = watch(entry, fresh.drop("rearrested_on"))
    assert without["with_outcome"] == 0
    assert len(without["inputs"]) == 7
