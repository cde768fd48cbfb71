"""Tables written a batch at a time, to any number of CSV and Parquet files, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import polars as pl
import pyarrow.parquet as pq

PARQUET = (".parquet", ".pq")


class Sink:
    """``with Sink(paths) as sink: sink.write(frame)``. Every frame has the same columns.

    Files stand under another name until the end; an exception takes them away.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """Raises ``ValueError`` for a suffix that is neither .csv nor .parquet."""
        self.paths = tuple(paths)
        for path in self.paths:
            if path.suffix.lower() not in (*PARQUET, ".csv"):
                raise ValueError(f"{path.name}: the suffix must be .parquet or .csv.")
        self._parquet: dict[Path, Any] = {}
        self._text: dict[Path, IO[bytes]] = {}
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def write(self, frame: pl.DataFrame) -> None:
        if not self.paths:
            return
        frame = frame.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))
        self.rows += frame.height
        for path in self.paths:
            if path.suffix.lower() in PARQUET:
                table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
                if path not in self._parquet:
                    self._parquet[path] = pq.ParquetWriter(_part(path), table.schema, compression="zstd")
                self._parquet[path].write_table(table)
            else:
                begun = path in self._text
                if not begun:
                    self._text[path] = _part(path).open("wb")
                frame.write_csv(self._text[path], include_header=not begun)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in (*self._parquet.values(), *self._text.values()):
            writer.close()
        for path in (*self._parquet, *self._text):
            if kind is None:
                _part(path).replace(path)
            else:
                _part(path).unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")
