"""`milepost tracks`: look at signal files, and turn one format into another."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn
from rich.table import Table

from milepost.problems import ProblemList, UnreadableFile
from milepost.tracks.ahead import flag_ahead
from milepost.tracks.limits import to_us
from milepost.tracks.options import COLUMNS, FORMAT, SOURCE
from milepost.tracks.read import Progress as Told
from milepost.tracks.read import find_files, read_signals
from milepost.tracks.record import Signals, Source

SHOWN = 20
INPUTS = click.argument("inputs", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))


class WithLake(click.Group):
    """Brings the lake's commands only when they are asked for: their table library starts slowly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "lake"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "lake":
            from milepost.tracks.lake_commands import group as lake

            return lake
        return super().get_command(ctx, cmd_name)


@click.group(name="tracks", cls=WithLake)
def group() -> None:
    """Signals of tags and home units: inspect files, convert formats."""


@group.command()
@INPUTS
@COLUMNS
@FORMAT
@SOURCE
@click.option("--json", "as_json", is_flag=True, help="Machine-readable, on standard output.")
def inspect(
    inputs: tuple[Path, ...], columns: str | None, format_: str | None, source: str | None, as_json: bool
) -> None:
    """Counts, problems, quality flags, devices, times and extent of INPUTS (files or folders)."""
    from milepost.tracks.quality import flag, summary

    signals = _read(inputs, columns, format_, source)
    signals.fixes = flag(signals.fixes)
    told = summary(signals)
    if as_json:
        told["problems"] = [problem.as_dict() for problem in signals.problems.problems]
        click.echo(json.dumps(told, indent=2, default=str))
    else:
        _show(told)
        _list(signals.problems)
    sys.exit(1 if signals.problems.n_errors else 0)


@group.command()
@INPUTS
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@COLUMNS
@FORMAT
@SOURCE
@click.option(
    "--to",
    type=click.Choice(["csv", "parquet", "arrow", "gpx", "geojson", "geoparquet"]),
    help="Else by OUTPUT's suffix.",
)
@click.option("--sort", is_flag=True, help="By device and time: smaller files, faster runs.")
def convert(
    inputs: tuple[Path, ...],
    output: Path,
    columns: str | None,
    format_: str | None,
    source: str | None,
    to: str | None,
    sort: bool,
) -> None:
    """Write the positions of INPUTS (files or folders) to OUTPUT.

    Presence and device events, where there are any, go beside OUTPUT as Parquet.
    """
    from milepost.tracks.write import write_fixes, write_parquet

    signals = _read(inputs, columns, format_, source)
    try:
        write_fixes(signals.fixes, output, to, sort=sort)
        for shape, table in (("presence", signals.presence), ("device_events", signals.device_events)):
            if table.num_rows:
                beside = output.with_name(f"{output.stem}.{shape}.parquet")
                write_parquet(table, beside, shape)
                click.echo(f"{table.num_rows} rows of {shape} written to {beside}", err=True)
    except (UnreadableFile, OSError) as error:
        _stop(error)
    click.echo(f"{signals.fixes.num_rows} fixes written to {output}", err=True)
    _list(signals.problems)
    sys.exit(1 if signals.problems.n_errors else 0)


def _read(inputs: tuple[Path, ...], columns: str | None, format_: str | None, source: str | None) -> Signals:
    try:
        with _bar(find_files(inputs)) as tell:
            signals = read_signals(
                inputs,
                columns=columns,
                format=format_,
                progress=tell,
                source_is=Source[source] if source else None,
            )
            return flag_ahead(signals, to_us(datetime.now(UTC)))
    except (UnreadableFile, OSError) as error:
        _stop(error)


def _stop(error: Exception) -> NoReturn:
    click.echo(f"Error: {error}", err=True)
    sys.exit(2)


@contextmanager
def _bar(files: list[Path]) -> Iterator[Told]:
    console = Console(stderr=True)
    with Progress(
        "Reading", BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=console,
        disable=not console.is_terminal, transient=True,
    ) as progress:  # fmt: skip
        task = progress.add_task("read", total=sum(file.stat().st_size for file in files))
        yield lambda done, _: progress.update(task, completed=done)


def _show(told: dict[str, object]) -> None:
    devices = told.pop("devices")
    assert isinstance(devices, dict)
    console = Console()
    table = Table(show_header=False, box=None)
    for name, value in told.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        table.add_row(name.replace("_", " "), "none" if shown in (None, "") else str(shown))
    table.add_row("devices", str(len(devices)))
    console.print(table)
    listing = Table("device", "fixes", "presence", "events", "first (UTC)", "last (UTC)", box=None)
    for device, said in list(devices.items())[:SHOWN]:
        counts = [str(said.get(name, 0)) for name in ("fixes", "presence", "device_events")]
        listing.add_row(device, *counts, str(said["first_utc"]), str(said["last_utc"]))
    console.print(listing)
    if len(devices) > SHOWN:
        console.print(f"... and {len(devices) - SHOWN} more devices (--json lists all)")


def _list(problems: ProblemList) -> None:
    for problem in problems.problems[:SHOWN]:
        click.echo(f"{problem.severity}: {problem}", err=True)
    more = problems.n_errors + problems.n_warnings - min(len(problems.problems), SHOWN)
    if more > 0:
        click.echo(
            f"... and {more} more ({problems.n_errors} errors, {problems.n_warnings} warnings in all)",
            err=True,
        )
