"""Answers from a CSV or Parquet file, a batch of rows at a time: the file may be larger than memory."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from milepost.problems import Problem, ProblemList, UnreadableFile
from milepost.risk.data_files import load
from milepost.risk.tidy import NAMES, Tidy, UnemployedOne, tidy

BLOCK_BYTES = 4 << 20
"""Of a CSV at a time."""
BATCH_ROWS = 65_536
"""Of a Parquet file at a time."""
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
PARQUET = (".parquet", ".pq")
ASK = "Give a CSV (UTF-8, with a line of column names) or a Parquet file."


@dataclass(slots=True)
class Batch:
    """Some rows as they are, the number of each as a person would find it, and lines that could not be split."""

    frame: pl.DataFrame
    numbers: pl.Series
    problems: ProblemList = field(default_factory=ProblemList)


def read_answers(path: Path, unemployed_one: UnemployedOne = "no") -> Tidy:
    """The whole of a file at once. Raises ``UnreadableFile`` if nothing in it can be understood."""
    whole = _whole(path)
    return tidy_batch(whole, path.name, unemployed_one)


def tidy_batch(
    batch: Batch, source: str, unemployed_one: UnemployedOne = "no", today: dt.date | None = None
) -> Tidy:
    """A batch understood; lines that could not be split are among its problems and its rows read."""
    done = tidy(
        batch.frame, source=source, numbers=batch.numbers, unemployed_one=unemployed_one, today=today
    )  # fmt: skip
    done.rows_read += batch.problems.n_errors
    done.problems.merge(batch.problems)
    return done


def read_frame(path: Path) -> tuple[pl.DataFrame, int]:
    """The whole of a file as it is, and the number of its first row. Raises ``UnreadableFile``, also for one line that
    cannot be split."""
    whole = _whole(path)
    if whole.problems:
        raise UnreadableFile(whole.problems.problems[0])
    return whole.frame, whole.numbers[0] if len(whole.numbers) else 1


def _whole(path: Path) -> Batch:
    batches = list(read_batches(path))
    problems = ProblemList()
    for batch in batches:
        problems.merge(batch.problems)
    return Batch(
        pl.concat([batch.frame for batch in batches]),
        pl.concat([batch.numbers for batch in batches]),
        problems,
    )


def read_batches(path: Path) -> Iterator[Batch]:
    """Batches of a file, by its suffix; at least one, perhaps of no rows.

    A CSV without a header must have the columns of dsTestCases. Its values may be parted by commas, semicolons or
    tabs; all stay text. Rows are numbered as a person would find them: lines of a CSV, rows of a Parquet file from 1.
    Raises ``UnreadableFile``, perhaps after some batches.
    """
    try:
        yield from _parquet(path) if path.suffix.lower() in PARQUET else _csv(path)
    except UnicodeDecodeError as error:
        raise _unreadable(path, "The file is not UTF-8 text", 'Save it as "CSV UTF-8".') from error
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, csv.Error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "UTF8" in reason:
            raise _unreadable(path, "The file is not UTF-8 text", 'Save it as "CSV UTF-8".') from error
        raise _unreadable(path, f"The file cannot be read: {reason}", ASK) from error


def _unreadable(path: Path, message: str, remedy: str, name: str | None = None) -> UnreadableFile:
    return UnreadableFile(Problem(path.name, None, name, message, remedy))


def _parquet(path: Path) -> Iterator[Batch]:
    file = pq.ParquetFile(path)
    for one in file.schema_arrow:
        if pa.types.is_nested(one.type):
            remedy = "Keep one value in a column."
            raise _unreadable(path, f"The column holds {one.type}, not single values", remedy, one.name)
    start, empty = 1, True
    for part in file.iter_batches(BATCH_ROWS):
        made = pl.from_arrow(part)
        assert isinstance(made, pl.DataFrame)
        yield Batch(made, _numbers(range(start, start + made.height)))
        start, empty = start + made.height, False
    if empty:
        made = pl.from_arrow(file.schema_arrow.empty_table())
        assert isinstance(made, pl.DataFrame)
        yield Batch(made, _numbers([]))


def _csv(path: Path) -> Iterator[Batch]:
    names, separator, has_header = _columns(path)
    bad: dict[int, int] = {}

    def refuse(row: pa_csv.InvalidRow) -> str:
        bad[row.number] = row.actual_columns
        return "skip"

    told: set[int] = set()

    def problems() -> ProblemList:
        found = ProblemList()
        for row in sorted(set(bad) - told):
            _report_wrong_length(found, path, row, bad[row], len(names))
        told.update(bad)
        return found

    lines = (number for number in count(2 if has_header else 1) if number not in bad)
    batches = 0
    with _Quotes(path) as file, pa_csv.open_csv(
        file,
        pa_csv.ReadOptions(
            use_threads=False, block_size=BLOCK_BYTES, column_names=names, skip_rows=int(has_header)
        ),
        pa_csv.ParseOptions(
            delimiter=separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=refuse
        ),
        pa_csv.ConvertOptions(
            column_types={name: pa.large_string() for name in names},
            strings_can_be_null=True, quoted_strings_can_be_null=True, null_values=[""],
        ),
    ) as reader:  # fmt: skip
        for part in reader:
            frame = pl.from_arrow(part)
            assert isinstance(frame, pl.DataFrame)
            numbers = _numbers(islice(lines, frame.height))
            filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
            yield Batch(frame.filter(filled), numbers.filter(filled), problems())
            batches += 1
        if file.quotes % 2:
            message = "A double quote is opened and never closed"
            raise _unreadable(path, message, "Close it, or write it twice where it is part of a value.")
    if not batches or set(bad) - told:
        nothing = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        yield Batch(nothing, _numbers([]), problems())


class _Quotes(io.FileIO):
    """Counts double quotes as they pass: of a CSV in which each is closed the number is even."""

    quotes = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(-1 if size is None else size) or b""
        self.quotes += found.count(b'"')
        return found


def _report_wrong_length(problems: ProblemList, path: Path, row: int, found: int, wanted: int) -> None:
    message = f"The row has {found} values; there are {wanted} columns"
    if found > wanted:
        remedy = "Put a value that holds the separator in double quotes."
    else:
        remedy = "Give every column; leave it empty where there is no answer."
    problems.add(Problem(path.name, row, None, message, remedy))


def _numbers(numbers: object) -> pl.Series:
    return pl.Series("number", list(numbers), dtype=pl.Int64)  # type: ignore[call-overload]


def _columns(path: Path) -> tuple[list[str], str, bool]:
    """Names, separator, and whether the first line holds the names."""
    headerless: list[str] = load(NAMES)["headerless"]["columns"]
    with path.open(encoding="utf-8-sig", newline="") as file:
        line = file.readline()
        if not line.strip():
            raise _unreadable(path, "The file is empty, or its first line is", ASK)
        separator = max(SEPARATORS, key=line.count)
        if line.count(separator) == 0:
            separator = ","
        file.seek(0)
        first = [name.strip() for name in next(csv.reader(file, delimiter=separator))]
    if len(first) == len(headerless) and first[0][:1].isdigit():
        return headerless, separator, False
    for name in first:
        if first.count(name) > 1:
            shown = f"Column {name} is there twice" if name else "Two columns have no name"
            raise _unreadable(path, shown, "Keep one of them, or name them apart.", name or None)
    return first, separator, True
