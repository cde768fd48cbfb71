"""`milepost orders`: check, convert, compare and look at orders from the command line.

Exit codes: 0 fine, 1 finished but with problems, 2 could not run.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click

from milepost.orders.diff import diff_orders, diff_versions
from milepost.orders.model import OrderFile
from milepost.orders.night_table import make_calendar
from milepost.orders.read import read_order_file, read_orders
from milepost.orders.tables import print_table
from milepost.orders.write import json_schema, write_order_file
from milepost.problems import Problem, UnreadableFile

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DATE = click.DateTime(["%Y-%m-%d"])


@click.group("orders")
def group() -> None:
    """What was ordered: check, convert and compare order files."""


def _refuse(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(2)


def _read(path: Path) -> tuple[OrderFile, list[Problem]]:
    try:
        return read_orders(path)
    except UnreadableFile as error:
        _refuse(str(error))


def _say(problems: Iterable[Problem]) -> None:
    for problem in problems:
        click.echo(f"{problem.severity}: {problem}", err=True)


def _finish(with_problems: bool) -> None:
    if with_problems:
        sys.exit(1)


@group.command()
@click.argument("orders", type=FILE)
@click.option(
    "--as-of", type=DATE, help="Use the law of this day instead of the day each order takes effect."
)
@click.option("--all", "show_all", is_flag=True, help="Show what is in order too, not only what is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print problems and answers as JSON.")
def validate(orders: Path, as_of: dt.datetime | None, show_all: bool, as_json: bool) -> None:
    """Check orders against the law and against themselves."""
    from milepost.orders.validators import validate as check

    order_file, problems = _read(orders)
    answers = check(order_file, as_of.date() if as_of else None)
    wrong = [answer for answer in answers if answer.level != "ok"]
    if as_json:
        click.echo(json.dumps({
            "problems": [problem.as_dict() for problem in problems],
            "answers": [answer.as_dict() for answer in answers],
        }, ensure_ascii=False, indent=1))  # fmt: skip
    else:
        _say(problems)
        rows = [
            (a.level, a.person_id or "", a.order_id or "", str(a.version or ""), a.rule,
             f"{a.words} {a.remedy + '.' if a.remedy else ''}".strip(), a.source or "")
            for a in (answers if show_all else wrong)
        ]  # fmt: skip
        print_table(("level", "person", "order", "version", "rule", "what", "source"), rows)
        n_errors = sum(answer.level == "error" for answer in answers)
        click.echo(
            f"{len(order_file.orders)} orders, {len(answers)} checks: {n_errors} errors, "
            f"{len(wrong) - n_errors} warnings. Input: {len(problems)} problems."
        )
    _finish(bool(problems or wrong))


@group.command()
@click.argument("source", metavar="IN", type=FILE)
@click.argument("target", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--from", "kind", type=click.Choice(["milepost", "cemo", "geojson", "traccar"]), help="Else found out."
)
@click.option(
    "--places", type=FILE, help="GeoJSON or Traccar geofences: the geometry of places and zones, by name."
)
def convert(source: Path, target: Path, kind: str | None, places: Path | None) -> None:
    """Convert the ministry's create-an-order JSON, GeoJSON zones or Traccar geofences to Milepost JSON."""
    from milepost.orders.cemo import read_cemo
    from milepost.orders.find_kind import find_kind
    from milepost.orders.zones_geojson import apply_places, drop_answered, read_zones, zones_as_orders

    try:
        found_out = kind is None
        kind = kind or find_kind(source)
        if kind in ("geojson", "traccar"):
            zones, problems = read_zones(source)
            order_file, more = zones_as_orders(zones, source.name)
            problems += more
        else:
            reader = read_cemo if kind == "cemo" else read_orders if found_out else read_order_file
            order_file, problems = reader(source)
        if places is not None:
            zones, unused = read_zones(places)
            unused += apply_places(order_file, zones, places.name)
            problems = [*drop_answered(problems, order_file), *unused]
    except UnreadableFile as error:
        _refuse(str(error))
    _say(problems)
    try:
        write_order_file(order_file, target)
    except OSError as error:
        _refuse(f"{target} cannot be written: {error.strerror}")
    click.echo(f"{len(order_file.orders)} orders written to {target}", err=True)
    _finish(bool(problems))


@group.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--order", "order_id", help="With one file: the order to look at.")
@click.option("--versions", nargs=2, type=int, help="With one file: the two versions to compare.")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
def diff(
    files: tuple[Path, ...], order_id: str | None, versions: tuple[int, int] | None, as_json: bool
) -> None:
    """Show what changed between two files, or between two versions of an order in one file."""
    read = [_read(path) for path in files]
    problems = [problem for _, more in read for problem in more]
    if len(files) == 2:
        changes = diff_orders(read[0][0], read[1][0])
    elif len(files) == 1 and order_id is not None and versions is not None:
        order = next((order for order in read[0][0].orders if order.id == order_id), None)
        if order is None:
            _refuse(f"{files[0].name} has no order {order_id}")
        found = {version.version: version for version in order.versions}
        missing = [number for number in versions if number not in found]
        if missing:
            _refuse(f"order {order_id} has no version {missing[0]}; it has {sorted(found)}")
        changes = diff_versions(found[versions[0]], found[versions[1]])
    else:
        raise click.UsageError("Give two files, or one file with --order and --versions.")
    _say(problems)
    if as_json:
        click.echo(json.dumps([change.as_dict() for change in changes], ensure_ascii=False, indent=1))
    else:
        for change in changes:
            click.echo(change.words)
        if not changes:
            click.echo("No differences.")
    _finish(bool(problems))


@group.command()
@click.argument("orders", type=FILE)
@click.option("--person", "person_id", required=True, help="The id of the person.")
@click.option("--from", "first", type=DATE, required=True, help="First local day.")
@click.option("--until", "last", type=DATE, required=True, help="Last local day, included.")
@click.option("--json", "as_json", is_flag=True, help="Print the nights as JSON.")
def calendar(orders: Path, person_id: str, first: dt.datetime, last: dt.datetime, as_json: bool) -> None:
    """Show night by night what an order means for one person."""
    order_file, problems = _read(orders)
    _say(problems)
    mine = [order for order in order_file.orders if order.person_id == person_id]
    if not mine:
        _refuse(f"{orders.name} has no order for person {person_id}")
    if last < first:
        raise click.UsageError("--until is before --from.")
    entries = make_calendar(OrderFile(orders=mine), first.date(), last.date())
    if as_json:
        click.echo(json.dumps([entry.as_dict() for entry in entries], ensure_ascii=False, indent=1))
    else:
        header = ("from", "until", "hours elapsed", "duty", "condition", "version", "where", "notes")
        rows = [
            (e.starts, e.ends, e.hours, e.duty, e.condition_id, str(e.order_version), e.where, e.notes)
            for e in entries
        ]
        print_table(header, rows)
    _finish(bool(problems))


@group.command()
def schema() -> None:
    """Print the JSON Schema of the order file."""
    click.echo(json.dumps(json_schema(), indent=2))
