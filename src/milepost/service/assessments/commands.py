"""`milepost assessments`: take in what other records say of people."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from milepost.problems import UnreadableFile
from milepost.service.commands import set_up


@click.group()
def group() -> None:
    """What other records say of people, to fill in assessments for an officer to confirm."""


@group.command("import-records")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="The record it comes from, as officers will read it.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day on which it was so. Default: today."
)
def import_records(file: Path, source: str, as_of: dt.datetime | None) -> None:
    """Take in FILE, a CSV with a column `reference` and columns as `milepost risk score` reads them.

    A row may name its own `source` and `as_of`. Good rows go in; each bad one is named with its row, field and
    remedy, and the command ends with 1. The same file again adds nothing.
    """
    set_up()
    from milepost.service.accounts.actors import Machine
    from milepost.service.assessments.actions.facts import take_in
    from milepost.service.assessments.records_file import read_records
    from milepost.service.kit.local_days import today

    try:
        read = read_records(file)
    except UnreadableFile as error:
        raise click.UsageError(str(error)) from None
    done = take_in(
        by=Machine("command", "import-records"), records=read.records, source=source,
        as_of=as_of.date() if as_of else today(), file=file.name,
    )  # fmt: skip
    read.problems.extend(done.problems)
    for problem in read.problems.problems:
        click.echo(f"{problem.severity}: {problem}", err=True)
    click.echo(f"{done.facts} facts of {done.people} people taken in, {done.known} were there already.")
    sys.exit(1 if read.problems.n_errors else 0)
