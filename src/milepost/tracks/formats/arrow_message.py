"""Arrow IPC streams as live messages: the record's own columns, checked as strictly as any stranger's.

A message is one stream or several end to end, each one table. The schema's metadata may say which
(``kind``: ``fix``, ``presence`` or ``device_event``); without it the columns do.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
import pyarrow as pa

from milepost.problems import Problem
from milepost.tracks.formats.arrow import bring_times_into_the_calendar, check_text_of_schema, plain_frame
from milepost.tracks.formats.arrow_sizes import plain_bytes, unpacked_bytes
from milepost.tracks.formats.columns import ColumnMap
from milepost.tracks.formats.convert import convert
from milepost.tracks.formats.join import join_signals
from milepost.tracks.formats.ndjson import TABLES
from milepost.tracks.formats.rows import Rows
from milepost.tracks.formats.settle import Context, settle
from milepost.tracks.message_limits import MessageLimits
from milepost.tracks.record import Signals, Source

NEEDED = {
    "fix": ("recorded_at_utc", "lon_e7", "lat_e7"),
    "presence": ("recorded_at_utc", "state"),
    "device_event": ("recorded_at_utc", "kind"),
}
KIND = b"kind"
MOST_STREAMS, MOST_MESSAGES, MOST_COLUMNS = 100, 10_000, 100
"""Of one message. A gateway sends three streams; the record has some twenty columns; a batch of one row is already
foolish. Each costs time whatever is in it."""


def parse_streams(
    raw: bytes,
    context: Context,
    limits: MessageLimits,
    *,
    device_id: str | None,
    received_at_us: int | None,
    payload_ref: str,
    source_is: Source = Source.UNKNOWN,
) -> Signals:
    """The rows of every stream in ``raw``. A stream that does not fit the record's schema gives one
    problem for each field that is wrong, and no rows; the streams before and after it are read.

    ``device_id``: whose message it is; rows of another device are refused. It stands in for a missing
    column. ``received_at_us``: when it arrived, where a row does not say.
    """
    parts: list[Signals] = []
    done = 0
    for number, table in enumerate(_streams(raw, context, limits), 1):
        if table is None:
            parts.append(Signals(problems=context.problems, n_rows_read=1))
            continue
        if done + table.num_rows > limits.max_rows:
            context.problems.add(
                Problem("message", None, None, f"The message holds more than {limits.max_rows} rows",
                        "Send fewer rows in each message.", str(done + table.num_rows))
            )  # fmt: skip
            return Signals(problems=context.problems, n_rows_read=1)
        kind = _kind_of(table, number, context)
        if kind is None:
            parts.append(Signals(problems=context.problems))
            continue
        rows = _rows(table, kind, done, context, device_id, received_at_us, payload_ref)
        done += table.num_rows
        if rows is None:
            continue
        _refuse_strangers(rows, device_id, limits)
        names = {name: name for name in rows.frame.columns}
        parts.append(settle(convert(rows, names, ColumnMap(source_is=source_is)), context))
    whole = join_signals(parts, context.problems)
    whole.n_rows_read = whole.n_rows + context.problems.n_errors
    return whole


def _streams(raw: bytes, context: Context, limits: MessageLimits) -> Iterator[pa.Table | None]:
    """Each stream's table; None once for what cannot be read, which ends the message."""
    source = pa.BufferReader(raw)
    budget, n_streams = limits.max_unpacked_bytes, 0
    while source.tell() < len(raw):
        n_streams += 1
        try:
            if n_streams > MOST_STREAMS:
                raise _TooMuch(f"more than {MOST_STREAMS} streams")
            began = source.tell()
            budget -= _hold_against(source, budget, limits)
            source.seek(began)
            table = pa.ipc.open_stream(source).read_all()
            table.validate(full=True)
            check_text_of_schema(table.schema)
            budget -= plain_bytes(table)
            if budget < 0:
                raise _TooMuch(
                    f"more than {limits.max_unpacked_bytes} bytes once every row holds its own text"
                )
        except _TooMuch as error:
            context.problems.add(
                Problem("message", None, None, f"The message holds {error}", "Send it in parts.")
            )
            yield None
            return
        except (pa.ArrowException, OSError, ValueError) as error:
            context.problems.add(
                Problem("message", None, None, "This is not an Arrow IPC stream",
                        "Send the stream format, uncompressed by anything outside it.", str(error)[:200])
            )  # fmt: skip
            yield None
            return
        yield table


class _TooMuch(Exception):
    """A small message that asks for a lot: refused before any of it is unpacked."""


def _hold_against(source: pa.BufferReader, budget: int, limits: MessageLimits) -> int:
    """How many bytes the next stream takes once it is unpacked. Raises ``_TooMuch``; unpacks nothing."""
    whole, n_messages = 0, 0
    reader = pa.ipc.MessageReader.open_stream(source)
    while True:
        try:
            message = reader.read_next_message()
        except StopIteration:
            return whole
        n_messages += 1
        whole += unpacked_bytes(message)
        if whole > budget:
            raise _TooMuch(f"more than {limits.max_unpacked_bytes} bytes once it is unpacked")
        if n_messages > MOST_MESSAGES:
            raise _TooMuch(f"more than {MOST_MESSAGES} record batches")
        if n_messages == 1 and message.type == "schema":
            n_columns = len(pa.ipc.read_schema(message).names)
            if n_columns > MOST_COLUMNS:
                raise _TooMuch(f"more than {MOST_COLUMNS} columns")


def _kind_of(table: pa.Table, number: int, context: Context) -> str | None:
    """Which table this is, or None if its schema does not fit: each field at fault is named."""

    def bad(field: str | None, message: str, remedy: str, value: str | None = None) -> None:
        where = f"stream {number}"
        context.problems.add(Problem("message", where, field, message, remedy, value))

    names = table.column_names
    said = (table.schema.metadata or {}).get(KIND)
    if said is not None:
        kind = said.decode("utf-8", "replace")
        if kind not in TABLES:
            bad("kind", "The kind of this stream is not known", f"Use {', '.join(TABLES)}.", kind)
            return None
    else:
        kind = "device_event" if "kind" in names else "presence" if "state" in names else "fix"
    schema, fits = TABLES[kind], True
    for name in NEEDED[kind]:
        if name not in names:
            bad(
                name, f"A stream of kind {kind} needs this column", f"Add {name} ({schema.field(name).type})."
            )
            fits = False
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            bad(name, "Two columns have this name", "Give each column its own name.")
            fits = False
        elif name not in schema.names:
            bad(name, f"A stream of kind {kind} has no such column", f"Use {', '.join(schema.names)}.")
            fits = False
        elif not _fits(table.schema.field(name).type, schema.field(name).type):
            wanted = schema.field(name).type
            bad(name, f"The column is not of type {wanted}", f"Send it as {wanted}.",
                str(table.schema.field(name).type))  # fmt: skip
            fits = False
    return kind if fits else None


def _fits(given: pa.DataType, wanted: pa.DataType) -> bool:
    """The record's type, or one that holds the same values: any text, any number, a time with its zone."""
    if given == wanted or pa.types.is_null(given):
        return True
    if pa.types.is_dictionary(given):
        given = given.value_type
    if pa.types.is_dictionary(wanted) or pa.types.is_string(wanted):
        return bool(pa.types.is_string(given) or pa.types.is_large_string(given))
    if pa.types.is_timestamp(wanted):
        return bool(pa.types.is_timestamp(given) and given.tz is not None)
    if pa.types.is_floating(wanted):
        return bool(pa.types.is_floating(given) or pa.types.is_integer(given))
    return bool(pa.types.is_integer(wanted) and pa.types.is_integer(given))


def _rows(
    table: pa.Table,
    kind: str,
    before: int,
    context: Context,
    device_id: str | None,
    received_at_us: int | None,
    payload_ref: str,
) -> Rows | None:
    if not table.num_rows:
        return None
    table, beyond = bring_times_into_the_calendar(table)
    frame = plain_frame(table, "message")
    numbers = np.arange(before + 1, before + 1 + frame.height)
    rows = Rows(frame, numbers, "message", context.problems)
    for name, mask in beyond.items():
        rows.warn(mask, name, "This time is beyond any calendar; taken as not said", "Check its unit.")
    if device_id is not None:
        device = frame["device_id"].cast(pl.String) if "device_id" in frame.columns else None
        filled = (
            pl.repeat(device_id, frame.height, eager=True) if device is None else device.fill_null(device_id)
        )
        rows.put(filled.alias("device_id"))
    if received_at_us is not None:
        arrived = pl.repeat(received_at_us, frame.height, dtype=pl.Int64, eager=True)
        arrived = arrived.cast(pl.Datetime("us", "UTC"))
        if "received_at_utc" in rows.frame.columns:
            own = rows.frame["received_at_utc"].cast(pl.Datetime("us", "UTC"))
            arrived = own.zip_with(own.is_not_null(), arrived)
        rows.put(arrived.alias("received_at_utc"))
    # Where the message is kept is for its reader to say, so a column of the sender's is not used.
    rows.put(pl.repeat(payload_ref, frame.height, eager=True).alias("payload_ref"))
    if kind != "fix":
        # ``state`` and ``kind`` are the record's words here, whatever else the frame holds.
        rows.frame = rows.frame.rename(
            {theirs: ours for theirs, ours in (("state", "presence"), ("kind", "event")) if rows.has(theirs)}
        )
        for name in ("presence", "event"):
            if rows.has(name):
                rows.reject(rows.frame[name].is_null().to_numpy(), name, "The row has no value", "Give it.")
    return rows


def _refuse_strangers(rows: Rows, device_id: str | None, limits: MessageLimits) -> None:
    for name in ("device_id", "tag_id", "unit"):
        if rows.has(name) and rows.frame[name].dtype == pl.String:
            rows.reject(
                (rows.frame[name].str.len_chars() > limits.max_id_characters).fill_null(False).to_numpy(),
                name,
                f"This is longer than {limits.max_id_characters} characters",
                "Shorten it.",
            )
    if device_id is not None:
        stranger = (rows.frame["device_id"].str.strip_chars() != device_id).fill_null(False).to_numpy()
        rows.reject(
            stranger,
            "device_id",
            f"This token is for device {device_id}",
            "Use the token of the device that the row names, or correct the row.",
        )
