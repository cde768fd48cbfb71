"""Scores in shadow beside later outcomes: who counts is what a slow loop says, and nothing small is told."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from predictors_scene import AT, people

from milepost.risk.predictors.followed import OUTCOMES, join_outcomes, spans, steps
from milepost.risk.predictors.registry import Entry, Registry
from milepost.risk.predictors.shadow import erase_person, score_in_shadow, shadow_bins, shadow_rows
from milepost.risk.predictors.watch import watch_shadow
from milepost.synth.outcomes import train_synthetic

DAY = dt.date(2024, 1, 1)
HORIZON, WAITING = 100, 30


def days(n: int) -> dt.date:
    return DAY + dt.timedelta(days=n)


def made(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    random = np.random.default_rng(seed)
    scores = [
        (
            f"P{random.integers(30)}",
            f"{days(int(random.integers(300)))}T09:00:00+00:00",
            float(random.random()),
        )
        for _ in range(60)
    ]
    outcomes = [
        (
            f"P{random.integers(35)}", days(int(random.integers(500))) if random.random() < 0.6 else None,
            days(int(random.integers(600))),
        )
        for _ in range(80)
    ]  # fmt: skip
    return (
        pl.DataFrame(scores, schema=["person", "scored_at", "probability"], orient="row"),
        pl.DataFrame(outcomes, schema=OUTCOMES, orient="row"),
    )


@pytest.mark.parametrize("seed", range(8))
def test_who_counts_is_what_a_loop_over_people_says(seed: int) -> None:
    scores, outcomes = made(seed)
    today = days(400)
    expected, waiting, not_followed = {}, 0, 0
    for person in sorted(set(scores["person"])):
        own = sorted(row for row in scores.rows() if row[0] == person)
        at = dt.date.fromisoformat(own[0][1][:10])
        of = [row for row in outcomes.rows() if row[0] == person]
        end = at + dt.timedelta(days=HORIZON)
        if end + dt.timedelta(days=WAITING) > today:
            waiting += 1
        elif not any(row[2] >= end + dt.timedelta(days=WAITING) for row in of):
            not_followed += 1
        else:
            expected[person] = float(any(row[1] and at < row[1] <= end for row in of))
    joined = join_outcomes(scores, outcomes, horizon_days=HORIZON, waiting_days=WAITING, today=today)
    assert dict(zip(joined.known["person"], joined.known["outcome"], strict=True)) == expected
    assert (joined.waiting, joined.not_followed) == (waiting, not_followed)
    assert joined.scored == joined.waiting + joined.not_followed + joined.known.height
    assert joined.known["scored_on"].is_sorted()


def test_an_event_that_came_early_does_not_count_before_everybody_elses_time_is_up() -> None:
    """Or there would be only people with events at first, and an alarm on every new predictor."""
    scores = pl.DataFrame({"person": ["A"], "scored_at": [f"{DAY}T09:00:00+00:00"], "probability": [0.2]})
    event = pl.DataFrame([("A", days(3), days(60))], schema=OUTCOMES, orient="row")
    told = {"horizon_days": HORIZON, "waiting_days": 0}
    assert join_outcomes(scores, event, today=days(50), **told).waiting == 1
    assert join_outcomes(scores, event, today=days(150), **told).not_followed == 1
    whole = pl.DataFrame([("A", days(3), days(100))], schema=OUTCOMES, orient="row")
    assert join_outcomes(scores, whole, today=days(150), **told).known["outcome"].to_list() == [1.0]


def test_spans_and_steps_are_never_too_small_and_hold_everyone() -> None:
    random = np.random.default_rng(4)
    for _ in range(50):
        n = int(random.integers(100, 700))
        outcome = (random.random(n) < random.uniform(0.1, 0.9)).astype(float)
        if min(outcome.sum(), n - outcome.sum()) < 10:
            continue
        on = pl.Series(sorted(days(int(d)) for d in random.integers(0, 900, n)))
        names = np.array(spans(on, outcome, people=100, each=10))
        groups = steps(random.random(n), outcome, most=10, people=20, each=10)
        assert len(names) == sum(len(g) for g in groups) == n
        assert len(set(np.concatenate(groups))) == n
        for at in [*(np.flatnonzero(names == name) for name in set(names)), *groups]:
            assert min(outcome[at].sum(), len(at) - outcome[at].sum()) >= 10


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Entry:
    folder = tmp_path_factory.mktemp("watched")
    entry = train_synthetic(folder, by="A. Analyst", at=AT, people=1200)
    return Registry(folder).move(entry, "shadow", by="A. Analyst", why="to judge it", at=AT)


SCORED = dt.datetime(2023, 3, 1, 9, tzinfo=dt.UTC)
LATER = dt.date(2024, 6, 1)


@pytest.fixture
def scored(trained: Entry, tmp_path: Path) -> Entry:
    import shutil

    shutil.copytree(trained.folder.parents[1], tmp_path / "predictors")
    return Registry(tmp_path / "predictors").entry(trained.name)


def happened(frame: pl.DataFrame) -> pl.DataFrame:
    """Outcomes of people as the service would hand them over, everyone scored on one day."""
    shift = pl.lit(SCORED.date()) - pl.col("start_date")
    return frame.select(
        pl.col("person_id").alias("person"), (pl.col("rearrested_on") + shift).alias("happened_on"),
        (pl.col("followed_until") + shift).alias("followed_until"),
    )  # fmt: skip


def test_a_predictor_that_is_right_rings_no_alarm_and_one_that_is_not_does(scored: Entry) -> None:
    fresh = people(900, 55)
    score_in_shadow(scored, fresh.drop("rearrested_on"), at=SCORED)
    found = watch_shadow(scored, happened(fresh), waiting_days=0, today=LATER)
    assert [alarm for alarm in found["alarms"] if alarm["level"] == "alarm"] == []
    assert 0.85 < found["overall"]["ratio"] < 1.15
    assert found["inputs"] is None, "nobody was scored within a year"
    assert sum(row["n"] for row in found["periods"]) == found["with_outcome"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    worse = fresh.with_columns(
        pl.coalesce("rearrested_on", pl.col("start_date") + pl.duration(days=9)).alias("rearrested_on")
    )
    found = watch_shadow(scored, happened(pl.concat([worse[:450], fresh[450:]])), waiting_days=0, today=LATER)
    assert {alarm["kind"] for alarm in found["alarms"]} >= {"calibration", "cusum"}


def test_inputs_are_compared_without_any_outcome(scored: Entry) -> None:
    fresh = people(400, 56).with_columns(pl.lit("yes").alias("unemployed"))
    score_in_shadow(scored, fresh.drop("rearrested_on"), at=SCORED)
    found = watch_shadow(scored, None, waiting_days=0, today=SCORED.date() + dt.timedelta(days=30))
    assert found["waiting"] == 400
    assert "unemployed" in {alarm["what"] for alarm in found["alarms"]}
    assert found["overall"] is None


def test_the_stored_bins_say_of_drift_what_the_features_would(scored: Entry) -> None:
    from milepost.risk.predictors.drift import compared, counts_of
    from milepost.risk.predictors.watch import watch

    fresh = people(300, 57)
    score_in_shadow(scored, fresh.drop("rearrested_on"), at=SCORED)
    of_features = watch(scored, fresh.drop("rearrested_on"))["inputs"]
    reference = scored.body["reference"]
    assert compared(reference, counts_of(reference, shadow_bins(shadow_rows(scored))))[0] == of_features


def test_scores_stored_before_there_were_bins_are_still_read(scored: Entry) -> None:
    (scored.folder / "shadow").mkdir()
    old = pl.DataFrame({"person": ["OLD"], "scored_at": ["2023-02-01T09:00:00+00:00"], "probability": [0.5]})
    old.write_parquet(scored.folder / "shadow" / "20230201T090000-0001.parquet")
    score_in_shadow(scored, people(300, 57).drop("rearrested_on"), at=SCORED)
    today = SCORED.date() + dt.timedelta(days=30)
    assert watch_shadow(scored, None, waiting_days=0, today=today)["inputs"]["people"] == 301
    assert erase_person(scored.folder.parents[1], "OLD", dry_run=False) == 1
    assert watch_shadow(scored, None, waiting_days=0, today=today)["scored"] == 300


def test_too_few_are_not_measured_and_small_counts_are_not_told(scored: Entry) -> None:
    fresh = people(104, 58)
    score_in_shadow(scored, fresh.drop("rearrested_on"), at=SCORED)
    outcomes = happened(fresh)
    found = watch_shadow(scored, outcomes[:99], waiting_days=0, today=LATER)
    assert found["overall"] is found["periods"] is found["steps"] is found["cusum"] is None
    assert found["not_followed"] is None, "five people"
    assert found["with_outcome"] is None, "or it could be had by subtraction"
    nobody = outcomes.with_columns(pl.lit(None, pl.Date).alias("happened_on"))
    one = pl.concat([outcomes.filter(pl.col("happened_on").is_not_null())[:3], nobody])
    assert watch_shadow(scored, one, waiting_days=0, today=LATER)["overall"] is None, "three events"
