"""Clock times of the hand-worked cases: ``19:00`` is UTC on Monday 2 March 2026, ``07:00+1`` on Tuesday."""

from __future__ import annotations

import datetime as dt

MIDNIGHT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
MINUTE_US = 60_000_000


def at(clock: str) -> int:
    """``19:00``, ``19:00:30``, ``07:00+1`` (the next day) as microseconds UTC."""
    time, _, days = clock.partition("+")
    hours, minutes, *seconds = (float(part) for part in time.split(":"))
    moment = MIDNIGHT + dt.timedelta(days=int(days or 0), hours=hours, minutes=minutes, seconds=sum(seconds))
    return to_us(moment)


def to_us(moment: dt.datetime) -> int:
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def clock_of(time_us: int | None) -> str:
    """The other way round: ``19:00``, with seconds and days only where there are any."""
    if time_us is None:
        return "none"
    days, rest = divmod(time_us - to_us(MIDNIGHT), 86_400_000_000)
    moment = MIDNIGHT + dt.timedelta(microseconds=rest)
    text = moment.strftime("%H:%M" if not rest % MINUTE_US else "%H:%M:%S")
    return f"{text}+{days}" if days else text


def moment(time_us: int) -> dt.datetime:
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=time_us)
