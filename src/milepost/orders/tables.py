"""Prints a table: drawn in a terminal, tab-separated elsewhere, so that a pipe can read it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Every cell is text. Nothing is printed without rows."""
    if not rows:
        return
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(*header)
        for row in rows:
            table.add_row(*(_plain(cell) for cell in row))
        Console(markup=False, highlight=False).print(table)
        return
    for row in [header, *rows]:
        click.echo("\t".join(_plain(cell) for cell in row))


def _plain(cell: str) -> str:
    """Without tabs, line breaks and terminal control characters, which would break the table."""
    return "".join(character if character.isprintable() else " " for character in cell)
