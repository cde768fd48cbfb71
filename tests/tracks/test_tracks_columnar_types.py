"""Every type that Arrow knows in every column of the record, with its extreme values: rows or a refusal."""

from __future__ import annotations

import datetime as dt
import decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from milepost.problems import UnreadableFile
from milepost.tracks.formats.arrow import MARK, SHAPES
from milepost.tracks.read import read_signals

UTC = pa.timestamp("us", "UTC")
COLUMNS = {
    "device_id": pa.array(["T", "T", "U"]),
    "recorded_at_utc": pa.array([1_790_848_800_000_000] * 3, UTC),
    "received_at_utc": pa.array([1_790_848_800_000_000] * 3, UTC),
    "sequence": pa.array([1, 2, 3]),
    "source": pa.array([1, 1, 1], pa.uint8()),
    "lon_e7": pa.array([1, 2, 3], pa.int32()),
    "lat_e7": pa.array([1, 2, 3], pa.int32()),
    "precision_m": pa.array([1, 2, 3], pa.float32()),
    "speed_mps": pa.array([1, 2, 3], pa.float32()),
    "heading_deg": pa.array([1, 2, 3], pa.float32()),
    "altitude_m": pa.array([1, 2, 3], pa.float32()),
    "battery_pct": pa.array([1, 2, 3], pa.float32()),
    "quality": pa.array([0, 0, 0], pa.uint16()),
    "payload_ref": pa.array(["a", "b", "c"]),
    "tag_id": pa.array(["a", "a", "a"]),
    "state": pa.array([0, 1, 1], pa.uint8()),
    "heartbeat": pa.array([True] * 3),
    "kind": pa.array(["strap_tamper"] * 3),
    "value": pa.array([1.0] * 3),
    "unit": pa.array(["%"] * 3),
    "raw_code": pa.array(["x"] * 3),
}
FAR = [2**63 - 1, -(2**63), None]
STRANGE = {
    "int64": pa.array(FAR),
    "uint64": pa.array([2**64 - 1, 5, None], pa.uint64()),
    "int8": pa.array([-128, 127, None], pa.int8()),
    "float64": pa.array([float("nan"), float("inf"), -1e308]),
    "float16": pa.array([1.5, None, 6e4], pa.float16()),
    "string": pa.array(["", "a\0b", None]),
    "large_string": pa.array(["x", "1e400", None], pa.large_string()),
    "string_view": pa.array(["a", "b", None], pa.string_view()),
    "dictionary": pa.array(["a", "b", None]).dictionary_encode(),
    "numbers in a dictionary": pa.array([1, 2, None]).dictionary_encode(),
    "binary": pa.array([b"\xff", b"", None]),
    "fixed binary": pa.array([b"ab", None, b"cd"], pa.binary(2)),
    "bool": pa.array([True, False, None]),
    "null": pa.nulls(3),
    "list": pa.array([[1], [], None]),
    "struct": pa.array([{"a": 1}, None, {"a": None}]),
    "map": pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int64())),
    "date": pa.array([dt.date(1, 1, 1), dt.date(9999, 12, 31), None]),
    "seconds": pa.array([2**62, 0, None], pa.timestamp("s", "UTC")),
    "nanoseconds": pa.array([2**63 - 1, 1, None], pa.timestamp("ns", "UTC")),
    "microseconds": pa.array(FAR, UTC),
    "another zone": pa.array([0, 1, None], pa.timestamp("us", "Europe/London")),
    "no such zone": pa.array([0, 1, None], pa.timestamp("us", "+99:00")),
    "time of day": pa.array([0, 1, None], pa.time64("us")),
    "duration": pa.array([0, 1, None], pa.duration("us")),
    "decimal": pa.array([decimal.Decimal("1.5"), None, decimal.Decimal("9" * 30)], pa.decimal128(38, 2)),
    "wide decimal": pa.array([decimal.Decimal("1.5"), None, decimal.Decimal("9" * 60)], pa.decimal256(70, 2)),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", STRANGE)
def test_any_type_in_any_column(tmp_path: Path, shape: str, kind: str) -> None:
    wanted = SHAPES[shape]
    good = {field.name: COLUMNS[field.name] for field in wanted}
    for name in good:
        # The mark says that the rows were checked; somebody may have edited the file since.
        marked = {MARK: shape.encode()}
        for metadata in (None, marked) if kind in ("string", "microseconds") else (marked,):
            table = pa.table({**good, name: STRANGE[kind]}).replace_schema_metadata(metadata)
            arrow, parquet = tmp_path / "a.arrow", tmp_path / "a.parquet"
            with pa.OSFile(str(arrow), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
            check(arrow, marked=metadata is not None)
            try:
                pq.write_table(table, parquet)
            except (pa.ArrowException, OverflowError):  # Parquet has no such type
                continue
            check(parquet, marked=metadata is not None)


def check(path: Path, marked: bool) -> None:
    try:
        signals = read_signals(path)
    except UnreadableFile:
        return
    assert signals.n_rows_read == signals.n_rows + signals.problems.n_errors
    for table in (signals.fixes, signals.presence, signals.device_events):
        table.validate(full=True)
        table.to_pylist()  # every time can be shown
        for field in table.schema:
            assert field.nullable or not any(value is None for value in table[field.name].to_pylist())
            if field.type == pa.string() and not marked:  # text that Milepost wrote is taken as it is
                assert not any("\0" in value for value in table[field.name].to_pylist() if value)
    for lat_e7 in signals.fixes["lat_e7"].to_pylist():
        assert abs(lat_e7) <= 900_000_000
