"""Many small messages at once: what a service that takes single positions stores, and answers.

``parse_many`` gives the same rows and the same problems as ``parse_message`` of each format gives for
each message, in one set of tables, and says which rows came of which message. Beyond that it holds each
message against ``message_limits.toml`` and against the device that its sender has proved to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from milepost.problems import Problem, ProblemList, UnreadableFile
from milepost.tracks.formats import ndjson, osmand, overland, owntracks, traccar
from milepost.tracks.formats.arrow_message import parse_streams
from milepost.tracks.formats.join import join_tables
from milepost.tracks.formats.messages import Collect, Collected, fingerprint
from milepost.tracks.formats.quick import EMPTY, QuickTables
from milepost.tracks.formats.settle import Context
from milepost.tracks.limits import QualityLimits, default_limits
from milepost.tracks.message_limits import MessageLimits, default_message_limits
from milepost.tracks.record import Signals, Source

Format = Literal["osmand", "owntracks", "traccar", "overland", "ndjson", "arrow"]

READERS: dict[str, tuple[Collect, Source]] = {
    "osmand": (osmand.collect, Source.GPS),
    "owntracks": (owntracks.collect, Source.GPS),
    "traccar": (traccar.collect, Source.GPS),
    "overland": (overland.collect, Source.GPS),
    "ndjson": (ndjson.collect, Source.UNKNOWN),
}
"""How each text format is read, and how its positions are found where a message does not say."""

FORMATS = (*READERS, "arrow")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it arrived. ``raw``: the body, or the query string of a GET.

    ``device_id``: the device that the sender's token is for; None where the message is to say it.
    ``received_at_us``: when it arrived, microseconds since the epoch UTC. ``topic``: of MQTT (OwnTracks).
    """

    raw: bytes
    format: Format
    device_id: str | None
    received_at_us: int
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """What came of one message. The ranges are rows of the tables of ``ParsedMany.signals``.

    ``problems`` names row, field and remedy; the first hundred of a kind are kept. ``n_refused`` counts
    all rows (or parts) that were left out.
    """

    fixes: range
    presence: range
    device_events: range
    problems: tuple[Problem, ...]
    n_refused: int
    payload_ref: str

    @property
    def n_taken(self) -> int:
        return len(self.fixes) + len(self.presence) + len(self.device_events)

    @property
    def n_rows_read(self) -> int:
        """Rows taken and rows refused."""
        return self.n_taken + self.n_refused


@dataclass(frozen=True, slots=True)
class ParsedMany:
    """``signals``: one set of tables for all messages. ``messages``: one for each, in their order."""

    signals: Signals
    messages: tuple[ParsedMessage, ...]


def parse_many(
    messages: Sequence[Message],
    *,
    quality_limits: QualityLimits | None = None,
    message_limits: MessageLimits | None = None,
    now_us: int | None = None,
) -> ParsedMany:
    """Reads every message by itself: a bad one costs the others nothing, and never raises.

    ``now_us``: nothing can be recorded after it (as in ``Context``). Raises ``ValueError`` only for a
    ``format`` that is none of ``FORMATS``.
    """
    batch = _Batch(quality_limits or default_limits(), message_limits or default_message_limits(), now_us)
    parsed = tuple(batch.add(message) for message in messages)
    return ParsedMany(batch.finish(), parsed)


class _Batch:
    """Tables that grow message by message: quick rows are gathered, others come as tables of their own."""

    def __init__(self, quality: QualityLimits, limits: MessageLimits, now_us: int | None) -> None:
        self.quality = quality
        self.limits = limits
        self.now_us = now_us
        self.problems = ProblemList()
        self.n_rows_read = 0
        self.quick = QuickTables(quality, now_us)
        self.tables: tuple[list, list, list] = ([], [], [])
        self.rows = [0, 0, 0]

    def add(self, message: Message) -> ParsedMessage:
        if message.format not in FORMATS:
            raise ValueError(f"{message.format!r} is no format of live messages: use {', '.join(FORMATS)}")
        problems = ProblemList()
        context = Context(problems, self.quality, self.now_us)
        payload_ref = fingerprint(message.raw)
        counts = (0, 0, 0)
        if not self._refuse_whole(message, problems):
            if message.format == "arrow":
                counts = self._add_tables(self._read_arrow(message, context, payload_ref))
            else:
                counts = self._read_text(message, context, payload_ref)
        fixes, presence, device_events = (
            range(start, start + count) for start, count in zip(self.rows, counts, strict=True)
        )
        self.rows = [fixes.stop, presence.stop, device_events.stop]
        n_refused = 0
        if problems:
            self.problems.merge(problems)
            n_refused = problems.n_errors
        self.n_rows_read += sum(counts) + n_refused
        told = tuple(problems.problems)
        return ParsedMessage(fixes, presence, device_events, told, n_refused, payload_ref)

    def finish(self) -> Signals:
        self._flush()
        return Signals(
            join_tables(self.tables[0], EMPTY["fixes"]),
            join_tables(self.tables[1], EMPTY["presence"]),
            join_tables(self.tables[2], EMPTY["device_events"]),
            self.problems,
            self.n_rows_read,
        )

    def _refuse_whole(self, message: Message, problems: ProblemList) -> bool:
        if len(message.raw) > self.limits.max_bytes:
            problems.add(
                Problem("message", None, None, f"The message is larger than {self.limits.max_bytes} bytes",
                        "Send fewer rows in each message.", str(len(message.raw)))
            )  # fmt: skip
        elif not message.raw.strip():
            problems.add(Problem("message", None, None, "The message is empty", "Send at least one row."))
        return bool(problems)

    def _read_text(self, message: Message, context: Context, payload_ref: str) -> tuple[int, int, int]:
        collect, source_is = READERS[message.format]
        device_id = message.device_id
        if device_id is None and message.topic and message.format == "owntracks":
            device_id = owntracks.device_of_topic(message.topic)
        received = _EPOCH + timedelta(microseconds=message.received_at_us)
        most = self.limits.max_rows
        out = Collected("message", context, device_id, source_is, received, payload_ref, most=most)
        collect(message.raw, out)
        if out.is_too_many:
            found, out.rows, out.numbers = len(out.rows), [], []
            out.bad(None, None, f"The message holds more than {self.limits.max_rows} rows",
                    "Send fewer rows in each message.", found)  # fmt: skip
        self._hold_against_limits(out, message.device_id)
        # A problem that the reader told already does not make the other rows doubtful.
        counts = self.quick.take(out)
        return counts if counts is not None else self._add_tables(out.finish())

    def _hold_against_limits(self, out: Collected, device_id: str | None) -> None:
        """Refuses rows of another device than the token's, and ids that are too long."""
        most_id, most_code = self.limits.max_id_characters, self.limits.max_code_characters
        refused: set[int] = set()
        for i, said in enumerate(out.rows):
            number = out.numbers[i]
            long = next((n for n in ("device_id", "tag_id", "unit") if len(said.get(n, "")) > most_id), None)
            if long is not None:
                out.bad(number, long, f"This is longer than {most_id} characters", "Shorten it.",
                        said[long][:80])  # fmt: skip
                refused.add(i)
                continue
            if len(said.get("raw_code", "")) > most_code:
                out.warn(number, "raw_code", f"This is longer than {most_code} characters; it was cut",
                         "Send a short code.", said["raw_code"][:80])  # fmt: skip
                said["raw_code"] = said["raw_code"][:most_code]
            if device_id is None or said.get("device_id") == device_id:
                continue
            own = said.get("device_id", "").strip()
            # OwnTracks names a device "user/device"; the register may know it by the device alone.
            if own == device_id or own.endswith(f"/{device_id}"):
                said["device_id"] = device_id
                continue
            out.bad(number, "device_id", f"This token is for device {device_id}",
                    "Use the token of the device that the row names, or correct the row.", own)  # fmt: skip
            refused.add(i)
        if refused:
            out.rows = [said for i, said in enumerate(out.rows) if i not in refused]
            out.numbers = [number for i, number in enumerate(out.numbers) if i not in refused]

    def _read_arrow(self, message: Message, context: Context, payload_ref: str) -> Signals:
        try:
            return parse_streams(
                message.raw,
                context,
                self.limits,
                device_id=message.device_id,
                received_at_us=message.received_at_us,
                payload_ref=payload_ref,
            )
        except UnreadableFile as error:
            context.problems.add(error.problem)
            return Signals(problems=context.problems)

    def _add_tables(self, signals: Signals) -> tuple[int, int, int]:
        self._flush()
        found = (signals.fixes, signals.presence, signals.device_events)
        for tables, table in zip(self.tables, found, strict=True):
            if table.num_rows:
                tables.append(table)
        return signals.fixes.num_rows, signals.presence.num_rows, signals.device_events.num_rows

    def _flush(self) -> None:
        if self.quick:
            for tables, table in zip(self.tables, self.quick.flush(), strict=True):
                if table.num_rows:
                    tables.append(table)
