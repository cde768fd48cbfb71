"""`milepost risk fairness`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NoReturn

import click
import polars as pl

from milepost.problems import ProblemList, UnreadableFile

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
SHOWN = 20


def _refuse(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(2)


def _overrides(
    frame: pl.DataFrame, original: str, final: str, order: list[str], way: str, source: str, first_row: int
) -> tuple[pl.DataFrame, str, ProblemList]:
    """The rows that can be read, with a column that says who was overridden so, and what that means in words."""
    from milepost.risk.fairness.overrides import WAYS, ways_of

    ways, good, problems = ways_of(frame, original, final, order, source, first_row)
    frame = frame.with_columns(pl.Series(way, ways[way]).fill_nan(None).cast(pl.Int8)).filter(good)
    return frame, WAYS[way], problems


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--by", "groups", multiple=True, help="A column to compare by; may be repeated. Else sex, ethnicity, age."
)
@click.option(
    "--probability", default="probability", show_default=True, help="Column of probabilities, 0 to 1."
)
@click.option("--selected", default="selected", show_default=True, help="Column that says who was selected.")
@click.option(
    "--outcome", default="outcome", show_default=True, help="Column of what happened; empty is not known."
)
@click.option("--person", default="person_id", show_default=True, help="Column that names the person.")
@click.option("--cut", type=click.FloatRange(0, 1), help="Selected is whose probability is at least this.")
@click.option(
    "--without", help="A second column of probabilities: what leaving something out does to each group."
)
@click.option(
    "--selected-means", default="selected", show_default=True, help="What selected means, in words."
)
@click.option(
    "--outcome-means", default="found to have the outcome", show_default=True,
    help="What the outcome means, in words.",
)  # fmt: skip
@click.option("--title", help="Title of the report; none: the name of the file.")
@click.option(
    "--levels",
    help="Levels of a band or tier, lowest first, with commas: looks at overrides, column level to final.",
)
@click.option(
    "--level", "original", default="level", show_default=True, help="Column of the level as scored."
)
@click.option(
    "--final", default="final", show_default=True, help="Column of the level a person gave in the end."
)
@click.option(
    "--way", type=click.Choice(["overridden", "raised", "lowered"]), default="overridden", show_default=True,
    help="Which overrides are counted as selected, with --levels.",
)  # fmt: skip
@click.option(
    "--out", "outputs", type=OUT, multiple=True, help="HTML, Markdown or JSON, by suffix. May repeat."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def fairness(
    file: Path, groups: tuple[str, ...], probability: str, selected: str, outcome: str, person: str,
    cut: float | None, without: str | None, selected_means: str, outcome_means: str, title: str | None,
    levels: str | None, original: str, final: str, way: str, outputs: tuple[Path, ...], as_json: bool,
) -> None:  # fmt: skip
    """Whether scores, alerts or decisions in FILE treat groups alike, and how sure one can be.

    FILE is CSV or Parquet with a row for each score or decision: a probability, or who was selected, or both; what
    happened later, where it is known; and columns to compare by, such as sex, ethnicity and age_band or age.
    """
    from milepost.risk.fairness import check, read_table
    from milepost.risk.fairness.effect import effect
    from milepost.risk.fairness.page import write_report
    from milepost.risk.fairness.sentences import as_dict, sentence
    from milepost.risk.fairness.view import sorted_findings
    from milepost.risk.read import read_frame

    try:
        frame, first_row = read_frame(file)
        left_out = 0
        if levels is not None:
            order = levels.split(",")
            frame, selected_means, bad = _overrides(frame, original, final, order, way, file.name, first_row)
            left_out, selected = bad.n_errors, way
        options = {"groups": groups, "selected": selected, "outcome": outcome, "person": person, "cut": cut,
                   "source": file.name, "first_row": first_row}  # fmt: skip
        table, problems = read_table(frame, probability=probability, **options)  # type: ignore[arg-type]
        if levels is not None:
            problems.merge(bad)
        report = check(
            table, title=title or file.name, selected_means=selected_means, outcome_means=outcome_means,
            rows_left_out=frame.height - table.rows + left_out,
        )  # fmt: skip
        changed = None
        if without is not None:
            second, more = read_table(frame, probability=without, **options)  # type: ignore[arg-type]
            if (
                without.lower() not in [name.strip().lower() for name in frame.columns]
                or second.probability is None
            ):
                _refuse(
                    f"{file.name}, field {without}: There is no such column. Name a column of probabilities."
                )
            if second.rows != table.rows:
                _refuse(
                    f"{file.name}, field {without}: {more.n_errors} values cannot be read. {more.problems[0]}"
                )
            changed = effect(table, second.probability, names=(probability, without), cut=cut)
        for path in outputs:
            write_report(report, path)
            click.echo(f"Report written to {path}", err=True)
    except UnreadableFile as error:
        _refuse(str(error))
    except (OSError, ValueError) as error:
        _refuse(str(error))
    if as_json:
        told = as_dict(report) | ({"effect": changed.as_dict()} if changed else {})
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        out, perhaps, unsure, rest = sorted_findings(report)
        click.echo(
            f"{table.rows:,} rows about {report.people or 0:,} people, by {', '.join(report.attributes)}."
        )
        if not out:
            click.echo("Nothing stands out from chance. That is not proof that all is equal.")
        for finding in [*out, *perhaps, *rest, *unsure]:
            click.echo(f"- {sentence(report, finding)}")
        for line in changed.sentences() if changed else ():
            click.echo(f"- {line}")
    for problem in problems.problems[:SHOWN]:
        click.echo(f"error: {problem}", err=True)
    if problems.n_errors > SHOWN:
        click.echo(f"error: ... and {problems.n_errors - SHOWN:,} more", err=True)
    sys.exit(1 if problems.n_errors else 0)
