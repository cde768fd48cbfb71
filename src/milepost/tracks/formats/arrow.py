"""Parquet and Arrow IPC (file and stream).

A file in the record's own shape is taken as it is: its columns are cast only where types differ, and
trusted where its statistics (or the writer's mark) show that they hold. Any other goes the way of CSV.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from milepost.problems import Problem, UnreadableFile
from milepost.tracks.formats.columns import ColumnMap
from milepost.tracks.formats.convert import convert
from milepost.tracks.formats.csv_text import reference
from milepost.tracks.formats.geoparquet import with_places
from milepost.tracks.formats.headers import report_columns, require_columns
from milepost.tracks.formats.join import join_signals
from milepost.tracks.formats.one_piece import read_in_one_piece
from milepost.tracks.formats.plain_floats import plain_floats
from milepost.tracks.formats.rows import Rows
from milepost.tracks.formats.settle import Context, settle
from milepost.tracks.formats.times import EARLIEST_US, LATEST_US
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, Signals

SHAPES = {"fixes": FIXES, "presence": PRESENCE, "device_events": DEVICE_EVENTS}
BOUNDS = {
    "lat_e7": (-900_000_000, 900_000_000),
    "lon_e7": (-1_800_000_000, 1_800_000_000),
    "recorded_at_utc": (EARLIEST_US, LATEST_US),
    "received_at_utc": (EARLIEST_US, LATEST_US),
}
"""What a value of the record can be at all. A mark is no proof: a file can be edited after it was written."""
MARK = b"milepost_table"
"""Schema metadata that ``milepost.tracks.write`` sets: the rows were checked when they were written."""


UNREADABLE = (pa.ArrowException, OSError, ValueError, KeyError)  # KeyError: a nested device_id


PLAIN_TYPES = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_boolean,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_timestamp,
    pa.types.is_date,
    pa.types.is_time,
    pa.types.is_null,
)


def read_parquet(
    path: Path,
    *,
    columns: ColumnMap | None = None,
    context: Context | None = None,
    only: list[str] | None = None,
) -> Signals:
    """A whole Parquet file. ``only``: read these fields of the record, leave the others null."""
    columns, context = columns or ColumnMap(), context or Context.of()
    try:
        file = open_parquet(path)
        shape = canonical_shape(file.schema_arrow) if not columns.columns else None
        names = None
        if only is not None and shape is not None:
            needed = {f.name for f in SHAPES[shape] if not f.nullable} | set(only)
            names = [name for name in file.schema_arrow.names if name in needed]
        if shape is not None and _sound(file, shape):
            names = file.schema_arrow.names if names is None else names
            return take(read_in_one_piece(file, names, lambda: open_parquet(path)), shape, context)
        table = file.read(columns=names)
        table.validate(full=True)  # text that is no UTF-8 would go through unnoticed
    except UNREADABLE as error:
        raise _unreadable(path, "Parquet", error) from None
    if shape is None:
        table = with_places(table, path.name)
    return settle_table(table, path.name, columns, context)


def open_parquet(path: Path) -> pq.ParquetFile:
    """The file, with devices as a dictionary where it names them so, and with the checksums of its pages
    held against their bytes: a damaged page is an error, never another place."""
    with_device = "device_id" in pq.read_schema(path).names
    file = pq.ParquetFile(
        path, read_dictionary=["device_id"] if with_device else [], page_checksum_verification=True
    )
    # Where a column's own entry says another type than the schema, Arrow ends the process instead of raising an error.
    for g in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(g)
        for c in range(group.num_columns):
            if group.column(c).physical_type != file.schema.column(c).physical_type:
                raise pa.ArrowInvalid(
                    f"column {file.schema.column(c).path} has two types in the file's own list"
                )
    return file


def iterate_parquet(
    path: Path, *, rows: int, columns: ColumnMap | None = None, context: Context | None = None
) -> Iterator[Signals]:
    """The file in batches of at most ``rows``."""
    columns, context = columns or ColumnMap(), context or Context.of()
    try:
        file = open_parquet(path)
        shape = canonical_shape(file.schema_arrow) if not columns.columns else None
        trusted = shape is not None and _sound(file, shape)
        done = 0
        for batch in file.iter_batches(batch_size=rows):
            table = pa.Table.from_batches([batch])
            table.validate(full=True)
            if trusted and shape is not None:
                yield take(table, shape, context)
            else:
                table = table if shape is not None else with_places(table, path.name)
                yield settle_table(table, path.name, columns, context, first_row=done + 1)
            done += table.num_rows
    except UNREADABLE as error:
        raise _unreadable(path, "Parquet", error) from None


def read_ipc(path: Path, *, columns: ColumnMap | None = None, context: Context | None = None) -> Signals:
    """An Arrow IPC file or stream (told by its first bytes)."""
    columns, context = columns or ColumnMap(), context or Context.of()
    try:
        with pa.memory_map(str(path)) as source:
            is_file = source.read(6) == b"ARROW1"
            source.seek(0)
            table = (pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)).read_all()
            table.validate(full=True)
            check_text_of_schema(table.schema)
    except UNREADABLE as error:
        raise _unreadable(path, "Arrow", error) from None
    shape = canonical_shape(table.schema) if not columns.columns else None
    if shape is not None and _holds(table, shape):
        return take(table, shape, context)
    return settle_table(table, path.name, columns, context)


def check_text_of_schema(schema: pa.Schema) -> None:
    """Reads the names of columns and of time zones, which nothing else does until somebody asks for one.

    Raises:
        UnicodeDecodeError: one is not UTF-8.
    """
    for field in schema:
        _ = field.name, getattr(field.type, "tz", None)


def canonical_shape(schema: pa.Schema) -> str | None:
    """Which of the three tables ``schema`` is, if it has all that table must have, in castable types."""
    names = set(schema.names)
    if len(names) != len(schema.names):
        return None
    for shape, wanted in SHAPES.items():
        required = [f for f in wanted if not f.nullable]
        if names <= set(wanted.names) and all(
            f.name in names and _close(schema.field(f.name).type, f.type) for f in required
        ):
            optional = [f for f in wanted if f.nullable and f.name in names]
            if all(_close(schema.field(f.name).type, f.type) for f in optional):
                return shape
    return None


def _close(given: pa.DataType, wanted: pa.DataType) -> bool:
    if given == wanted:
        return True
    if pa.types.is_dictionary(wanted):
        text = given.value_type if pa.types.is_dictionary(given) else given
        return bool(pa.types.is_string(text) or pa.types.is_large_string(text))
    if pa.types.is_string(wanted):
        return bool(pa.types.is_large_string(given))
    if pa.types.is_timestamp(wanted):
        return bool(pa.types.is_timestamp(given) and given.tz is not None)
    return False


def _sound(file: pq.ParquetFile, shape: str) -> bool:
    """Whether the file can be trusted without looking at a row: by the writer's mark, and by statistics
    that show no null in a field that must have a value and no place off the globe."""
    if (file.schema_arrow.metadata or {}).get(MARK) != shape.encode():
        return False
    wanted = {f.name: f for f in SHAPES[shape]}
    if not _same_types(file.schema_arrow, shape):
        return False
    for g in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(g)
        for c in range(group.num_columns):
            column = group.column(c)
            name = column.path_in_schema
            stats = column.statistics
            if name not in wanted or (wanted[name].nullable and name not in BOUNDS):
                continue
            nulls = stats.null_count if stats is not None and stats.has_null_count else 0
            if stats is None or (nulls and not wanted[name].nullable):
                return False
            if name in BOUNDS and nulls < column.num_values:
                low, high = BOUNDS[name]
                # The raw numbers: a time beyond the calendar cannot be made a datetime.
                if not (stats.has_min_max and low <= stats.min_raw and stats.max_raw <= high):
                    return False
    return True


def _holds(table: pa.Table, shape: str) -> bool:
    """As ``_sound``, for a table in memory, which has no statistics: its own values are looked at."""
    if (table.schema.metadata or {}).get(MARK) != shape.encode() or not _same_types(table.schema, shape):
        return False
    for wanted in SHAPES[shape]:
        if wanted.name not in table.column_names:
            continue
        column = table.column(wanted.name)
        if pa.types.is_dictionary(column.type) and any(
            chunk.dictionary.null_count for chunk in column.chunks
        ):
            return False
        if not wanted.nullable and column.null_count:
            return False
        if wanted.name in BOUNDS and column.null_count < len(column):
            low, high = BOUNDS[wanted.name]
            whole = column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
            ends = pc.min_max(whole)
            if not (low <= ends["min"].as_py() and ends["max"].as_py() <= high):
                return False
    return True


def _same_types(schema: pa.Schema, shape: str) -> bool:
    """Whether what is there has exactly the record's types, but for how the device is encoded."""
    return all(
        field.name == "device_id" or schema.field(field.name).type == field.type
        for field in SHAPES[shape]
        if field.name in schema.names
    )


def _nothing(rows: int, kind: pa.DataType) -> pa.ChunkedArray:
    """A column of nulls that takes the memory of one chunk, however long it is."""
    chunk = pa.nulls(min(rows, 65_536), kind)
    whole, rest = divmod(rows, 65_536)
    return pa.chunked_array([chunk] * whole + ([chunk.slice(0, rest)] if rest else []), kind)


def take(table: pa.Table, shape: str, context: Context) -> Signals:
    """The table as the record wants it: absent columns null, types cast where they differ."""
    wanted = SHAPES[shape]
    columns = []
    for field in wanted:
        if field.name not in table.column_names:
            columns.append(_nothing(table.num_rows, field.type))
            continue
        column = table.column(field.name)
        if column.type != field.type:
            if pa.types.is_dictionary(field.type) and not pa.types.is_dictionary(column.type):
                column = pc.dictionary_encode(column.cast(pa.string()))
            column = column.cast(field.type)
        columns.append(plain_floats(column))
    whole = pa.Table.from_arrays(columns, schema=wanted)
    if whole.column("device_id").num_chunks > 1:
        whole = whole.unify_dictionaries()
    signals = Signals(problems=context.problems, n_rows_read=table.num_rows)
    setattr(signals, shape, whole)
    return signals


def settle_table(
    table: pa.Table,
    source: str,
    columns: ColumnMap,
    context: Context,
    first_row: int = 1,
    report: bool | None = None,
) -> Signals:
    """Any table: its columns are found by name and checked like those of a CSV file. ``report``: say which were
    not read; if not given, with the first row of a table alone."""
    if len(set(table.column_names)) != len(table.column_names):
        raise UnreadableFile(
            Problem(source, None, None, "Two columns have one name", "Give each column its own name.")
        )
    names = columns.resolve(table.column_names)
    require_columns(source, names, columns, table.column_names)
    if first_row == 1 if report is None else report:
        report_columns(source, table.column_names, names, columns, context.problems)
    parts = []
    size = 1 << 20
    for offset in range(0, table.num_rows, size):
        piece = table.slice(offset, size).select(list(dict.fromkeys(names.values())))
        piece, beyond = bring_times_into_the_calendar(piece)
        frame = plain_frame(piece, source)
        numbers = np.arange(offset + first_row, offset + first_row + frame.height)
        rows = Rows(frame, numbers, source, context.problems)
        for name, mask in beyond.items():
            rows.warn(mask, name, "This time is beyond any calendar; taken as not said", "Check its unit.")
        if "payload_ref" not in names:
            rows.put(reference(source, numbers))
        parts.append(settle(convert(rows, names, columns), context))
    return join_signals(parts, context.problems)


def bring_times_into_the_calendar(table: pa.Table) -> tuple[pa.Table, dict[str, np.ndarray]]:
    """Timestamps beyond the years 1 to 9999 as nulls, and where they were: nothing else can show them."""
    beyond: dict[str, np.ndarray] = {}
    for i, name in enumerate(table.column_names):
        column = table.column(name)
        if not pa.types.is_timestamp(column.type):
            continue
        per_unit = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[column.type.unit]
        number = column.cast(pa.int64())
        # A nanosecond column cannot leave the calendar; its bounds would not fit the 64 bits.
        low, high = EARLIEST_US // 1_000_000 * per_unit, LATEST_US // 1_000_000 * per_unit
        if column.type.unit == "ns" or not len(column) or column.null_count == len(column):
            continue
        outside = pc.or_(pc.less(number, low), pc.greater(number, high)).fill_null(False)
        if pc.any(outside).as_py():
            beyond[name] = outside.to_numpy()
            table = table.set_column(i, name, pc.if_else(outside, pa.scalar(None, column.type), column))
    return table, beyond


def plain_frame(table: pa.Table, source: str) -> pl.DataFrame:
    """Polars columns, dictionaries decoded, bytes as text. Raises ``UnreadableFile`` for a column whose
    type holds no single value (lists, durations, unions ...)."""
    columns = {}
    for name in table.column_names:
        column = table.column(name)
        try:
            if pa.types.is_dictionary(column.type):
                column = column.cast(column.type.value_type)
            kind = column.type
            if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or kind == pa.binary_view():
                column = column.cast(pa.large_string())
            elif pa.types.is_fixed_size_binary(kind):
                column = column.cast(pa.binary()).cast(pa.large_string())
            elif pa.types.is_decimal(kind) or pa.types.is_float16(kind):
                column = column.cast(pa.float64())
            elif not any(is_plain(kind) for is_plain in PLAIN_TYPES):
                raise TypeError(f"{kind} is not plain")
            columns[name] = pl.Series(name, pl.from_arrow(column))
        except (pa.ArrowException, pl.exceptions.PolarsError, TypeError, ValueError):
            raise UnreadableFile(
                Problem(
                    source, None, name, f"Columns of type {column.type} cannot be read", "Store plain values."
                )
            ) from None
    return pl.DataFrame(columns)


def _unreadable(path: Path, kind: str, error: Exception) -> UnreadableFile:
    return UnreadableFile(
        Problem(
            path.name,
            None,
            None,
            f"The {kind} file cannot be read",
            "Write the file again.",
            str(error)[:200],
        )
    )
