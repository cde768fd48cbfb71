"""Parsed JSON whose every text can be printed and stored."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from milepost.orders.complaints import Complaints
from milepost.problems import storable_text

_MAY_BE_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def may_be_unstorable(text: str) -> bool:
    """Whether JSON text spells a NUL or half a character; a whole one in two halves is no reason to worry, but is
    not told apart here. Neither can be in text decoded from UTF-8 but by such a spelling."""
    return "\\" in text and _MAY_BE_UNSTORABLE.search(text) is not None


def make_storable(raw: Any, complaints: Complaints) -> Any:
    """Parsed JSON with every text storable (see ``storable_text``), with a warning if one was not.

    A copy only where something was replaced. Brackets may be nested as deep as the parser lets them.
    """
    replaced: list[str] = []

    def tidy(text: str) -> str:
        stored = storable_text(text)
        if stored != text:
            replaced.append(stored)
        return stored

    # A first look without a copy: most files hold nothing that must be replaced.
    if not _has_unstorable(raw):
        return raw
    result = _map_texts(raw, tidy)
    complaints.add(
        None, None, "holds characters that cannot be stored (NUL or half a character); each was replaced",
        "Export the file again", replaced[0] if replaced else None, "warning",
    )  # fmt: skip
    return result


def _has_unstorable(raw: Any) -> bool:
    waiting = [raw]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if storable_text(item) != item:
                return True
        elif isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False


def _map_texts(raw: Any, tidy: Callable[[str], str]) -> Any:
    holder: list[Any] = [raw]
    waiting: list[tuple[Any, Any]] = [(holder, 0)]
    while waiting:
        parent, key = waiting.pop()
        item = parent[key]
        if isinstance(item, str):
            parent[key] = tidy(item)
        elif isinstance(item, dict):
            parent[key] = {tidy(k) if isinstance(k, str) else k: v for k, v in item.items()}
            waiting.extend((parent[key], k) for k in parent[key])
        elif isinstance(item, list):
            parent[key] = list(item)
            waiting.extend((parent[key], i) for i in range(len(item)))
    return holder[0]
