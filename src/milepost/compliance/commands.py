"""`milepost compliance`: judge, explain, and show what it was judged by."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from milepost.compliance.learn_command import learn_errors_command
from milepost.compliance.rule_tables import ILLUSTRATIVE, read_rules
from milepost.compliance.times import to_us
from milepost.problems import UnreadableFile
from milepost.tracks.options import COLUMNS, SOURCE

SHOWN = 20


@click.group(name="compliance")
def group() -> None:
    """Who kept which condition when, who did not, what cannot be known, and why."""


group.add_command(learn_errors_command)


class Moment(click.ParamType):
    """A date or time; without an offset it is UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            when = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time. Write 2026-03-02 or 2026-03-02T19:00:00Z.", param, ctx)
        return to_us(when if when.tzinfo else when.replace(tzinfo=dt.UTC))


@group.command()
@click.option(
    "--orders",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Orders: Milepost JSON, or the ministry's create-an-order JSON.",
)
@click.option(
    "--signals",
    "signals",
    required=True,
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A file or folder of signals; repeat for more, or list more paths at the end.",
)
@click.argument("more_signals", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--rules",
    type=click.Path(exists=True, path_type=Path),
    default=ILLUSTRATIVE,
    help="A rule table or a folder of them. Default: the illustrative set.",
)
@click.option(
    "--places",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="GeoJSON with the geometry of places and zones that the orders only name.",
)
@click.option(
    "--devices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of who wore which device (device_id, from_utc, ...), for orders that do not say.",
)
@COLUMNS
@SOURCE
@click.option("--from", "begin_us", type=Moment(), help="Start of the evaluation. Default: the first signal.")
@click.option("--until", "until_us", type=Moment(), help="End of the evaluation. Default: the last signal.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the answers."
)
@click.option(
    "--memory-gb",
    type=click.FloatRange(0.0005),
    default=3.0,
    show_default=True,
    help="Inputs above this size are judged bucket by bucket on disk.",
)
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON on standard output.")
def run(
    orders: Path, signals: tuple[Path, ...], more_signals: tuple[Path, ...], rules: Path, places: Path | None,
    devices: Path | None, columns: str | None, source: str | None, begin_us: int | None, until_us: int | None, out: Path,
    memory_gb: float, as_json: bool,
) -> None:  # fmt: skip
    """Judge SIGNALS against ORDERS; write findings, coverage, totals and a report into OUT.

    Exit code 0: all that belongs to the orders was used. 1: done, but some rows were left out, or nothing
    could be judged (see problems.csv). 2: could not run.
    """
    from milepost.compliance.run import Request
    from milepost.compliance.run import run as run_it

    request = Request(
        orders, [*signals, *more_signals], out, rules, places, devices, columns, source, begin_us, until_us,
        int(memory_gb * (1 << 30)), clock_us=to_us(dt.datetime.now(dt.UTC)),
    )  # fmt: skip
    try:
        with _bar() as progress:
            outcome = run_it(request, progress)
    except UnreadableFile as error:
        _stop(str(error))
    except LookupError as error:
        _stop(str(error.args[0]))
    if as_json:
        click.echo(json.dumps(outcome.summary, indent=2, ensure_ascii=False))
    else:
        _show(outcome.summary, out)
    for problem in outcome.problems.problems[:SHOWN]:
        click.echo(f"{problem.severity}: {problem}", err=True)
    left = sum(outcome.problems.counts.values()) - min(SHOWN, len(outcome.problems.problems))
    if left > 0:
        click.echo(f"... and {left} more: see {out / 'problems.csv'}", err=True)
    sys.exit(1 if outcome.problems.n_errors else 0)


@group.command()
@click.argument("finding_id")
@click.option(
    "--out",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the run.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def explain(finding_id: str, out: Path, as_json: bool) -> None:
    """Explain FINDING_ID of an earlier run: its evidence, its rule, and what it does not show."""
    from milepost.compliance.explain_run import explain_from_run

    try:
        explanation = explain_from_run(finding_id, out)
    except UnreadableFile as error:
        _stop(str(error))
    except LookupError as error:
        _stop(str(error.args[0]))
    if as_json:
        click.echo(json.dumps(explanation.as_dict(), indent=2, ensure_ascii=False))
    else:
        click.echo(explanation.as_text(), nl=False)


@group.command()
@click.option(
    "--rules",
    type=click.Path(exists=True, path_type=Path),
    default=ILLUSTRATIVE,
    help="A rule table or a folder of them.",
)
@click.option("--json", "as_json", is_flag=True, help="Everything in them, as JSON.")
def rules(rules: Path, as_json: bool) -> None:
    """List rule tables: for whom, from when, by whom, on what document."""
    try:
        read = read_rules(rules)
    except UnreadableFile as error:
        _stop(str(error))
    if as_json:
        shown = [t.model_dump(mode="json") for t in (*read.tables, *read.learned)]
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for t in read.tables:
        head = t.table
        kind = "illustration, not policy" if head.illustrative else head.status
        click.echo(
            f"{t.name}: {', '.join(head.regimes)}; {kind}; from {head.effective_from}; owner {head.owner}"
        )
        click.echo(f"    source: {head.source_document}")
    for learned in read.learned:
        about = learned.table
        click.echo(
            f"{about.name}: errors of devices, learned; from {about.effective_from}; owner {about.owner}"
        )
        click.echo(f"    source: {about.source_document}")


def _stop(message: str) -> NoReturn:
    click.echo(f"Could not run. {message}", err=True)
    sys.exit(2)


def _show(summary: dict[str, Any], out: Path) -> None:
    period = summary["period"]
    if not summary["coverage"].get("judged"):
        click.echo("Nothing was judged.")
        click.echo(f"Report: {out / 'report.html'}")
        return
    click.echo(
        f"Judged {period['from_utc']} to {period['until_utc']}: {summary['people']} people, {summary['orders']} orders."
    )
    for kind, count in sorted(summary["findings"].items(), key=lambda item: -item[1]):
        click.echo(f"  {count:>6}  {kind.replace('_', ' ')}")
    if not summary["findings"]:
        click.echo("  No findings.")
    unable = summary["coverage"].get("cannot_be_evaluated", 0)
    if unable:
        click.echo(f"  {unable} obligations cannot be evaluated: see the report for why.")
    if not summary["signals"].get("fixes") and not summary["signals"].get("presence"):
        click.echo("  No signals were read: nothing could be judged.")
    click.echo(f"Report: {out / 'report.html'}")


@contextmanager
def _bar() -> Iterator[Any]:
    """Progress on standard error, only where someone is looking."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield tell
