"""What the commands of `milepost risk` share: their arguments, and how they say what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from milepost.problems import ProblemList

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
SHOWN_OF_A_KIND = 3


def refuse(message: str) -> NoReturn:
    """Nothing could be done."""
    click.echo(message, err=True)
    raise SystemExit(2)


def print_problems(problems: ProblemList, row: int | None = None) -> None:
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
