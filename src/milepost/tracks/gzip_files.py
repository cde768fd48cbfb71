"""Files packed with gzip, whatever their name: unpacked into a folder of their own and read like any other."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from milepost.problems import Problem, UnreadableFile
from milepost.tracks.message_limits import gzip_file_limits

MAGIC = b"\x1f\x8b\x08"
GZIP_ONLY = 31
"""``wbits`` of zlib for a gzip header and its checksum at the end."""
CHUNK_BYTES = 1 << 20
FOLDERS_THAT_MEAN_SOMETHING = 3
"""So many folders above a file may name its device (GeoLife, OwnTracks' Recorder)."""


def is_gzip(path: Path) -> bool:
    """Whether the first bytes say gzip. False for what cannot be opened: its reader will say why."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[Path, Problem | None]]:
    """The file without its packing, for as long as the context lasts; and, if it is cut off, what to say.

    Its name is that of ``path`` without ``.gz``. What came before a cut is read. Raises ``UnreadableFile`` if
    nothing comes out, if the checksum at the end does not fit (the bytes are not those that were packed), if it
    comes to more than ``message_limits.toml`` allows, or if there is no room for it.
    """
    above = [folder.name for folder in list(path.resolve().parents)[:FOLDERS_THAT_MEAN_SOMETHING]]
    with tempfile.TemporaryDirectory(prefix="milepost-") as folder:
        name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
        target = Path(folder, *reversed([part for part in above if part]), name or "unpacked")
        target.parent.mkdir(parents=True, exist_ok=True)
        problem = None
        try:
            with path.open("rb") as packed, target.open("wb") as out:
                is_whole = _unpack(packed, out, path.stat().st_size)
        except zlib.error as error:
            raise UnreadableFile(
                Problem(
                    path.name,
                    None,
                    None,
                    "The gzip file is damaged",
                    "Copy or download it again.",
                    str(error),
                )
            ) from None
        except _TooLarge:
            message = "The gzip file comes to far more than its size; it was not unpacked further"
            remedy = "If it is what it should be, unpack it yourself and give what is in it."
            raise UnreadableFile(Problem(path.name, None, None, message, remedy)) from None
        except OSError as error:
            message = f"The gzip file cannot be unpacked ({error.strerror})"
            remedy = "Make room in the folder for temporary files (TMPDIR), or unpack it yourself."
            raise UnreadableFile(Problem(path.name, None, None, message, remedy)) from None
        if not is_whole:
            message = "The gzip file is cut off; what came before was read"
            problem = Problem(path.name, None, None, message, "Copy or download it again.")
            if not target.stat().st_size:
                raise UnreadableFile(replace(problem, message="The gzip file is cut off"))
            _drop_half_a_line(target)
        yield target, problem


def _drop_half_a_line(path: Path) -> None:
    """A line cut short may still look whole, with a number that lost its last digits: another place."""
    with path.open("r+b") as file:
        at = max(path.stat().st_size - CHUNK_BYTES, 0)
        file.seek(at)
        end = file.read().rfind(b"\n")
        if end >= 0:
            file.truncate(at + end + 1)


class _TooLarge(Exception):
    pass


def _unpack(packed: BinaryIO, out: BinaryIO, packed_bytes: int) -> bool:
    """Whether the end was there. Several members, one after the other, are one file (RFC 1952)."""
    limits = gzip_file_limits()
    most = max(limits.free_bytes, limits.max_times_larger * packed_bytes)
    member = zlib.decompressobj(wbits=GZIP_ONLY)
    while chunk := packed.read(CHUNK_BYTES):
        while chunk:
            out.write(member.decompress(chunk, CHUNK_BYTES))
            if out.tell() > most:
                raise _TooLarge
            chunk = member.unused_data.lstrip(b"\0") if member.eof else member.unconsumed_tail
            if member.eof and chunk:
                member = zlib.decompressobj(wbits=GZIP_ONLY)
    # What one call may give is bounded, so some may still be inside at the end of the file.
    while not member.eof and (left := member.decompress(b"", CHUNK_BYTES)):
        out.write(left)
    return member.eof
