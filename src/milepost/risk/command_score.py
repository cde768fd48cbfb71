"""`milepost risk score`: scores of one person, explained, or of a table."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from milepost.problems import UnreadableFile
from milepost.risk.command_output import FILE, OUT, print_problems, refuse
from milepost.risk.options import Options

if TYPE_CHECKING:
    from milepost.risk.stream import Totals
    from milepost.risk.tidy import Tidy


@click.command()
@click.argument("answers", type=FILE)
@click.option("--out", "outputs", type=OUT, multiple=True, help="Parquet or CSV, by suffix. May be repeated.")
@click.option(
    "--instruments", "names", default="current", show_default=True,
    help="Keys or groups, with commas: current, legacy, screeners, all, arp, csrp, ogrs3 ...",
)  # fmt: skip
@click.option("--explain", "row", type=int, help="Explain the score of this row (a line of a CSV).")
@click.option("--json", "as_json", is_flag=True, help="Print results as JSON.")
@click.option(
    "--unemployed-one", type=click.Choice(["no", "half", "yes", "refuse"]), default="no", show_default=True,
    help="What a 1 in OASys question 4.2 means; it should be 0 or 2.",
)  # fmt: skip
@click.option(
    "--unemployed-points", type=click.Choice(["1", "2"]), default="2", show_default=True,
    help="What unemployed scores: 2 as stated, 1 as in older calculators.",
)  # fmt: skip
@click.option(
    "--iic-version", type=click.Choice(["stated", "api_2026_08"]), default="stated", show_default=True,
    help="Which published ladder of IIC-SRP.",
)  # fmt: skip
@click.option(
    "--combined-bands", type=click.Choice(["csrp", "rsr"]), default="csrp", show_default=True,
    help="Names of the bands of CSRP.",
)  # fmt: skip
def score(
    answers: Path, outputs: tuple[Path, ...], names: str, row: int | None, as_json: bool,
    unemployed_one: Any, unemployed_points: str, iic_version: Any, combined_bands: Any,
) -> None:  # fmt: skip
    """Score ANSWERS: one person (a JSON object, explained) or a table (CSV or Parquet).

    Columns are named as in the reference "Risk instruments", or as in dsTestCases.csv, with or without header.
    """
    from milepost.risk.instruments import chosen
    from milepost.risk.stream import score_file

    options = Options(
        unemployed_points=1 if unemployed_points == "1" else 2,
        iic_version=iic_version,
        combined_bands=combined_bands,
    )
    today = dt.datetime.now(dt.UTC).date()
    try:
        keys = chosen(tuple(name.strip().lower().replace("-", "_") for name in names.split(",")))
        if answers.suffix.lower() == ".json" or row is not None:
            if outputs:
                raise click.UsageError("--out is for tables; one person is printed.")
            _explain(*_one(answers, row, unemployed_one, today), keys, options, as_json)
        totals = score_file(
            answers, keys, options, outputs=outputs, unemployed_one=unemployed_one, today=today
        )
    except (UnreadableFile, ValueError) as error:
        refuse(str(error))
    for path in outputs:
        click.echo(f"{totals.rows_scored} rows written to {path}", err=True)
    if as_json:
        click.echo(json.dumps(_summary(totals, keys), indent=2))
    else:
        _show(totals, keys)
    print_problems(totals.problems)
    sys.exit(1 if totals.problems.n_errors else 0)


def _one(path: Path, row: int | None, unemployed_one: Any, today: dt.date) -> tuple[Tidy, int]:
    """One person: of a JSON file, or a row of a table, which is read only as far as that row."""
    from milepost.risk.person import read_person
    from milepost.risk.read import read_batches, tidy_batch

    if path.suffix.lower() == ".json":
        return read_person(path, unemployed_one, today), 1
    assert row is not None
    for batch in read_batches(path):
        if batch.numbers.is_empty() or batch.numbers[-1] < row:
            continue
        here = batch.numbers == row
        batch.frame, batch.numbers = batch.frame.filter(here), batch.numbers.filter(here)
        return tidy_batch(batch, path.name, unemployed_one, today), row
    refuse(f"Row {row} is not there.")


def _explain(tidied: Tidy, row: int, keys: tuple[str, ...], options: Options, as_json: bool) -> NoReturn:
    from milepost.risk.person import person_of
    from milepost.risk.result_text import lines
    from milepost.risk.score import score as score_one

    print_problems(tidied.problems, row)
    try:
        person, options = person_of(tidied, row, options)
    except KeyError:
        refuse(f"Row {row} is not there, or was left out because of a bad value.")
    results = score_one(person, keys, options)
    if as_json:
        click.echo(json.dumps({key: r.as_dict() for key, r in results.items()}, indent=2, ensure_ascii=False))
    else:
        for result in results.values():
            click.echo("\n".join(lines(result, person)))
    sys.exit(0 if any(result.scored for result in results.values()) else 1)


def _summary(totals: Totals, keys: tuple[str, ...]) -> dict[str, Any]:
    return {
        "rows_read": totals.rows_read,
        "rows_scored": totals.rows_scored,
        "columns_ignored": list(totals.ignored),
        "instruments": {
            key: {"bands": dict(totals.bands[key]), "not_scored": dict(totals.not_scored[key].most_common())}
            for key in keys
        },
        "problems": [problem.as_dict() for problem in totals.problems.problems],
        "errors": totals.problems.n_errors,
        "warnings": totals.problems.n_warnings,
    }


def _show(totals: Totals, keys: tuple[str, ...]) -> None:
    from milepost.risk.instruments import instruments
    from milepost.risk.stream import nearest

    for key in keys:
        instrument, counted = instruments()[key], totals.bands[key]
        bands = ", ".join(f"{b.replace('_', ' ')} {counted[b]}" for b in instrument.bands if counted[b])
        click.echo(f"{key:8} {bands or ('no bands' if not instrument.bands else 'nobody scored')}")
        for reason, count in totals.not_scored[key].most_common():
            click.echo(f"         {count} without a score: {reason}")
    click.echo(f"{totals.rows_read} rows read, {totals.rows_scored} with a score.")
    if totals.ignored:
        told = [f"{c} (is it {near}?)" if (near := nearest(c)) else c for c in totals.ignored]
        click.echo(f"Columns that no instrument reads: {', '.join(told)}.")
