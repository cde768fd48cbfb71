"""`milepost audit`: check, sign and export the log of who looked at or changed what."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click

from milepost.service.audit.chain import Outcome
from milepost.service.audit.exported import NotALog, check_file
from milepost.service.audit.kept import NotKept
from milepost.service.audit.signing import Signed, read_checkpoint
from milepost.service.commands import set_up
from milepost.service.kit.files import whole_file, write_whole
from milepost.times import from_us

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

    All entries that there are are read and the log's head is compared with them. Checkpoints in the database and
    those in MILEPOST_CHECKPOINT_FOLDER are taken by themselves; name one from elsewhere with --checkpoint. Ends with 0
    if it is sound, with 1 at the first entry that was changed, removed, moved or forked off, or that differs from a
    checkpoint, and with 2 if it cannot be read. Only a checkpoint kept outside can show that everything after some
    entry was written anew, or that the end was cut off: it says up to where one does.
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
        held: list[tuple[str, list[Signed]]] = []
    else:
        outcome, held = _check_database(from_outside, list(keys))
    _report(outcome)
    if outcome.broken is None:
        _report_what_is_proven(outcome, [("that you named", from_outside), *held])
    sys.exit(0 if outcome.broken is None else 1)


def _check_database(outside: list[Signed], keys: list[str]) -> tuple[Outcome, list[tuple[str, list[Signed]]]]:
    """What was found, and the checkpoints that lie here, with the place in words."""
    set_up()
    from django.conf import settings
    from django.db import DatabaseError

    from milepost.service.audit import store

    try:
        outcome = store.check(outside, keys)
        folder = settings.CHECKPOINT_FOLDER
        return outcome, [(f"in {folder}", store.kept()), ("in the database itself", store.checkpoints())]
    except DatabaseError as error:
        raise click.UsageError(
            f"The log cannot be read ({type(error).__name__}). Is DATABASE_URL right, and was `migrate` run?"
        ) from None
    except (NotKept, ValueError) as error:  # a checkpoint of the folder, the key
        raise click.UsageError(str(error)) from None


def _report_what_is_proven(outcome: Outcome, held: list[tuple[str, list[Signed]]]) -> None:
    """A chain that fits shows little by itself: whoever owns the database can seal another one."""
    until = 0
    for where, signed in held:
        if signed:
            newest = max(signed, key=lambda one: one.number)
            until = max(until, newest.number)
            made = from_us(newest.at_us).strftime("%Y-%m-%d %H:%M UTC")
            click.echo(f"Entries 1 to {newest.number} are those signed on {made}, by the checkpoint {where}.")
    if not any(signed for _, signed in held):
        click.echo("No checkpoint was compared.")
    if until < outcome.checked:
        click.echo(
            f"Entries {until + 1} to {outcome.checked} are held by their chain alone, and that nothing stood after "
            f"{outcome.checked} is proven by nothing yet."
        )
    click.echo("A checkpoint proves something only if whoever could rewrite the log could not replace it.")


def _report(outcome: Outcome) -> None:
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
        _report(problem.outcome)
        sys.exit(1)
    except (NotKept, ValueError) as error:
        raise click.UsageError(str(error)) from None
    write_whole(out, signed.as_json())
    click.echo(f"Signed {signed.number} entries with {signed.public_key}. Give {out} to somebody outside.")


@group.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--to", "recipient", required=True, help="Who gets the file. It is written in the log.")
@click.option("--reason", required=True, help="What for. It is written in the log.")
def export(out: Path, recipient: str, reason: str) -> None:
    """Write the whole log to a file, one JSON object a line. The export is itself in the log."""
    set_up()
    from milepost.service.audit import store

    with whole_file(out) as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8")
        count = store.export(text, recipient=recipient, reason=reason)
        text.detach()  # what is written goes on to the file, which is closed with it
    click.echo(f"{count} entries written to {out}.")
