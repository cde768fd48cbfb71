"""`milepost compliance learn-errors`: how far off positions really are, learned from orders and signals."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from milepost.problems import UnreadableFile

SHOWN = 20
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="learn-errors")
@click.option("--orders", required=True, type=FILE, help="Orders: where home is, and who wore which device.")
@click.option(
    "--signals",
    required=True,
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A file or folder of signals: fixes, and home units' presence. Repeat for more.",
)
@click.option("--devices", type=FILE, help="CSV of who wore which device, for orders that do not say.")
@click.option("--owner", required=True, help="Who answers for the table.")
@click.option("--name", default="learned-errors", show_default=True, help="Id of the table.")
@click.option("--version", "version", default=1, show_default=True, type=click.IntRange(1))
@click.option(
    "--from",
    "effective_from",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The date (UTC) from which positions are believed by it. Default: the day after the last one learned from.",
)
@click.option(
    "--rules",
    type=click.Path(exists=True, path_type=Path),
    help="A rule table or a folder of them: what is learned is tried on the nights with them. Default: illustrative.",
)
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The TOML file to write. It is in force once it lies in the folder of the rule tables.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report there, as Markdown. Default: standard output.",
)
def learn_errors_command(
    orders: Path, signals: tuple[Path, ...], devices: Path | None, owner: str, name: str, version: int,
    effective_from: dt.datetime | None, rules: Path | None, out: Path, report: Path | None,
) -> None:  # fmt: skip
    """Learn how far off positions really are, by source, device model and stated precision.

    Witnesses are home units that hear the tag and, where there are none, long nights in one place. The rules then
    judge the nights of home units with what was learned; what lets them accuse too often is widened. Exit code 0:
    a table was written. 1: it was, but some rows of the input were left out. 2: nothing could be learned.
    """
    from milepost.compliance.learn_errors import learn_errors
    from milepost.compliance.learn_report import as_markdown, as_toml, table_of
    from milepost.compliance.rule_tables import ILLUSTRATIVE, read_rules
    from milepost.compliance.run import Request, read_order_input
    from milepost.problems import ProblemList
    from milepost.tracks.read import read_signals

    problems = ProblemList()
    try:
        request = Request(orders, list(signals), out.parent, devices=devices)
        order_file = read_order_input(request, problems)
        read = read_signals(list(signals))
        problems.merge(read.problems)
        learned = learn_errors(order_file, read, judged_by=read_rules(rules or ILLUSTRATIVE))
    except (UnreadableFile, LookupError) as error:
        click.echo(f"Could not run. {error}", err=True)
        sys.exit(2)
    told = as_markdown(learned)
    if report is not None:
        report.write_text(told, encoding="utf-8")
    else:
        click.echo(told, nl=False)
    for problem in problems.problems[:SHOWN]:
        click.echo(f"{problem.severity}: {problem}", err=True)
    left = sum(problems.counts.values()) - min(SHOWN, len(problems.problems))
    if left > 0:
        click.echo(
            f"... and {left} more of this sort: check the files with `milepost tracks inspect`.", err=True
        )
    try:
        table = table_of(
            learned, owner=owner, name=name, version=version,
            effective_from=effective_from.date() if effective_from else None,
        )  # fmt: skip
    except ValueError as error:
        click.echo(f"No table was written: {error}.", err=True)
        sys.exit(2)
    out.write_text(as_toml(table), encoding="utf-8")
    click.echo(f"Written: {out}. {table.table.name} holds from {table.table.effective_from}.", err=True)
    sys.exit(1 if problems.n_errors else 0)
