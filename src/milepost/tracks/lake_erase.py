"""Erasure and retention: rows leave the tables, then every old file leaves the disk.

The intent is written to the lake before the first row goes and deleted after the last file is gone.
Whoever is killed in between leaves the intent behind; the next erasure, expiry or compaction finishes it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa

from milepost.tracks.lake_layout import bucket_of, day_number, day_of
from milepost.tracks.lake_lock import WritingLock
from milepost.tracks.lake_read import DeviceInterval, any_of, read_files, worn
from milepost.tracks.lake_table import DataFile, LakeTable, sync_folder

INTENTS = "_intents"
FILES_PER_COMMIT = 32
ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Intent:
    """What must be gone: the rows of these device intervals, or everything before a UTC day."""

    person: tuple[DeviceInterval, ...] = ()
    before_day: dt.date | None = None

    def touches(self, table: LakeTable, file: DataFile) -> bool:
        """Whether the file's day and bucket can hold rows that must go."""
        if self.before_day is not None and file.day < day_number(self.before_day):
            return True
        for device, from_us, until_us in self.person:
            last = file.day if until_us is None else day_of(until_us - 1)
            if not day_of(from_us) <= file.day <= last:
                continue
            if "tag_id" in table.record.names or file.bucket == bucket_of(device, table.n_buckets):
                return True
        return False

    def rows(self, table: LakeTable) -> pl.Expr:
        """True for rows that must go. A presence event is of the home unit and of the tag that it hears."""
        columns = [name for name in ("device_id", "tag_id") if name in table.record.names]
        return any_of(worn(interval, column) for interval in self.person for column in columns)

    def takes_whole(self, file: DataFile) -> bool:
        return self.before_day is not None and file.day < day_number(self.before_day)


@dataclass(slots=True)
class Erasure:
    """What an erasure or expiry did, or in a dry run would do. Counts by table."""

    dry_run: bool
    n_rows: dict[str, int] = field(default_factory=dict)
    n_files: dict[str, int] = field(default_factory=dict)
    """Files of the newest version that hold such rows: rewritten, or dropped whole."""
    n_files_swept: dict[str, int] = field(default_factory=dict)
    """Files on disk that no current version uses, deleted at the end (in a dry run: those there now)."""


def save_intent(lake: Path, intent: Intent) -> Path:
    """Writes the intent, durable before it returns."""
    folder = lake / INTENTS
    folder.mkdir(exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}.json"
    draft = path.with_suffix(".draft")
    before = None if intent.before_day is None else intent.before_day.isoformat()
    with draft.open("w", encoding="utf-8") as sink:
        json.dump({"person": intent.person, "before_day": before}, sink)
        sink.flush()
        os.fsync(sink.fileno())
    draft.replace(path)
    sync_folder(folder)
    return path


def saved_intents(lake: Path) -> list[tuple[Path, Intent]]:
    """Intents not yet carried out in full."""
    found = []
    for path in sorted((lake / INTENTS).glob("*.json")):
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:  # carried out meanwhile by another process
            continue
        before = None if raw["before_day"] is None else dt.date.fromisoformat(raw["before_day"])
        found.append((path, Intent(tuple((d, f, u) for d, f, u in raw["person"]), before)))
    return found


def carry_out(
    lake: Path, tables: Sequence[LakeTable], lock: WritingLock, intent: Intent, saved: Path
) -> Erasure:
    """Deletes the rows, sweeps the old files, then forgets the intent. Safe to repeat."""
    done = Erasure(dry_run=False)
    for table in tables:
        with lock.writing():
            done.n_rows[table.name], done.n_files[table.name] = _delete_rows(table, intent)
    for table in tables:
        done.n_files_swept[table.name] = sweep(table, lock)
    for draft in (lake / INTENTS).glob("*.draft"):  # of a process killed while it wrote one
        draft.unlink(missing_ok=True)
    saved.unlink(missing_ok=True)
    sync_folder(lake / INTENTS)
    return done


def count(tables: Sequence[LakeTable], intent: Intent) -> Erasure:
    """What ``carry_out`` would do, changing nothing."""
    done = Erasure(dry_run=True)
    for table in tables:
        table.refresh()
        held = [n for _, n, _ in _holding(table, intent)]
        done.n_rows[table.name], done.n_files[table.name] = sum(held), len(held)
        done.n_files_swept[table.name] = len(table.unreferenced())
    return done


def sweep(table: LakeTable, lock: WritingLock) -> int:
    """Deletes every Parquet file that the newest version does not use; returns how many.

    Waits for writers and keeps them out, since what they wrote and have not committed looks unused too.
    """
    with lock.sweeping():
        paths = table.unreferenced()
        for path in paths:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            sync_folder(folder)
            _remove_if_empty(folder)
    return len(paths)


def _delete_rows(table: LakeTable, intent: Intent) -> tuple[int, int]:
    n_rows = n_files = 0
    for _ in range(ROUNDS):  # again, until a fresh look finds nothing: rows may arrive meanwhile
        counted = table.retry(lambda: _delete_once(table, intent))
        if counted == (0, 0):
            return n_rows, n_files
        n_rows, n_files = n_rows + counted[0], n_files + counted[1]
    raise RuntimeError(f"{table.folder}: rows to erase kept arriving; stop their source and erase again")


def _delete_once(table: LakeTable, intent: Intent) -> tuple[int, int]:
    added: list[DataFile] = []
    removed: list[DataFile] = []
    n_rows = 0
    try:
        for file, n_going, rows in _holding(table, intent):
            removed.append(file)
            n_rows += n_going
            if rows is not None and rows.num_rows:
                kind = file.path.rpartition("/")[2].partition("-")[0]
                added.append(table.write(rows, file.day, file.bucket, kind))
            if len(removed) >= FILES_PER_COMMIT:
                break
        if removed:
            table.commit(added, removed)
    except BaseException:
        table.refresh()
        table.discard(set(added) - set(table.files()))
        raise
    return n_rows, len(removed)


def _holding(table: LakeTable, intent: Intent) -> Iterator[tuple[DataFile, int, pa.Table | None]]:
    """Yields each file with rows that must go, their number, and the rows that stay (None: no row stays)."""
    going = intent.rows(table)
    for file in table.files():
        if not intent.touches(table, file):
            continue
        if intent.takes_whole(file):
            yield file, file.n_rows, None
            continue
        n_going = read_files(table, [file], going).num_rows
        if n_going:
            yield file, n_going, read_files(table, [file], ~going.fill_null(False))


def _remove_if_empty(folder: Path) -> None:
    """Deletes an emptied bucket folder, and its day's when that is empty too."""
    for path in (folder, folder.parent):
        try:
            path.rmdir()
        except OSError:  # not empty
            return
        sync_folder(path.parent)
