"""Compaction changes how rows lie, never which rows there are."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake.exceptions import CommitFailedError
from hypothesis import given, settings
from lake_signals import DAY0_US, contents, fixes, rows, town
from lake_strategies import tables

from milepost.tracks.lake import PositionLake
from milepost.tracks.lake_layout import drop_exact_duplicates
from milepost.tracks.record import FIXES, Signals


@given(tables(FIXES))
@settings(max_examples=100, deadline=None)
def test_only_rows_identical_in_every_column_are_dropped(table: pa.Table) -> None:
    kept = rows(drop_exact_duplicates(table.unify_dictionaries().combine_chunks()))
    assert kept == list(dict.fromkeys(rows(table)))


def test_one_sorted_file_for_each_day_and_bucket(tmp_path) -> None:
    lake = PositionLake.create(tmp_path, n_buckets=2)
    for n, start in enumerate(range(0, 180, 45)):
        lake.append(Signals(fixes=town().fixes.slice(start, 45)), batch_id=str(n))
    before = lake.info()["fixes"]
    done = lake.compact(keep_hours=0)["fixes"]
    after = lake.info()["fixes"]
    assert (done.n_files_before, done.n_files_after) == (before.n_files, 4)
    assert (after.n_files, after.n_rows, after.n_unreferenced_files) == (4, 180, 0)
    for path in (tmp_path / "fixes").glob("day=*/*/*.parquet"):
        file = pq.ParquetFile(path)
        keys = list(zip(*file.read(["device_id", "recorded_at_utc"]).to_pydict().values(), strict=True))
        assert keys == sorted(keys)
        assert file.metadata.row_group(0).column(5).compression == "ZSTD"
    assert lake.compact()["fixes"].n_partitions == 0


def test_old_versions_stay_for_as_long_as_they_are_kept(tmp_path) -> None:
    lake = PositionLake.create(tmp_path, n_buckets=1)
    lake.append(Signals(fixes=fixes("A", [DAY0_US])), batch_id="1")
    lake.append(Signals(fixes=fixes("A", [DAY0_US + 1])), batch_id="2")
    lake.compact(keep_hours=24)
    assert lake.info()["fixes"].n_unreferenced_files == 2
    lake.compact(keep_hours=0)
    assert lake.info()["fixes"].n_unreferenced_files == 0


@pytest.mark.parametrize("winner_keeps_rows", [True, False])
def test_of_two_that_replace_the_same_file_only_one_commits(tmp_path, winner_keeps_rows: bool) -> None:
    """A compaction must not bring back what was erased after it read, nor double what another compacted.

    The log itself has to refuse the second commit.
    """
    lake = PositionLake.create(tmp_path, n_buckets=1)
    lake.append(Signals(fixes=fixes("A", [DAY0_US])), batch_id="1")
    lake.append(Signals(fixes=fixes("B", [DAY0_US])), batch_id="2")
    slow = PositionLake(tmp_path)._tables["fixes"]
    old = slow.files()
    merged = slow.write(lake.read().fixes, old[0].day, 0, "compacted")
    if winner_keeps_rows:
        lake.compact(keep_hours=None)
    else:
        lake.erase([("A", 0, None)], dry_run=False)
    with pytest.raises(CommitFailedError):
        slow.commit([merged], old)
    assert PositionLake(tmp_path).read().n_rows == (2 if winner_keeps_rows else 1)


def test_a_reader_is_not_disturbed_when_its_files_are_taken_away(tmp_path) -> None:
    lake = PositionLake.create(tmp_path, n_buckets=2)
    lake.append(town(), batch_id="1")
    seen = Counter()
    for n, (_, _, part) in enumerate(lake.iter_days_and_buckets()):
        if n == 1:
            PositionLake(tmp_path).compact(keep_hours=0)
        seen += contents(part)["fixes"]
    assert seen == contents(town())["fixes"]
