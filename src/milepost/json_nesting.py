"""How deep JSON may be nested: a file of nothing but brackets is small, and costs a reader its stack and minutes.

A reader that goes down by calling itself fails at a depth that nobody chose. This one is chosen, and far beyond any
format that is read here (an order file goes ten deep, GeoJSON eight).
"""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic_core import from_json

DEEPEST = 64
_SIGNS = re.compile(r'"(?:[^"\\]|\\.?)*+"?|[\[{]|[\]}]', re.DOTALL)
"""A text whole, so that brackets in it do not count; possessive, so that no text makes it go back and forth."""

_TEXT = re.compile(rb'"[^"]*"')
_SQUARE = bytes.maketrans(b"{}", b"[]")
_NO_SIGNS = bytes(set(range(256)) - set(b'"[]{}'))


class NestedTooDeep(ValueError):
    """Brackets within brackets, more than any reader here needs."""

    def __init__(self) -> None:
        super().__init__(f"brackets are nested more than {DEEPEST} deep")


def is_too_deep(text: str) -> bool:
    """Whether brackets are nested beyond ``DEEPEST``. Takes time in the length of the text, once."""
    if text.count("[") + text.count("{") <= DEEPEST or _is_plainly_shallow(text):
        return False
    depth = 0
    for found in _SIGNS.finditer(text):
        sign = found[0][0]
        if sign in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif sign in "]}":
            depth = max(depth - 1, 0)
    return False


def _is_plainly_shallow(text: str) -> bool:
    """Whether empty pairs of brackets, taken away again and again, leave nothing: a tenth of the time of going from
    sign to sign. What is no JSON leaves something."""
    signs = text.encode("utf-8", "surrogatepass")
    if b"\\" in signs:
        signs = signs.replace(b"\\\\", b"").replace(b'\\"', b"")
    signs = signs.translate(_SQUARE, delete=_NO_SIGNS).replace(b'""', b"")
    if b'"' in signs:  # a text with brackets in it
        signs = _TEXT.sub(b"", signs)
    for _ in range(DEEPEST):
        before = len(signs)
        signs = signs.replace(b"[]", b"")
        if len(signs) == before or (before > 10_000 and 16 * len(signs) > 15 * before):
            break  # slow to shrink, as no file is but one made to be slow
    return not signs


def read_json(text: str | bytes, **how: Any) -> Any:
    """``json.loads`` with a bound on nesting. ``how``: what it is told of what is no JSON, as ``parse_constant``.

    Raises:
        NestedTooDeep: a ``ValueError``, as is everything else that is no JSON.
    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text))
    if is_too_deep(text):
        raise NestedTooDeep
    try:
        # Reads what is right in half the time, and the same. Of what is wrong, or no JSON but usual (NaN), the other
        # parser says what it always said.
        return from_json(text, allow_inf_nan=False, cache_strings="all")
    except ValueError:
        pass
    try:
        return json.loads(text, **how)
    except RecursionError:  # a process that is deep in calls already
        raise NestedTooDeep from None
