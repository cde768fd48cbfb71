"""`milepost risk tier`: tiers of a table of people."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click
import polars as pl

from milepost.problems import Problem, ProblemList, UnreadableFile
from milepost.risk.command_output import FILE, OUT, print_problems, refuse

SHOWN = 20


@click.command()
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
    from milepost.risk.read import read_batches, read_frame
    from milepost.risk.sink import Sink
    from milepost.risk.tier_table import tier_table

    problems, counts = ProblemList(), Counter[str]()
    rows: list[dict[str, Any]] = []
    try:
        more = read_frame(registers)[0] if registers is not None else None
        with Sink(outputs) as sink:
            for batch in read_batches(people):
                frame = batch.frame if more is None else _join(batch.frame, more, people.name)
                found, wrong = tier_table(frame, as_of.date(), people.name, batch.numbers)
                for one in (batch.problems, wrong):
                    problems.merge(one)
                sink.write(found)
                counts.update(found.get_column("tier").to_list())
                rows += found.to_dicts() if as_json else found.head(SHOWN - len(rows)).to_dicts()
    except (UnreadableFile, ValueError) as error:
        refuse(str(error))
    for path in outputs:
        click.echo(f"{counts.total()} rows written to {path}", err=True)
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    elif rows:
        _show(rows, counts)
    else:
        click.echo("0 people: no row could be given a tier.")
    print_problems(problems)
    sys.exit(1 if problems.n_errors or not counts else 0)


def _show(rows: list[dict[str, Any]], counts: Counter[str]) -> None:
    from milepost.orders.tables import print_table

    cells = [
        (str(r["row"]), r["person_id"] or "", r["tier"], "provisional" if r["provisional"] else "",
         r["set_by"], r["why_provisional"])
        for r in rows
    ]  # fmt: skip
    print_table(("row", "person", "tier", "", "set by", "why provisional"), cells)
    told = ", ".join(f"{name} {counts[name]}" for name in sorted(counts))
    click.echo(f"{counts.total()} people: {told}")


def _join(frame: pl.DataFrame, registers: pl.DataFrame, source: str) -> pl.DataFrame:
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
