"""When a device was last heard. The app of signals is above this one, so it lends its answer here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

Source = Callable[[str], dt.datetime | None]
_source: list[Source] = []


def take_last_heard_from(source: Source) -> None:
    """Called once, from ``AppConfig.ready`` of whoever knows. The source gets a device id, gives a UTC time."""
    _source[:] = [source]


def last_heard(device_id: str) -> dt.datetime | None:
    """None: never heard, or nobody here knows."""
    return _source[0](device_id) if _source else None
