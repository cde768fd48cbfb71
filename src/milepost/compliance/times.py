"""Times as integers: microseconds since the epoch, UTC."""

from __future__ import annotations

import datetime as dt

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SECOND_US = 1_000_000
FOREVER_US = 253_370_764_800 * SECOND_US
"""Start of the year 9999: later than anything, and still a date."""


def to_us(when: dt.datetime) -> int:
    """Exact, unlike ``timestamp()``, which goes through floating point. ``when`` must be aware."""
    return (when - EPOCH) // dt.timedelta(microseconds=1)


def from_us(us: int) -> dt.datetime:
    """Aware, UTC."""
    return EPOCH + dt.timedelta(microseconds=us)


def iso(us: int) -> str:
    """``2026-03-02T19:25:00Z``; a fraction only where there is one, without closing zeros."""
    text = from_us(us).isoformat().replace("+00:00", "")
    return (text.rstrip("0") if "." in text else text) + "Z"
