"""Files and folders that only the service's own user can read, whatever the umask it was started with.

Everything that the service keeps is about people, or is a key: a file is 0600, a folder 0700.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FILE_MODE, FOLDER_MODE = 0o600, 0o700


def keep_to_ourselves() -> None:
    """What this process and its children make from now on is for their own user alone. Said where each command of
    the service starts: libraries that write files by themselves (SQLite, the lake, Parquet) follow it too."""
    os.umask(0o077)


def make_folder(folder: Path) -> Path:
    """The folder, made with those above it if need be, and its own user's alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    _set_mode(folder, FOLDER_MODE)
    return folder


def append_to(path: Path) -> IO[bytes]:
    """The file, open for adding at its end; made, its own user's alone, if it is not there. Locks take one, too."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE), "ab")


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file for writing, from its first byte on its own user's alone. It is on the disk when this ends.

    Raises:
        FileExistsError: there is one of that name.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(handle, "wb") as out:
        os.fchmod(out.fileno(), FILE_MODE)
        yield out
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of ``path`` when all is written, and not at all if something fails on the way."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")  # 0600
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_whole(path: Path, text: str) -> None:
    with whole_file(path) as out:
        out.write(text.encode())


def copy_tree(source: Path, target: Path) -> None:
    """A folder and all below it, for its own user alone, whatever the modes of what is copied."""
    make_folder(target)
    for found in sorted(source.rglob("*")):
        place = target / found.relative_to(source)
        if found.is_dir():
            make_folder(place)
        elif found.is_file():
            with found.open("rb") as read, new_file(place) as out:
                shutil.copyfileobj(read, out)


def sync_folder(folder: Path) -> None:
    """What was renamed within the folder is there after the power went, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def tighten(folder: Path) -> int:
    """Gives everything below (and the folder) its right mode, for what was made before or by other hands. Returns how
    many were wrong. What belongs to another user is left: its owner has to see to it."""
    changed = 0
    for place, _, names in os.walk(folder):
        changed += _set_mode(Path(place), FOLDER_MODE)
        changed += sum(_set_mode(Path(place, name), FILE_MODE) for name in names)
    return changed


def _set_mode(path: Path, mode: int) -> bool:
    try:
        told = path.lstat()
        if (told.st_mode & 0o777) == mode or path.is_symlink():
            return False
        path.chmod(mode)
    except OSError:  # not ours, or gone meanwhile
        return False
    return True
