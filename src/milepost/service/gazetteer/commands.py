"""`milepost gazetteer`: an area's address file, and the national postcodes ready before anybody asks."""

from __future__ import annotations

from pathlib import Path

import click

from milepost.service.commands import set_up

SHOWN = 20


@click.group("gazetteer")
def group() -> None:
    """Where postcodes and addresses are."""
    set_up()


@group.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--columns", type=click.Path(path_type=Path), help="A TOML file that says which column is what."
)
@click.option("--source", default="", help="What pages say the addresses come from, with its licence.")
def addresses(file: Path, columns: Path | None, source: str) -> None:
    """Takes in an address FILE (CSV) in place of the one before.

    Rows that are wrong are named with their field and remedy, and the others go in. A file that is not what its headings
    say is refused as a whole, and the one before stays.
    """
    from milepost.gazetteer.address_store import import_addresses
    from milepost.gazetteer.layouts import read_layout
    from milepost.problems import UnreadableFile
    from milepost.service.gazetteer.finder import gazetteer

    here = gazetteer()
    try:
        layout = read_layout(columns) if columns else None
        done = import_addresses(file, here.folder, here.postcodes.find, layout, source)
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from None
    for problem in done.problems.problems[:SHOWN]:
        click.echo(str(problem), err=True)
    if done.problems.n_errors > SHOWN:
        click.echo(f"... and {done.problems.n_errors - SHOWN:,} more rows.", err=True)
    click.echo(f"{done.taken:,} of {done.rows:,} addresses taken in.")


@group.command()
def postcodes() -> None:
    """Makes the national postcodes ready, so that the first search need not wait for it."""
    from milepost.gazetteer.national_postcodes import edition
    from milepost.service.gazetteer.finder import gazetteer

    click.echo(f"{len(gazetteer().postcodes):,} postcodes of edition {edition()}.")
