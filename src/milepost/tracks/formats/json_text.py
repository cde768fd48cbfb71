"""JSON messages out of text: one object, an array, or one object per line; whole or cut off."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence

from milepost.json_nesting import DEEPEST, is_too_deep
from milepost.tracks.formats.messages import Collected, Raw, decode

SKIP = re.compile(r"[\s,\[\]\x1e]*")  # \x1e: RFC 8142, GeoJSON text sequences
DEEP_REMEDY = f"No message needs more than {DEEPEST} levels: send positions, not brackets."
LINE_REMEDY = "Each message must be complete JSON; it may be cut off here."


def messages(raw: Raw, out: Collected) -> Iterator[tuple[int, dict[str, object]]]:
    """Each object with its number: its place in an array, or its line where there is one per line.

    What is not an object is reported to ``out`` and skipped.
    """
    if isinstance(raw, dict):
        yield 1, raw
        return
    if isinstance(raw, bytes):
        raw = decode(raw)
    if isinstance(raw, str):
        if is_too_deep(raw):
            out.bad(None, None, "Brackets are nested too deep", DEEP_REMEDY, raw[:80])
            return
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            yield from _scan(str(raw), out)
            return
    for number, item in enumerate(raw if isinstance(raw, list) else [raw], 1):
        if isinstance(item, dict):
            yield number, item
        else:
            out.bad(number, None, "This is not a JSON object", "Give one object per message.", item)
        if out.is_too_many:
            return


def parts(
    raw: Raw, out: Collected, split: Callable[[dict[str, object]], Sequence[object]]
) -> Iterator[tuple[int, dict[str, object], object]]:
    """Each part of each message, with the message's number and the message: one message may hold several
    positions. ``split`` says what the parts of a message are."""
    for number, message in messages(raw, out):
        for part in split(message):
            yield number, message, part
            if out.is_too_many:
                return


def _scan(text: str, out: Collected) -> Iterator[tuple[int, dict[str, object]]]:
    """One value after another from text that is not one JSON value, going on at the next line after
    whatever cannot be understood."""
    decoder = json.JSONDecoder()
    start = re.search(r'"features"\s*:\s*\[', text)
    at = start.end() if start and text.lstrip().startswith("{") else 0
    line, counted, found_any = 1, 0, False
    while not out.is_too_many:
        found = SKIP.match(text, at)
        at = found.end() if found else at
        line += text.count("\n", counted, at)
        counted = at
        if at >= len(text):
            if not found_any:  # commas and brackets alone, left over from something: never taken for nothing
                out.bad(None, None, "This is not JSON", LINE_REMEDY, text[:80])
            return
        found_any = True
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = text.find("\n", at)
            out.bad(line, None, "This is not JSON", LINE_REMEDY, text[at : at + 80])
            if end < 0:
                return
            at = end + 1
            continue
        if isinstance(item, dict):
            yield line, item
        else:
            out.bad(line, None, "This is not a JSON object", "Give one object per message.", item)


def as_dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
