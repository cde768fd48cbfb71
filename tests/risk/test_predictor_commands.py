"""The commands that the how-to does not run: predict, record, compare, list."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from click.testing import CliRunner, Result
from predictors_scene import AT, people

from milepost.cli import main
from milepost.synth.outcomes import STUDY, train_synthetic


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["risk", "predictor", *(str(argument) for argument in arguments)])


def test_a_kept_predictor_scores_a_file_row_by_row(tmp_path: Path) -> None:
    entry = train_synthetic(tmp_path / "held", by="A. Analyst", at=AT, people=800)
    features = tmp_path / "test.csv"
    shown = people(200, 9).drop("rearrested_on", "followed_until")
    shown.with_columns(
        pl.when(pl.int_range(pl.len()) == 4).then(pl.lit("maybe")).otherwise(pl.col("unemployed")).alias("unemployed")
    ).write_csv(features)  # fmt: skip
    out = tmp_path / "scores.parquet"
    result = run("predict", entry.name, "--data", features, "--registry", tmp_path / "held", "--out", out)
    assert result.exit_code == 0, result.output
    assert (
        "test.csv, row 6, field unemployed: This cannot be read and counts as missing [maybe]"
        in result.stderr
    )
    scores = pl.read_parquet(out)
    assert scores["person_id"].to_list() == shown["person_id"].to_list()
    assert scores["state"].unique().to_list() == ["trained"]
    assert scores["synthetic"].all()
    assert ((scores["people_alike_low"] >= 0) & (scores["people_alike_high"] <= 1)).all()
    truth = pl.DataFrame({"a": scores["probability"], "b": shown["true_probability"]})
    assert truth.select(pl.corr("a", "b")).item() > 0.75

    facts = json.loads(run("record", entry.name, "--registry", tmp_path / "held").stdout)
    assert facts["hash"] == entry.body["model_hash"]
    listed = run("list", "--registry", tmp_path / "held").stdout
    assert "synthetic-rearrest 1: trained, trained on synthetic people." in listed
    missing = run("predict", "other", "--data", features, "--registry", tmp_path / "held", "--out", out)
    assert missing.exit_code == 2
    assert "There are: synthetic-rearrest 1." in missing.stderr


def test_beside_the_instrument_it_would_replace(tmp_path: Path) -> None:
    """An instrument that is the truth cannot be beaten; one that is noise is."""
    data, study = tmp_path / "people.csv", tmp_path / "study.toml"
    people(1200, 3).with_columns(
        pl.int_range(pl.len()).shuffle(seed=1).alias("noise")
    ).write_csv(data)  # fmt: skip
    verdicts = {}
    for column in ("true_probability", "noise"):
        study.write_text(STUDY.read_text() + f'\n[instrument]\nname = "{column}"\ncolumn = "{column}"\n')
        result = run("compare", study, "--data", data, "--json")
        assert result.exit_code == 0, result.output
        verdicts[column] = json.loads(result.stdout)["better_by"]["auc"]["verdict"]
    assert verdicts["noise"] == "better"
    assert verdicts["true_probability"] in ("worse", "cannot be told apart")
