"""Reads signals from any files Milepost understands: the front door of this room.

``read_signals`` takes files and folders in any mix of formats; ``iter_signals`` does the same in
batches, for what is larger than memory. Neither raises for a bad row: see ``Signals.problems``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from milepost.problems import Problem, UnreadableFile
from milepost.tracks.detect import FORMATS, detect
from milepost.tracks.formats.columns import ColumnMap, parse_columns
from milepost.tracks.formats.join import join_signals
from milepost.tracks.formats.settle import Context
from milepost.tracks.limits import QualityLimits, to_us
from milepost.tracks.record import Signals, Source

Paths = str | Path | Sequence[str | Path]
Columns = ColumnMap | Mapping[str, object] | str | Path | None
Progress = Callable[[int, int], None]
"""Called after each file, and within large text files, with the bytes done and the bytes in all."""

READABLE_SUFFIXES = {
    ".csv", ".tsv", ".txt", ".parquet", ".pq", ".arrow", ".arrows", ".feather", ".ipc",
    ".plt", ".gpx", ".kml", ".json", ".geojson", ".mfjson", ".ndjson", ".jsonl", ".log",
}  # fmt: skip
TABLES = {"csv", "parquet", "arrow"}
CSV_BYTES_PER_ROW = 48
"""A usual width of a row of text, to turn a batch size in rows into one in bytes."""


def read_signals(
    paths: Paths,
    *,
    columns: Columns = None,
    format: str | None = None,
    progress: Progress | None = None,
    source_is: Source | None = None,
    now_utc: datetime | None = None,
    limits: QualityLimits | None = None,
    only: list[str] | None = None,
) -> Signals:
    """Everything in ``paths`` as one ``Signals``, in the order given (folders: by name).

    ``columns`` says what the columns of tables (CSV, Parquet, Arrow) mean; ``format`` is one of
    ``FORMATS`` and is found out when not given; ``source_is`` is how positions were found where the
    file does not say; ``now_utc`` (aware) flags what was recorded after it; ``only`` limits the optional
    fields read from canonical Parquet. Raises ``UnreadableFile`` if there is just one file and nothing
    in it can be understood; of several files, one that cannot be read becomes a problem.
    """
    reader = _Reader(columns, format, source_is, now_utc, limits, only)
    files = find_files(paths)
    sizes = [file.stat().st_size for file in files]

    def tell(done: int) -> None:
        if progress is not None:
            progress(done, sum(sizes))

    if len(files) == 1:
        signals = reader.read(files[0], tell)
        tell(sizes[0])
        return signals
    parts = []
    for n, file in enumerate(files):
        before = sum(sizes[:n])
        try:
            parts.append(reader.read(file, partial(_add, tell, before)))
        except UnreadableFile as error:
            reader.context.problems.add(error.problem)
            parts.append(Signals(problems=reader.context.problems, n_rows_read=1))
        tell(before + sizes[n])
    return join_signals(parts, reader.context.problems)


def iter_signals(
    paths: Paths,
    *,
    rows: int = 1_000_000,
    columns: Columns = None,
    format: str | None = None,
    source_is: Source | None = None,
    now_utc: datetime | None = None,
    limits: QualityLimits | None = None,
) -> Iterator[Signals]:
    """The same in batches: CSV and Parquet of about ``rows`` rows each, other formats file by file.

    All batches report to one and the same ``problems``; read it when the last batch is done.
    """
    reader = _Reader(columns, format, source_is, now_utc, limits, None)
    files = find_files(paths)
    for file in files:
        try:
            yield from reader.iterate(file, rows)
        except UnreadableFile as error:
            if len(files) == 1:
                raise
            reader.context.problems.add(error.problem)
            yield Signals(problems=reader.context.problems, n_rows_read=1)


def _add(tell: Callable[[int], None], before: int, done: int) -> None:
    tell(before + done)


def find_files(paths: Paths) -> list[Path]:
    """The files of ``paths``, folders walked. Raises ``UnreadableFile`` for what is not there."""
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    found: list[Path] = []
    for path in map(Path, given):
        if path.is_dir():
            inside = sorted(
                p
                for p in path.rglob("*")
                if p.is_file()
                and p.suffix.lower() in READABLE_SUFFIXES
                and not any(part.startswith(("_", ".")) for part in p.relative_to(path).parts)
            )
            # GeoLife keeps the transport modes beside the trajectories; they are not signals.
            found.extend(p for p in inside if p.name != "labels.txt")
        elif path.exists():
            found.append(path)
        else:
            raise UnreadableFile(Problem(str(path), None, None, "There is no such file", "Check the name."))
    if not found:
        shown = ", ".join(str(path) for path in given) or "nothing"
        raise UnreadableFile(
            Problem(shown, None, None, "No signal file was found here", "Give files or a folder.")
        )
    return found


class _Reader:
    def __init__(
        self,
        columns: Columns,
        format: str | None,
        source_is: Source | None,
        now_utc: datetime | None,
        limits: QualityLimits | None,
        only: list[str] | None,
    ) -> None:
        if format is not None and format not in FORMATS:
            raise UnreadableFile(
                Problem(
                    "format", None, None, f"There is no format {format}", f"Use one of {', '.join(FORMATS)}."
                )
            )
        self.columns: ColumnMap = parse_columns(columns)
        if source_is is not None:
            self.columns = replace(self.columns, source_is=source_is)
        self.format, self.only = format, only
        self.context = Context.of(limits=limits, now_us=None if now_utc is None else to_us(now_utc))

    def read(self, path: Path, tell: Callable[[int], None] | None = None) -> Signals:
        kind = self.format or detect(path)
        if kind == "csv":
            from milepost.tracks.formats import csv_text

            return csv_text.read(path, columns=self.columns, context=self.context, tell=tell)
        if kind in TABLES:
            from milepost.tracks.formats import arrow

            if kind == "parquet":
                return arrow.read_parquet(path, columns=self.columns, context=self.context, only=self.only)
            return arrow.read_ipc(path, columns=self.columns, context=self.context)
        # Message and track formats are imported when met: most runs need one of them.
        module = importlib.import_module(f"milepost.tracks.formats.{kind}")
        options: dict[str, object] = (
            {} if self.columns.device_id_is is None else {"device_id": self.columns.device_id_is}
        )
        if kind != "plt" and self.columns.source_is is not None:
            options["source_is"] = self.columns.source_is
        if kind == "geojson":
            options["columns"] = self.columns
        signals: Signals = module.read(path, context=self.context, **options)
        return signals

    def iterate(self, path: Path, rows: int) -> Iterator[Signals]:
        kind = self.format or detect(path)
        if kind == "csv":
            from milepost.tracks.formats import csv_text

            size = max(rows * CSV_BYTES_PER_ROW, 1)
            yield from csv_text.iterate(path, columns=self.columns, context=self.context, block_bytes=size)
        elif kind == "parquet":
            from milepost.tracks.formats import arrow

            yield from arrow.iterate_parquet(path, rows=rows, columns=self.columns, context=self.context)
        else:
            yield self.read(path)
