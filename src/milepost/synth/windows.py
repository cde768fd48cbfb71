"""When each duty of a synthetic order held, written apart from the orders room on purpose.

The truth must not come from the code that it is there to check. This covers only what the synthetic
orders use: weekly rules with weeks on and off, dated appointments, absences, versions.
Times are seconds since the epoch, UTC. Wall-clock times become UTC by the tz database, so a night
with a clock change is 11 or 13 hours long.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from milepost.orders.model import Condition, Order, ScheduleRule

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Window:
    """One interval in which a condition held, half-open, seconds since the epoch."""

    condition: Condition
    start_s: float
    end_s: float
    place: str | list[str] | None


def local_s(day: dt.date, clock: str, timezone: str) -> float:
    """A wall-clock time as seconds since the epoch. ``24:00`` is the next midnight."""
    hours, minutes = int(clock[:2]), int(clock[3:5])
    at = dt.datetime.combine(day + dt.timedelta(days=hours // 24), dt.time(hours % 24, minutes))
    return at.replace(tzinfo=ZoneInfo(timezone)).timestamp()


def order_windows(order: Order, from_s: float, until_s: float) -> list[Window]:
    """All windows of an order that touch [from, until), whole, by condition and start.

    A window is clipped to the version in force. One that goes on in the next version with the same
    target is one window. The end is infinite where the order says none.
    """
    found: list[Window] = []
    for version, later in zip(order.versions, [*order.versions[1:], None], strict=True):
        begins = version.effective_from_utc.timestamp()
        ends = later.effective_from_utc.timestamp() if later else math.inf
        if order.ends_utc is not None:
            ends = min(ends, order.ends_utc.timestamp())
        for condition in version.conditions:
            found += _condition_windows(condition, begins, ends, from_s - 86_400, until_s + 86_400)
    joined = _join(sorted(found, key=lambda window: (window.condition.id, window.start_s)))
    return [window for window in joined if window.start_s < until_s and window.end_s > from_s]


def subtract(spans: list[Span], taken: list[Span]) -> list[Span]:
    """What is left of the spans."""
    for lost_start, lost_end in taken:
        left: list[Span] = []
        for start, end in spans:
            if start < min(end, lost_start):
                left.append((start, min(end, lost_start)))
            if max(start, lost_end) < end:
                left.append((max(start, lost_end), end))
        spans = left
    return spans


def _condition_windows(
    condition: Condition, begins: float, ends: float, from_s: float, until_s: float
) -> list[Window]:
    begins = max(begins, _moment(condition.from_, condition.timezone, end=False))
    if condition.until is not None:
        ends = min(ends, _moment(condition.until, condition.timezone, end=True))
    if begins >= ends:
        return []
    raw: list[tuple[float, float, str | list[str] | None]] = []
    for rule in condition.schedule or []:
        raw += _rule_windows(condition, rule, max(begins, from_s), min(ends, until_s))
    for single in condition.dates or []:
        raw.append(
            (
                local_s(single.date, single.from_time, condition.timezone),
                local_s(single.date, single.until_time, condition.timezone),
                single.place or condition.place,
            )
        )
    if not condition.schedule and not condition.dates:
        raw.append((begins, ends, condition.place))
    lifted = [
        (_moment(a.from_, condition.timezone, end=False), _moment(a.until, condition.timezone, end=True))
        for a in condition.exceptions
    ]
    windows = []
    for start, end, place in raw:
        for left, right in subtract([(max(start, begins), min(end, ends))], lifted):
            if left < right:
                windows.append(Window(condition, left, right, place))
    return windows


def _rule_windows(
    condition: Condition, rule: ScheduleRule, begins: float, ends: float
) -> list[tuple[float, float, str | list[str] | None]]:
    zone = ZoneInfo(condition.timezone)
    origin = _local_date(condition.from_, zone)
    origin -= dt.timedelta(days=origin.weekday())
    day = dt.datetime.fromtimestamp(begins, zone).date() - dt.timedelta(days=8)
    last = dt.datetime.fromtimestamp(ends, zone).date()
    found: list[tuple[float, float, str | list[str] | None]] = []
    while day <= last:
        week = (day - origin).days // 7
        cycle = rule.weeks_on + rule.weeks_off
        if DAYS[day.weekday()] == rule.from_day and (week - rule.weeks_offset) % cycle < rule.weeks_on:
            length = (DAYS.index(rule.until_day) - DAYS.index(rule.from_day)) % 7
            if length == 0 and rule.until_time <= rule.from_time:
                length = 7
            start = local_s(day, rule.from_time, condition.timezone)
            end = local_s(day + dt.timedelta(days=length), rule.until_time, condition.timezone)
            found.append(
                (
                    start + 60 * rule.travel_before_min,
                    end - 60 * rule.travel_after_min,
                    rule.place or condition.place,
                )
            )
        day += dt.timedelta(days=1)
    return found


def _local_date(value: dt.datetime | dt.date, zone: ZoneInfo) -> dt.date:
    if isinstance(value, dt.datetime):
        return (value.astimezone(zone) if value.tzinfo else value).date()
    return value


def _moment(value: dt.datetime | dt.date, timezone: str, *, end: bool) -> float:
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(timezone))).timestamp()
    return local_s(value + dt.timedelta(days=1 if end else 0), "00:00", timezone)


def _join(windows: list[Window]) -> list[Window]:
    joined: list[Window] = []
    for window in windows:
        last = joined[-1] if joined else None
        if (
            last
            and last.condition.id == window.condition.id
            and last.end_s == window.start_s
            and (last.place, last.condition.geometry, last.condition.circle)
            == (window.place, window.condition.geometry, window.condition.circle)
        ):
            joined[-1] = Window(last.condition, last.start_s, window.end_s, last.place)
        else:
            joined.append(window)
    return joined
