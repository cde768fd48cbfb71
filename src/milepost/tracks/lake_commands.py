"""``milepost tracks lake``: create, fill, compact, read, erase and look at a position lake."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from functools import wraps
from hashlib import blake2b
from pathlib import Path
from typing import Any, NoReturn

import click
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError
from rich.console import Console
from rich.progress import Progress

from milepost.problems import UnreadableFile
from milepost.tracks.lake import DEFAULT_BUCKETS, BatchDiffers, NotALake, PositionLake
from milepost.tracks.lake_erase import Erasure
from milepost.tracks.lake_layout import RECORDS
from milepost.tracks.lake_read import DeviceInterval, microseconds
from milepost.tracks.options import COLUMNS, FORMAT, SOURCE
from milepost.tracks.record import Source

LAKE = click.argument("lake", type=click.Path(file_okay=False, path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable output on stdout.")
YES = click.option("--yes", is_flag=True, help="Do not ask.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Count rows and files, change nothing.")


class UtcTime(click.ParamType):
    """An ISO 8601 time with its offset, or a date alone for its midnight UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        if isinstance(value, dt.datetime):
            return value
        try:
            time = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time such as 2026-03-14T19:00:00Z or 2026-03-14", param, ctx)
        if time.tzinfo is None and len(value) > 10:
            self.fail(f"{value!r} has no time zone; add Z for UTC or an offset such as +01:00", param, ctx)
        return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


class UntilTime(UtcTime):
    """As ``UtcTime``; ``-`` means without end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return None if value in (None, "-") else super().convert(value, param, ctx)


WORN = click.option(
    "--worn",
    type=(str, UtcTime(), UntilTime()),
    multiple=True,
    metavar="DEVICE FROM UNTIL",
    help="A device that the person wore, from-until; until may be - for still worn. Repeat for each.",
)


def or_stop(command: Callable[..., None]) -> Callable[..., None]:
    """Says in plain words what could not be done, and ends with exit code 2."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except (NotALake, BatchDiffers, UnreadableFile, DeltaError, OSError, ValueError) as error:
            stop(str(error))

    return run


@click.group(name="lake")
def group() -> None:
    """The position lake: closed days of signals, for any engine that reads Delta Lake."""


@group.command()
@LAKE
@click.option("--buckets", default=DEFAULT_BUCKETS, show_default=True, type=click.IntRange(1, 10_000))
@or_stop
def init(lake: Path, buckets: int) -> None:
    """Create a lake in the folder LAKE. The number of device buckets is fixed for good."""
    PositionLake.create(lake, n_buckets=buckets)
    click.echo(f"{lake}: position lake with {buckets} device buckets")


@group.command()
@LAKE
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--batch-id", help="Of one file. If not given: a digest of the file, so a file goes in once.")
@COLUMNS
@FORMAT
@SOURCE
@JSON
@or_stop
def append(
    lake: Path,
    files: tuple[Path, ...],
    batch_id: str | None,
    columns: str | None,
    format_: str | None,
    source: str | None,
    as_json: bool,
) -> None:
    """Add the signals in FILES, each file as one batch."""
    from milepost.tracks.ahead import flag_ahead
    from milepost.tracks.read import read_signals

    if batch_id is not None and len(files) > 1:
        raise click.UsageError("--batch-id names the batch of one file; give one file, or leave it out.")
    target = opened(lake)
    report: list[dict[str, Any]] = []
    n_left_out = 0
    with progress() as bar:
        task = bar.add_task("append", total=len(files)) if bar else None
        for file in files:
            read = read_signals(
                [file],
                columns=columns,
                format=format_,
                source_is=Source[source] if source else None,
            )
            signals = flag_ahead(read)  # without a clock: a batch is the same at any time
            for problem in signals.problems.problems:
                click.echo(str(problem), err=True)
            n_left_out += signals.problems.n_errors
            done = target.append(signals, batch_id=batch_id or digest(file))
            report.append({"file": str(file), "rows": done.n_rows, "already_there": done.already_there})
            if bar and task is not None:
                bar.advance(task)
    if as_json:
        click.echo(json.dumps({"files": report, "rows_left_out": n_left_out}))
    else:
        for line in report:
            note = " (was there already)" if line["already_there"] else ""
            click.echo(f"{line['file']}: {counts(line['rows'])}{note}")
    if n_left_out:
        click.echo(f"{n_left_out} rows left out, as said above", err=True)
        raise SystemExit(1)


@group.command()
@LAKE
@click.option("--keep-hours", default=168, show_default=True, type=click.IntRange(0))
@JSON
@or_stop
def compact(lake: Path, keep_hours: int, as_json: bool) -> None:
    """Merge small files, drop rows identical in every column, delete files unused for --keep-hours."""
    target = opened(lake)
    with progress() as bar:
        task = bar.add_task("compact", total=target.n_loose_partitions()) if bar else None

        def step() -> None:
            if bar and task is not None:
                bar.advance(task)

        done = target.compact(keep_hours=keep_hours, step=step)
    if as_json:
        click.echo(json.dumps({name: asdict(result) for name, result in done.items()}))
        return
    for name, result in done.items():
        click.echo(
            f"{name}: {result.n_files_before} files into {result.n_files_after}, "
            f"{result.n_duplicates_dropped} duplicate rows dropped"
        )


@group.command()
@LAKE
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--device", "devices", multiple=True, help="Device id. Repeat for each.")
@WORN
@click.option("--from", "from_utc", type=UtcTime(), help="First moment.")
@click.option("--until", "until_utc", type=UtcTime(), help="First moment after.")
@click.option("--bbox", type=(float, float, float, float), metavar="WEST SOUTH EAST NORTH", help="Degrees.")
@JSON
@or_stop
def read(
    lake: Path,
    out: Path,
    devices: tuple[str, ...],
    worn: tuple[tuple[str, dt.datetime, dt.datetime | None], ...],
    from_utc: dt.datetime | None,
    until_utc: dt.datetime | None,
    bbox: tuple[float, float, float, float] | None,
    as_json: bool,
) -> None:
    """Write the signals asked for as Parquet files to the folder OUT."""
    signals = opened(lake).read(
        person=intervals(worn) if worn else None,
        devices=devices or None,
        from_utc=from_utc,
        until_utc=until_utc,
        bbox=bbox,
    )
    out.mkdir(parents=True, exist_ok=True)
    rows = {}
    for name in RECORDS:
        table = getattr(signals, name)
        pq.write_table(table, out / f"{name}.parquet", compression="zstd")
        rows[name] = table.num_rows
    click.echo(json.dumps({"rows": rows, "folder": str(out)}) if as_json else f"{out}: {counts(rows)}")


@group.command()
@LAKE
@WORN
@click.option("--resume", is_flag=True, help="Only finish erasures that were interrupted.")
@DRY_RUN
@YES
@JSON
@or_stop
def erase(
    lake: Path,
    worn: tuple[tuple[str, dt.datetime, dt.datetime | None], ...],
    resume: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Delete what one person's devices reported, from all tables and all history."""
    if bool(worn) == resume or (resume and dry_run):
        raise click.UsageError("Give --worn for each device of the person, or --resume alone.")
    target = opened(lake)
    if resume:
        n = target.finish_erasures()
        click.echo(json.dumps({"finished": n}) if as_json else f"{n} interrupted erasures finished")
        return
    person = intervals(worn)
    delete(lambda dry: target.erase(person, dry_run=dry), dry_run, yes, as_json)


@group.command()
@LAKE
@click.option("--before", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First UTC day to keep.")
@DRY_RUN
@YES
@JSON
@or_stop
def expire(lake: Path, before: dt.datetime, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Delete everything recorded on UTC days before a day, from all tables and all history."""
    target = opened(lake)
    delete(lambda dry: target.expire(before.date(), dry_run=dry), dry_run, yes, as_json)


@group.command()
@LAKE
@JSON
@or_stop
def info(lake: Path, as_json: bool) -> None:
    """Rows, files, bytes and days of each table."""
    target = opened(lake)
    tables = {name: asdict(table) for name, table in target.info().items()}
    if as_json:
        report = {"buckets": target.n_buckets, "unfinished_erasures": target.n_unfinished_erasures}
        click.echo(json.dumps(report | {"tables": tables}, default=str))
        return
    click.echo(f"{target.n_buckets} device buckets")
    for name, table in tables.items():
        days = f", {table['first_day']} to {table['last_day']}" if table["first_day"] else ""
        click.echo(
            f"{name}: {table['n_rows']:,} rows in {table['n_files']:,} files, {table['n_bytes']:,} bytes"
            f"{days}; {table['n_unreferenced_files']} old files"
        )


def opened(path: Path) -> PositionLake:
    lake = PositionLake(path)
    if n := lake.n_unfinished_erasures:
        click.echo(
            f"{n} erasures were begun and have not ended. If none is at work now, finish them: "
            f"milepost tracks lake erase {path} --resume",
            err=True,
        )
    return lake


def delete(run: Callable[[bool], Erasure], dry_run: bool, yes: bool, as_json: bool) -> None:
    """Counts, asks, deletes, reports."""
    done = run(True)
    if not dry_run:
        if not yes:
            click.confirm(f"Delete {counts(done.n_rows)} for good?", abort=True, err=True)
        done = run(False)
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    verb = "would delete" if dry_run else "deleted"
    click.echo(f"{verb} {counts(done.n_rows)}; in {sum(done.n_files.values())} files of the newest version")
    click.echo(f"{verb} {sum(done.n_files_swept.values())} old files from the disk")


def intervals(worn: tuple[tuple[str, dt.datetime, dt.datetime | None], ...]) -> list[DeviceInterval]:
    found: list[DeviceInterval] = []
    for device, from_utc, until_utc in worn:
        from_us, until_us = microseconds(from_utc), microseconds(until_utc)
        if from_us is None or (until_us is not None and until_us <= from_us):
            raise click.UsageError(f"--worn {device}: until must be later than from.")
        found.append((device, from_us, until_us))
    return found


def counts(rows: dict[str, int]) -> str:
    return ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in rows.items())


def digest(file: Path) -> str:
    """BLAKE2b of the file's bytes, so that the same file is the same batch under any name."""
    found = blake2b(digest_size=16)
    with file.open("rb") as source:
        while chunk := source.read(1 << 20):
            found.update(chunk)
    return f"file-{found.hexdigest()}"


def progress() -> Any:
    console = Console(stderr=True)
    return Progress(console=console, transient=True) if console.is_terminal else nullcontext()


def stop(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    raise SystemExit(2)
