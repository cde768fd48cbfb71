"""Checkpoints kept as files in a folder: read for every check of the log, and never written over."""

from __future__ import annotations

from pathlib import Path

from milepost.service.audit.signing import Signed, read_checkpoint
from milepost.service.kit.files import make_folder, new_file, sync_folder

NAMED = "checkpoint-{number:012d}.json"
SET_ASIDE = "before-restore-{number:012d}"


class NotKept(Exception):
    """A file of the folder is no checkpoint, or cannot be read or written. The text names it and the remedy."""


def read_all(folder: Path) -> list[Signed]:
    """The checkpoints in the folder, by number; none where there is no folder.

    Raises:
        NotKept: naming the file that cannot be read.
    """
    found = []
    for path in sorted(folder.glob("checkpoint-*.json")):
        try:
            found.append(read_checkpoint(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise NotKept(
                f"{path}: {error} Compare it with a copy kept elsewhere, and find out who changed it."
            ) from None
    return sorted(found, key=lambda signed: signed.number)


def keep(folder: Path, signed: Signed) -> Path:
    """Writes a file of its own for the checkpoint; one that is there with the same content will do.

    Raises:
        NotKept: it cannot be written, or another one is there in its name.
    """
    path = folder / NAMED.format(number=signed.number)
    try:
        if not folder.exists():
            make_folder(folder)  # one that is there may be somebody else's, and they may let others read it
        with new_file(path) as out:
            out.write(signed.as_json().encode())
        sync_folder(folder)
    except FileExistsError:
        if path.read_text(encoding="utf-8") != signed.as_json():
            raise NotKept(
                f"{path} holds another checkpoint of the same number. Find out who made it."
            ) from None
    except OSError as error:
        raise NotKept(f"{path} cannot be written: {error.strerror}.") from None
    return path


def set_aside_later(folder: Path, number: int) -> list[int]:
    """After an older state was restored: checkpoints of entries that are no longer there go to a folder beside, where
    they still show what there was. Returns their numbers."""
    later = [signed for signed in read_all(folder) if signed.number > number]
    for signed in later:
        aside = make_folder(folder / SET_ASIDE.format(number=number))
        name = NAMED.format(number=signed.number)
        (folder / name).replace(aside / name)
    return [signed.number for signed in later]
