"""The commands: what they print, how they end, and that nothing is deleted unasked."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from lake_signals import DAY0_US, fixes, presence, town

from milepost.problems import Problem
from milepost.tracks.lake import PositionLake
from milepost.tracks.lake_commands import group
from milepost.tracks.record import Signals


def run(*args: object, input: str | None = None) -> Result:
    return CliRunner().invoke(group, [str(arg) for arg in args], input=input, catch_exceptions=False)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    PositionLake.create(tmp_path / "lake", n_buckets=2).append(town(), batch_id="1")
    return tmp_path / "lake"


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for the reader of files, which has its own tests: reads Parquet, leaves one row out."""

    def read_signals(paths, *, columns=None, format=None, source_is=None) -> Signals:
        signals = Signals(fixes=pq.read_table(paths[0]))
        if "bad" in Path(paths[0]).name:
            signals.problems.add(Problem(str(paths[0]), 7, "lat", "is not a number", "Give degrees", "abc"))
        return signals

    module = ModuleType("milepost.tracks.read")
    module.read_signals = read_signals
    monkeypatch.setitem(sys.modules, "milepost.tracks.read", module)


@pytest.mark.usefixtures("reader")
def test_a_file_goes_in_once_whatever_it_is_called(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    assert run("init", lake, "--buckets", 3).exit_code == 0
    for name in ("a.parquet", "b.parquet"):
        pq.write_table(fixes("A", [DAY0_US, DAY0_US + 1]), tmp_path / name)
    first = run("append", lake, tmp_path / "a.parquet")
    assert (first.exit_code, "2 fixes" in first.output) == (0, True)
    again = run("append", lake, tmp_path / "b.parquet", "--json")
    assert json.loads(again.stdout)["files"][0]["already_there"] is True
    assert PositionLake(lake).read().n_rows == 2


@pytest.mark.usefixtures("reader")
def test_rows_left_out_are_named_and_end_with_1(tmp_path: Path) -> None:
    lake, file = tmp_path / "lake", tmp_path / "bad.parquet"
    run("init", lake)
    pq.write_table(fixes("A", [DAY0_US]), file)
    result = run("append", lake, file)
    assert result.exit_code == 1
    assert "row 7, field lat: is not a number" in result.stderr
    assert PositionLake(lake).read().n_rows == 1


def test_append_takes_the_column_map_that_its_message_asks_for(tmp_path: Path) -> None:
    lake, file = tmp_path / "lake", tmp_path / "vendor.csv"
    run("init", lake)
    file.write_text("tag,when,y,x\nA,2026-03-14T01:00:00Z,51.5,-0.1\n", encoding="utf-8")
    refused = run("append", lake, file)
    assert refused.exit_code == 2
    assert "--columns" in refused.stderr
    columns = "device_id=tag,recorded_at_utc=when,lat=y,lon=x"
    done = run("append", lake, file, "--columns", columns, "--source", "GPS")
    assert done.exit_code == 0, done.output
    read = PositionLake(lake).read()
    assert (read.n_rows, read.fixes["source"].to_pylist()) == (1, [1])


def test_read_writes_what_was_asked_for(lake: Path, tmp_path: Path) -> None:
    worn = ["--worn", "TAG-001", "2026-03-14T01:00:00Z", "2026-03-14T04:00:00+01:00"]
    result = run("read", lake, "--out", tmp_path / "out", *worn, "--json")
    assert json.loads(result.stdout)["rows"] == {"fixes": 2, "presence": 0, "device_events": 2}
    assert pq.read_table(tmp_path / "out" / "fixes.parquet")["device_id"].to_pylist() == ["TAG-001"] * 2


def test_erase_asks_first(lake: Path) -> None:
    worn = ["--worn", "TAG-001", "2026-01-01", "-"]
    dry = run("erase", lake, *worn, "--dry-run")
    assert dry.output.startswith("would delete 30 fixes, 30 presence, 3 device events")
    assert run("erase", lake, *worn, input="n\n").exit_code == 1
    assert PositionLake(lake).read().n_rows == town().n_rows
    done = run("erase", lake, *worn, "--yes", "--json")
    assert json.loads(done.stdout)["n_rows"] == {"fixes": 30, "presence": 30, "device_events": 3}
    assert PositionLake(lake).read(devices=["TAG-001"]).n_rows == 0


def test_an_interrupted_erasure_is_said_and_resumed(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("milepost.tracks.lake_erase.sweep", stop)
        with pytest.raises(KeyboardInterrupt):
            PositionLake(lake).erase([("TAG-001", 0, None)], dry_run=False)
    assert "--resume" in run("info", lake).stderr
    assert run("erase", lake, "--resume").stdout == "1 interrupted erasures finished\n"
    assert run("info", lake).stderr == ""


def test_expire_compact_and_info(lake: Path) -> None:
    PositionLake(lake).append(Signals(presence=presence("U", [DAY0_US])), batch_id="2")
    PositionLake(lake).append(Signals(presence=presence("U", [DAY0_US])), batch_id="3")
    assert json.loads(run("compact", lake, "--json").stdout)["presence"]["n_duplicates_dropped"] == 1
    assert run("expire", lake, "--before", "2026-03-15", "--yes").exit_code == 0
    report = json.loads(run("info", lake, "--json").stdout)
    assert report["tables"]["fixes"]["n_rows"] == 36
    assert report["tables"]["fixes"]["first_day"] == "2026-03-15"
    assert "36 rows" in run("info", lake).stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["info"], "lake init"),
        (["compact"], "lake init"),
        (["expire", "--before", "2026-01-01", "--yes"], "lake init"),
        (["erase"], "--worn"),
        (["erase", "--worn", "A", "2026-01-02", "2026-01-01"], "lake init"),
        (["erase", "--worn", "A", "2026-01-02T00:00", "-"], "no time zone"),
        (["erase", "--worn", "A", "yesterday", "-"], "is not a time"),
        (["read", "--out", "out", "--from", "2026-13-01"], "is not a time"),
    ],
)
def test_what_cannot_run_says_why_and_ends_with_2(tmp_path: Path, args: list[str], said: str) -> None:
    result = run(args[0], tmp_path / "none", *args[1:])
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_interval_the_wrong_way_round_is_refused(lake: Path) -> None:
    result = run("erase", lake, "--worn", "A", "2026-01-02", "2026-01-01", "--yes")
    assert result.exit_code == 2
    assert "until must be later than from" in result.stderr
