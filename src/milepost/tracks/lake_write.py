"""Adding one batch to one table."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from milepost.tracks.lake_layout import split_by_day_and_bucket
from milepost.tracks.lake_lock import WritingLock
from milepost.tracks.lake_table import DataFile, LakeTable

APPENDED = "appended"


def append_rows(table: LakeTable, lock: WritingLock, rows: pa.Table, n_buckets: int, batch_id: str) -> int:
    """Adds the rows in one commit unless the table has the batch; returns how many rows were added.

    The files are written first and belong to nothing until the commit. Whoever commits the same batch
    at the same time makes this commit fail; the fresh look then finds the batch there.
    """
    if rows.num_rows == 0:
        return 0
    with lock.writing():
        table.refresh()
        if table.n_rows_of_batch(batch_id) is not None:
            return 0
        files = _write(table, rows, n_buckets)

        def attempt() -> bool:
            if table.n_rows_of_batch(batch_id) is not None:
                return False
            table.commit(files, batch_id=batch_id)
            return True

        added = False
        try:
            added = table.retry(attempt)
        finally:
            if not added:
                _discard_unless_committed(table, files)
    return rows.num_rows if added else 0


def _write(table: LakeTable, rows: pa.Table, n_buckets: int) -> list[DataFile]:
    """Writes the files on as many threads as there are cores: compression leaves the interpreter free."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [
            pool.submit(table.write, part, day, bucket, APPENDED)
            for day, bucket, part in split_by_day_and_bucket(rows, n_buckets)
        ]
        return [job.result() for job in jobs]


def _discard_unless_committed(table: LakeTable, files: list[DataFile]) -> None:
    """Another process holds the batch, or the commit failed: what was written is not needed.

    A commit can fail after it was written (its file is there, the reply was lost); then files stay.
    """
    table.refresh()
    used = {file.path for file in table.files()}
    table.discard(file for file in files if file.path not in used)
