"""Times and lengths of time as people say them, in the condition's time zone.

Sentences show what a clock would show (minutes, cut off, not rounded); tables show seconds and UTC.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SECOND_US = 1_000_000


@lru_cache(maxsize=64)
def zone(name: str) -> dt.tzinfo:
    """The time zone of that name; UTC where there is none, so that a wrong name never stops a report."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC


def as_us(moment: object) -> int | None:
    """Microseconds since the epoch, UTC, of a whole number or an aware datetime; None stays None."""
    if moment is None:
        return None
    if isinstance(moment, dt.datetime):
        return (moment - EPOCH) // dt.timedelta(microseconds=1)
    if isinstance(moment, int):
        return moment
    raise TypeError(f"not a time: {moment!r}")


def at(us: int, timezone: str = "UTC") -> dt.datetime:
    """The moment in a time zone; in year 9999 or 1 if it lies beyond what a date can say."""
    try:
        return (EPOCH + dt.timedelta(microseconds=us)).astimezone(zone(timezone))
    except OverflowError:
        return dt.datetime(9999 if us > 0 else 1, 1, 1, tzinfo=dt.UTC)


def clocks_change(start_us: int, end_us: int, timezone: str) -> bool:
    """Whether the clocks of the zone change within the time, or within the local day of either end."""
    first = at(start_us, timezone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    last = at(end_us, timezone).replace(hour=23, minute=59, second=59, fold=1)
    return first.utcoffset() != last.utcoffset()


def offset_words(moment: dt.datetime) -> str:
    """``BST, UTC+1``: the name of the clock in force and its distance from UTC."""
    minutes = int((moment.utcoffset() or dt.timedelta()).total_seconds()) // 60
    sign = "+" if minutes >= 0 else "−"
    hours, rest = divmod(abs(minutes), 60)
    away = f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"
    name = moment.tzname() or ""
    return f"{name}, {away}" if name.isalpha() and name != away else away


def clock(us: int, timezone: str, *, with_offset: bool = False) -> str:
    """``19:25``, or ``01:30 (BST, UTC+1)`` on a night the clocks change."""
    moment = at(us, timezone)
    shown = f"{moment:%H:%M}"
    return f"{shown} ({offset_words(moment)})" if with_offset else shown


def day(us: int, timezone: str) -> str:
    """``Monday 2 March``."""
    moment = at(us, timezone)
    return f"{moment:%A} {moment.day} {moment:%B}"


def short_day(us: int, timezone: str) -> str:
    """``Mon 2 Mar``."""
    moment = at(us, timezone)
    return f"{moment:%a} {moment.day} {moment:%b}"


def moment_words(us: int, timezone: str, *, with_offset: bool = False) -> str:
    """``19:25 on Monday 2 March``."""
    return f"{clock(us, timezone, with_offset=with_offset)} on {day(us, timezone)}"


def span_words(start_us: int, end_us: int, timezone: str, *, with_offset: bool = False) -> str:
    """``from 19:00 on Monday 2 March until 07:00 on Tuesday 3 March``; the day once if it is the same."""
    first, last = at(start_us, timezone), at(end_us, timezone)
    if first.year != last.year:
        start, end = moment_words(start_us, timezone), moment_words(end_us, timezone)
        return f"from {start} {first.year} until {end} {last.year}"
    end = moment_words(end_us, timezone, with_offset=with_offset)
    if first.date() == last.date():
        return f"from {clock(start_us, timezone, with_offset=with_offset)} until {end}"
    return f"from {moment_words(start_us, timezone, with_offset=with_offset)} until {end}"


def exact_local(us: int, timezone: str, *, with_offset: bool = False) -> str:
    """``Mon 2 Mar 2026 19:25:07``, for tables."""
    moment = at(us, timezone)
    shown = f"{moment:%a} {moment.day} {moment:%b} {moment.year} {moment:%H:%M:%S}"
    return f"{shown} ({offset_words(moment)})" if with_offset else shown


def exact_utc(us: int) -> str:
    """``2026-03-02T19:25:07Z``; fractions of a second only where there are any."""
    moment = at(us)
    fraction = f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def duration_words(seconds: float) -> str:
    """``25 minutes``, ``1 hour 40 minutes``, ``under a minute``: to the nearest minute."""
    if seconds <= 0:
        return "no time"
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    hours, rest = divmod(minutes, 60)
    parts = [_count(hours, "hour")] if hours else []
    if rest:
        parts.append(_count(rest, "minute"))
    return " ".join(parts)


def duration_short(seconds: float) -> str:
    """``1 h 40 min``, for tables and bars."""
    if seconds <= 0:
        return "0 min"
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under 1 min"
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
