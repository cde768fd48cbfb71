"""Compaction: one sorted file for each day and bucket, exact duplicates dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from milepost.tracks.lake_layout import drop_exact_duplicates
from milepost.tracks.lake_lock import WritingLock
from milepost.tracks.lake_read import read_files
from milepost.tracks.lake_table import DataFile, LakeTable

COMPACTED = "compacted"


@dataclass(slots=True)
class Compaction:
    """What a compaction did."""

    n_partitions: int = 0
    n_files_before: int = 0
    n_files_after: int = 0
    n_duplicates_dropped: int = 0


def compact_table(table: LakeTable, lock: WritingLock, done: Compaction, step: Callable[[], None]) -> None:
    """Merges each day and bucket that is not yet one compacted file, one commit each.

    A commit by someone else that removes one of the same files makes this one fail whole; the partition
    is read again. Rows are dropped only if identical in every column to one that stays.
    """
    table.refresh()
    for day, bucket in [(files[0].day, files[0].bucket) for files in _loose(table)]:

        def attempt(day: int = day, bucket: int = bucket) -> None:
            files = [file for file in table.files() if (file.day, file.bucket) == (day, bucket)]
            if _is_compact(files):
                return
            rows = read_files(table, files)
            kept = drop_exact_duplicates(rows)
            dropped = rows.num_rows - kept.num_rows
            merged = table.write(kept, day, bucket, COMPACTED)
            try:
                table.commit([merged], files)
            except BaseException:
                table.refresh()
                if merged not in table.files():
                    table.discard([merged])
                raise
            done.n_partitions += 1
            done.n_files_before += len(files)
            done.n_files_after += 1
            done.n_duplicates_dropped += dropped

        with lock.writing():
            table.retry(attempt)
        step()


def n_loose_partitions(table: LakeTable) -> int:
    """How many day-and-bucket partitions a compaction would rewrite."""
    return sum(1 for _ in _loose(table))


def _loose(table: LakeTable) -> Iterator[list[DataFile]]:
    for _, group in groupby(table.files(), key=lambda file: (file.day, file.bucket)):
        files = list(group)
        if not _is_compact(files):
            yield files


def _is_compact(files: list[DataFile]) -> bool:
    return not files or (len(files) == 1 and files[0].path.rpartition("/")[2].startswith(f"{COMPACTED}-"))
