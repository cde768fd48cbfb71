"""Milepost's own live messages: NDJSON, one JSON object a line, named as the record's columns.

``type`` says the table: ``fix``, ``presence`` or ``device_event``. A place is ``lat`` and ``lon`` in
degrees, or ``lat_e7`` and ``lon_e7``; a time is ISO 8601 with its offset, or ``*_epoch_us``.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from milepost.json_nesting import NestedTooDeep, read_json
from milepost.tracks.formats.json_text import DEEP_REMEDY
from milepost.tracks.formats.messages import Collected, Raw, as_text, decode, read_message, read_text
from milepost.tracks.formats.settle import Context
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, Signals, Source

TABLES = {"fix": FIXES, "presence": PRESENCE, "device_event": DEVICE_EVENTS}
ALSO = frozenset({"recorded_at_epoch_us", "received_at_epoch_us"})
OF_A_FIX = frozenset({"lat", "lon", "valid", "mock"})
"""``valid`` and ``mock`` are true or false: what the device itself says of its position."""
KNOWN = {
    kind: frozenset(schema.names) | ALSO | (OF_A_FIX if kind == "fix" else frozenset())
    for kind, schema in TABLES.items()
}
NEEDED = {"fix": (), "presence": ("state",), "device_event": ("kind",)}
MOST_FIELDS = 100
"""Of one line. The record has some twenty, and each that is not known is told by name."""
RENAMED = {"state": "presence", "kind": "event"}
"""The record's name to the column map's: elsewhere "state" and "kind" may mean anything."""


def collect(raw: Raw, out: Collected) -> None:
    """Keeps the rows of ``raw`` in ``out``; a line that makes none is reported by its number."""
    if isinstance(raw, bytes):
        raw = decode(raw)
    lines = raw.split("\n") if isinstance(raw, str) else raw if isinstance(raw, list) else [raw]
    for number, line in enumerate(lines, 1):
        if out.is_too_many:
            return
        item = line
        if isinstance(line, str):
            if not line.strip():
                continue
            try:
                item = read_json(line)
            except NestedTooDeep:
                out.bad(number, None, "Brackets are nested too deep", DEEP_REMEDY, line[:80])
                continue
            except ValueError:
                out.bad(number, None, "This line is not JSON", "Write one whole object a line.", line[:80])
                continue
        if isinstance(item, dict):
            _row(item, number, out)
        else:
            out.bad(number, None, "This line is not a JSON object", "Write one object a line.", item)


def _row(item: dict[str, object], number: int, out: Collected) -> None:
    if len(item) > MOST_FIELDS:
        out.bad(number, None, f"The row has more than {MOST_FIELDS} fields", "Give the fields of its kind.")
        return
    kind = item.get("type")
    if not isinstance(kind, str) or kind not in TABLES:
        out.bad(number, "type", "The kind of signal is not known", f"Use {', '.join(TABLES)}.", kind)
        return
    for name in NEEDED[kind]:
        if item.get(name) is None:
            out.bad(number, name, f"A {kind} needs this field", f"Give {name}.")
            return
    row: dict[str, object] = {}
    for name, value in item.items():
        if name == "payload_ref":
            continue  # where the message is kept is for its reader to say
        if name in KNOWN[kind]:
            row[RENAMED.get(name, name)] = value
            if name in ("lat_e7", "lon_e7"):  # one column of degrees, whichever way each line says it
                row.setdefault(name[:3], _degrees(row.pop(name)))
        elif name != "type":
            out.warn(
                number,
                as_text(name)[:80],
                f"A {kind} has no such field; it was left out",
                f"Use {', '.join(sorted(KNOWN[kind]))}.",
                value,
            )
    if kind == "fix" and row.get("lat") is None and row.get("lon") is None:
        out.bad(number, "lat", "The row has no position", "Give lat and lon.")
        return
    out.keep(number, row)


def _degrees(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value / 1e7 if is_number and abs(value) < 1e12 else value  # type: ignore[operator, arg-type]


def read(
    path: Path,
    *,
    context: Context | None = None,
    device_id: str | None = None,
    source_is: Source = Source.UNKNOWN,
) -> Signals:
    """A file of one object a line; also one object, or an array of them, written over lines."""
    text = read_text(path)
    out = Collected(path.name, context or Context.of(), device_id, source_is)
    try:
        whole = read_json(text)
    except (NestedTooDeep, ValueError):
        whole = text
    collect(whole if isinstance(whole, dict | list) else text, out)
    return out.finish()


parse_message = partial(read_message, collect, source_is=Source.UNKNOWN)
