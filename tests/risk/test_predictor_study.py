"""What a study refuses: leakage, protected groups, the future in the past. Unknown outcomes are not `no`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from predictors_scene import changed, cohort, people
from pydantic import ValidationError

from milepost.problems import UnreadableFile
from milepost.risk.predictors.cohort import Leakage, read_cohort
from milepost.risk.predictors.split import folds, temporal
from milepost.risk.predictors.study import Study, read_study
from milepost.synth.outcomes import STUDY

FEATURE = {"kind": "category", "description": "x", "known_at": "index_date", "known_at_source": "x"}


def test_a_value_known_after_the_index_date_refuses_the_table() -> None:
    late = people().with_columns(
        pl.when(pl.int_range(pl.len()) == 3)
        .then(pl.col("start_date") + pl.duration(days=1))
        .otherwise(pl.col("assessed_on"))
        .alias("assessed_on"),
        pl.when(pl.int_range(pl.len()) == 3)
        .then(pl.lit("yes"))
        .otherwise(pl.col("unemployed"))
        .alias("unemployed"),
    )
    with pytest.raises(Leakage) as caught:
        read_cohort(changed(), late, "people.csv")
    text = str(caught.value)
    assert "people.csv, row 5, field unemployed" in text
    assert "after the index date" in text
    assert "leave it empty" in text


def test_a_value_without_a_date_is_refused_and_an_empty_one_is_not() -> None:
    undated = people().with_columns(pl.lit(None, pl.Date).alias("assessed_on"))
    with pytest.raises(Leakage, match="Nothing says when this was known"):
        read_cohort(changed(), undated)
    empty = undated.with_columns(
        pl.lit(None, pl.String).alias(name) for name in ("drug_misuse", "unemployed", "no_settled_home")
    )
    assert len(read_cohort(changed(), empty)) > 1000


@pytest.mark.parametrize(
    ("name", "column", "word"),
    [
        ("race", "", "race"),
        ("x", "Race - Ethnicity", "race"),
        ("SelfDefinedEthnicity", "", "ethnicity"),
        ("faith_group", "", "faith"),
        ("disabled", "", "disabled"),
        ("sexual_orientation", "", "sexual orientation"),
        ("area_code", "ethnicity", "ethnicity"),
    ],
)
def test_protected_characteristics_are_refused_by_name(name: str, column: str, word: str) -> None:
    with pytest.raises(ValidationError, match=f"{word} never enters a score"):
        changed(features={name: {**FEATURE, "column": column}})


def test_words_that_only_sound_alike_are_let_through() -> None:
    assert changed(features=dict.fromkeys(("traced", "sexual_offence_ever", "brace", "stage"), FEATURE))


def test_a_group_under_another_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="is the group origin"):
        changed(groups={"origin": "grp7"}, features={"x": {**FEATURE, "column": "grp7"}})


def test_a_copy_of_a_protected_group_is_found_in_the_data() -> None:
    coded = people().with_columns(pl.col("ethnicity").str.slice(-1).alias("code"))
    with pytest.raises(UnreadableFile, match="copy of it"):
        read_cohort(changed(features={"code": FEATURE}), coded)


def test_sex_and_age_need_a_written_reason() -> None:
    with pytest.raises(ValidationError, match=r"write under .justification. age"):
        changed(justification={"age": " "})


def test_what_is_known_later_needs_a_retrospective_study() -> None:
    later = {"jobs": {"kind": "number", "description": "x", "known_at": "after"}}
    with pytest.raises(ValidationError, match="known only after the index date"):
        changed(features=later)
    assert changed(features=later, study={"retrospective": "a comparison"})


def test_the_outcome_is_no_feature() -> None:
    with pytest.raises(ValidationError, match="is the outcome"):
        changed(features={"rearrested_on": FEATURE})


def test_a_broken_definition_names_its_key(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(STUDY.read_text().replace("horizon_days = 365", "horizon_days = 0"), encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"study.toml, field cohort.horizon_days"):
        read_study(path)


def test_an_outcome_that_is_not_known_is_left_out_and_counted() -> None:
    held = cohort()
    unknown = held.excluded["outcome not known within the horizon"]
    assert unknown > 0
    assert len(held) + unknown == people().height
    frame = pl.DataFrame(
        {
            "person_id": ["a", "b", "c", "d"],
            "start_date": [dt.date(2021, 1, 1)] * 4,
            "rearrested_on": [dt.date(2022, 1, 1), dt.date(2022, 1, 2), None, None],
            "followed_until": [dt.date(2021, 2, 1), dt.date(2023, 1, 1), dt.date(2022, 1, 1), dt.date(2021, 12, 31)],
            **{name: [None] * 4 for name in ("age", "sex", "ethnicity", "sanctions", "assessed_on")},
            **{name: [None] * 4 for name in ("drug_misuse", "unemployed", "no_settled_home")},
        }
    )  # fmt: skip
    found = read_cohort(changed(), frame)
    # a: on day 365; b: on day 366, followed; c: followed to day 365; d: lost one day before.
    assert dict(zip(found.person, found.outcome, strict=True)) == {"a": 1.0, "b": 0.0, "c": 0.0}


def test_the_past_trains_for_the_future() -> None:
    held = cohort()
    early, late = temporal(held)
    assert held.when is not None
    assert max(held.when[early.tolist()]) <= "2022-06-30" < min(held.when[late.tolist()])
    assert len(early) + len(late) == len(held)


def test_a_person_is_on_one_side_only() -> None:
    person = np.array([f"p{i % 40}" for i in range(200)])
    outcome = (np.arange(200) % 3 == 0).astype(float)
    fold = folds(person, outcome, 5, seed=3)
    assert all(len(set(fold[person == name])) == 1 for name in set(person))
    assert sorted(np.bincount(fold)) == [40] * 5
    twice = people().with_columns(
        pl.when(pl.int_range(pl.len()) == pl.len() - 1)
        .then(pl.lit(people()["person_id"][0]))
        .otherwise(pl.col("person_id"))
        .alias("person_id")
    )
    held = read_cohort(Study.model_validate(changed().model_dump()), twice)
    early, late = temporal(held)
    assert not set(held.person[early.tolist()]) & set(held.person[late.tolist()])
