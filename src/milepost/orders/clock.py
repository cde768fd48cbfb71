"""Local wall-clock time to UTC, on the nights the clock changes too.

All results are integer microseconds since the epoch, UTC. Integer arithmetic throughout: no float
rounding, and no overflow at the ends of the calendar.

Twice a year a wall-clock time is not one moment. *A time that does not exist* (01:30 on the March
night in London) becomes the moment after the jump, which is when the clock first reads that time or
later. *A time that comes twice* (01:30 on the October night) is taken as the earlier of the two for a
start and the later for an end, so that no minute that either reading covers goes unwatched. Every
obligation shaped by this carries the note "clock change", so that the person who decides sees it.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

Edge = Literal["start", "end"]

US = 1_000_000
DAY_US = 86_400 * US
WEEK_US = 7 * DAY_US
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - naive on purpose: arithmetic without a zone
_EPOCH_UTC = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ONE_US = dt.timedelta(microseconds=1)

FAR_PAST_US = -70 * 365 * DAY_US
"""About 1900: nothing is owed earlier. Keeps a mistyped year from expanding for ever."""
FAR_FUTURE_US = 130 * 365 * DAY_US
"""About 2100: stands for "no end"."""


def aware_to_us(moment: dt.datetime) -> int:
    """Microseconds UTC of a time with an offset."""
    try:
        return (moment - _EPOCH_UTC) // _ONE_US
    except TypeError:
        raise ValueError(f"{moment} has no offset: its moment is not known") from None


def us_to_utc(moment_us: int) -> dt.datetime:
    """The inverse of ``aware_to_us``, in UTC."""
    return (_EPOCH + dt.timedelta(microseconds=moment_us)).replace(tzinfo=dt.UTC)


def us_to_local(moment_us: int, timezone: str) -> dt.datetime:
    """The wall clock at a moment, with its offset."""
    return us_to_utc(moment_us).astimezone(ZoneInfo(timezone))


def _offset_us(naive: dt.datetime, zone: ZoneInfo, fold: int) -> int:
    offset = naive.replace(tzinfo=zone, fold=fold).utcoffset() or dt.timedelta()
    return offset // _ONE_US


@lru_cache(maxsize=200_000)
def local_to_us(naive: dt.datetime, timezone: str, edge: Edge) -> int:
    """The moment a wall clock in ``timezone`` reads ``naive`` (no offset), see above for ``edge``.

    Raises ``zoneinfo.ZoneInfoNotFoundError`` if the time zone is unknown.
    """
    zone = ZoneInfo(timezone)
    wall_us = (naive - _EPOCH) // _ONE_US
    first = _offset_us(naive, zone, fold=0)
    second = _offset_us(naive, zone, fold=1)
    if first == second:
        return wall_us - first
    if first > second:  # the time comes twice (PEP 495: fold 0 is the earlier)
        return wall_us - (first if edge == "start" else second)
    return _find_jump(wall_us - second, wall_us - first, zone)


def _find_jump(low_us: int, high_us: int, zone: ZoneInfo) -> int:
    """The moment between two moments at which the offset changes."""

    def offset_at(moment_us: int) -> dt.timedelta | None:
        return us_to_utc(moment_us).astimezone(zone).utcoffset()

    before = offset_at(low_us)
    while high_us - low_us > 1:
        middle = (low_us + high_us) // 2
        if offset_at(middle) == before:
            low_us = middle
        else:
            high_us = middle
    return high_us


@lru_cache(maxsize=5000)
def seconds_of_clock(clock: str) -> int:
    """Seconds after midnight of ``19:00``, ``19:00:30`` or ``24:00``."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0)


def midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local wall clock


def start_us(value: dt.date | dt.datetime, timezone: str) -> int:
    """When something begins that is ordered from ``value``: a date alone means from its first moment."""
    if not isinstance(value, dt.datetime):
        return local_to_us(midnight(value), timezone, "start")
    return aware_to_us(value) if value.tzinfo else local_to_us(value, timezone, "start")


def end_us(value: dt.date | dt.datetime, timezone: str) -> int:
    """When something ends that is ordered until ``value``: a date alone means through its last moment."""
    if not isinstance(value, dt.datetime):
        if value == dt.date.max:
            return FAR_FUTURE_US
        return local_to_us(midnight(value + dt.timedelta(days=1)), timezone, "start")
    return aware_to_us(value) if value.tzinfo else local_to_us(value, timezone, "end")
