"""What OwnTracks' Recorder keeps and answers: ``.rec`` files and the JSON of its API.

A ``.rec`` file has one message a line: when it came (UTC), the topic below the device's own (``*`` for a
position), the message, with tabs between. The API wraps messages in ``data``. Source: OwnTracks Recorder,
doc/STORE.md and the README, "API".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from milepost.json_nesting import NestedTooDeep, read_json
from milepost.tracks.formats.json_text import DEEP_REMEDY
from milepost.tracks.formats.messages import Collected, Where

_starts_with_time = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\s*\t").match


def is_rec(text: str) -> bool:
    return _starts_with_time(text.lstrip("\ufeff \r\n")) is not None


def device_of_rec(path: Path) -> str | None:
    """``user/device`` of the Recorder's own folders, ``rec/<user>/<device>/2026-10.rec``; else None."""
    above = path.resolve().parents
    return f"{above[1].name}/{above[0].name}" if len(above) > 3 and above[2].name == "rec" else None


def rec_messages(text: str, out: Collected) -> Iterator[tuple[Where, dict[str, object]]]:
    """Each message of a ``.rec`` file with its line. A message without a time takes that of its line."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        parts = line.split("\t", 2)
        if len(parts) < 3 or not _starts_with_time(line.lstrip("\ufeff")):
            out.bad(
                number, None, "This is no line of a .rec file", "It should be: time, topic, message.", line
            )
            continue
        try:
            message = read_json(parts[2])
        except NestedTooDeep:
            out.bad(number, None, "Brackets are nested too deep", DEEP_REMEDY, line[:80])
            continue
        except ValueError:
            out.bad(
                number, None, "The message of this line is not JSON", "It may be cut off here.", line[:80]
            )
            continue
        if isinstance(message, dict):
            yield number, {"received": parts[0].strip().lstrip("\ufeff"), **message}
        else:
            out.bad(
                number, None, "The message of this line is not a JSON object", "Nothing to do.", line[:80]
            )


def answered(message: dict[str, object]) -> list[object] | None:
    """The messages of an answer of the API; None for a message by itself."""
    inside = message.get("data")
    return inside if isinstance(inside, list) and "_type" not in message else None
