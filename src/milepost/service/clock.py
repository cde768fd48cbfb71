"""The service's clock. Real time, but for the demo, whose town lives faster so that a visitor sees a night go by.

Everything that people read or that the engine judges takes its time from here. The audit log does not: it
always says when something really happened.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from milepost.times import from_us

_pinned_us: int | None = None


@cache
def _demo() -> tuple[int, int, float] | None:
    """(real microseconds, the town's microseconds at that instant, how many times faster), in demo mode."""
    text = os.environ.get("MILEPOST_DEMO_CLOCK", "")
    if not text or not os.environ.get("MILEPOST_DEMO"):
        return None
    real, town, speed = text.split(":")
    return int(real), int(town), float(speed)


def now_us() -> int:
    """Microseconds since 1970, UTC."""
    if _pinned_us is not None:
        return _pinned_us
    real = time.time_ns() // 1000
    demo = _demo()
    return real if demo is None else demo[1] + int((real - demo[0]) * demo[2])


def now_utc() -> dt.datetime:
    return from_us(now_us())


@contextmanager
def pinned(us: int) -> Iterator[None]:
    """Within, the clock stands at ``us``: how the demo lives through its past. Not for threads."""
    global _pinned_us
    before, _pinned_us = _pinned_us, us
    try:
        yield
    finally:
        _pinned_us = before
