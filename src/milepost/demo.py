"""`milepost demo`: the shortest way to see what Milepost does, with people who do not exist."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

import click

from milepost.compliance.run import Request, run
from milepost.synth.write import make_town


def run_demo(out: Path, *, people: int, days: int, seed: int, open_it: bool) -> None:
    """Makes the town, judges it, says where the report is. Opens it only for someone at a terminal."""
    town, answers = out / "town", out / "answers"
    click.echo(f"Making a synthetic town: {people} people, {days} days, seed {seed} ...")
    made = make_town(town, people=people, days=days, seed=seed)
    click.echo(
        f"  {made.get('fixes', 0):,} fixes, and the truth of what was done beside them in {town / 'truth.csv'}"
    )
    click.echo("Judging every curfew, zone and appointment ...")
    signals = [town / name for name in ("fixes.parquet", "presence.parquet", "device_events.parquet")]
    outcome = run(Request(town / "orders.json", [s for s in signals if s.exists()], answers))
    levels = outcome.summary["levels"]
    click.echo(
        f"  {sum(levels.values())} findings: {levels.get('urgent', 0)} urgent, {levels.get('review', 0)} to review, "
        f"{levels.get('note', 0)} noted"
    )
    report = (answers / "report.html").resolve()
    click.echo(f"Report: {report}")
    if open_it and sys.stdout.isatty():
        webbrowser.open(report.as_uri())
