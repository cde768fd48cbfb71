"""Messages (JSON objects, query strings, track points) on their way to rows.

A reader says what each message means with the names of a column map, units included
(``speed_knots``, ``recorded_at_epoch_s``); the numbers, times and checks are then those of every format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from milepost.problems import Problem, UnreadableFile, storable_text
from milepost.tracks.formats.columns import TIMES, ColumnMap
from milepost.tracks.formats.convert import convert
from milepost.tracks.formats.rows import Rows
from milepost.tracks.formats.settle import Context, settle
from milepost.tracks.record import Signals, Source

Value = object
RECEIVED = frozenset(name for name in TIMES if name.startswith("received_at"))
Raw = bytes | str | Mapping[str, object] | list[object]
"""A message as it arrived: text, or JSON that somebody parsed already."""
Where = int | str
"""Which row something is, for a person who looks for it: its number, or ``row 3, position 7``."""


@dataclass(slots=True)
class Collected:
    """Rows made of messages so far. ``device_id`` and ``source_is`` fill in what messages do not say;
    ``received_at_utc`` is when they arrived, for messages that do not say that either."""

    source: str
    context: Context
    device_id: str | None = None
    source_is: Source = Source.UNKNOWN
    received_at_utc: datetime | None = None
    payload_ref: str | None = None
    columns: ColumnMap = field(default_factory=ColumnMap)
    rows: list[dict[str, str]] = field(default_factory=list)
    numbers: list[Where] = field(default_factory=list)
    n_bad: int = 0
    most: int | None = None
    """So many parts, good and bad, are read and no more. None: as many as there are (a file)."""
    is_one_message: bool = False
    """The whole text is one JSON object, so what it holds is numbered by itself."""
    line: int = 0
    on_line: int = 0
    received_text: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.received_text = None if self.received_at_utc is None else self.received_at_utc.isoformat()

    @property
    def is_too_many(self) -> bool:
        return self.most is not None and len(self.rows) + self.n_bad > self.most

    def place_on(self, line: int) -> Where:
        """Where the next element of an XML file is: its line, and which it is of those that open on that line."""
        self.on_line = self.on_line + 1 if line == self.line else 1
        self.line = line
        return line if self.on_line == 1 else position_in(line, self.on_line)

    def keep(self, number: Where, row: Mapping[str, Value]) -> None:
        """One row of the record: fields by column-map name, values as the message has them."""
        said = {name: as_text(value) for name, value in row.items() if value is not None}
        if not said.get("device_id") and self.device_id is not None:
            said["device_id"] = self.device_id
        if self.received_text is not None and said.keys().isdisjoint(RECEIVED):
            said["received_at_utc"] = self.received_text
        said.setdefault("payload_ref", self.payload_ref or f"{self.source}:{number}")
        self.rows.append(said)
        self.numbers.append(number)

    def bad(
        self, number: Where | None, name: str | None, message: str, remedy: str, value: Value = None
    ) -> None:
        """A message, or a part of one, that makes no row."""
        self.n_bad += 1
        shown = None if value is None else as_text(value)
        self.context.problems.add(Problem(self.source, number, name, message, remedy, shown))

    def warn(
        self, number: Where | None, name: str | None, message: str, remedy: str, value: Value = None
    ) -> None:
        shown = None if value is None else as_text(value)
        self.context.problems.add(Problem(self.source, number, name, message, remedy, shown, "warning"))

    def require_times(self) -> None:
        """Raises ``UnreadableFile`` if there are places and not one says a time: formats of tracks also hold
        streets, areas and planned routes."""
        if self.rows and not any(name.startswith("recorded_at") for row in self.rows for name in row):
            message = "No place in this file says when somebody was there: it holds no signals"
            remedy = "Give tracks with times. A map of streets or areas is not read here."
            raise UnreadableFile(Problem(self.source, None, "recorded_at_utc", message, remedy))

    def finish(self) -> Signals:
        """The tables of everything kept. ``n_rows_read`` counts rows kept and messages in error."""
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        frame = pl.DataFrame(
            {name: [row.get(name) for row in self.rows] for name in names},
            schema=dict.fromkeys(names, pl.String),
        )
        # Numbers and words beside one another: numpy would make words of all of them.
        is_words = any(isinstance(number, str) for number in self.numbers)
        numbers = np.array(self.numbers, dtype=object if is_words else np.int64)
        rows = Rows(frame, numbers, self.source, self.context.problems)
        if frame.height:
            columns = ColumnMap(
                time_zone=self.columns.time_zone,
                time_format=self.columns.time_format,
                source_is=self.source_is,
                hdop_metres=self.columns.hdop_metres,
            )
            convert(rows, {name: name for name in names}, columns)
        signals = settle(rows, self.context)
        signals.n_rows_read += self.n_bad
        return signals


Collect = Callable[[Raw, Collected], None]
"""How a format keeps the rows of a text in what is collected, and reports there what makes none."""


def read_file(
    collect: Collect,
    path: Path,
    *,
    context: Context | None = None,
    device_id: str | None = None,
    source_is: Source = Source.UNKNOWN,
) -> Signals:
    """A file of messages of the format that ``collect`` reads."""
    out = Collected(path.name, context or Context.of(), device_id, source_is)
    collect(read_text(path), out)
    return out.finish()


def read_message(
    collect: Collect,
    raw: Raw,
    *,
    device_id: str | None = None,
    received_at_utc: datetime | None = None,
    context: Context | None = None,
    source_is: Source = Source.UNKNOWN,
) -> Signals:
    """One message as its sender sends it. ``received_at_utc`` stands in where it does not say when it came."""
    out = Collected(
        "message", context or Context.of(), device_id, source_is, received_at_utc, fingerprint(raw)
    )
    collect(raw, out)
    return out.finish()


def position_in(number: Where, n: int) -> str:
    """The name of the ``n``-th position (1 is the first) of a message, feature or line that holds several."""
    return f"row {number}, position {n}"


def as_text(value: Value) -> str:
    """A JSON value as the text a table would hold."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        try:
            return repr(value)
        except ValueError:  # an integer of thousands of digits
            return "too long a number"
    try:
        return json.dumps(value)[:200]
    except (TypeError, ValueError, RecursionError):
        return type(value).__name__


def unless_minus_one(value: Value) -> Value:
    """None for −1, which phones send for "not known" (Apple CLLocation.speed, .course)."""
    return None if isinstance(value, int | float) and not isinstance(value, bool) and value == -1 else value


def is_no(value: Value) -> bool:
    """Whether a device's flag is false, however it is written: false, 0, "0", "false", "no"."""
    return value is not None and as_text(value).strip().lower() in {"false", "0", "0.0", "no"}


def fingerprint(raw: Raw) -> str:
    """What identifies a message that came without a file: the SHA-256 of its bytes."""
    data = raw if isinstance(raw, bytes) else raw.encode("utf-8", "replace") if isinstance(raw, str) else b""
    if not isinstance(raw, bytes | str):
        data = json.dumps(raw, sort_keys=True, default=str).encode()
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def read_text(path: Path) -> str:
    """The text of a file, whatever its encoding. Raises ``UnreadableFile`` if it cannot be opened."""
    try:
        return decode(path.read_bytes())
    except OSError as error:
        problem = Problem(
            path.name, None, None, f"The file cannot be opened ({error.strerror})", "Check its name."
        )
        raise UnreadableFile(problem) from None


def decode(data: bytes) -> str:
    for mark, encoding in (
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xef\xbb\xbf", "utf-8"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
