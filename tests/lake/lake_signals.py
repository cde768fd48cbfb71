"""Synthetic signals for the lake's tests, and rows as comparable tuples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, Signals

DAY0_US = 1_773_446_400_000_000  # 2026-03-14T00:00Z
HOUR_US = 3_600_000_000
RECORDS = {"fixes": FIXES, "presence": PRESENCE, "device_events": DEVICE_EVENTS}


def fixes(
    device: str, times_us: Iterable[int], lon_e7: int = -15_000_000, lat_e7: int = 537_000_000
) -> pa.Table:
    """One device's fixes; each a little further east than the last."""
    times = list(times_us)
    n = len(times)
    columns = {
        "device_id": [device] * n,
        "recorded_at_utc": times,
        "received_at_utc": [t + 5_000_000 for t in times],
        "sequence": list(range(n)),
        "source": [1] * n,
        "lon_e7": [lon_e7 + i for i in range(n)],
        "lat_e7": [lat_e7] * n,
        "precision_m": [8.0] * n,
        "speed_mps": [None] * n,
        "heading_deg": [None] * n,
        "altitude_m": [None] * n,
        "battery_pct": [80.0] * n,
        "quality": [0] * n,
        "payload_ref": [f"{device}.csv:{i}" for i in range(n)],
    }
    return table(FIXES, columns)


def presence(unit: str, times_us: Iterable[int], tag_id: str | None = None) -> pa.Table:
    times = list(times_us)
    n = len(times)
    columns = {
        "device_id": [unit] * n,
        "recorded_at_utc": times,
        "received_at_utc": [None] * n,
        "sequence": [None] * n,
        "tag_id": [tag_id] * n,
        "state": [1] * n,
        "heartbeat": [True] * n,
        "quality": [0] * n,
        "payload_ref": [None] * n,
    }
    return table(PRESENCE, columns)


def device_events(device: str, times_us: Iterable[int]) -> pa.Table:
    times = list(times_us)
    n = len(times)
    columns = {
        "device_id": [device] * n,
        "recorded_at_utc": times,
        "received_at_utc": [None] * n,
        "sequence": list(range(n)),
        "kind": ["battery_low"] * n,
        "value": [12.5] * n,
        "unit": ["%"] * n,
        "raw_code": ["AL07"] * n,
        "quality": [0] * n,
        "payload_ref": [None] * n,
    }
    return table(DEVICE_EVENTS, columns)


def table(schema: pa.Schema, columns: dict[str, list]) -> pa.Table:
    arrays = []
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        arrays.append(pa.array(columns[field.name], kind).cast(field.type))
    return pa.table(arrays, schema=schema)


def town(n_devices: int = 6, n_hours: int = 30) -> Signals:
    """Some tags and home units over more than a day."""
    times = [DAY0_US + h * HOUR_US + 7 for h in range(n_hours)]
    names = [f"TAG-{n:03}" for n in range(n_devices)]
    return Signals(
        fixes=pa.concat_tables(fixes(d, times, -15_000_000 + 100_000 * n) for n, d in enumerate(names)),
        presence=pa.concat_tables(presence(f"HMU-{d}", times, d) for d in names),
        device_events=pa.concat_tables(device_events(d, times[:3]) for d in names),
    )


def rows(rows_of: pa.Table) -> list[tuple]:
    """Rows as tuples that compare bit for bit: floats and times as integers."""
    columns = []
    for name in rows_of.column_names:
        column = rows_of[name].combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        elif pa.types.is_floating(column.type):
            column = column.view(pa.int32() if column.type == pa.float32() else pa.int64())
        elif pa.types.is_timestamp(column.type):
            column = column.view(pa.int64())
        columns.append(column.to_pylist())
    return list(zip(*columns, strict=True))


def contents(signals: Signals) -> dict[str, Counter]:
    """Each table as a bag of rows."""
    return {name: Counter(rows(getattr(signals, name))) for name in RECORDS}


def decoded_files(lake: Path) -> dict[str, pa.Table]:
    """Every Parquet file on disk below the lake, logs and leftovers included, decoded.

    A file without its last bytes is left out: its writer was killed, and no reader can decode it.
    """
    whole = (path for path in lake.rglob("*.parquet") if path.read_bytes()[4:].endswith(b"PAR1"))
    return {str(path): pq.ParquetFile(path).read() for path in whole}
