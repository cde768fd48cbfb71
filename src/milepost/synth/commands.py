"""`milepost synth`: synthetic towns with the truth beside them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from milepost.synth.noise import read_noise
from milepost.synth.write import make_nation, make_town

OUT = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write to."
)
SEED = click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same files."
)
START = click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2026-03-02",
    show_default=True,
    help="First day, local.",
)
WORKERS = click.option("--workers", type=click.IntRange(min=1), help="Processes. Default: one for each core.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print the row counts as JSON.")


@click.group("synth")
def group() -> None:
    """Make synthetic people, towns and signals, with the truth kept beside them."""


@group.command("town")
@OUT
@click.option("--people", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True)
@SEED
@START
@click.option("--sample-s", type=click.FloatRange(min=1), help="Seconds between fixes. Default: noise.toml.")
@click.option(
    "--noise", "noise_path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Noise file."
)
@click.option("--csv", is_flag=True, help="Also fixes.csv, in the order of upload.")
@click.option("--true-positions", is_flag=True, help="Also where everyone truly was each minute.")
@WORKERS
@JSON
def town(
    out: Path,
    people: int,
    days: int,
    seed: int,
    start: dt.datetime,
    sample_s: float | None,
    noise_path: Path | None,
    csv: bool,
    true_positions: bool,
    workers: int | None,
    as_json: bool,
) -> None:
    """A town: orders, signals and truth for some days."""

    def work(progress: Callable[[int], None]) -> dict[str, int]:
        return make_town(
            out,
            people=people,
            days=days,
            seed=seed,
            start=start.date(),
            noise=read_noise(noise_path),
            sample_s=sample_s,
            csv=csv,
            true_positions=true_positions,
            workers=workers,
            progress=progress,
        )

    _run(work, people, out, as_json)


@group.command("nation")
@OUT
@click.option("--people", type=click.IntRange(min=1), default=28_000, show_default=True)
@click.option("--minutes", type=click.IntRange(1, 10_080), default=1_440, show_default=True)
@SEED
@START
@WORKERS
@JSON
def nation(
    out: Path, people: int, minutes: int, seed: int, start: dt.datetime, workers: int | None, as_json: bool
) -> None:
    """A day of national size, for benchmarks: about 40 million fixes."""

    def work(progress: Callable[[int], None]) -> dict[str, int]:
        return make_nation(
            out,
            people=people,
            minutes=minutes,
            seed=seed,
            start=start.date(),
            workers=workers,
            progress=progress,
        )

    _run(work, people, out, as_json)


def _run(
    work: Callable[[Callable[[int], None]], dict[str, int]], people: int, out: Path, as_json: bool
) -> None:
    console = Console(stderr=True)
    columns: list[Any] = [TextColumn("people"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
    try:
        with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task("people", total=people)
            counts = work(lambda done: bar.update(task, completed=done))
    except (ValueError, OSError) as error:
        click.echo(f"Cannot make synthetic data: {error}", err=True)
        raise SystemExit(2) from None
    if as_json:
        click.echo(json.dumps({"out": str(out), "rows": counts}))
    else:
        click.echo(
            f"{out}: " + ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
        )


@group.command()
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="CSV or Parquet, by suffix."
)
@click.option("--people", type=click.IntRange(min=1), default=3000, show_default=True, help="How many.")
@SEED
@click.option(
    "--study", type=click.Path(dir_okay=False, path_type=Path), help="Also write the study file here."
)
@click.option("--shift", type=float, default=0.0, help="Drift: what the last year adds to the log-odds.")
def outcomes(out: Path, people: int, seed: int, study: Path | None, shift: float) -> None:
    """People who do not exist with what happened to each, to try learned predictors on. The truth is a column."""
    from milepost.synth.outcomes import STUDY, synthetic_outcomes

    if out.suffix.lower() not in (".csv", ".parquet"):
        raise click.UsageError(f"{out.name}: the suffix must be .csv or .parquet.")
    frame = synthetic_outcomes(people, seed, shift=shift)
    if out.suffix.lower() == ".csv":
        frame.write_csv(out)
    else:
        frame.write_parquet(out)
    if study is not None:
        study.write_bytes(STUDY.read_bytes())
    click.echo(f"{people} synthetic people written to {out}.")
