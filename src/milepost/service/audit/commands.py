"""`milepost audit`: check, sign and export the log of who looked at or changed what."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from milepost.service.audit.chain import Outcome
from milepost.service.audit.exported import NotALog, check_file
from milepost.service.audit.signing import Signed, read_checkpoint
from milepost.service.commands import set_up

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def group() -> None:
    """Who looked at or changed what: check that the log was not rewritten, sign it, export it."""


@group.command()
@click.argument("file", required=False, type=FILE)
@click.option("--checkpoint", "outside", multiple=True, type=FILE,
              help="A checkpoint kept outside, made earlier by `milepost audit checkpoint`.")  # fmt: skip
@click.option(
    "--public-key", "keys", multiple=True, help="A public key, in hexadecimal, that may have signed."
)
def verify(file: Path | None, outside: tuple[Path, ...], keys: tuple[str, ...]) -> None:
    """Check the log in the database, or in FILE that `milepost audit export` made.

    Ends with 0 if it is sound, with 1 at the first entry that was changed, removed, moved or forked off, or
    that differs from a checkpoint, and with 2 if it cannot be read. Only a checkpoint kept outside can show
    that everything after some entry was written anew.
    """
    try:
        from_outside = [read_checkpoint(path.read_text(encoding="utf-8")) for path in outside]
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if file is not None:
        try:
            outcome = check_file(file, from_outside, list(keys))
        except NotALog as error:
            raise click.UsageError(str(error)) from None
    else:
        outcome = _check_database(from_outside, list(keys))
    _tell(outcome)
    sys.exit(0 if outcome.broken is None else 1)


def _check_database(outside: list[Signed], keys: list[str]) -> Outcome:
    set_up()
    from django.db import DatabaseError

    from milepost.service.audit import store

    try:
        return store.check(outside, keys)
    except DatabaseError as error:
        raise click.UsageError(
            f"The log cannot be read ({type(error).__name__}). Is DATABASE_URL right, and was `migrate` run?"
        ) from None
    except ValueError as error:  # the key
        raise click.UsageError(str(error)) from None


def _tell(outcome: Outcome) -> None:
    if outcome.broken is None:
        click.echo(f"Sound: {outcome.checked} entries, {outcome.checkpoints} checkpoints.")
        click.echo(f"Last seal {outcome.last_seal}")
        click.echo(f"Root      {outcome.root}")
        return
    broken = outcome.broken
    what = "Checkpoint" if broken.wrong == "checkpoint mismatch" else "Entry"
    click.echo(f"NOT SOUND. {what} {broken.number} ({broken.wrong}): {broken.text}.", err=True)
    click.echo(f"{outcome.checked} entries before it fit.", err=True)


@group.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="The file to hand to somebody who has no hand in this database.")  # fmt: skip
def checkpoint(out: Path) -> None:
    """Check the log, sign it as it is now, and write the signature to a file to keep outside."""
    set_up()
    from milepost.service.audit import store

    try:
        signed = store.make_checkpoint()
    except store.NotSound as problem:
        _tell(problem.outcome)
        sys.exit(1)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    out.write_text(signed.as_json(), encoding="utf-8")
    click.echo(f"Signed {signed.number} entries with {signed.public_key}. Give {out} to somebody outside.")


@group.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--to", "recipient", required=True, help="Who gets the file. It is written in the log.")
@click.option("--reason", required=True, help="What for. It is written in the log.")
def export(out: Path, recipient: str, reason: str) -> None:
    """Write the whole log to a file, one JSON object a line. The export is itself in the log."""
    set_up()
    from milepost.service.audit import store

    with out.open("w", encoding="utf-8") as file:
        count = store.export(file, recipient=recipient, reason=reason)
    click.echo(f"{count} entries written to {out}.")
