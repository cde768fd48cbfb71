"""`milepost risk predictor`: make and judge a learned predictor, then watch it. Exit codes as everywhere: 0 fine,
1 finished with problems or alarms, 2 could not run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from milepost.risk.command_output import FILE, OUT, print_problems, refuse
from milepost.risk.predictors import commands_watch
from milepost.risk.predictors.command_parts import (
    BY,
    REGISTRY,
    VERSION,
    now,
    open_registry,
    refusing,
)

DATA = click.option("--data", type=FILE, required=True, help="The table: CSV or Parquet.")
KIND = click.option(
    "--kind", type=click.Choice(["logistic", "scorecard", "explainable", "boosting", "catboost", "blend"]),
    help="Another kind of model than the study names.",
)  # fmt: skip
QUICK = click.option("--quick", is_flag=True, help="Fewer draws; no stability, no effect of adding groups.")


@click.group("predictor")
def predictor() -> None:
    """Learned predictors from an area's own data: judged before use, in shadow first, watched, retired.

    None comes with Milepost. A score orders work; it never decides about a person.
    """


def _draws(quick: bool) -> int | None:
    from milepost.risk.predictors.data_files import load

    return int(load("limits")["judge"]["quick_draws"]) if quick else None


def read_study_and_data(study: Path, data: Path, kind: str | None = None) -> Any:
    """The cohort of a study's definition and its table."""
    from milepost.risk.predictors.cohort import read_cohort
    from milepost.risk.predictors.study import read_study
    from milepost.risk.read import read_frame

    read = read_study(study)
    if kind:
        read = read.model_copy(update={"model": read.model.model_copy(update={"kind": kind})})
    frame, first_row = read_frame(data)
    cohort = read_cohort(read, frame, data.name, first_row)
    print_problems(cohort.problems)
    for reason, n in cohort.excluded.items():
        click.echo(f"{n:,} rows left out: {reason}", err=True)
    return cohort


@predictor.command()
@click.argument("study", type=FILE)
@DATA
@REGISTRY
@KIND
@BY
@QUICK
def train(study: Path, data: Path, registry: Path, kind: str | None, by: str, quick: bool) -> None:
    """Judge the model of STUDY on people it has not seen, then fit it on everyone, sign it and keep it."""
    from milepost.risk.predictors.sentences import verdict
    from milepost.risk.predictors.train import train as train_one

    with refusing():
        cohort = read_study_and_data(study, data, kind)
        entry = train_one(
            cohort, open_registry(registry), by=by, at=now(), thorough=not quick, draws=_draws(quick)
        )
    click.echo("\n".join(verdict(entry.body["evaluation"], entry.body["fairness"])))
    click.echo(f"Kept as {entry.name} {entry.version}, state {entry.state}.")
    click.echo(f"Evaluation {entry.body['evaluation_hash']}")
    sys.exit(1 if cohort.problems.n_errors else 0)


@predictor.command()
@click.argument("study", type=FILE)
@DATA
@KIND
@QUICK
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def evaluate(study: Path, data: Path, kind: str | None, quick: bool, as_json: bool) -> None:
    """Judge the model of STUDY on people it has not seen. Nothing is kept."""
    from milepost.risk.predictors.sentences import verdict
    from milepost.risk.predictors.train import judged

    with refusing():
        cohort = read_study_and_data(study, data, kind)
        _, found = judged(cohort, thorough=not quick, draws=_draws(quick))
    if as_json:
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(verdict(found["evaluation"], found["fairness"])))
    sys.exit(1 if cohort.problems.n_errors else 0)


@predictor.command()
@click.argument("study", type=FILE)
@DATA
@KIND
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def compare(study: Path, data: Path, kind: str | None, as_json: bool) -> None:
    """The model of STUDY beside the instrument that it would replace, on the same people."""
    from milepost.risk.predictors.compare import compare as compare_them
    from milepost.risk.predictors.evaluate import unseen
    from milepost.risk.predictors.fit import check_installed
    from milepost.risk.predictors.sentences import comparison

    with refusing():
        cohort = read_study_and_data(study, data, kind)
        check_installed(cohort.study.model)
        found = compare_them(unseen(cohort, cohort.study.model))
    click.echo(json.dumps(found, indent=1, ensure_ascii=False) if as_json else "\n".join(comparison(found)))


@predictor.command()
@click.argument("name")
@DATA
@REGISTRY
@VERSION
@click.option("--out", type=OUT, required=True, help="CSV or Parquet, by suffix.")
def predict(name: str, data: Path, registry: Path, version: int | None, out: Path) -> None:
    """Probabilities of predictor NAME for every row of a table, in its order, to measure it.

    Rows outside the study's cohort are scored too. Each row says the predictor's state: only `approved` is for
    real cases, and what comes of it is a person's decision.
    """
    import polars as pl

    from milepost.risk.predictors.cohort import as_text, feature_values
    from milepost.risk.predictors.study import Study
    from milepost.risk.predictors.train import confidence_of
    from milepost.risk.read import read_frame

    if out.suffix.lower() not in (".csv", ".parquet", ".pq"):
        refuse(f"{out.name}: the suffix must be .csv or .parquet.")
    with refusing():
        entry = open_registry(registry).entry(name, version)
        if entry.state == "retired":
            refuse(f"{entry.name} {entry.version} is retired. It scores nobody any more.")
        study = Study.model_validate(entry.body["study"])
        frame, first_row = read_frame(data)
        whole = as_text(frame, study.cohort.missing)
        values = feature_values(study, whole, data.name)
        held = entry.predictor()
        rows = pl.Series(range(first_row, first_row + whole.height))
        problems = held.encoder.problems(values, rows, data.name)
        probability = held.probabilities(values)
    low, high = confidence_of(probability, entry.body["confidence"])
    person = study.cohort.person
    found = pl.DataFrame(
        {
            **({person: whole[person]} if person and person in whole.columns else {"row": rows}),
            "probability": probability, "people_alike_low": low, "people_alike_high": high,
            "unfamiliar_features": held.encoder.unfamiliar(values),
            "predictor": f"{entry.name} {entry.version}", "state": entry.state,
            "synthetic": entry.body["synthetic"],
        }
    )  # fmt: skip
    write: Callable[[Path], None] = found.write_csv if out.suffix.lower() == ".csv" else found.write_parquet
    write(out)
    print_problems(problems)
    click.echo(f"{found.height} rows written to {out}. State: {entry.state}.", err=True)


for command in commands_watch.COMMANDS:
    predictor.add_command(command)
