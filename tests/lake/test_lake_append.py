"""A batch is in once or not at all, whoever repeats it and whoever else is at work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from deltalake.exceptions import CommitFailedError
from lake_signals import DAY0_US, HOUR_US, contents, fixes, town

from milepost.tracks import lake_table, lake_write
from milepost.tracks.lake import BatchDiffers, PositionLake
from milepost.tracks.lake_table import LakeTable
from milepost.tracks.record import Signals


def test_the_same_batch_again_adds_nothing(tmp_path) -> None:
    lake = PositionLake.create(tmp_path, n_buckets=2, checkpoint_every=2)
    assert lake.append(town(), batch_id="a").n_rows == {"fixes": 180, "presence": 180, "device_events": 18}
    for n in range(5):  # over checkpoints and a compaction
        lake.append(Signals(fixes=fixes("LATER", [DAY0_US + n])), batch_id=f"b{n}")
    lake.compact(keep_hours=0)
    again = PositionLake(tmp_path).append(town(), batch_id="a")
    assert again.already_there
    assert sum(again.n_rows.values()) == 0
    assert lake.read().n_rows == town().n_rows + 5


def test_the_same_rows_under_another_id_are_another_batch_until_compaction(tmp_path) -> None:
    lake = PositionLake.create(tmp_path, n_buckets=2)
    lake.append(town(), batch_id="a")
    lake.append(town(), batch_id="b")
    assert lake.read().n_rows == 2 * town().n_rows
    done = lake.compact()
    assert done["fixes"].n_duplicates_dropped == 180
    assert contents(lake.read()) == contents(town())


def test_an_id_with_other_content_is_refused_not_swallowed(tmp_path) -> None:
    lake = PositionLake.create(tmp_path)
    lake.append(Signals(fixes=fixes("A", [1, 2, 3])), batch_id="a")
    with pytest.raises(BatchDiffers, match="3 rows of fixes, not 2"):
        lake.append(Signals(fixes=fixes("B", [1, 2])), batch_id="a")
    assert lake.read().n_rows == 3


def test_two_writers_of_one_batch_at_the_same_moment_add_it_once(tmp_path, monkeypatch) -> None:
    """Both looked before either committed: the log itself must refuse the second."""
    PositionLake.create(tmp_path, n_buckets=2)
    first, second = PositionLake(tmp_path), PositionLake(tmp_path)
    written = lake_write._write

    def write_then_lose_the_race(table, rows, n_buckets):
        files = written(table, rows, n_buckets)
        monkeypatch.setattr(lake_write, "_write", written)
        first.append(town(), batch_id="a")
        return files

    monkeypatch.setattr(lake_write, "_write", write_then_lose_the_race)
    monkeypatch.setattr(lake_table, "COMMIT_ATTEMPTS", 2)
    second._tables["fixes"].refresh = lambda: None  # as if its look were older than the first's commit
    with pytest.raises(CommitFailedError):
        second.append(town(), batch_id="a")
    del second._tables["fixes"].refresh
    monkeypatch.setattr(lake_write, "_write", written)
    assert second.append(town(), batch_id="a").already_there
    assert contents(PositionLake(tmp_path).read()) == contents(town())
    assert all(not info.n_unreferenced_files for info in second.info().values())


def test_many_writers_and_compactions_at_once_lose_and_double_nothing(tmp_path) -> None:
    PositionLake.create(tmp_path, n_buckets=2, checkpoint_every=5)

    def work(worker: int) -> None:
        lake = PositionLake(tmp_path)
        for n in range(6):
            lake.append(Signals(fixes=fixes(f"W{worker}", [DAY0_US + n * HOUR_US])), batch_id=f"{worker}-{n}")
            lake.append(Signals(fixes=fixes("SHARED", [DAY0_US + n])), batch_id=f"shared-{n}")
            if n % 2:
                lake.compact(keep_hours=0)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    lake = PositionLake(tmp_path)
    found = lake.read().fixes["device_id"].to_pylist()
    assert {d: found.count(d) for d in set(found)} == {"W0": 6, "W1": 6, "W2": 6, "W3": 6, "SHARED": 6}


def test_a_table_is_whole_before_and_after_and_never_between(tmp_path, monkeypatch) -> None:
    """Stopped after its files are written and before its commit, a batch has added nothing."""
    lake = PositionLake.create(tmp_path, n_buckets=2)
    commit = LakeTable.commit

    def die(self, *args, **kwargs):
        if self.name == "presence":
            raise KeyboardInterrupt
        commit(self, *args, **kwargs)

    monkeypatch.setattr(LakeTable, "commit", die)
    with pytest.raises(KeyboardInterrupt):
        lake.append(town(), batch_id="a")
    monkeypatch.undo()
    assert PositionLake(tmp_path).read().fixes.num_rows == 180
    assert PositionLake(tmp_path).read().presence.num_rows == 0
    done = lake.append(town(), batch_id="a")
    assert done.n_rows == {"fixes": 0, "presence": 180, "device_events": 18}
    assert not done.already_there
    assert contents(lake.read()) == contents(town())


def test_rows_for_a_day_long_compacted_are_welcome(tmp_path) -> None:
    lake = PositionLake.create(tmp_path, n_buckets=2)
    lake.append(town(), batch_id="a")
    lake.compact()
    lake.append(Signals(fixes=fixes("TAG-000", [DAY0_US + 1])), batch_id="late")
    assert lake.read(devices=["TAG-000"]).fixes["recorded_at_utc"][0].value == DAY0_US + 1
    assert lake.compact()["fixes"].n_partitions == 1
    assert lake.read().fixes.num_rows == 181
