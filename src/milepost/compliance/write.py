"""Answers on disk: each file whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from milepost.problems import ProblemList

ROWS_AT_ONCE = 1 << 16
"""Rows of a table that are text at one time."""
SHORTEST_FROM, SHORTEST_BELOW = 1e-4, 1e9
"""Between these the shortest text of a number that reads as the same is Arrow's and Python's, but for a ".0"."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path`` that becomes it when everything is written and on disk.

    What was written before an error is removed: it may be what fills the disk.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_parquet(table: pa.Table, path: Path) -> None:
    with whole(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def write_csv(table: pa.Table, path: Path) -> None:
    """Times as ISO 8601 in UTC with a Z; nothing (not "null") where there is no value.

    What Python's ``csv.writer`` makes of the same values, without an object for each: a nation's day has millions.
    Columns are text, times, whole numbers and floats.
    """
    with whole(path) as temporary, temporary.open("wb") as file:
        names = io.StringIO()
        csv.writer(names).writerow(table.column_names)
        file.write(names.getvalue().encode())
        for first in range(0, table.num_rows, ROWS_AT_ONCE):
            file.write(_lines(table.slice(first, ROWS_AT_ONCE)))


def _lines(part: pa.Table) -> memoryview:
    columns = [pc.fill_null(_texts(column.combine_chunks()), "") for column in part.columns]
    rows = pc.binary_join_element_wise(*columns, ",")
    lines = pc.binary_join_element_wise(rows, "", "\r\n")
    _, ends, text = lines.buffers()  # all that is in a fresh array stands in one piece
    length = memoryview(ends).cast("B").cast("i")[len(lines)]
    return memoryview(text)[:length]


def _texts(column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        return _times(column)
    if pa.types.is_floating(column.type):
        return _floats(column)
    if pa.types.is_integer(column.type):
        return column.cast(pa.string())
    return _quoted(column.cast(pa.string()))


def _times(column: pa.Array) -> pa.Array:
    """As ``times.iso``: a fraction only where there is one, without closing zeros."""
    clock = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64()).cast(pa.timestamp("us"))
    text = pc.binary_replace_slice(clock.cast(pa.string()), 10, 11, "T")
    short = pc.ascii_rtrim(pc.ascii_rtrim(text, "0"), ".")
    return pc.binary_join_element_wise(short, "Z", "")


def _floats(column: pa.Array) -> pa.Array:
    """As ``repr``."""
    size = pc.abs(column)
    alike = pc.and_(pc.greater_equal(size, SHORTEST_FROM), pc.less(size, SHORTEST_BELOW))
    alike = pc.fill_null(pc.or_(alike, pc.equal(size, 0.0)), True)
    text = column.cast(pa.string())
    text = pc.if_else(pc.match_substring(text, "."), text, pc.binary_join_element_wise(text, ".0", ""))
    if pc.all(alike).as_py() is not False:
        return text
    odd = pc.invert(alike)
    return pc.replace_with_mask(text, odd, pa.array(map(repr, column.filter(odd).to_pylist()), pa.string()))


def _quoted(column: pa.Array) -> pa.Array:
    """In quotes where a comma, a quote or the end of a line would else be taken for the file's own."""
    odd = pc.match_substring_regex(column, '[,"\r\n]')
    if not pc.any(odd).as_py():
        return column
    doubled = pc.replace_substring(column, '"', '""')
    return pc.if_else(odd, pc.binary_join_element_wise('"', doubled, '"', ""), column)


def write_problems(problems: ProblemList, path: Path) -> None:
    """Row, field and remedy of each; how often each was met in all."""
    with whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["severity", "source", "row", "field", "value", "message", "remedy", "times_in_all"])
        for p in problems.problems:
            times = problems.counts.get((p.source, p.field, p.message, p.severity), 1)
            row = "" if p.row is None else p.row
            writer.writerow(
                [p.severity, p.source, row, p.field or "", p.value or "", p.message, p.remedy, times]
            )


def write_json(value: Any, path: Path) -> None:
    with whole(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
