"""JSON messages out of text: one object, an array, or one object per line; whole or cut off."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence

from milepost.json_nesting import DEEPEST, is_too_deep
from milepost.tracks.formats.messages import Collected, Raw, Where, decode, position_in

SKIP = re.compile(r"[\s,\[\]\x1e]*")  # \x1e: RFC 8142, GeoJSON text sequences
DEEP_REMEDY = f"No message needs more than {DEEPEST} levels: send positions, not brackets."
LINE_REMEDY = "Each message must be complete JSON; it may be cut off here."


def messages(raw: Raw, out: Collected) -> Iterator[tuple[int, dict[str, object]]]:
    """Each object with its number: its place in an array, or its line where there is one per line.

    What is not an object is reported to ``out`` and skipped.
    """
    if isinstance(raw, dict):
        out.is_one_message = True
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
    out.is_one_message = isinstance(raw, dict)
    for number, item in enumerate(raw if isinstance(raw, list) else [raw], 1):
        if isinstance(item, dict):
            yield number, item
        else:
            out.bad(number, None, "This is not a JSON object", "Give one object per message.", item)
        if out.is_too_many:
            return


def parts(
    raw: Raw, out: Collected, split: Callable[[dict[str, object]], Sequence[object] | None]
) -> Iterator[tuple[Where, dict[str, object], object]]:
    """Each part of each message, with where it is and the message: one message may hold several positions.

    ``split`` gives the list of parts that a message holds, None if it is one by itself. A part is named by its
    place in that list (1 is the first), after the number of its message where there are several.
    """
    for number, message in messages(raw, out):
        inside = split(message)
        if inside is None:
            yield number, message, message
            continue
        for n, part in enumerate(inside, 1):
            if out.is_too_many:
                return
            yield n if out.is_one_message else position_in(number, n), message, part


def _scan(text: str, out: Collected) -> Iterator[tuple[int, dict[str, object]]]:
    """One value after another from text that is not one JSON value, going on at the next line after
    whatever cannot be understood."""
    decoder = json.JSONDecoder()
    at, line, counted, found_any = 0, 1, 0, False
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
            whole, broken = _whole_of(text, at, decoder)
            following = (_after_object if text[at] == "{" else _next_line)(text, broken)
            message = "This is not JSON"
            if whole:
                out.is_one_message = following is None and not text[:at].strip()
                yield line, whole
                line += text.count("\n", at, broken)
                counted = broken
                message = "The JSON is cut off or broken here; what came before was read"
            out.bad(line, None, message, LINE_REMEDY, text[broken : broken + 80])
            if following is None:
                return
            at = following.end()
            continue
        if isinstance(item, dict):
            yield line, item
        else:
            out.bad(line, None, "This is not a JSON object", "Give one object per message.", item)


_next_line = re.compile(r"\n").search
_after_object = re.compile(r"\n(?=[^\s\"}\]])|\n[^\S\n]*(?=\{)").search
"""Where to go on after a broken object: not within it, if it was written over several lines. No part of it looks beyond
its own line: over empty lines that would take the square of their number."""


def _whole_of(text: str, at: int, decoder: json.JSONDecoder) -> tuple[dict[str, object], int]:
    """What is whole of an object that is not, and where it breaks: its members, and of a list of objects those
    that came before the break. Nothing, if it holds no such list: half a message says nothing for sure.
    """
    found: dict[str, object] = {}
    if not text.startswith("{", at):
        return {}, at
    begin, holds_list = at, False
    while True:
        key = _member(text, at + 1)
        if key is None:
            return (found, at) if holds_list else ({}, begin)
        start = key.end()
        try:
            found[key[1]], at = decoder.raw_decode(text, start)
            holds_list |= _is_of_objects(found[key[1]])
        except (ValueError, RecursionError):
            if text.startswith("[", start):
                items, at = _whole_items(text, start, decoder)
                found[key[1]] = items
                holds_list |= _is_of_objects(items)
            return (found, max(at, start)) if holds_list else ({}, begin)
        at = _space(text, at).end()  # type: ignore[union-attr]
        if not text.startswith(",", at):
            return (found, at) if holds_list else ({}, begin)


_space = re.compile(r"\s*").match
_member = re.compile(r'\s*"([^"\\]{0,100})"\s*:\s*').match


def _whole_items(text: str, at: int, decoder: json.JSONDecoder) -> tuple[list[object], int]:
    items: list[object] = []
    while True:
        start = _space(text, at + 1).end()  # type: ignore[union-attr]
        try:
            item, after = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            return items, start
        items.append(item)
        at = _space(text, after).end()  # type: ignore[union-attr]
        if not text.startswith(",", at):
            return items, at


def _is_of_objects(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def as_dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
