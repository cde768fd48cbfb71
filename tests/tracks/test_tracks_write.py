"""What is written is read back as it was, in every format that can be written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milepost.problems import UnreadableFile
from milepost.tracks.read import iter_signals, read_signals
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE
from milepost.tracks.write import write_fixes, write_parquet

TIME = st.integers(1_104_537_600_000_000, 2_177_452_800_000_000).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
FLOAT = st.none() | st.floats(0.125, 1000, width=32)
FIX = st.fixed_dictionaries(
    {
        "device_id": st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8),
        "recorded_at_utc": TIME,
        "received_at_utc": st.none(),
        "sequence": st.none() | st.integers(0, 2**53),
        "source": st.sampled_from([0, 1, 4, 5, 6]),
        "lon_e7": st.integers(-1_800_000_000, 1_800_000_000),
        "lat_e7": st.integers(-900_000_000, 900_000_000),
        "precision_m": FLOAT,
        "speed_mps": FLOAT,
        "heading_deg": st.none() | st.floats(0, 359.5, width=32),
        "altitude_m": FLOAT,
        "battery_pct": st.none() | st.floats(0, 100, width=32),
        "quality": st.just(0),
        "payload_ref": st.just("a:1"),
    }
)


@pytest.mark.parametrize("suffix", ["csv", "gpx", "geojson", "parquet", "arrow"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(FIX, min_size=1, max_size=6))
def test_round_trip(tmp_path: Path, suffix: str, rows: list[dict[str, object]]) -> None:
    rows.sort(key=lambda row: str(row["device_id"]))  # GPX writes device after device
    for row in rows:
        # What the reader would flag is written flagged, so that flags compare too.
        row["quality"] = 32 if row["precision_m"] is None else 0
        row["quality"] |= 64 if row["lon_e7"] == row["lat_e7"] == 0 else 0  # type: ignore[operator]
    fixes = pa.Table.from_pylist(rows, schema=FIXES)
    path = tmp_path / f"fixes.{suffix}"
    write_fixes(fixes, path)
    signals = read_signals(path)
    assert signals.problems.n_errors == 0
    read = signals.fixes.to_pylist()
    for row in read:
        row["quality"] &= ~128  # a few scattered points may well look exchanged
        row["payload_ref"] = "a:1"
    by = sorted
    assert by(read, key=str) == by(fixes.to_pylist(), key=str)


def test_parquet_is_sorted_when_asked_and_delta_packed(tmp_path: Path, fixtures: Path) -> None:
    fixes = read_signals(fixtures / "signals.csv").fixes
    path = tmp_path / "fixes.parquet"
    write_fixes(fixes.take([2, 1, 0]), path, sort=True)
    rows = read_signals(path).fixes.to_pylist()
    assert [(row["device_id"], row["recorded_at_utc"].minute) for row in rows] == [
        ("SYN-1", 0),
        ("SYN-1", 1),
        ("SYN-2", 0),
    ]
    group = pq.ParquetFile(path).metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert "DELTA_BINARY_PACKED" in columns["lon_e7"].encodings
    assert columns["lon_e7"].compression == "ZSTD"


def test_canonical_parquet_reads_only_what_is_asked(tmp_path: Path, fixtures: Path) -> None:
    fixes = read_signals(fixtures / "signals.csv").fixes
    write_fixes(fixes, tmp_path / "fixes.parquet")
    table = read_signals(tmp_path / "fixes.parquet", only=["precision_m"]).fixes
    assert table.schema.equals(FIXES)
    assert table["precision_m"].equals(fixes["precision_m"])
    assert table["speed_mps"].null_count == table.num_rows


def test_a_file_of_many_row_groups_is_read_into_columns_of_one_piece(tmp_path: Path) -> None:
    """Each with devices of its own, and nulls in some only; the copy that joins the pieces is what memory is short of."""
    n = 1_000
    rows = {
        "device_id": [f"D{i // 90}" for i in range(n)],
        "recorded_at_utc": [datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=i) for i in range(n)],
        "sequence": [i if i % 300 else None for i in range(n)],
        "precision_m": [None if 200 <= i < 350 else 8.0 for i in range(n)],
        "payload_ref": [f"a:{i}" for i in range(n)],
    }
    fixes = pa.table({name: rows.get(name, [0 if not FIXES.field(name).nullable else None] * n) for name in FIXES.names},
                     schema=FIXES)  # fmt: skip
    write_parquet(fixes, tmp_path / "whole.parquet", "fixes")
    marked = pq.read_table(tmp_path / "whole.parquet")
    pq.write_table(marked, tmp_path / "fixes.parquet", row_group_size=70)
    assert pq.ParquetFile(tmp_path / "fixes.parquet").metadata.num_row_groups == 15
    for _ in range(5):  # threads put the groups where they belong, whichever is first
        read = read_signals(tmp_path / "fixes.parquet").fixes
        assert read.to_pylist() == fixes.to_pylist()
    numbers = [name for name in FIXES.names if name not in ("payload_ref", "altitude_m")]
    assert {read[name].num_chunks for name in numbers} == {1}


def test_canonical_columns_without_the_mark_are_checked(tmp_path: Path, fixtures: Path) -> None:
    fixes = read_signals(fixtures / "signals.csv").fixes
    bad = fixes.set_column(6, FIXES.field("lat_e7"), pa.array([515_000_000, 2_000_000_000, 1], pa.int32()))
    pq.write_table(bad, tmp_path / "foreign.parquet")
    signals = read_signals(tmp_path / "foreign.parquet")
    assert (signals.fixes.num_rows, signals.problems.n_errors) == (2, 1)
    assert signals.problems.problems[0].row == 2


def test_a_marked_file_that_was_edited_is_checked_all_the_same(tmp_path: Path, fixtures: Path) -> None:
    fixes = read_signals(fixtures / "signals.csv").fixes
    bad = fixes.set_column(6, FIXES.field("lat_e7"), pa.array([515_000_000, 2_000_000_000, 1], pa.int32()))
    write_parquet(bad, tmp_path / "edited.parquet")
    assert read_signals(tmp_path / "edited.parquet").problems.n_errors == 1


@pytest.mark.parametrize(("name", "shape"), [("presence", PRESENCE), ("device_events", DEVICE_EVENTS)])
def test_presence_and_events_as_parquet(tmp_path: Path, fixtures: Path, name: str, shape: pa.Schema) -> None:
    table = getattr(read_signals(fixtures / f"{name}.csv"), name)
    write_parquet(table, tmp_path / "t.parquet", name)
    assert getattr(read_signals(tmp_path / "t.parquet"), name).to_pylist() == table.to_pylist()
    pq.write_table(table, tmp_path / "foreign.parquet")
    assert getattr(read_signals(tmp_path / "foreign.parquet"), name).to_pylist() == table.to_pylist()


@pytest.mark.parametrize("stream", [True, False])
def test_arrow_file_and_stream_of_somebody_else(tmp_path: Path, stream: bool) -> None:
    table = pa.table(
        {
            "device_id": ["S", "S", None],
            "recorded_at_utc": pa.array(
                [datetime(2026, 10, 1, tzinfo=UTC)] * 3, pa.timestamp("ms", tz="UTC")
            ),
            "lon": [-0.1, 200.0, -0.1],
            "lat": [51.5, 51.5, 51.5],
        }
    )
    path = tmp_path / "foreign.arrow"
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(path, table.schema) as writer:
        writer.write_table(table)
    signals = read_signals(path)
    assert (signals.fixes.num_rows, signals.problems.n_errors) == (1, 2)


def test_parquet_comes_in_batches(tmp_path: Path, fixtures: Path) -> None:
    fixes = pa.concat_tables([read_signals(fixtures / "signals.csv").fixes] * 10)
    write_fixes(fixes, tmp_path / "fixes.parquet")
    parts = list(iter_signals(tmp_path / "fixes.parquet", rows=7))
    assert [part.fixes.num_rows for part in parts] == [7, 7, 7, 7, 2]
    assert [row for part in parts for row in part.fixes.to_pylist()] == fixes.to_pylist()


def test_an_unknown_suffix_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="parquet"):
        write_fixes(FIXES.empty_table(), tmp_path / "fixes.docx")
