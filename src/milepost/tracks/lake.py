"""The position lake: closed days of signals as Delta Lake tables that any engine can read.

    lake = PositionLake.create("lake")
    lake.append(signals, batch_id="2026-03-14T04:00Z/0001")
    lake.read(devices=["tag-1"], from_utc=..., until_utc=...)

One table for each signal table, partitioned by UTC day and by a stable hash of the device id, rows
sorted by device and time. Reads see whole commits only. Any process may be killed at any instant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from deltalake.exceptions import TableNotFoundError

from milepost.tracks.lake_compact import Compaction, compact_table, n_loose_partitions
from milepost.tracks.lake_erase import Erasure, Intent, carry_out, count, save_intent, saved_intents
from milepost.tracks.lake_layout import EPOCH, RECORDS, check_record, day_number
from milepost.tracks.lake_lock import WritingLock, erasing_alone
from milepost.tracks.lake_read import Box, DeviceInterval, Wanted, microseconds, read_files, read_rows
from milepost.tracks.lake_table import LakeTable
from milepost.tracks.lake_write import append_rows
from milepost.tracks.record import Signals

DEFAULT_BUCKETS = 16
READ_ATTEMPTS = 10


class NotALake(Exception):
    """There is no position lake at this path, or it was created otherwise than asked for."""


class BatchDiffers(Exception):
    """A batch with this id is in the lake, with another number of rows."""


@dataclass(slots=True)
class Appended:
    """What an append did: rows added by table. A table whose rows of this batch were there adds 0."""

    n_rows: dict[str, int] = field(default_factory=dict)
    already_there: bool = False
    """The whole batch was in the lake before."""


@dataclass(slots=True)
class TableInfo:
    """The newest version of one table, and what else is on disk."""

    version: int
    n_rows: int
    n_files: int
    n_bytes: int
    first_day: dt.date | None
    last_day: dt.date | None
    n_unreferenced_files: int


class PositionLake:
    """A position lake in a local folder. Opening it reads the logs and changes nothing.

    Raises ``NotALake`` if there is none. One object is for one thread; open one in each thread, process
    or fork. File locks must work on the folder (they do on local disks).
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self._tables = {name: LakeTable(self.path / name, name) for name in RECORDS}
        except TableNotFoundError as error:
            raise NotALake(
                f"{path} holds no position lake. Create one first: milepost tracks lake init"
            ) from error
        self.n_buckets = self._tables["fixes"].n_buckets
        self._lock = WritingLock(self.path)

    @classmethod
    def create(
        cls, path: str | Path, *, n_buckets: int = DEFAULT_BUCKETS, checkpoint_every: int = 100
    ) -> PositionLake:
        """Creates the lake, or completes a creation that was interrupted.

        ``n_buckets``: partitions of devices within a day, fixed for good; about one for each 500 devices.
        ``checkpoint_every``: commits between checkpoints of the log.
        Raises ``NotALake`` if a lake with another number of buckets is there.
        """
        if not 1 <= n_buckets <= 10_000:
            raise ValueError(f"n_buckets must be between 1 and 10,000, not {n_buckets}")
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        for name in RECORDS:
            LakeTable.create(folder / name, name, n_buckets, checkpoint_every)
        lake = cls(folder)
        if any(table.n_buckets != n_buckets for table in lake._tables.values()):
            raise NotALake(f"{path} holds a lake with {lake.n_buckets} buckets, which cannot be changed")
        return lake

    def append(self, signals: Signals, *, batch_id: str) -> Appended:
        """Adds a batch: all of it or nothing in each table, and each table once whatever is repeated.

        If the process dies in the middle, append the same batch again: tables that have it are left
        alone. Rows of days long past are welcome. ``batch_id`` stays in the log for good: no names in it.
        Raises ``BatchDiffers`` if the id is known with another number of rows, ``ValueError`` if a table
        is not in the types of ``tracks.record``.
        """
        if not batch_id:
            raise ValueError("batch_id must not be empty")
        rows = {name: check_record(getattr(signals, name), record, name) for name, record in RECORDS.items()}
        known: dict[str, int | None] = {}
        for name, table in self._tables.items():
            table.refresh()
            known[name] = table.n_rows_of_batch(batch_id)
            if known[name] not in (None, rows[name].num_rows):
                raise BatchDiffers(
                    f"batch {batch_id} is in the lake with {known[name]} rows of {name}, "
                    f"not {rows[name].num_rows}. Give other content another batch id"
                )
        added = {
            name: append_rows(table, self._lock, rows[name], self.n_buckets, batch_id)
            for name, table in self._tables.items()
        }
        return Appended(added, already_there=any(known.values()) and not any(added.values()))

    def read(
        self,
        *,
        person: Iterable[DeviceInterval] | None = None,
        devices: Collection[str] | None = None,
        from_utc: dt.datetime | None = None,
        until_utc: dt.datetime | None = None,
        bbox: Box | None = None,
    ) -> Signals:
        """The signals for which everything given holds, each table by device, time and sequence.

        ``person``: what one person wore, as (device id, from_us, until_us), microseconds UTC, half-open,
        ``None`` for still worn. ``from_utc``/``until_utc``: recorded in [from, until), aware times.
        ``bbox``: west, south, east, north in degrees, edges included; presence and device events have no
        position, so with a box these two tables are empty.
        """
        wanted = Wanted(
            None if person is None else tuple(person),
            None if devices is None else frozenset(devices),
            microseconds(from_utc),
            microseconds(until_utc),
            bbox,
        )
        names = ["fixes"] if bbox is not None else list(RECORDS)
        return _signals({name: read_rows(self._tables[name], wanted) for name in names})

    def iter_days_and_buckets(
        self, *, from_day: dt.date | None = None, until_day: dt.date | None = None
    ) -> Iterator[tuple[dt.date, int, Signals]]:
        """Yields (UTC day, bucket, signals) for all that is there at the start, by day and bucket.

        Holds one day and bucket in memory at a time. ``until_day`` is not included.
        """
        first = None if from_day is None else day_number(from_day)
        until = None if until_day is None else day_number(until_day)
        keys: set[tuple[int, int]] = set()
        for table in self._tables.values():
            table.refresh()
            keys |= {(file.day, file.bucket) for file in table.files()}
        for day, bucket in sorted(keys):
            if (first is None or day >= first) and (until is None or day < until):
                rows = {
                    name: self._read_partition(table, day, bucket) for name, table in self._tables.items()
                }
                yield EPOCH + dt.timedelta(days=day), bucket, _signals(rows)

    def compact(
        self, *, keep_hours: int | None = 168, step: Callable[[], None] = lambda: None
    ) -> dict[str, Compaction]:
        """Merges the files of each day and bucket into one and drops rows identical in every column.

        Safe beside appends, reads and erasures. ``keep_hours``: files that no version of the last so many
        hours uses are deleted; ``None`` keeps them. ``step`` is called after each partition.
        Finishes interrupted erasures first.
        """
        self.finish_erasures()
        done = {name: Compaction() for name in RECORDS}
        for name, table in self._tables.items():
            compact_table(table, self._lock, done[name], step)
            if keep_hours is not None:
                with self._lock.sweeping():
                    table.vacuum(keep_hours)
        return done

    def n_loose_partitions(self) -> int:
        """How many days and buckets, over all tables, a compaction would merge."""
        return sum(n_loose_partitions(table) for table in self._tables.values())

    def erase(self, person: Iterable[DeviceInterval], *, dry_run: bool) -> Erasure:
        """Deletes what one person's devices reported while they were on them, from all tables and history.

        When it returns, no Parquet file of the lake holds these rows, old versions included (which can
        then no longer be read). A presence event goes if the home unit or the tag that it hears is named.
        ``dry_run`` counts rows and files and changes nothing. Killed in between, it is finished by
        ``finish_erasures``, which erase, expire and compact call first.
        """
        return self._carry_out(Intent(person=tuple(person)), dry_run)

    def expire(self, before_day: dt.date, *, dry_run: bool) -> Erasure:
        """Deletes everything filed under UTC days before ``before_day``, like ``erase``."""
        return self._carry_out(Intent(before_day=before_day), dry_run)

    @property
    def n_unfinished_erasures(self) -> int:
        """Erasures and expiries that were started and have not ended; perhaps one is at work just now."""
        return len(saved_intents(self.path))

    def finish_erasures(self) -> int:
        """Carries out erasures and expiries that were interrupted; returns how many."""
        if not saved_intents(self.path):
            return 0
        with erasing_alone(self.path):
            return self._finish()

    def info(self) -> dict[str, TableInfo]:
        """Size and extent of each table."""
        found = {}
        for name, table in self._tables.items():
            unused = len(table.unreferenced())
            files = table.files()
            days = [EPOCH + dt.timedelta(days=file.day) for file in files]
            n_rows, n_bytes = sum(file.n_rows for file in files), sum(file.n_bytes for file in files)
            first, last = min(days, default=None), max(days, default=None)
            found[name] = TableInfo(table.delta.version(), n_rows, len(files), n_bytes, first, last, unused)
        return found

    def _carry_out(self, intent: Intent, dry_run: bool) -> Erasure:
        tables = list(self._tables.values())
        if dry_run:
            return count(tables, intent)
        with erasing_alone(self.path):
            self._finish()
            saved = save_intent(self.path, intent)
            return carry_out(self.path, tables, self._lock, intent, saved)

    def _finish(self) -> int:
        found = saved_intents(self.path)
        for saved, intent in found:
            carry_out(self.path, list(self._tables.values()), self._lock, intent, saved)
        return len(found)

    def _read_partition(self, table: LakeTable, day: int, bucket: int) -> pa.Table:
        for _ in range(READ_ATTEMPTS):
            try:
                return read_files(table, [f for f in table.files() if (f.day, f.bucket) == (day, bucket)])
            except FileNotFoundError:
                table.refresh()
        raise RuntimeError(f"{table.folder}: files were taken away {READ_ATTEMPTS} times while reading")


def _signals(rows: dict[str, pa.Table]) -> Signals:
    signals = Signals(**rows)
    signals.n_rows_read = signals.n_rows
    return signals
