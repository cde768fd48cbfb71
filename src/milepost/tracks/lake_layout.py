"""How signals lie in the lake: types, day, device bucket, order of rows.

Delta Lake has no unsigned integers and no dictionaries (Delta protocol, "Primitive Types"), so columns
are cast to the next signed type on the way in and back, exactly, on the way out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa

from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE

RECORDS = {"fixes": FIXES, "presence": PRESENCE, "device_events": DEVICE_EVENTS}
"""Table name to its canonical schema."""

US_PER_DAY = 86_400_000_000
EPOCH = dt.date(1970, 1, 1)
FIRST_DAY = (dt.date.min - EPOCH).days
LAST_DAY = (dt.date.max - EPOCH).days
"""Days that a date can name. A device's clock can show any time: rows beyond are filed under the last
day that can be written, and keep their own time."""

_STORED_TYPE = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32()}


def stored_schema(record: pa.Schema) -> pa.Schema:
    """The schema of the Parquet files: the canonical one in types that Delta Lake has."""
    fields = []
    for field in record:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        fields.append(field.with_type(_STORED_TYPE.get(kind, kind)))
    return pa.schema(fields)


def table_schema(record: pa.Schema) -> pa.Schema:
    """The schema of the Delta table: the files' columns and the two it is partitioned by."""
    partitions = [
        pa.field("day", pa.date32(), nullable=False),
        pa.field("bucket", pa.int32(), nullable=False),
    ]
    return pa.schema([*stored_schema(record), *partitions])


def to_canonical(table: pa.Table, record: pa.Schema) -> pa.Table:
    """Rows as read from the files, in the canonical types and one chunk. No value changes."""
    return _one_chunk(table.select(record.names).cast(record))


def check_record(table: pa.Table, record: pa.Schema, name: str) -> pa.Table:
    """The table in exactly the canonical types, one chunk.

    Raises ``ValueError`` if columns are missing, cannot be cast without loss, or are null where null is
    not allowed.
    """
    missing = [column for column in record.names if column not in table.column_names]
    if missing:
        raise ValueError(f"{name}: columns missing: {', '.join(missing)}")
    try:
        table = _one_chunk(table.select(record.names).cast(record))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise ValueError(f"{name}: not in the types of the record of signals: {error}") from error
    for field in record:
        if not field.nullable and _has_null(_plain(table[field.name])):
            raise ValueError(f"{name}: {field.name} must not be null")
    return table


def bucket_of(device_id: str, n_buckets: int) -> int:
    """The bucket of a device: the first 8 bytes of BLAKE2b (RFC 7693) of its id in UTF-8, big-endian,
    modulo the number of buckets. The same on every machine and in every version."""
    digest = blake2b(device_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % n_buckets


def day_of(time_us: int) -> int:
    """The UTC day (days since 1970-01-01) that a time in microseconds is filed under."""
    return min(max(time_us // US_PER_DAY, FIRST_DAY), LAST_DAY)


def day_name(day: int) -> str:
    """ISO 8601 date of a day number, as Delta Lake writes it in a partition value."""
    return (EPOCH + dt.timedelta(days=int(day))).isoformat()


def day_number(day: dt.date) -> int:
    return (day - EPOCH).days


def split_by_day_and_bucket(table: pa.Table, n_buckets: int) -> Iterator[tuple[int, int, pa.Table]]:
    """Yields (day number, bucket, rows) of a canonical one-chunk table, rows sorted as in the files."""
    if table.num_rows == 0:
        return
    rank, device_bucket = _rank_devices(table, n_buckets)
    time_us = times_us(table)
    day = np.clip(time_us // US_PER_DAY, FIRST_DAY, LAST_DAY)
    part = (day - FIRST_DAY) * n_buckets + device_bucket[rank]
    order = _order(part * len(device_bucket) + rank, time_us, table)
    part = part[order]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(part)) + 1, [len(part)]])
    for start, stop in pairwise(starts):
        key = int(part[start])
        yield key // n_buckets + FIRST_DAY, key % n_buckets, table.take(pa.array(order[start:stop]))


def sort_rows(table: pa.Table) -> pa.Table:
    """Canonical one-chunk table by device (UTF-8 order), time, sequence (missing first); else unmoved."""
    if table.num_rows < 2:
        return table
    rank, _ = _rank_devices(table, 1)
    time_us = times_us(table)
    step, wait = np.diff(rank), np.diff(time_us)
    if bool(((step > 0) | ((step == 0) & (wait > 0))).all()):
        return table
    return table.take(pa.array(_order(rank, time_us, table)))


def drop_exact_duplicates(table: pa.Table) -> pa.Table:
    """Keeps the first of rows that are identical in every column, bit for bit. Order is kept.

    Bits, not values: -0.0 and 0.0 differ, and a NaN equals itself.
    """
    if table.num_rows < 2:
        return table
    columns = {name: _bits(table[name]) for name in table.column_names}
    frame = pl.DataFrame({name: pl.Series(name, column) for name, column in columns.items()})
    first = frame.with_row_index("_row").unique(subset=table.column_names, keep="first", maintain_order=True)
    return table if len(first) == table.num_rows else table.take(pa.array(first["_row"].to_numpy()))


def times_us(table: pa.Table) -> np.ndarray:
    """recorded_at_utc as int64 microseconds since the epoch."""
    return _plain(table["recorded_at_utc"]).view(pa.int64()).to_numpy(zero_copy_only=False)


def _one_chunk(table: pa.Table) -> pa.Table:
    return table.unify_dictionaries().combine_chunks()


def _plain(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array.chunk(0) if isinstance(array, pa.ChunkedArray) else array


def _has_null(array: pa.Array) -> bool:
    if array.null_count:
        return True
    return pa.types.is_dictionary(array.type) and bool(
        array.dictionary.null_count and array.dictionary_decode().null_count
    )


def _bits(column: pa.ChunkedArray) -> pa.Array:
    array = _plain(column)
    if pa.types.is_dictionary(array.type):
        return array.dictionary_decode()
    if pa.types.is_floating(array.type):
        return array.view(pa.int32() if array.type == pa.float32() else pa.int64())
    return array


def _rank_devices(table: pa.Table, n_buckets: int) -> tuple[np.ndarray, np.ndarray]:
    """For each row the rank of its device id in UTF-8 order; for each rank the bucket (both int64)."""
    column = _plain(table["device_id"])
    ids = column.dictionary.to_pylist()
    names, rank = np.unique(np.array(ids, dtype=object), return_inverse=True)
    buckets = np.array([bucket_of(name, n_buckets) for name in names], dtype=np.int64)
    return rank.astype(np.int64)[column.indices.to_numpy()], buckets


def _order(group: np.ndarray, time_us: np.ndarray, table: pa.Table) -> np.ndarray:
    """Stable order by group, time, sequence."""
    keys = pl.DataFrame({"group": group, "time": time_us})
    step, wait = np.diff(group), np.diff(time_us)
    if bool(((step > 0) | ((step == 0) & (wait > 0))).all()):
        return np.arange(len(group))
    sequence = pl.Series("sequence", _plain(table["sequence"]))
    if sequence.null_count() < len(sequence):
        keys = keys.with_columns(sequence)
    order = keys.select(pl.arg_sort_by(keys.columns, nulls_last=False, maintain_order=True)).to_series()
    return order.to_numpy()
