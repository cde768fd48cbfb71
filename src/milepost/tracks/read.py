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
from milepost.tracks.gzip_files import is_gzip, unpacked
from milepost.tracks.limits import QualityLimits, to_us
from milepost.tracks.odd_places import warn_of_odd_places
from milepost.tracks.record import Signals, Source

Paths = str | Path | Sequence[str | Path]
Columns = ColumnMap | Mapping[str, object] | str | Path | None
Progress = Callable[[int, int], None]
"""Called after each file, and within large text files, with the bytes done and the bytes in all."""

READABLE_SUFFIXES = {
    ".csv", ".tsv", ".txt", ".parquet", ".pq", ".arrow", ".arrows", ".feather", ".ipc",
    ".plt", ".gpx", ".kml", ".json", ".geojson", ".mfjson", ".ndjson", ".jsonl", ".log", ".rec", ".geoparquet",
}  # fmt: skip
"""Of a file in a folder: these are signals, and one that cannot be read is an error. Any other is tried."""
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
    files, passed_over = walk(paths)
    reader.context.problems.extend(passed_over)
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
            parts.append(reader.leave_out(file, error.problem, paths))
        tell(before + sizes[n])
    reader.refuse_nothing(files)
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
    files, passed_over = walk(paths)
    reader.context.problems.extend(passed_over)
    for file in files:
        try:
            yield from reader.iterate(file, rows)
        except UnreadableFile as error:
            if len(files) == 1:
                raise
            yield reader.leave_out(file, error.problem, paths)
    if len(files) > 1:
        reader.refuse_nothing(files)


def _add(tell: Callable[[int], None], before: int, done: int) -> None:
    tell(before + done)


def find_files(paths: Paths) -> list[Path]:
    """The files of ``paths``, folders walked. Raises ``UnreadableFile`` for what is not there."""
    return walk(paths)[0]


def walk(paths: Paths) -> tuple[list[Path], list[Problem]]:
    """The files of ``paths``, folders walked, and what was passed over, one warning for each kind.

    In a folder every file is read or named: all are in the list but those that no reader should open, which
    are hidden ones (``.`` or ``_`` first) and GeoLife's transport modes. Raises ``UnreadableFile`` for what is
    not there, and where nothing is.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    found: list[Path] = []
    passed_over: list[Problem] = []
    for path in map(Path, given):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file())
            hidden = [
                p for p in inside if any(part.startswith(("_", ".")) for part in p.relative_to(path).parts)
            ]
            # GeoLife keeps the transport modes beside the trajectories; they are not signals.
            modes = [p for p in inside if p.name == "labels.txt"]
            passed_over += _name(path, hidden, "Hidden files were passed over")
            passed_over += _name(
                path, modes, "Transport modes (labels.txt) are not signals; they were passed over"
            )
            left_out = {*hidden, *modes}
            found.extend(p for p in inside if p not in left_out)
        elif path.exists():
            found.append(path)
        else:
            raise UnreadableFile(Problem(str(path), None, None, "There is no such file", "Check the name."))
    if not found:
        shown = ", ".join(str(path) for path in given) or "nothing"
        raise UnreadableFile(_no_signal_file(shown))
    return found, passed_over


def _no_signal_file(where: str) -> Problem:
    return Problem(where, None, None, "No signal file was found here", "Give files or a folder.")


def _name(folder: Path, files: list[Path], message: str) -> list[Problem]:
    if not files:
        return []
    names = ", ".join(str(file.relative_to(folder)) for file in files[:3])
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    remedy = "Nothing to do, or give them by name."
    return [Problem(str(folder), None, None, message, remedy, names + more, "warning")]


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

        self.n_understood = 0

    def leave_out(self, path: Path, problem: Problem, given: Paths) -> Signals:
        """Names a file that cannot be read, of several: an error, but of a file that was only come upon in a
        folder and is no signal file by its name a warning."""
        named = {Path(p) for p in ([given] if isinstance(given, str | Path) else given)}
        suffix = Path(path.stem).suffix if path.suffix.lower() == ".gz" else path.suffix
        if path not in named and suffix.lower() not in READABLE_SUFFIXES:
            remedy = "Nothing to do if it is no signal file; else mend it, or name its columns or format."
            problem = replace(
                problem,
                message=f"The file was not read: {problem.message}",
                remedy=remedy,
                severity="warning",
            )
            self.context.problems.add(problem)
            return Signals(problems=self.context.problems)
        self.n_understood += 1
        self.context.problems.add(problem)
        return Signals(problems=self.context.problems, n_rows_read=1)

    def refuse_nothing(self, files: list[Path]) -> None:
        """Raises ``UnreadableFile`` if not one of the files was a signal file."""
        if not self.n_understood:
            raise UnreadableFile(_no_signal_file(", ".join(file.name for file in files[:3])))

    def read(self, path: Path, tell: Callable[[int], None] | None = None) -> Signals:
        if not is_gzip(path):
            signals = self._read(path, tell)
        else:
            with unpacked(path) as (inside, cut_off):
                signals = self._read(inside, None)
                signals.n_rows_read += self._report_cut_off(cut_off)
        self.n_understood += 1
        return signals

    def _report_cut_off(self, problem: Problem | None) -> int:
        if problem is None:
            return 0
        self.context.problems.add(problem)
        return 1

    def _read(self, path: Path, tell: Callable[[int], None] | None) -> Signals:
        kind = self.format or detect(path)
        signals = self._read_as(kind, path, tell)
        warn_of_odd_places(signals, path.name)
        problems = self.context.problems
        if not signals.n_rows_read and not any(told.source == path.name for told in problems.problems):
            remedy = "Nothing to do if nothing was recorded; else check the export."
            problems.add(Problem(path.name, None, None, "The file holds no signal", remedy, None, "warning"))
        return signals

    def _read_as(self, kind: str, path: Path, tell: Callable[[int], None] | None) -> Signals:
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
        if kind in ("geojson", "athena"):
            options["columns"] = self.columns
        if kind == "athena":
            options.pop("device_id", None), options.pop("source_is", None)
        signals: Signals = module.read(path, context=self.context, **options)
        return signals

    def iterate(self, path: Path, rows: int) -> Iterator[Signals]:
        if not is_gzip(path):
            yield from self._iterate(path, rows)
        else:
            with unpacked(path) as (inside, cut_off):
                yield from self._iterate(inside, rows)
                if n_bad := self._report_cut_off(cut_off):
                    yield Signals(problems=self.context.problems, n_rows_read=n_bad)
        self.n_understood += 1

    def _iterate(self, path: Path, rows: int) -> Iterator[Signals]:
        kind = self.format or detect(path)
        if kind == "csv":
            from milepost.tracks.formats import csv_text

            size = max(rows * CSV_BYTES_PER_ROW, 1)
            batches = csv_text.iterate(path, columns=self.columns, context=self.context, block_bytes=size)
        elif kind == "parquet":
            from milepost.tracks.formats import arrow

            batches = arrow.iterate_parquet(path, rows=rows, columns=self.columns, context=self.context)
        else:
            yield self._read(path, None)
            return
        for batch in batches:
            warn_of_odd_places(batch, path.name)
            yield batch
