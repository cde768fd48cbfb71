"""Weekly schedules and dated nights to windows in UTC.

The work is cached by schedule, time zone and week: thousands of people share a handful of schedules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from milepost.orders.clock import (
    FAR_FUTURE_US,
    FAR_PAST_US,
    US,
    local_to_us,
    midnight,
    seconds_of_clock,
    us_to_utc,
)
from milepost.orders.intervals import PlaceKey, Window, unite
from milepost.orders.model import Condition, FirstNight, ScheduleRule
from milepost.orders.places import place_ids

CLOCK_CHANGE = "clock change"
FIRST_NIGHT = "first night"
PUBLIC_HOLIDAY = "public holiday"

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NUMBER = {day: number for number, day in enumerate(DAYS)}
_SECONDS_PER_DAY = 86_400
_EARLIEST, _LATEST = us_to_utc(FAR_PAST_US).date(), us_to_utc(FAR_FUTURE_US).date()
_SECONDS_PER_WEEK = 7 * _SECONDS_PER_DAY
# The subdivisions of the `holidays` package; Wales has England's bank holidays (Banking and
# Financial Dealings Act 1971, schedule 1).
_SUBDIVISION = {"england_and_wales": "ENG", "scotland": "SCT", "northern_ireland": "NIR"}


class Rule(NamedTuple):
    """A schedule rule, ready to be compared and cached. Seconds count from Monday 00:00 local."""

    start_s: int
    end_s: int
    weeks_on: int
    weeks_off: int
    weeks_offset: int
    public_holidays: str
    travel_before_us: int
    travel_after_us: int
    place: PlaceKey


class RuleWords(NamedTuple):
    """What a schedule rule says, to be compared and hashed; as fields of ``ScheduleRule``."""

    from_day: str
    from_time: str
    until_day: str
    until_time: str
    weeks_on: int
    weeks_off: int
    weeks_offset: int
    public_holidays: str
    travel_before_min: int
    travel_after_min: int
    place: str | None


class DatedWindow(NamedTuple):
    """A window and the local date it was ordered for, as an ordinal."""

    day: int
    window: Window


def read_rule(rule: ScheduleRule | RuleWords, own_place: PlaceKey) -> Rule:
    """The rule in seconds; an end at or before the start is in the following week.

    00:00 on the day of the start is the end of that day, as 24:00 is: read as its beginning, the rule would
    last until the following week. A rule that names the condition's own place names none, so that its
    windows unite with the rest.
    """
    place = place_ids(rule.place)
    start_s = _DAY_NUMBER[rule.from_day] * _SECONDS_PER_DAY + seconds_of_clock(rule.from_time)
    end_s = _DAY_NUMBER[rule.until_day] * _SECONDS_PER_DAY + seconds_of_clock(rule.until_time)
    if rule.until_day == rule.from_day and seconds_of_clock(rule.until_time) == 0:
        end_s += _SECONDS_PER_DAY
    return Rule(
        start_s,
        end_s if end_s > start_s else end_s + _SECONDS_PER_WEEK,
        rule.weeks_on,
        rule.weeks_off,
        rule.weeks_offset,
        rule.public_holidays,
        rule.travel_before_min * 60 * US,
        rule.travel_after_min * 60 * US,
        None if place == own_place else place,
    )


LONG_RULE = (
    "the end is not after the start on the same day, so that this lasts {hours:g} hours, into the next week"
)
LONG_RULE_REMEDY = "Write the day on which it ends in until_day"


def find_long_rules(condition: Condition) -> Iterator[tuple[int, float]]:
    """Rules that end on the day they start, at or before their start: number in the schedule, and hours."""
    for number, rule in enumerate(condition.schedule or ()):
        if rule.from_day == rule.until_day:
            read = read_rule(rule, None)
            if read.end_s - read.start_s > _SECONDS_PER_DAY:
                yield number, (read.end_s - read.start_s) / 3600


_LAST_MINUTE_S = 60
"""A form without 24:00 makes people write 23:59 or 23:59:59 for the end of the day."""


def close_last_minutes(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Rules that end in the last minute of a day end at midnight where another goes on from midnight.

    Else nobody would owe that minute, and five minutes away across midnight would be two short absences.
    """
    starts = {_going_on(rule, rule.start_s) for rule in rules if not rule.travel_before_us}
    closed = []
    for rule in rules:
        midnight_s = -(-rule.end_s // _SECONDS_PER_DAY) * _SECONDS_PER_DAY
        near = 0 < midnight_s - rule.end_s <= _LAST_MINUTE_S and not rule.travel_after_us
        goes_on = near and _going_on(rule, midnight_s) in starts
        closed.append(rule._replace(end_s=midnight_s) if goes_on else rule)
    return tuple(closed)


def _going_on(rule: Rule, second: int) -> tuple[object, ...]:
    """What two rules must share so that one goes on where the other ends. With weeks off, what follows the
    end of the week may not."""
    in_week = second if rule.weeks_off else second % _SECONDS_PER_WEEK
    return (in_week, rule.weeks_on, rule.weeks_off, rule.weeks_offset, rule.public_holidays, rule.place)


def monday_of(ordinal: int) -> int:
    """The ordinal of the Monday of the ISO week that holds the day of that ordinal."""
    return ordinal - (ordinal - 1) % 7  # ordinal 1, 1 January of year 1, is a Monday


def is_week_on(rule: Rule, weeks_since_anchor: int) -> bool:
    """Weeks on and off counted from the ISO week that holds the condition's start."""
    if rule.weeks_off == 0:
        return True
    return (weeks_since_anchor - rule.weeks_offset) % (rule.weeks_on + rule.weeks_off) < rule.weeks_on


@lru_cache(maxsize=512)
def find_holidays(nation: str, year: int) -> frozenset[dt.date]:
    """The bank holidays of a nation of the UK in one year, as gov.uk/bank-holidays publishes them.

    One that falls on a weekend is not in that list: its substitute day is.
    """
    import holidays  # a fifth of a second, and most orders skip none

    days = holidays.country_holidays("GB", subdiv=_SUBDIVISION[nation], years=year)
    return frozenset(day for day in days if day.weekday() < 5)


def is_public_holiday(nation: str, day: dt.date) -> bool:
    return day in find_holidays(nation, day.year)


def expand_weeks(
    rules: tuple[Rule, ...], anchor_monday: int, first: int, last: int, timezone: str, nation: str
) -> list[DatedWindow]:
    """All windows of the rules in the weeks of Mondays ``first`` to ``last`` (ordinals).

    Not clipped, not united, in no particular order. ``anchor_monday`` starts the count of weeks.
    """
    windows: list[DatedWindow] = []
    for monday in range(first, last + 1, 7):
        weeks = (monday - anchor_monday) // 7
        on = tuple(rule for rule in rules if is_week_on(rule, weeks))
        windows.extend(_expand_week(on, monday, timezone, nation))
    return windows


@lru_cache(maxsize=20_000)
def expand_weeks_united(
    rules: tuple[Rule, ...], anchor_monday: int, first: int, last: int, timezone: str, nation: str
) -> tuple[Window, ...]:
    """As ``expand_weeks``, without the dates, united and sorted."""
    dated = expand_weeks(rules, anchor_monday, first, last, timezone, nation)
    return tuple(unite(entry.window for entry in dated))


@lru_cache(maxsize=100_000)
def _expand_week(rules: tuple[Rule, ...], monday: int, timezone: str, nation: str) -> tuple[DatedWindow, ...]:
    windows: list[DatedWindow] = []
    start_of_week = midnight(dt.date.fromordinal(monday))
    for rule in rules:
        starts = start_of_week + dt.timedelta(seconds=rule.start_s)
        notes: tuple[str, ...] = ()
        if rule.public_holidays != "apply":
            holiday = is_public_holiday(nation, starts.date())
            if holiday != (rule.public_holidays == "only"):
                continue
            notes = (PUBLIC_HOLIDAY,) if holiday else ()
        ends = start_of_week + dt.timedelta(seconds=rule.end_s)
        window = make_window(starts, ends, timezone, rule.place, notes)
        window = window._replace(
            start_us=window.start_us + rule.travel_before_us, end_us=window.end_us - rule.travel_after_us
        )
        if window.start_us < window.end_us:
            windows.append(DatedWindow(starts.date().toordinal(), window))
    return tuple(windows)


def make_window(
    starts: dt.datetime, ends: dt.datetime, timezone: str, place: PlaceKey, notes: tuple[str, ...]
) -> Window:
    """A window from one wall-clock time to another (both without offset)."""
    start_us = local_to_us(starts, timezone, "start")
    end_us = local_to_us(ends, timezone, "end")
    if end_us - start_us != (ends - starts) // dt.timedelta(microseconds=1):
        notes = (*notes, CLOCK_CHANGE)
    return Window(start_us, end_us, place, notes)


def expand_dated(
    nights: Iterable[FirstNight], timezone: str, note: str | None, own_place: PlaceKey
) -> list[DatedWindow]:
    """Single nights or appointments with their own hours; an end at or before the start is next day."""
    windows: list[DatedWindow] = []
    for night in nights:
        if not _EARLIEST <= night.date <= _LATEST:
            continue
        start_s, end_s = seconds_of_clock(night.from_time), seconds_of_clock(night.until_time)
        if end_s <= start_s:
            end_s += _SECONDS_PER_DAY
        day, place = midnight(night.date), place_ids(night.place)
        window = make_window(
            day + dt.timedelta(seconds=start_s),
            day + dt.timedelta(seconds=end_s),
            timezone,
            None if place == own_place else place,
            (note,) if note else (),
        )
        windows.append(DatedWindow(night.date.toordinal(), window))
    return windows
