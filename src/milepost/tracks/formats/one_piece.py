"""A Parquet file read into columns of one piece each.

Arrow reads a column as a chunk for each row group, and whoever computes with it copies the chunks together: of a
nation's day another 1.5 GB, for as long as the table is kept. Here each row group is put where it belongs as it is
read, on all cores.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def read_in_one_piece(
    file: pq.ParquetFile, names: list[str], reopen: Callable[[], pq.ParquetFile]
) -> pa.Table:
    """The columns of ``names``, those of numbers, times and dictionaries in one chunk; every value is validated.

    ``reopen`` gives the same file again, for each thread its own. A dictionary becomes one for all, in order.

    Raises:
        pa.ArrowException: as reading does.
        ValueError: a dictionary column has no value somewhere.
    """
    metadata = file.metadata
    sizes = [metadata.row_group(g).num_rows for g in range(metadata.num_row_groups)]
    starts = [0, *accumulate(sizes)]
    columns = [_column(file.schema_arrow.field(name), starts[-1]) for name in names]

    def read_some(first: int) -> None:
        own = file if first == 0 else reopen()
        for g in range(first, len(sizes), n_threads):
            table = own.read_row_group(g, columns=names, use_threads=False)
            table.validate(full=True)  # text that is no UTF-8 would go through unnoticed
            for column, name in zip(columns, names, strict=True):
                column.put(g, starts[g], table.column(name))

    n_threads = min(os.cpu_count() or 1, max(len(sizes), 1))
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(read_some, range(n_threads)))
    fields = [file.schema_arrow.field(name) for name in names]
    schema = pa.schema(fields, metadata=file.schema_arrow.metadata)
    return pa.Table.from_arrays([column.whole() for column in columns], schema=schema)


class _Chunks:
    """A column of any kind, in its chunks."""

    def __init__(self, field: pa.Field, rows: int) -> None:
        self._type = field.type
        self._of_group: dict[int, list[pa.Array]] = {}

    def put(self, group: int, start: int, column: pa.ChunkedArray) -> None:
        self._of_group[group] = column.chunks

    def whole(self) -> pa.ChunkedArray:
        return pa.chunked_array([c for g in sorted(self._of_group) for c in self._of_group[g]], self._type)


class _Numbers:
    """A column of numbers or times."""

    def __init__(self, field: pa.Field, rows: int) -> None:
        self._type = field.type
        self._values = np.empty(rows, f"i{field.type.bit_width // 8}")  # whatever they are, only copied
        self._known: list[tuple[int, int, np.ndarray]] = []
        """Where something is not known: rows from-until, and which of them are known."""
        width = field.type.bit_width // 8
        self._nan = np.array(np.nan, f"f{width}").view(f"i{width}") if pa.types.is_floating(field.type) else 0

    def put(self, group: int, start: int, column: pa.ChunkedArray) -> None:
        for chunk in column.chunks:
            if not len(chunk):
                continue
            end = start + len(chunk)
            self._values[start:end] = np.frombuffer(chunk.buffers()[1], self._values.dtype)[
                chunk.offset : chunk.offset + len(chunk)
            ]
            if chunk.null_count:
                known = chunk.is_valid().to_numpy(zero_copy_only=False)
                self._known.append((start, end, known))
                # Of floats NaN, so that ``compliance.columns`` need not copy all of them to write it there.
                self._values[start:end][~known] = self._nan
            start = end

    def whole(self) -> pa.Array:
        bits = None
        if self._known:
            known = np.ones(len(self._values), bool)
            for start, end, of_rows in self._known:
                known[start:end] = of_rows
            bits = pa.py_buffer(np.packbits(known, bitorder="little"))
        return pa.Array.from_buffers(self._type, len(self._values), [bits, pa.py_buffer(self._values)])


class _Words:
    """A dictionary column: numbers into one list of words."""

    def __init__(self, field: pa.Field, rows: int) -> None:
        self._codes = np.empty(rows, np.int32)
        self._words: list[tuple[int, int, list[str]]] = []

    def put(self, group: int, start: int, column: pa.ChunkedArray) -> None:
        if column.null_count:
            raise ValueError("a row names no device")
        for chunk in column.chunks:
            end = start + len(chunk)
            self._codes[start:end] = chunk.indices.to_numpy()
            self._words.append((start, end, chunk.dictionary.to_pylist()))
            start = end

    def whole(self) -> pa.DictionaryArray:
        used = sorted({word for _, _, words in self._words for word in words})
        number = {word: n for n, word in enumerate(used)}
        for start, end, words in self._words:
            codes = self._codes[start:end]
            codes[:] = np.array([number[word] for word in words], np.int32)[codes]
        return pa.DictionaryArray.from_arrays(pa.array(self._codes), pa.array(used, pa.string()))


type _Column = _Chunks | _Numbers | _Words


def _column(field: pa.Field, rows: int) -> _Column:
    kind = field.type
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        return _Words(field, rows)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_timestamp(kind):
        return _Numbers(field, rows)
    return _Chunks(field, rows)
