"""A delimited text file as blocks of whole lines, with the lines that do not fit set aside.

One line is one row: a value may be quoted but may not hold a line break. That keeps a stray quote or a
cut-off last line the trouble of one row, and lets a block be checked without looking at each line.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from milepost.problems import Problem, UnreadableFile

BLOCK_BYTES = 48 << 20
DELIMITERS = ",;\t|"
QUOTE, NEWLINE, RETURN = 0x22, 0x0A, 0x0D


@dataclass(slots=True)
class Block:
    """``good``: text of lines with the right number of fields. ``numbers``: the line number of each.
    ``odd``: (line number, text) of the others that are not blank."""

    good: bytes
    numbers: np.ndarray
    odd: list[tuple[int, str]]


@dataclass(slots=True)
class TextFile:
    """An opened file: its encoding, header and delimiter, and the blocks after the header."""

    path: Path
    encoding: str
    delimiter: str
    header: list[str]
    header_line: int
    body_at: int
    header_at: int
    notes: list[Problem]
    bytes_done: int = 0

    def number_columns(self, first_is_row: bool) -> None:
        """Names the columns 1, 2, 3 ...; the line taken for the header is a row again if it is one."""
        self.header = [str(n) for n in range(1, len(self.header) + 1)]
        if first_is_row:
            self.body_at = self.header_at
            self.header_line -= 1


def open_text(path: Path) -> TextFile:
    """Looks at the start of ``path``. Raises ``UnreadableFile`` if it is empty or not text."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    encoding, skip, notes = _encoding(path, head)
    line_end = "\n".encode(encoding if encoding != "utf-8-sig" else "utf-8")
    lines = _first_lines(head, line_end, encoding, skip)
    said = None
    # A spreadsheet's own line that says which delimiter follows.
    if lines and (says := re.fullmatch(r'"?sep=(.)"?', lines[0].text.strip(" "), re.IGNORECASE)):
        said = says[1]
        lines = lines[1:]
    if not lines:
        raise UnreadableFile(
            Problem(path.name, None, None, "The file is empty", "Give a file with a header and rows.")
        )
    above = _above_header(lines)
    if above:
        shown = "; ".join(line.text.strip() for line in above)
        message, remedy = "Lines above the header were passed over", "Nothing to do if they are a title."
        notes.append(Problem(path.name, above[0].number, None, message, remedy, shown, "warning"))
        lines = lines[len(above) :]
    header_at, at, number, text = lines[0].at, lines[0].end, lines[0].number, lines[0].text
    delimiter = said if said in tuple(DELIMITERS) else max(DELIMITERS, key=text.count)
    if said is None and text.count(delimiter) == 0:
        delimiter = ","
    if "\r" in text:
        problem = Problem(
            path.name, number, None, "Lines end in CR alone", "Save it with LF or CRLF line ends."
        )
        raise UnreadableFile(problem)
    try:
        header = split_line(text, delimiter)
    except csv.Error as error:
        problem = Problem(
            path.name, number, None, f"The header cannot be read ({error})", "Check that this is CSV."
        )
        raise UnreadableFile(problem) from None
    names = _as_wide_as_rows([name.strip() for name in header], lines[1:2], delimiter)
    return TextFile(path, encoding, delimiter, names, number, at, header_at, notes)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not blank. ``at``, ``end``: where it and the next one begin in the file, bytes."""

    number: int
    at: int
    end: int
    text: str


LOOKED_AT = 20
"""Lines at the start of a file among which the header is looked for."""


def _first_lines(head: bytes, line_end: bytes, encoding: str, skip: int) -> list[_Line]:
    lines: list[_Line] = []
    at, number = skip, 0
    while at < len(head) and len(lines) < LOOKED_AT:
        begin, end = at, _find_aligned(head, line_end, at, skip)
        raw = head[at:] if end < 0 else head[at:end]
        at = len(head) if end < 0 else end + len(line_end)
        number += 1
        text = raw.decode(encoding, "replace").strip("\r\n")
        if text.strip():
            lines.append(_Line(number, begin, at, text))
    return lines


def _above_header(lines: list[_Line]) -> list[_Line]:
    """Lines without any delimiter before one with several: a title, a date of export, no header."""
    for n, line in enumerate(lines):
        most = max(line.text.count(mark) for mark in DELIMITERS)
        if most:
            return lines[:n] if most > 1 else []
    return []


def _as_wide_as_rows(names: list[str], first_rows: list[_Line], delimiter: str) -> list[str]:
    """The header with as many names as the first row has values, if only blank ones at the end make the difference:
    some devices end each row with a delimiter, or only the header."""
    for row in first_rows:
        try:
            values = split_line(row.text, delimiter)
        except csv.Error:
            continue
        extra = len(values) - len(names)
        if extra > 0 and not any(value.strip() for value in values[len(names) :]):
            return names + [""] * extra
        if extra < 0 and not any(names[extra:]):
            return names[:extra]
    return names


def split_line(line: str, delimiter: str) -> list[str]:
    """The values of one line, quotes taken off. Raises ``csv.Error`` if it cannot be one row."""
    return next(csv.reader([line.replace("\r", " ").replace("\0", "")], delimiter=delimiter), [])


def _find_aligned(head: bytes, line_end: bytes, at: int, origin: int) -> int:
    found = head.find(line_end, at)
    while found >= 0 and (found - origin) % len(line_end):
        found = head.find(line_end, found + 1)
    return found


def _encoding(path: Path, head: bytes) -> tuple[str, int, list[Problem]]:
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise UnreadableFile(Problem(path.name, None, None, "The file is UTF-32", "Save it as UTF-8."))
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            notes = (
                []
                if name == "utf-8"
                else [_note(path, "The file is UTF-16; read as such", "Save it as UTF-8.")]
            )
            return name, len(mark), notes
    sample = head[:4096]
    if sample.count(0) > len(sample) // 8:
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        if max(even, odd) > len(sample) // 4 and min(even, odd) < len(sample) // 64 + 1:
            guess = "utf-16-le" if odd > even else "utf-16-be"
            return (
                guess,
                0,
                [_note(path, "The file is UTF-16 without a mark; read as such", "Save it as UTF-8.")],
            )
    if _control_share(sample.rstrip(b"\0")) > 0.05:  # a logger that lost power leaves zeros at the end
        raise UnreadableFile(
            Problem(
                path.name,
                None,
                None,
                "This is not text",
                "Give CSV text, or name its format to `milepost tracks convert --format`.",
            )
        )
    return "utf-8", 0, []


def _control_share(sample: bytes) -> float:
    return sum(byte < 9 or 13 < byte < 32 for byte in sample) / max(len(sample), 1)


def _note(path: Path, message: str, remedy: str) -> Problem:
    return Problem(path.name, None, None, message, remedy, severity="warning")


def blocks(file: TextFile, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """The lines after the header. Adds to ``file.notes`` when a block is not UTF-8 after all."""
    with file.path.open("rb") as handle:
        handle.seek(file.body_at)
        line = file.header_line + 1
        for text in _whole_lines(handle, file, block_bytes):
            block, n_lines = _check(text, file, line)
            line += n_lines
            yield block


def _whole_lines(handle: BinaryIO, file: TextFile, block_bytes: int) -> Iterator[bytes]:
    wide = file.encoding.startswith("utf-16")
    decoder = codecs.getincrementaldecoder(file.encoding)("replace") if wide else None
    rest = b""
    while True:
        chunk = handle.read(block_bytes)
        file.bytes_done = handle.tell()
        text = decoder.decode(chunk, final=not chunk).encode() if decoder else chunk
        whole = rest + text if rest else text
        if not chunk:
            if whole:
                yield _as_utf8(whole, file)
            return
        cut = whole.rfind(b"\n") + 1
        rest = whole[cut:]
        if cut:
            yield _as_utf8(whole[:cut], file)


def _as_utf8(text: bytes, file: TextFile) -> bytes:
    if text.isascii():
        return text
    try:
        text.decode()
    except UnicodeDecodeError:
        if not any("Latin-1" in note.message for note in file.notes):
            file.notes.append(
                _note(file.path, "The file is not UTF-8; read as Windows-1252 (Latin-1)", "Save it as UTF-8.")
            )
        return text.decode("cp1252", "replace").encode()
    return text


def _all_outside_quotes(data: np.ndarray, marks: np.ndarray, ends: np.ndarray) -> bool:
    """Whether no line end and no delimiter has an odd number of quotes before it."""
    open_quote = np.cumsum(data == QUOTE, dtype=np.uint8) & 1
    at_ends = open_quote[np.minimum(ends, len(data) - 1)]
    return not at_ends.any() and not open_quote[marks].any()


def _check(text: bytes, file: TextFile, first_line: int) -> tuple[Block, int]:
    """Sorts the lines of ``text`` into those that fit and those that do not, by counting delimiters."""
    wanted = len(file.header) - 1
    data = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(data == NEWLINE)
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
    starts = np.concatenate(([0], ends[:-1] + 1))
    n = len(ends)
    marks = np.flatnonzero(data == ord(file.delimiter))
    has_quotes = b'"' in text
    if wanted and len(marks) == n * wanted and b"\0" not in text:
        shaped = marks.reshape(n, wanted)
        straight = not has_quotes or _all_outside_quotes(data, marks, ends)
        if straight and (shaped[:, 0] >= starts).all() and (shaped[:, -1] < ends).all():
            return Block(text, np.arange(first_line, first_line + n), []), n
    counts = np.searchsorted(marks, ends) - np.searchsorted(marks, starts)
    length = ends - starts
    fits = (counts == wanted) & (length > 0)
    if not wanted:
        fits &= ~((length == 1) & (data[np.minimum(starts, len(data) - 1)] == RETURN))
    if has_quotes:
        # A delimiter with an odd number of quotes before it on its line lies inside a quoted value, so
        # counting says nothing of that line: it is parsed on its own.
        spots = np.flatnonzero(data == QUOTE)
        line_of = np.searchsorted(ends, marks)
        before = np.searchsorted(spots, marks) - np.searchsorted(spots, starts)[line_of]
        fits[line_of[before % 2 == 1]] = False
    for byte in (QUOTE, 0):
        spots = np.flatnonzero(data == byte) if (byte == 0 or has_quotes) else np.empty(0, dtype=np.int64)
        if len(spots):
            inside = np.searchsorted(spots, ends) - np.searchsorted(spots, starts)
            fits &= (inside == 0) if byte == 0 else (inside % 2 == 0)
    numbers = np.arange(first_line, first_line + n)
    odd = []
    for i in np.flatnonzero(~fits):
        line = text[starts[i] : ends[i]].decode("utf-8", "replace").rstrip("\r")
        if line.strip():
            odd.append((int(numbers[i]), line))
    if fits.all():
        return Block(text, numbers, odd), n
    lengths = np.minimum(ends + 1, len(data)) - starts
    good = data[np.repeat(fits, lengths)].tobytes()
    return Block(good, numbers[fits], odd), n
