"""Lengths of time in microseconds, and moments between microseconds since 1970 (UTC) and ``datetime``, exactly.

Every moment that is kept is a whole number of microseconds. A float of seconds is no way between the two: at today's
date it is right to about a quarter of a microsecond only, and cut or rounded it lands on one side or the other.
"""

from __future__ import annotations

import datetime as dt

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
"""A day of 24 hours, which a local day is not on the night that the clocks change: see ``start_of_day_us``."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def to_us(moment: dt.datetime) -> int:
    """Microseconds since 1970, UTC.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"[{moment}] has no time zone, so it is no moment: give it one.")
    return (moment - _EPOCH) // _MICROSECOND


def from_us(us: int, zone: dt.tzinfo = dt.UTC) -> dt.datetime:
    """The moment, as a clock in ``zone`` shows it."""
    return (_EPOCH + dt.timedelta(microseconds=int(us))).astimezone(zone)


def start_of_day_us(day: dt.date, zone: dt.tzinfo = dt.UTC) -> int:
    """When a local day begins, in microseconds since 1970, UTC."""
    return to_us(dt.datetime.combine(day, dt.time(), zone))


def day_of(us: int, zone: dt.tzinfo = dt.UTC) -> dt.date:
    """The local day in which a moment lies."""
    return from_us(us, zone).date()
