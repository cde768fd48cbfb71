"""Makers' codes to the record's event kinds, from a data file."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from milepost.tracks.record import DeviceEventKind

DEFAULT_FILE = Path(__file__).with_name("event_codes.toml")


@cache
def event_codes(vocabulary: str) -> dict[str, str]:
    """Code to kind of one vocabulary of ``event_codes.toml``. Raises ``ValueError`` for an unknown kind."""
    table = tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8"))[vocabulary]
    return {code: DeviceEventKind(kind).value for code, kind in table.items()}


def kind_of(vocabulary: str, code: str) -> str:
    """The kind, or ``other`` for a code that is not listed."""
    return event_codes(vocabulary).get(code, DeviceEventKind.OTHER.value)
