"""`milepost risk predictor`, the second half: what is in the registry, its steps, and whether the world still fits."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from milepost.risk.command_output import FILE, refuse
from milepost.risk.predictors.command_parts import (
    BY,
    REGISTRY,
    VERSION,
    now,
    open_registry,
    refusing,
)

WHY = click.option("--why", required=True, help="The reason, in a sentence.")


def _entry(registry: Path, name: str, version: int | None) -> tuple[Any, Any]:
    held = open_registry(registry)
    return held, held.entry(name, version)


@click.command("list")
@REGISTRY
def list_them(registry: Path) -> None:
    """Every predictor of the registry with its state. All signatures are checked."""
    with refusing():
        for entry in open_registry(registry).entries():
            made_up = ", trained on synthetic people" if entry.body["synthetic"] else ""
            click.echo(f"{entry.name} {entry.version}: {entry.state}{made_up}. {entry.body['task']}")


@click.command()
@click.argument("name")
@REGISTRY
@VERSION
def record(name: str, registry: Path, version: int | None) -> None:
    """Print the facts of predictor NAME as JSON: what a transparency record or a model card is made from."""
    with refusing():
        _, entry = _entry(registry, name, version)
        click.echo(json.dumps(entry.facts(), indent=1, ensure_ascii=False))


@click.command()
@click.argument("name")
@click.option("--data", type=FILE, help="Score this table in shadow. Without it, only the state changes.")
@REGISTRY
@VERSION
@click.option("--by", help="Who puts it into shadow; asked for once.")
@click.option("--why", default="to be judged on real cases before use", show_default=True, help="The reason.")
def shadow(
    name: str, data: Path | None, registry: Path, version: int | None, by: str | None, why: str
) -> None:
    """Put predictor NAME into shadow, and score tables there. The scores are stored and shown to nobody."""
    from milepost.risk.predictors.shadow import score_in_shadow
    from milepost.risk.read import read_frame

    with refusing():
        held, entry = _entry(registry, name, version)
        if entry.state == "trained":
            if by is None:
                refuse("It is not in shadow yet. Say with --by who puts it there.")
            entry = held.move(entry, "shadow", by=by, why=why, at=now())
            click.echo(f"{entry.name} {entry.version} is in shadow.")
        if data is not None:
            n = score_in_shadow(entry, read_frame(data)[0], at=now(), source=data.name)
            click.echo(f"{n} scores stored. They are shown to nobody.")


@click.command()
@click.argument("name")
@click.option(
    "--data", type=FILE, required=True, help="Newer people, as the study's table; with outcomes if known."
)
@REGISTRY
@VERSION
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def drift(name: str, data: Path, registry: Path, version: int | None, as_json: bool) -> None:
    """Is the world still the one predictor NAME learnt from? Inputs, outcomes and calibration. Exit code 1: alarms."""
    from milepost.risk.predictors.watch import watch
    from milepost.risk.read import read_frame

    with refusing():
        _, entry = _entry(registry, name, version)
        frame, first_row = read_frame(data)
        found = watch(entry, frame, data.name, first_row)
    if as_json:
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        click.echo(f"{found['people']} people; {found['with_outcome']} with a known outcome.")
        for alarm in found["alarms"]:
            click.echo(f"{alarm['level']}: {alarm['message']}")
        if not found["alarms"]:
            click.echo("No alarm. That is no proof that nothing changed.")
    sys.exit(1 if found["alarms"] else 0)


@click.command()
@click.argument("name")
@click.option("--evaluation", required=True, help="Hash of the evaluation that was read: see `record`.")
@REGISTRY
@VERSION
@BY
@WHY
def approve(name: str, evaluation: str, registry: Path, version: int | None, by: str, why: str) -> None:
    """A second, named person approves predictor NAME for use, on the evaluation they read."""
    with refusing():
        held, entry = _entry(registry, name, version)
        entry = held.move(entry, "approved", by=by, why=why, at=now(), evaluation_hash=evaluation)
    click.echo(f"{entry.name} {entry.version} is approved by {by}.")


@click.command()
@click.argument("name")
@REGISTRY
@VERSION
@BY
@WHY
def retire(name: str, registry: Path, version: int | None, by: str, why: str) -> None:
    """Take predictor NAME out of use for good. Its record stays."""
    with refusing():
        held, entry = _entry(registry, name, version)
        entry = held.move(entry, "retired", by=by, why=why, at=now())
    click.echo(f"{entry.name} {entry.version} is retired.")


COMMANDS = (list_them, record, shadow, drift, approve, retire)
