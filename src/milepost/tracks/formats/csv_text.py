"""CSV and its kin (semicolon, tab, bar): canonical headers or any header with a column map.

RFC 4180, with one restriction: a value may not hold a line break (see ``csv_lines``).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from milepost.problems import Problem
from milepost.tracks.formats.columns import NUMBERS, ColumnMap
from milepost.tracks.formats.convert import convert
from milepost.tracks.formats.csv_lines import BLOCK_BYTES, Block, TextFile, blocks, open_text, split_line
from milepost.tracks.formats.decimal_comma import read_decimal_commas
from milepost.tracks.formats.headers import holds_values, is_by_number, report_columns, require_columns
from milepost.tracks.formats.join import join_signals
from milepost.tracks.formats.rows import Rows
from milepost.tracks.formats.settle import Context, settle
from milepost.tracks.record import Signals

FLOATS = frozenset((*NUMBERS, "lat", "lon", "easting_m", "northing_m", "hdop"))
WHOLE = frozenset(("sequence", "quality", "lat_e7", "lon_e7"))


def read(
    path: Path,
    *,
    columns: ColumnMap | None = None,
    context: Context | None = None,
    tell: Callable[[int], None] | None = None,
) -> Signals:
    """The whole file. Raises ``UnreadableFile`` when it has no column Milepost knows, or is not text."""
    context = context or Context.of()
    return join_signals(list(iterate(path, columns=columns, context=context, tell=tell)), context.problems)


def iterate(
    path: Path,
    *,
    columns: ColumnMap | None = None,
    context: Context | None = None,
    block_bytes: int = BLOCK_BYTES,
    tell: Callable[[int], None] | None = None,
) -> Iterator[Signals]:
    """The file in batches of about ``block_bytes`` of text, so that any size can be read.

    ``tell`` is called with the bytes read so far.
    """
    columns, context = columns or ColumnMap(), context or Context.of()
    file = open_text(path)
    if is_by_number(columns):
        _number_columns(file, columns)
    names = columns.resolve(file.header)
    require_columns(path.name, names, columns, file.header)
    report_columns(path.name, file.header, names, columns, context.problems)
    told = 0
    any_row = False
    for block in blocks(file, block_bytes):
        for note in file.notes[told:]:
            context.problems.add(note)
        told = len(file.notes)
        signals = _settle_block(file, block, names, columns, context)
        any_row = any_row or signals.n_rows_read > 0
        yield signals
        if tell is not None:
            tell(file.bytes_done)
    for note in file.notes[told:]:
        context.problems.add(note)
    if not any_row:
        context.problems.add(
            Problem(
                path.name,
                None,
                None,
                "The file has a header and no rows",
                "Check the export.",
                severity="warning",
            )
        )


def _number_columns(file: TextFile, columns: ColumnMap) -> None:
    first, is_row = file.header, holds_values(columns, file.header)
    file.number_columns(is_row)
    if not is_row:
        message = "The first line was taken for a header: it holds no position in the columns named"
        remedy = "If it is a row, write its latitude and longitude as numbers."
        shown = ", ".join(first)
        file.notes.append(Problem(file.path.name, 1, None, message, remedy, shown, "warning"))


def _settle_block(
    file: TextFile, block: Block, names: dict[str, str], columns: ColumnMap, context: Context
) -> Signals:
    frame = _parse(block.good, len(block.numbers), file, names)
    numbers = block.numbers
    extra, extra_numbers, bad = _parse_odd(block, file)
    if extra:
        wanted = [file.header.index(theirs) for theirs in names.values()]
        more = pl.DataFrame(
            {theirs: [row[i] for row in extra] for theirs, i in zip(names.values(), wanted, strict=True)},
            schema=dict.fromkeys(names.values(), pl.String),
        )
        # Polars gave the columns of the plain rows in the order of the file, the map has its own.
        frame = pl.concat([frame.cast(dict.fromkeys(frame.columns, pl.String)), more.select(frame.columns)])
        numbers = np.concatenate([numbers, np.array(extra_numbers, dtype=np.int64)])
        order = np.argsort(numbers, kind="stable")
        frame, numbers = frame[order], numbers[order]
    for problem in bad:
        context.problems.add(problem)
    rows = Rows(frame, numbers, file.path.name, context.problems)
    if "payload_ref" not in names:
        rows.put(reference(file.path.name, numbers))
    if read_decimal_commas(rows, names):
        _note_decimal_comma(file)
    signals = settle(convert(rows, names, columns), context)
    signals.n_rows_read += len(bad)
    return signals


def _note_decimal_comma(file: TextFile) -> None:
    message = "Numbers are written with a decimal comma; read as such"
    if not any(note.message == message for note in file.notes):
        remedy = "Nothing to do if 51,5 means fifty-one and a half."
        file.notes.append(Problem(file.path.name, None, None, message, remedy, severity="warning"))


def reference(name: str, numbers: np.ndarray) -> pl.Series:
    """Where each row is in its file, as ``name:line``."""
    text = pl.select(pl.lit(f"{name}:") + pl.Series(numbers).cast(pl.String)).to_series()
    return text.alias("payload_ref")


def _parse(text: bytes, n_rows: int, file: TextFile, names: dict[str, str]) -> pl.DataFrame:
    """Parses lines known to have the right number of fields. Numeric columns come as numbers if every
    value is one, else as text for ``convert`` to say which is not."""
    wanted: dict[str, type[pl.DataType]] = {}
    for ours, theirs in names.items():  # a column of two meanings is text, unless both want the same
        wanted[theirs] = _type(ours) if wanted.get(theirs, _type(ours)) == _type(ours) else pl.String
    places = [f"c{i}" for i in range(len(file.header))]
    at = {theirs: file.header.index(theirs) for theirs in wanted}
    if not n_rows:
        return pl.DataFrame(schema=wanted)

    def parse(types: dict[str, type[pl.DataType]]) -> pl.DataFrame:
        # Polars takes columns by position and gives them back in file order.
        chosen = sorted(types, key=lambda theirs: at[theirs])
        schema: dict[str, type[pl.DataType]] = dict.fromkeys(places, pl.String)
        schema.update({places[at[theirs]]: types[theirs] for theirs in chosen})
        frame = pl.read_csv(
            text,
            has_header=False,
            separator=file.delimiter,
            schema=schema,
            columns=[at[theirs] for theirs in chosen],
            ignore_errors=True,
            quote_char='"' if b'"' in text else None,
        )
        return frame.rename(dict(zip(frame.columns, chosen, strict=True)))

    try:
        frame = parse(wanted)
    except pl.exceptions.PolarsError:
        frame = pl.DataFrame()
    if frame.height != n_rows:
        # Quotes where none belong make the parser join or split values: take the lines one by one.
        lines = text.decode("utf-8", "replace").split("\n")[:n_rows]
        split = [_split_or_blank(line, file) for line in lines]
        return pl.DataFrame(
            {theirs: [row[at[theirs]] for row in split] for theirs in wanted},
            schema=dict.fromkeys(wanted, pl.String),
        )
    again: dict[str, type[pl.DataType]] = {
        name: pl.String for name, dtype in wanted.items() if dtype != pl.String and frame[name].null_count()
    }
    if again:
        frame = frame.with_columns(parse(again))
    return frame


def _split_or_blank(line: str, file: TextFile) -> list[str]:
    """The line's values; all blank, and so a problem, where it cannot be split."""
    try:
        row = split_line(line, file.delimiter)
    except csv.Error:
        row = []
    return row + [""] * (len(file.header) - len(row))


def _type(ours: str) -> type[pl.DataType]:
    if ours in FLOATS:
        return pl.Float64
    if ours in WHOLE or "_epoch_" in ours:
        return pl.Int64
    return pl.String


def _parse_odd(block: Block, file: TextFile) -> tuple[list[list[str]], list[int], list[Problem]]:
    """Lines that did not fit by counting: some are well quoted after all, the rest are problems."""
    rows, numbers, bad = [], [], []
    n = len(file.header)
    for number, line in block.odd:
        fields: list[str] = []
        quoted_badly = line.count('"') % 2 == 1
        if not quoted_badly and "\0" not in line:
            try:
                fields = split_line(line, file.delimiter)
            except csv.Error:
                quoted_badly = True
        if len(fields) == n:
            rows.append(fields)
            numbers.append(number)
            continue
        if quoted_badly:
            message, remedy = (
                "A quote is opened and not closed",
                "Close it on the same line; no value may hold a line break.",
            )
        elif "\0" in line:
            message, remedy = "The line holds a null byte", "The file is damaged here: export it again."
        else:
            message = f"The line does not have the header's {n} values"
            remedy = "Write every value of the header; the line may be cut off, or use another delimiter."
        bad.append(Problem(file.path.name, number, None, message, remedy, line))
    return rows, numbers, bad
