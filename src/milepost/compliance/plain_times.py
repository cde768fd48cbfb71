"""Times and lengths of time as people say them, in the condition's time zone.

Sentences show what a clock would show (minutes, cut off, not rounded); tables show seconds and UTC. The examples are
in English; ``language`` says them in another.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from milepost.language import ENGLISH, Language

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


@lru_cache(maxsize=1024)
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


def clock(us: int, timezone: str, *, with_offset: bool = False, language: Language = ENGLISH) -> str:
    """``19:25``, or ``01:30 (BST, UTC+1)`` on a night the clocks change."""
    return _clock(at(us, timezone), with_offset, language)


def _clock(moment: dt.datetime, with_offset: bool, language: Language) -> str:
    shown = language.clock(moment)
    if not with_offset:
        return shown
    return language.say("{clock} ({offset})", clock=shown, offset=offset_words(moment))


def day(us: int, timezone: str, *, language: Language = ENGLISH) -> str:
    """``Monday 2 March``."""
    return language.day(at(us, timezone).date())


def short_day(us: int, timezone: str, *, language: Language = ENGLISH) -> str:
    """``Mon 2 Mar``."""
    return language.short_day(at(us, timezone).date())


def moment_words(us: int, timezone: str, *, with_offset: bool = False, language: Language = ENGLISH) -> str:
    """``19:25 on Monday 2 March``."""
    moment = at(us, timezone)
    return language.say(
        "{clock} on {day}", clock=_clock(moment, with_offset, language), day=language.day(moment.date())
    )


def span_words(
    start_us: int, end_us: int, timezone: str, *, with_offset: bool = False, language: Language = ENGLISH
) -> str:
    """``from 19:00 on Monday 2 March until 07:00 on Tuesday 3 March``; the day once if it is the same."""
    first, last = at(start_us, timezone), at(end_us, timezone)
    if first.year != last.year:
        return language.say(
            "from {start} {start_year} until {end} {end_year}",
            start=moment_words(start_us, timezone, language=language),
            start_year=str(first.year),
            end=moment_words(end_us, timezone, language=language),
            end_year=str(last.year),
        )
    begin = clock if first.date() == last.date() else moment_words
    return language.say(
        "from {start} until {end}",
        start=begin(start_us, timezone, with_offset=with_offset, language=language),
        end=moment_words(end_us, timezone, with_offset=with_offset, language=language),
    )


def exact_local(us: int, timezone: str, *, with_offset: bool = False, language: Language = ENGLISH) -> str:
    """``Mon 2 Mar 2026 19:25:07``, for tables."""
    moment = at(us, timezone)
    shown = language.say(
        "{day} {year} {time}",
        day=language.short_day(moment.date()),
        year=str(moment.year),
        time=_to_the_second(moment),
    )
    if not with_offset:
        return shown
    return language.say("{clock} ({offset})", clock=shown, offset=offset_words(moment))


def exact_utc(us: int) -> str:
    """``2026-03-02T19:25:07Z``; fractions of a second only where there are any."""
    moment = at(us)
    fraction = f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else ""
    return f"{moment.year}-{moment.month:02}-{moment.day:02}T{_to_the_second(moment)}{fraction}Z"


def _to_the_second(moment: dt.datetime) -> str:
    """By hand, for ``strftime`` takes several times as long and evidence has hundreds of rows."""
    return f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}"


def duration_words(seconds: float, *, language: Language = ENGLISH) -> str:
    """``25 minutes``, ``1 hour 40 minutes``, ``under a minute``: whole minutes, cut off as a clock does, so that no
    length is shown that was not reached."""
    if seconds <= 0:
        return language.say("no time")
    minutes = int(seconds // 60)
    if minutes < 1:
        return language.say("under a minute")
    hours, rest = divmod(minutes, 60)
    short = language.say_n("{n} minute", "{n} minutes", rest)
    if not hours:
        return short
    long = language.say_n("{n} hour", "{n} hours", hours)
    return language.say("{hours} {minutes}", hours=long, minutes=short) if rest else long


def duration_short(seconds: float) -> str:
    """``1 h 40 min``, for the tables and bars of the report, which is in English."""
    if seconds <= 0:
        return "0 min"
    minutes = int(seconds // 60)
    if minutes < 1:
        return "under 1 min"
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)
