"""`milepost upkeep`: backup and restore, retention, erasure, the watch of predictors, and the timer that does the daily
part by itself."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import click

from milepost.service import supervise
from milepost.service.commands import set_up

FOLDER = click.Path(file_okay=False, path_type=Path)
HOUR_S, FIRST_S = 3600.0, 60.0
DAILY_EVERY_HOURS = 24


@click.group()
def group() -> None:
    """Back up and restore, let go of what was kept long enough, erase one person."""


def _machine(name: str):  # type: ignore[no-untyped-def]
    from milepost.service.accounts.actors import Machine

    return Machine("command", name)


@group.command()
@click.argument("folder", type=FOLDER)
def backup(folder: Path) -> None:
    """Copy the database and the lake into FOLDER, with a manifest, while the service runs."""
    set_up()
    from milepost.service.upkeep.backup import BackupProblem, back_up

    try:
        made = back_up(folder, by=_machine("backup"))
    except BackupProblem as problem:
        raise click.ClickException(str(problem)) from None
    size = sum(file["bytes"] for file in made["files"].values())
    click.echo(
        f"{folder}: {len(made['files'])} files, {size:,} bytes, audit log up to entry {made['audit_number']}"
    )


@group.command()
@click.argument("folder", type=FOLDER)
@click.option("--replace", is_flag=True, help="Lose the database and the lake that are here now.")
def restore(folder: Path, replace: bool) -> None:
    """Put the backup in FOLDER in place. Stop the service first. Checks every file before it touches anything."""
    set_up()
    from milepost.service.upkeep.backup import BackupProblem
    from milepost.service.upkeep.backup import restore as put_back

    try:
        made = put_back(folder, by=_machine("restore"), replace=replace)
    except BackupProblem as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(
        f"Restored the state of {made['started_utc']}. Now run: milepost manage migrate, milepost audit verify. "
        "Erasures made after the backup have to be made again."
    )


@group.command()
@click.option("--dry-run", is_flag=True, help="Count what would go; change nothing.")
def retention(dry_run: bool) -> None:
    """Let go of what has been kept long enough, by the retention schedule."""
    set_up()
    from milepost.service.upkeep.policy_data import schedule
    from milepost.service.upkeep.retention import retain

    click.echo(
        f"Schedule: {schedule().table.name}" + (" (illustrative)" if schedule().table.illustrative else "")
    )
    for what, n in retain(by=_machine("retention"), dry_run=dry_run).items():
        verb = "to look at" if what == "people" else ("would go" if dry_run else "gone")
        click.echo(f"{what}: {n:,} {verb}")


@group.command()
@click.argument("reference")
@click.option("--reason", required=True, help="Why, for the audit log. No names in it.")
@click.option("--dry-run", is_flag=True, help="Count what would go; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(reference: str, reason: str, dry_run: bool, yes: bool) -> None:
    """Erase everything of the person with this REFERENCE, from every store. It cannot be undone."""
    set_up()
    from milepost.service.upkeep.erase import NobodyThere, erase_person

    if not dry_run and not yes:
        click.confirm(f"Erase everything of {reference}? It cannot be undone", abort=True)
    try:
        done = erase_person(reference, reason=reason, by=_machine("erase"), dry_run=dry_run)
    except NobodyThere:
        raise click.ClickException(f"Nobody has the reference {reference}.") from None
    for name, n in done.counts.items():
        if n:
            click.echo(f"{name}: {n:,} {'would go' if dry_run else 'gone'}")


@group.command()
def watch() -> None:
    """Watch predictors in shadow or in use: join their scores to outcomes, measure drift, keep alarms.

    The timer does it each day. Exit code 1: an alarm began, or a predictor could not be watched.
    """
    set_up()
    from milepost.service.upkeep.watch import watch_predictors

    done = watch_predictors(by=_machine("watch"))
    click.echo(
        f"{done['predictors']} watched, {done['reports']} new reports, {done['alarms']} new alarms, "
        f"{done['failed']} could not be watched."
    )
    raise SystemExit(1 if done["alarms"] or done["failed"] else 0)


@group.command()
def status() -> None:
    """What the status page shows, as JSON: versions, lag, queues, sizes, last backup."""
    set_up()
    from milepost.service.upkeep.status import status_now

    click.echo(json.dumps(status_now().as_plain(), indent=1, default=str))


@group.command()
def timer() -> None:
    """Each hour move closed days into the lake; each day let go of what was kept long enough, and watch predictors.
    Until stopped."""
    set_up()
    supervise.watch_parent()
    stopping = threading.Event()
    supervise.stop_on_signals(stopping)
    hours = 0
    wait_s = FIRST_S
    while not stopping.wait(wait_s):
        wait_s = HOUR_S
        once(daily_too=hours % DAILY_EVERY_HOURS == 0)
        hours += 1


def once(*, daily_too: bool) -> None:
    """One turn of the timer. What fails is logged and tried again the next time; it holds up nothing else."""
    import logging

    from django.core.management import CommandError
    from django.db import close_old_connections

    from milepost.service.kit.capabilities import daily_jobs, named

    log = logging.getLogger("milepost.upkeep")
    close_old_connections()
    by = _machine("timer")
    daily = [named(job.job) for job in daily_jobs()] if daily_too else []
    for part in (_roll, *daily):
        try:
            part(by=by)
        except CommandError as error:
            log.warning("days were not moved", extra={"reason": type(error).__name__})
        except Exception:
            log.exception("upkeep failed; it is tried again")


def _roll(*, by) -> None:  # type: ignore[no-untyped-def]
    from django.core.management import call_command
    from django.db import transaction

    from milepost.service.audit.operations import Operation
    from milepost.service.audit.record import write
    from milepost.service.upkeep.models import UpkeepRun

    call_command("roll_days")
    with transaction.atomic():
        entry = write(by=by, operation=Operation.ALTERATION, what="upkeep.roll")
        UpkeepRun.objects.create(kind=UpkeepRun.Kind.ROLL, audit_number=entry.number)
