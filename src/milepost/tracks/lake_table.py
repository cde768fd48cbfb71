"""One Delta Lake table of the lake: its files, its commits, its leftovers.

Files are written here with pyarrow, for the encodings and the order of rows; deltalake commits them.
The log gets row counts and no other statistics: the smallest and largest device id and position of a
file would stay readable in the log after the file is gone. Parquet's own statistics go with the file.
"""

from __future__ import annotations

import json
import os
import random
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

from milepost.tracks.lake_layout import RECORDS, day_name, day_number, stored_schema, table_schema

PARTITIONS = ["day", "bucket"]
ROWS_PER_GROUP = 16_384
"""About eleven device-days at one fix a minute: little is read for one device, and the footers stay small."""
COMMIT_ATTEMPTS = 50
_DICTIONARY = frozenset(
    {"device_id", "tag_id", "source", "quality", "state", "heartbeat", "kind", "unit", "raw_code"}
    | {"battery_pct"}
)
"""Columns of few different values."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file of a table, as the log has it. ``day`` counts from 1970-01-01."""

    path: str
    day: int
    bucket: int
    n_rows: int
    n_bytes: int


class LakeTable:
    """One of the three signal tables in ``folder``. Opening needs the table to exist."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.record = RECORDS[name]
        self.delta = DeltaTable(str(folder))
        self._read_for = -1
        self._files: list[DataFile] = []

    @staticmethod
    def create(folder: Path, name: str, n_buckets: int, checkpoint_every: int) -> None:
        """Creates the table unless it exists."""
        DeltaTable.create(
            str(folder),
            table_schema(RECORDS[name]),
            mode="ignore",
            partition_by=PARTITIONS,
            name=name,
            configuration={
                "milepost.n_buckets": str(n_buckets),
                "delta.checkpointInterval": str(checkpoint_every),
                "delta.dataSkippingNumIndexedCols": "0",
            },
            raise_if_key_not_exists=False,
        )

    @property
    def n_buckets(self) -> int:
        return int(self.delta.metadata().configuration["milepost.n_buckets"])

    def refresh(self) -> None:
        """Moves on to the newest version."""
        self.delta.update_incremental()

    def files(self) -> list[DataFile]:
        """The files of the version last refreshed to, by day, bucket and path."""
        if self._read_for != self.delta.version():
            rows = pa.table(self.delta.get_add_actions(flatten=True))
            self._files = (
                sorted(
                    (
                        DataFile(unquote(path), day_number(day), bucket, n_rows, n_bytes)
                        for path, day, bucket, n_rows, n_bytes in zip(
                            rows["path"].to_pylist(),
                            rows["partition.day"].to_pylist(),
                            rows["partition.bucket"].to_pylist(),
                            rows["num_records"].to_pylist(),
                            rows["size_bytes"].to_pylist(),
                            strict=True,
                        )
                    ),
                    key=lambda file: (file.day, file.bucket, file.path),
                )
                if rows.num_rows
                else []
            )
            self._read_for = self.delta.version()
        return self._files

    def write(self, rows: pa.Table, day: int, bucket: int, kind: str) -> DataFile:
        """Writes one new file, durable, not yet part of the table. ``kind`` starts its name."""
        path = f"day={day_name(day)}/bucket={bucket}/{kind}-{uuid.uuid4().hex}.parquet"
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        plain = rows.cast(stored_schema(self.record))
        dictionary = [name for name in _DICTIONARY if name in plain.column_names]
        with target.open("wb") as sink:
            pq.write_table(
                plain,
                sink,
                row_group_size=ROWS_PER_GROUP,
                compression="zstd",
                use_dictionary=dictionary,
                column_encoding=_encodings(plain.schema),
                store_schema=False,
            )
            sink.flush()
            os.fsync(sink.fileno())
        for folder in (target.parent, target.parent.parent, self.folder):
            sync_folder(folder)
        return DataFile(path, day, bucket, rows.num_rows, target.stat().st_size)

    def commit(
        self,
        added: Sequence[DataFile],
        removed: Sequence[DataFile] = (),
        *,
        batch_id: str | None = None,
    ) -> None:
        """Adds and removes files in one atomic commit on the version last refreshed to.

        With ``batch_id`` the commit carries a Delta application transaction (Delta protocol,
        "Transaction Identifiers") whose version is the number of rows: the batch's rows and the mark
        that it is in are one file of the log. Every commit is marked as a change of data, compaction too:
        delta-rs looks for files that two commits both remove only if the first was so marked
        (delta-rs pull request 3982). Raises ``CommitFailedError`` if another commit since
        removed one of the same files or carried the same batch.
        """
        before, now_ms = self.delta.version(), int(time.time() * 1000)
        actions: list[Any] = [
            RemoveAction(file.path, True, now_ms, file.n_bytes, _partition(file)) for file in removed
        ]
        for file in added:
            stats = json.dumps({"numRecords": file.n_rows})
            actions.append(AddAction(file.path, file.n_bytes, _partition(file), now_ms, True, stats))
        marks = [Transaction(batch_id, sum(file.n_rows for file in added))] if batch_id is not None else None
        self.delta.create_write_transaction(
            actions,
            "append",
            self.delta.schema(),
            PARTITIONS,
            commit_properties=CommitProperties(app_transactions=marks),
        )
        self.refresh()
        self._sync_log(before)

    def n_rows_of_batch(self, batch_id: str) -> int | None:
        """The number of rows that the batch brought, or None if it is not in the table."""
        n_rows: int | None = self.delta.transaction_version(batch_id)
        return n_rows

    def retry[T](self, attempt: Callable[[], T]) -> T:
        """Runs ``attempt`` on the newest version until no other commit gets in its way."""
        for n in range(COMMIT_ATTEMPTS):
            self.refresh()
            try:
                return attempt()
            except CommitFailedError:
                if n == COMMIT_ATTEMPTS - 1:
                    raise
                time.sleep(random.uniform(0, 0.02 * (n + 1)))
        raise AssertionError("not reached")

    def discard(self, files: Iterable[DataFile]) -> None:
        """Deletes files that were written and will not be committed."""
        for file in files:
            (self.folder / file.path).unlink(missing_ok=True)

    def unreferenced(self) -> list[Path]:
        """Parquet files on disk that the newest version does not use, oldest versions' included."""
        self.refresh()
        used = {file.path for file in self.files()}
        found = (path for path in self.folder.rglob("*.parquet") if "_delta_log" not in path.parts)
        return [path for path in found if path.relative_to(self.folder).as_posix() not in used]

    def vacuum(self, keep_hours: int) -> None:
        """Deletes files that no version of the last ``keep_hours`` hours uses. Only while no one writes."""
        self.refresh()
        self.delta.vacuum(
            retention_hours=keep_hours, dry_run=False, enforce_retention_duration=False, full=True
        )
        self.refresh()

    def _sync_log(self, since: int) -> None:
        log = self.folder / "_delta_log"
        for version in range(since + 1, self.delta.version() + 1):
            try:
                descriptor = os.open(log / f"{version:020}.json", os.O_RDONLY)
            except FileNotFoundError:
                continue
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(log)


def _encodings(schema: pa.Schema) -> dict[str, str]:
    """Parquet encoding of each column that has no dictionary: differences, split bytes, shared prefixes."""
    found = {}
    for field in schema:
        if field.name in _DICTIONARY:
            continue
        if pa.types.is_integer(field.type) or pa.types.is_timestamp(field.type):
            found[field.name] = "DELTA_BINARY_PACKED"
        elif pa.types.is_floating(field.type):
            found[field.name] = "BYTE_STREAM_SPLIT"
        else:
            found[field.name] = "DELTA_BYTE_ARRAY"
    return found


def _partition(file: DataFile) -> dict[str, str | None]:
    return {"day": day_name(file.day), "bucket": str(file.bucket)}


def sync_folder(folder: Path) -> None:
    """Makes new, renamed and deleted names in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
