"""What was erased is on no disk: not in an old version, not in the log, not after a crash."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_signals import (
    DAY0_US,
    HOUR_US,
    RECORDS,
    contents,
    decoded_files,
    device_events,
    fixes,
    presence,
    table,
    town,
)

from milepost.tracks import lake as lake_module
from milepost.tracks import lake_erase
from milepost.tracks.lake import PositionLake
from milepost.tracks.lake_table import LakeTable
from milepost.tracks.record import FIXES, Signals

FORGOTTEN = "TAG-TO-BE-FORGOTTEN"
LON_E7, LAT_E7 = 912_873_645, 464_738_291
DAY = dt.timedelta(days=1)


def lake_with_history(path: Path) -> PositionLake:
    """The device is in several versions: as appended, as compacted, and in files never committed."""
    lake = PositionLake.create(path, n_buckets=2, checkpoint_every=3)
    times = [DAY0_US + h * HOUR_US for h in range(30)]
    lake.append(town(), batch_id="town")
    for n in range(3):
        lake.append(
            Signals(
                fixes=fixes(FORGOTTEN, times[n * 10 : n * 10 + 10], LON_E7, LAT_E7),
                presence=presence("HOME-OF-THE-FORGOTTEN", times, tag_id=FORGOTTEN if n == 0 else None),
                device_events=device_events(FORGOTTEN, times[:2]),
            ),
            batch_id=f"forgotten-{n}",
        )
    lake.compact(keep_hours=None)
    leftover = lake._tables["fixes"]
    leftover.write(fixes(FORGOTTEN, times, LON_E7, LAT_E7), DAY0_US // 86_400_000_000, 0, "appended")
    return lake


WORN = [(FORGOTTEN, DAY0_US, None), ("HOME-OF-THE-FORGOTTEN", DAY0_US, DAY0_US + 40 * HOUR_US)]


def traces(path: Path) -> list[str]:
    """Files below the lake that hold the device, the home unit or the positions, raw or decoded."""
    found = []
    needles = [b"FORGOTTEN", str(LON_E7).encode(), str(LAT_E7).encode()]
    needles += [number.to_bytes(4, "little") for number in (LON_E7, LAT_E7)]
    for file in path.rglob("*"):
        if file.is_file() and any(needle in file.read_bytes() for needle in needles):
            found.append(str(file))
    for file, content in decoded_files(path).items():
        values = {str(v) for name in content.column_names for v in content[name].to_pylist()}
        if any("FORGOTTEN" in v or v in (str(LON_E7), str(LAT_E7)) for v in values):
            found.append(file)
    return sorted(set(found))


def test_nothing_on_disk_holds_an_erased_person(tmp_path) -> None:
    lake = lake_with_history(tmp_path)
    assert len(traces(tmp_path)) > 5  # the search finds what is there
    done = lake.erase(WORN, dry_run=False)
    assert traces(tmp_path) == []
    assert contents(PositionLake(tmp_path).read()) == contents(town())
    assert done.n_rows == {"fixes": 30, "presence": 60, "device_events": 2}
    assert all(info.n_unreferenced_files == 0 for info in lake.info().values())


def test_the_log_holds_no_smallest_and_largest_values(tmp_path) -> None:
    """They would outlive the file: the log keeps its entry for weeks."""
    lake_with_history(tmp_path)
    logs = [f for f in tmp_path.glob("*/_delta_log/*") if f.is_file()]
    assert any(f.suffix == ".parquet" for f in logs)
    for log in logs:
        assert FORGOTTEN.encode() not in log.read_bytes()
        assert b"minValues" not in log.read_bytes()
        assert b"maxValues" not in log.read_bytes()


def test_a_dry_run_counts_the_same_and_changes_nothing(tmp_path) -> None:
    lake = lake_with_history(tmp_path)
    before = {f: f.stat().st_mtime_ns for f in tmp_path.rglob("*") if f.is_file()}
    counted = lake.erase(WORN, dry_run=True)
    assert {f: f.stat().st_mtime_ns for f in tmp_path.rglob("*") if f.is_file()} == before
    done = lake.erase(WORN, dry_run=False)
    assert (counted.n_rows, counted.n_files) == (done.n_rows, done.n_files)
    assert counted.dry_run
    assert not done.dry_run
    assert counted.n_files_swept["fixes"] > 0


_HOURS = st.integers(-2, 33).map(lambda h: DAY0_US + h * HOUR_US)
_PERSON = st.lists(
    st.tuples(st.sampled_from(["TAG-000", "TAG-001", "HMU-TAG-002", "absent"]), _HOURS, st.none() | _HOURS),
    max_size=3,
)


@given(person=_PERSON)
@settings(max_examples=25, deadline=None)
def test_exactly_the_rows_of_the_intervals_go(person) -> None:
    """The device on somebody else, before and after, stays."""
    import tempfile

    def goes(row: tuple, name: str) -> bool:
        ids = {row[0], row[RECORDS[name].get_field_index("tag_id")] if name == "presence" else row[0]}
        return any(d in ids and f <= row[1] and (u is None or row[1] < u) for d, f, u in person)

    with tempfile.TemporaryDirectory() as folder:
        lake = PositionLake.create(folder, n_buckets=2)
        lake.append(town(3), batch_id="1")
        lake.erase(person, dry_run=False)
        found = contents(lake.read())
    for name, bag in contents(town(3)).items():
        assert found[name] == Counter({row: n for row, n in bag.items() if not goes(row, name)})


@pytest.mark.parametrize("stop_at", ["delete", "between", "sweep"])
def test_an_interrupted_erasure_is_known_and_finished(tmp_path, monkeypatch, stop_at: str) -> None:
    lake = lake_with_history(tmp_path)

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    if stop_at == "delete":
        monkeypatch.setattr(LakeTable, "commit", stop)
    elif stop_at == "between":
        monkeypatch.setattr(lake_erase, "sweep", stop)
    else:
        monkeypatch.setattr(Path, "unlink", stop)
    with pytest.raises(KeyboardInterrupt):
        lake.erase(WORN, dry_run=False)
    monkeypatch.undo()
    again = PositionLake(tmp_path)
    assert again.n_unfinished_erasures == 1
    assert traces(tmp_path)
    again.compact()  # any upkeep finishes it first
    assert again.n_unfinished_erasures == 0
    assert traces(tmp_path) == []
    assert contents(again.read()) == contents(town())


def test_rows_that_arrive_during_an_erasure_go_too(tmp_path, monkeypatch) -> None:
    lake = lake_with_history(tmp_path)
    late = Signals(fixes=fixes(FORGOTTEN, [DAY0_US + 5], LON_E7, LAT_E7))
    delete = lake_erase._delete_once
    arrived = []

    def with_an_append(table, intent):
        if not arrived:
            arrived.append(PositionLake(tmp_path).append(late, batch_id="late"))
        return delete(table, intent)

    monkeypatch.setattr(lake_erase, "_delete_once", with_an_append)
    lake.erase(WORN, dry_run=False)
    assert arrived[0].n_rows["fixes"] == 1
    assert traces(tmp_path) == []


def test_a_sweep_does_not_take_a_file_that_a_writer_has_not_yet_committed(tmp_path, monkeypatch) -> None:
    """The sweep waits for the writer; the writer's rows are all there afterwards."""
    import threading

    lake = lake_with_history(tmp_path)
    writing, swept = threading.Event(), threading.Event()
    commit = LakeTable.commit

    def slow_commit(self, added, removed=(), *, batch_id=None):
        if batch_id == "slow":
            writing.set()
            assert not swept.wait(0.3)
        commit(self, added, removed, batch_id=batch_id)

    monkeypatch.setattr(LakeTable, "commit", slow_commit)
    rows = Signals(fixes=fixes("SLOW", [DAY0_US]))
    writer = threading.Thread(target=lambda: PositionLake(tmp_path).append(rows, batch_id="slow"))
    writer.start()
    writing.wait()
    lake.erase(WORN, dry_run=False)
    swept.set()
    writer.join()
    assert lake.read(devices=["SLOW"]).fixes.num_rows == 1
    assert traces(tmp_path) == []


def test_expiry_drops_whole_days_from_the_disk(tmp_path) -> None:
    lake = PositionLake.create(tmp_path, n_buckets=2)
    lake.append(town(), batch_id="1")
    second = dt.date(2026, 3, 15)
    counted = lake.expire(second, dry_run=True)
    assert lake.read().n_rows == town().n_rows
    done = lake.expire(second, dry_run=False)
    assert done.n_rows == counted.n_rows == {"fixes": 144, "presence": 144, "device_events": 18}
    assert lake.read().fixes.num_rows == 36
    assert lake.info()["fixes"].first_day == second
    assert not list(tmp_path.glob("*/day=2026-03-14"))
    assert lake_module.PositionLake(tmp_path).append(town(), batch_id="1").already_there


def test_the_intent_is_gone_when_the_erasure_is_done(tmp_path) -> None:
    """The note of what to forget must not be what remembers it."""
    lake = lake_with_history(tmp_path)
    lake.erase([(FORGOTTEN, 0, None)], dry_run=False)
    assert list((tmp_path / "_intents").iterdir()) == []


def test_positions_in_old_checkpoints_and_logs_are_no_positions(tmp_path) -> None:
    """A row that is alone in its file is the hardest case: any statistic of the file is its value."""
    lake = PositionLake.create(tmp_path, n_buckets=1, checkpoint_every=1)
    alone = fixes(FORGOTTEN, [DAY0_US], LON_E7, LAT_E7)
    lake.append(Signals(fixes=alone), batch_id="1")
    lake.erase([(FORGOTTEN, 0, None)], dry_run=False)
    assert traces(tmp_path) == []
    assert lake.read().fixes == table(FIXES, {n: [] for n in FIXES.names})
    assert isinstance(lake.read().fixes, pa.Table)
