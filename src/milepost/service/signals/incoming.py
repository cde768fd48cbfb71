"""A message on its way in and what becomes of it; reading many of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from milepost.problems import Problem
from milepost.service.signals.columns import KINDS
from milepost.service.signals.policy_data import limits
from milepost.service.signals.tokens import Pass
from milepost.tracks.message_limits import MessageLimits
from milepost.tracks.messages import Format, Message, ParsedMessage, parse_many
from milepost.tracks.record import Signals

NO_ROWS = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as it came. ``batch_key``: its sender's own name for it, if it must be told apart."""

    raw: bytes
    format: Format
    received_us: int
    door: str
    """How it came in: "http", "mqtt" or "replay"."""
    token: Pass | None = None
    device_id: str = ""
    """The device that the sender has proved to be; empty for a gateway."""
    device_prefix: str = ""
    topic: str | None = None
    batch_key: str | None = None
    large: bool = False
    """A batch of many rows, held against the limits of batches."""


@dataclass(slots=True)
class Outcome:
    """What its sender is told."""

    accepted: int = 0
    repeated: int = 0
    quarantined: int = 0
    """Rows that were not taken and are kept, with what is wrong, for a person to see to."""
    ignored: int = 0
    """Messages that hold no signal by design (OwnTracks cards, way points, status)."""
    foreign: int = 0
    """Of the quarantined: rows of devices that the token does not speak for."""
    problems: list[dict[str, Any]] = field(default_factory=list)
    unknown_devices: list[str] = field(default_factory=list)
    """Devices that are not on the register: their signals are kept all the same."""
    delivery: int | None = None
    batch_repeated: bool = False


@dataclass(slots=True)
class Read:
    """One incoming message after reading: which rows of the group's tables are its own, what was wrong."""

    incoming: Incoming
    rows: dict[str, np.ndarray]
    """Under the names of the fields of ``Signals``: indices of rows."""
    problems: list[dict[str, Any]]
    n_refused: int
    n_ignored: int
    n_foreign: int
    devices: set[str]


def read_group(group: Sequence[Incoming]) -> tuple[Signals, list[Read]]:
    """Reads all messages into one set of tables. Never raises for what is in a message."""
    sizes, text = limits().sizes, limits().text
    large = any(item.large for item in group)
    held_against = MessageLimits(
        max_bytes=sizes.batch_bytes if large else sizes.message_bytes,
        max_rows=sizes.batch_rows if large else sizes.message_rows,
        max_unpacked_bytes=sizes.unpacked_bytes,
        max_id_characters=text.id_characters,
        max_code_characters=text.code_characters,
    )
    messages = [
        Message(item.raw, item.format, item.device_id or None, item.received_us, item.topic) for item in group
    ]
    parsed = parse_many(
        messages, message_limits=held_against, now_us=max((item.received_us for item in group), default=0)
    )
    tables = {kind.record: getattr(parsed.signals, kind.record) for kind in KINDS}
    devices = {name: _devices(table) for name, table in tables.items()}
    keep = {name: np.ones(table.num_rows, dtype=bool) for name, table in tables.items()}
    reads = [
        _read(item, outcome, devices, keep) for item, outcome in zip(group, parsed.messages, strict=True)
    ]
    signals = Signals(problems=parsed.signals.problems)
    for name, table in tables.items():
        if keep[name].all():
            setattr(signals, name, table)
            continue
        setattr(signals, name, table.filter(pa.array(keep[name])))
        moved = np.cumsum(keep[name]) - 1
        for read in reads:
            read.rows[name] = moved[read.rows[name]]
    signals.n_rows_read = parsed.signals.n_rows_read
    return signals, reads


def _devices(table: pa.Table) -> list[str]:
    return table.column("device_id").cast(pa.string()).to_pylist() if table.num_rows else []


def _read(
    item: Incoming, parsed: ParsedMessage, devices: dict[str, list[str]], keep: dict[str, np.ndarray]
) -> Read:
    rows: dict[str, np.ndarray] = {}
    named: set[str] = set()
    foreign: list[str] = []
    for name, span in (
        ("fixes", parsed.fixes),
        ("presence", parsed.presence),
        ("device_events", parsed.device_events),
    ):
        if not span:
            rows[name] = NO_ROWS
            continue
        own = np.arange(span.start, span.stop)
        speaks = [_may_speak(item, devices[name][i]) for i in span]
        if not all(speaks):
            good = np.array(speaks, dtype=bool)
            foreign += [devices[name][i] for i in own[~good]]
            keep[name][own[~good]] = False
            own = own[good]
        rows[name] = own
        named.update(devices[name][i] for i in own.tolist())
    told = [as_dict(problem) for problem in parsed.problems]
    n_ignored = sum(_holds_no_signal(item, problem) for problem in parsed.problems)
    n_foreign = len(foreign) + sum(
        p.field == "device_id" and p.message.startswith("This token is for") for p in parsed.problems
    )
    for device in sorted(set(foreign)):
        told.append(
            {
                "row": None, "field": "device_id", "severity": "error",
                "message": f"This token does not speak for device {device}",
                "remedy": f"Its devices begin with {item.device_prefix}. Use the token of the other gateway.",
            }
        )  # fmt: skip
    refused = parsed.n_refused + len(foreign) - n_ignored
    return Read(item, rows, told, refused, n_ignored, n_foreign, named)


def _may_speak(item: Incoming, device_id: str) -> bool:
    if item.device_id:
        return device_id == item.device_id
    return device_id.startswith(item.device_prefix)


def _holds_no_signal(item: Incoming, problem: Problem) -> bool:
    """OwnTracks apps send cards, way points and more as a matter of course: nothing to keep, nothing to mend.

    An encrypted message is another matter: it holds a position that we cannot read.
    """
    return (
        item.format == "owntracks"
        and problem.field == "_type"
        and problem.value in {"card", "waypoint", "waypoints", "status", "steps", "cmd", "configuration",
                              "dump", "beacon", "request"}
    )  # fmt: skip


def as_dict(problem: Problem) -> dict[str, Any]:
    """A problem as it is told and kept. The value stays in the raw message: it may be a position."""
    return {
        "row": problem.row,
        "field": problem.field,
        "message": problem.message.replace("\x00", ""),
        "remedy": problem.remedy,
        "severity": problem.severity,
    }


def bad_lines(
    raw: bytes, problems: list[dict[str, Any]], n_refused: int
) -> tuple[bytes, list[dict[str, Any]]]:
    """Of a batch of lines, those that were refused, so that one bad line does not keep 28,000 good ones twice.

    Gives all of it back where it is not sure which lines they are.
    """
    errors = [p for p in problems if p["severity"] == "error"]
    numbers = sorted({p["row"] for p in errors if isinstance(p["row"], int)})
    if len(errors) != n_refused or any(not isinstance(p["row"], int) for p in errors):
        return raw, problems
    lines = raw.split(b"\n")
    place = {number: at for at, number in enumerate(numbers, 1)}
    kept = [{**p, "row": place[p["row"]], "batch_row": p["row"]} for p in problems if p["row"] in place]
    return b"\n".join(lines[n - 1] for n in numbers if n <= len(lines)), kept
