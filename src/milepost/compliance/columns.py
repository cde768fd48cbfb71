"""Signals as plain arrays: what the kernel reads."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa

NO_SEQUENCE = -(1 << 62)
FIELDS_READ = (
    "device_id", "recorded_at_utc", "sequence", "source", "lon_e7", "lat_e7", "precision_m", "quality", "battery_pct",
)  # fmt: skip
"""Fields of FIXES that ``columns_of`` looks at."""


@dataclass(slots=True)
class Columns:
    """Fixes, one array a field, all of the same length. Times int64 microseconds UTC; ``sequence``
    NO_SEQUENCE where not said; ``precision_m`` and ``battery_pct`` NaN where not said; ``device`` is an
    index into ``devices``, which is sorted. Never to be written: arrays that may be and arrays that may not are two
    kinds to a compiler, which would compile all that reads them twice."""

    t: np.ndarray
    sequence: np.ndarray
    source: np.ndarray
    lon_e7: np.ndarray
    lat_e7: np.ndarray
    precision_m: np.ndarray
    quality: np.ndarray
    device: np.ndarray
    battery_pct: np.ndarray
    devices: list[str]

    def __post_init__(self) -> None:
        # All of one type, whatever they were made from: for each mixture the kernel would be compiled anew.
        for name in ARRAYS:
            view = getattr(self, name).view()
            view.flags.writeable = False
            setattr(self, name, view)

    def __len__(self) -> int:
        return len(self.t)

    def take(self, rows: np.ndarray) -> Columns:
        """The rows asked for, in that order."""
        return replace(self, **{name: getattr(self, name)[rows] for name in ARRAYS})


ARRAYS = tuple(f.name for f in fields(Columns) if f.name != "devices")


def _numbers(table: pa.Table, name: str, dtype: Any, null: Any) -> np.ndarray:
    if name not in table.column_names:
        return np.full(len(table), null, dtype=dtype)
    column = table.column(name)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    if column.null_count:
        there = _with_nan(column) if null is np.nan else None
        if there is not None:
            return np.ascontiguousarray(there, dtype=dtype)
        column = column.fill_null(null)
    values = column.to_numpy() if column.num_chunks != 1 else column.chunk(0).to_numpy(zero_copy_only=False)
    return np.ascontiguousarray(values, dtype=dtype)


def _with_nan(column: pa.ChunkedArray) -> np.ndarray | None:
    """The values of a column of one chunk as they are, if NaN stands wherever it has no value; else None."""
    if column.num_chunks != 1 or not pa.types.is_floating(column.type):
        return None
    chunk = column.chunk(0)
    values = np.frombuffer(chunk.buffers()[1], column.type.to_pandas_dtype())[chunk.offset :][: len(chunk)]
    unknown = chunk.is_null().to_numpy(zero_copy_only=False)
    return values if np.isnan(values[unknown]).all() else None


def device_codes(table: pa.Table) -> tuple[np.ndarray, list[str]]:
    """Device of each row as an index into the sorted list of ids."""
    column = table.column("device_id")
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    if column.num_chunks == 0:
        return np.empty(0, np.int32), []
    names: list[str] = column.chunk(0).dictionary.to_pylist()
    parts = [np.asarray(chunk.indices) for chunk in column.chunks]
    codes = parts[0] if len(parts) == 1 else np.concatenate(parts)
    if names != sorted(names):
        order = sorted(range(len(names)), key=names.__getitem__)
        rank = np.empty(len(names), np.int32)
        rank[order] = np.arange(len(names), dtype=np.int32)
        codes = rank[codes]
        names = [names[i] for i in order]
    return np.ascontiguousarray(codes, dtype=np.int32), names


def columns_of(fixes: pa.Table) -> Columns:
    """A table of the FIXES schema (or the columns of it that there are) as arrays."""
    codes, devices = device_codes(fixes)
    return Columns(
        t=_numbers(fixes, "recorded_at_utc", np.int64, 0),
        sequence=_numbers(fixes, "sequence", np.int64, NO_SEQUENCE),
        source=_numbers(fixes, "source", np.uint8, 0),
        lon_e7=_numbers(fixes, "lon_e7", np.int32, 0),
        lat_e7=_numbers(fixes, "lat_e7", np.int32, 0),
        precision_m=_numbers(fixes, "precision_m", np.float32, np.nan),
        quality=_numbers(fixes, "quality", np.uint16, 0),
        device=codes,
        battery_pct=_numbers(fixes, "battery_pct", np.float32, np.nan),
        devices=devices,
    )
