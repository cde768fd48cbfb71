"""`milepost risk`: scores and tiers from the command line.

Exit codes: 0 fine, 1 finished but with problems, 2 could not run.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click
import polars as pl

from milepost.problems import ProblemList, UnreadableFile
from milepost.risk.fairness.command import fairness
from milepost.risk.options import Options
from milepost.risk.predictors.commands import predictor

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
SHOWN = 20
SHOWN_OF_A_KIND = 3


@click.group("risk")
def group() -> None:
    """Official risk instruments, exactly as published and explained, and the tier that follows."""


group.add_command(predictor)


def _refuse(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(2)


def _say(problems: ProblemList, row: int | None = None) -> None:
    """The first few of each kind, errors first; of one row, all."""
    for severity in ("error", "warning"):
        shown: dict[tuple[str | None, str], int] = {}
        for problem in problems.problems:
            kind = (problem.field, problem.message)
            if problem.severity != severity or row not in (None, problem.row):
                continue
            shown[kind] = shown.get(kind, 0) + 1
            if shown[kind] <= SHOWN_OF_A_KIND:
                click.echo(f"{severity}: {problem}", err=True)
        if row is not None:
            continue
        for (_, field, message, of), count in problems.counts.items():
            more = count - min(SHOWN_OF_A_KIND, shown.get((field, message), 0))
            if of == severity and more:
                click.echo(f"{severity}: ... and {more:,} more rows, field {field}: {message}", err=True)


def _write(frame: pl.DataFrame, path: Path) -> None:
    if path.suffix.lower() in (".parquet", ".pq"):
        frame.write_parquet(path)
    elif path.suffix.lower() == ".csv":
        frame.write_csv(path)
    else:
        _refuse(f"{path.name}: the suffix must be .parquet or .csv.")
    click.echo(f"{frame.height} rows written to {path}", err=True)


@group.command()
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
    from milepost.risk.person import read_person
    from milepost.risk.read import read_answers
    from milepost.risk.table import score_tidy

    options = Options(
        unemployed_points=1 if unemployed_points == "1" else 2,
        iic_version=iic_version,
        combined_bands=combined_bands,
    )
    try:
        keys = chosen(tuple(name.strip().lower().replace("-", "_") for name in names.split(",")))
        one = answers.suffix.lower() == ".json"
        tidied = (read_person if one else read_answers)(answers, unemployed_one)
    except (UnreadableFile, ValueError) as error:
        _refuse(str(error))
    if one or row is not None:
        if outputs:
            raise click.UsageError("--out is for tables; one person is printed.")
        row = 1 if row is None else row
        _say(tidied.problems, row)
        _explain(tidied, row, keys, options, as_json)
        return
    scores = score_tidy(tidied, keys, options, answers.name)
    for path in outputs:
        _write(scores.frame, path)
    if as_json:
        click.echo(json.dumps(_summary(scores, keys), indent=2))
    else:
        _show(scores, keys)
    _say(scores.problems)
    sys.exit(1 if scores.problems.n_errors else 0)


def _explain(tidied: Any, row: int, keys: tuple[str, ...], options: Options, as_json: bool) -> None:
    from milepost.risk.person import person_of
    from milepost.risk.say import lines
    from milepost.risk.score import score as score_one

    try:
        person, options = person_of(tidied, row, options)
    except KeyError:
        _refuse(f"Row {row} is not there, or was left out because of a bad value.")
    results = score_one(person, keys, options)
    if as_json:
        click.echo(json.dumps({key: r.as_dict() for key, r in results.items()}, indent=2, ensure_ascii=False))
    else:
        for result in results.values():
            click.echo("\n".join(lines(result, person)))
    sys.exit(0 if any(result.scored for result in results.values()) else 1)


def _summary(scores: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "rows_read": scores.rows_read,
        "rows_scored": scores.frame.height,
        "columns_ignored": list(scores.ignored),
        "instruments": {},
        "problems": [problem.as_dict() for problem in scores.problems.problems],
        "errors": scores.problems.n_errors,
        "warnings": scores.problems.n_warnings,
    }
    for key in keys:
        bands: dict[str, int] = {}
        column = f"{key}_band" if f"{key}_band" in scores.frame.columns else None
        if column:
            counts = scores.frame.get_column(column).drop_nulls().value_counts()
            bands = {str(band): int(count) for band, count in counts.iter_rows()}
        found["instruments"][key] = {"bands": bands, "not_scored": scores.not_scored[key]}
    return found


def _show(scores: Any, keys: tuple[str, ...]) -> None:
    from milepost.risk.instruments import instruments

    found = _summary(scores, keys)
    for key in keys:
        told, instrument = found["instruments"][key], instruments()[key]
        bands = ", ".join(
            f"{b.replace('_', ' ')} {told['bands'][b]}" for b in instrument.bands if b in told["bands"]
        )
        click.echo(f"{key:8} {bands or ('no bands' if not instrument.bands else 'nobody scored')}")
        for reason, count in told["not_scored"].items():
            click.echo(f"         {count} without a score: {reason}")
    click.echo(f"{found['rows_read']} rows read, {found['rows_scored']} with a score.")
    if scores.ignored:
        click.echo(f"Columns that no instrument reads: {', '.join(scores.ignored)}.")


@group.command()
@click.argument("key", required=False)
@click.option(
    "--kind", type=click.Choice(["atrs", "card", "dpia", "equality"]), default="atrs", show_default=True,
    help="Transparency record (ATRS), model card, or the appendix to a DPIA or an equality impact assessment.",
)  # fmt: skip
@click.option("--organisation", type=FILE, help="TOML file of your organisation's own facts.")
@click.option("--fairness", type=FILE, help="JSON of a fairness report on this algorithm.")
@click.option(
    "--rules", type=click.Path(exists=True, path_type=Path),
    help="Rule tables in force; the illustrative ones if not given.",
)  # fmt: skip
@click.option(
    "--out", "outputs", type=OUT, multiple=True,
    help="Markdown, HTML or JSON, by suffix (.md, .html, .json). May be repeated.",
)  # fmt: skip
@click.pass_context
def record(
    ctx: click.Context, key: str | None, kind: str, organisation: Path | None, fairness: Path | None,
    rules: Path | None, outputs: tuple[Path, ...],
) -> None:  # fmt: skip
    """Write the record of the algorithm KEY from what runs. Without KEY: list the algorithms.

    What code and data cannot know is left as a gap that says who must fill it.
    """
    from milepost.risk.records import record_for, subject_keys
    from milepost.risk.records.fairness_lines import read_fairness
    from milepost.risk.records.make import attributes
    from milepost.risk.records.organisation import read_organisation
    from milepost.risk.records.subjects import UnknownSubject, facts_of

    try:
        if ctx.obj is not None:
            ctx.obj(rules)
        if key is None:
            for one in subject_keys():
                click.echo(f"{one:40} {facts_of(one).name}")
            return
        own = read_organisation(organisation, key, attributes()) if organisation else None
        made = record_for(key, kind, organisation=own, fairness=read_fairness(fairness) if fairness else None)
    except UnknownSubject as error:
        _refuse(str(error))
    except UnreadableFile as error:
        _refuse(str(error))
    writers = {".md": made.to_markdown, ".html": made.to_html, ".json": made.to_json}
    for path in outputs:
        if path.suffix.lower() not in writers:
            _refuse(f"{path.name}: the suffix must be .md, .html or .json.")
    if not outputs:
        click.echo(made.to_markdown(), nl=False)
    for path in outputs:
        path.write_text(writers[path.suffix.lower()](), encoding="utf-8")
        click.echo(f"{made.title}: written to {path}", err=True)
    must = sum(gap.mandatory for gap in made.gaps)
    click.echo(f"{len(made.gaps)} gaps, {must} of them mandatory.", err=True)


@group.command()
@click.argument("people", type=FILE)
@click.option("--registers", type=FILE, help="A second table, joined by person_id: registrations, MAPPA ...")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day the tier is for.")
@click.option("--out", "outputs", type=OUT, multiple=True, help="Parquet or CSV, by suffix. May be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the tiers as JSON.")
def tier(
    people: Path, registers: Path | None, as_of: dt.datetime, outputs: tuple[Path, ...], as_json: bool
) -> None:
    """Tier A to G of PEOPLE: the table that `risk score` wrote, or one with the same columns.

    Each tier says which step set it and whether it is provisional.
    """
    from milepost.risk.read import read_frame
    from milepost.risk.tier_table import tier_table

    try:
        frame, first_row = read_frame(people)
        if registers is not None:
            frame = _join(frame, read_frame(registers)[0], registers.name)
        found, problems = tier_table(frame, as_of.date(), people.name, first_row)
    except UnreadableFile as error:
        _refuse(str(error))
    for path in outputs:
        _write(found, path)
    if as_json:
        click.echo(json.dumps(found.to_dicts(), indent=1, ensure_ascii=False))
    elif found.height:
        from milepost.orders.tables import print_table

        rows = [
            (str(r["row"]), r["person_id"] or "", r["tier"], "provisional" if r["provisional"] else "",
             r["set_by"], r["why_provisional"])
            for r in found.head(SHOWN).to_dicts()
        ]  # fmt: skip
        print_table(("row", "person", "tier", "", "set by", "why provisional"), rows)
        counts = found.get_column("tier").value_counts().sort("tier").iter_rows()
        click.echo(f"{found.height} people: " + ", ".join(f"{name} {count}" for name, count in counts))
    _say(problems)
    sys.exit(1 if problems.n_errors else 0)


def _join(frame: pl.DataFrame, registers: pl.DataFrame, source: str) -> pl.DataFrame:
    from milepost.problems import Problem

    for table in (frame, registers):
        if "person_id" not in table.columns or table.get_column("person_id").null_count() == table.height:
            problem = Problem(
                source, 1, "person_id", "People have no person_id to join by", "Add the column."
            )
            raise UnreadableFile(problem)
    if registers.get_column("person_id").n_unique() < registers.height:
        problem = Problem(source, None, "person_id", "A person is in it more than once", "Keep one row each.")
        raise UnreadableFile(problem)
    fresh = [name for name in registers.columns if name == "person_id" or name not in frame.columns]
    return frame.cast({"person_id": pl.String}).join(
        registers.select(fresh).cast({"person_id": pl.String}),
        on="person_id",
        how="left",
        maintain_order="left",
    )


group.add_command(fairness)
