"""What was owed and when: an order file to obligations.

How a condition becomes intervals, in this order:

1. A version is in force from ``effective_from_utc`` until the next one's (or the order's end). Of two
   versions from the same moment the one with the higher number holds.
2. The weekly schedule and the dated nights give windows (``orders.weekly``); a first night replaces the
   windows that start on its date, and if it is the condition's first date, what is left on it of a
   window that would have begun the day before. A zone without a schedule, a trail, alcohol monitoring
   and the duty to charge and wear are one window, from start to end.
3. Windows of one place that overlap or touch are united.
4. They are clipped to the condition's own dates and to the version's time in force. A first night has its
   own date: it is owed even if that is before the condition's start.
5. Authorised absences, permitted purposes and suspensions are cut out, with their travel minutes. An
   attendance condition does not by itself lift a curfew: whoever grants the one grants the other.
6. Pieces of the same condition in following versions that touch, with the same target, are one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from milepost.garbage import collection_paused
from milepost.orders.clock import (
    DAY_US,
    FAR_FUTURE_US,
    FAR_PAST_US,
    US,
    aware_to_us,
    end_us,
    start_us,
    us_to_local,
)
from milepost.orders.hours import NO_HOURS, Hours, expand_hours, read_hours
from milepost.orders.intervals import Cut, PlaceKey, Window, clip, cut, join_notes, unite
from milepost.orders.model import Absence, Condition, ConditionKind, Order, OrderFile, OrderVersion
from milepost.orders.obligations import DUTY_OF_KIND, Obligation
from milepost.orders.places import TargetCache, Where, find_target, place_ids
from milepost.orders.weekly import (
    FIRST_NIGHT,
    DatedWindow,
    expand_dated,
    expand_weeks,
    monday_of,
)

NEEDS_HOURS = frozenset({ConditionKind.CURFEW, ConditionKind.ATTENDANCE})
_EPOCH_ORDINAL = 719_163  # 1 January 1970
_SLACK_US = 2 * DAY_US
"""More than any offset from UTC and any change of the clock."""


def expand(order_file: OrderFile, from_us: int, until_us: int) -> list[Obligation]:
    """The whole obligations that overlap [``from_us``, ``until_us``), microseconds UTC.

    They are not clipped to that window: a night that began before it is there from its start. Orders
    and conditions come in the order of the file, the obligations of a condition by their start. What
    cannot be evaluated is there too, with ``not_evaluable`` set.

    Raises ``zoneinfo.ZoneInfoNotFoundError`` for an unknown time zone (the reader refuses those).
    """
    cache = TargetCache()
    obligations: list[Obligation] = []
    with collection_paused():
        for order in order_file.orders:
            obligations.extend(expand_order(order, from_us, until_us, cache))
    return obligations


def expand_order(
    order: Order, from_us: int, until_us: int, cache: TargetCache | None = None
) -> list[Obligation]:
    """As ``expand``, for one order. Give one ``cache`` to many calls to share equal targets."""
    cache = cache or TargetCache()
    chains: dict[str, list[_Link]] = {}
    for version, in_force_us, superseded_us in find_spans(order):
        for condition in version.conditions:
            link = _make_link(condition, version, in_force_us, superseded_us)
            if link is not None:
                chains.setdefault(condition.id, []).append(link)
    obligations: list[Obligation] = []
    for links in chains.values():
        obligations.extend(_expand_chain(order, links, from_us, until_us, cache))
    return obligations


def find_spans(order: Order) -> list[tuple[OrderVersion, int, int]]:
    """Each version with the moments from and until which it is in force. A version may have no time."""
    begins = [(aware_to_us(v.effective_from_utc), v.version, n) for n, v in enumerate(order.versions)]
    if not begins:
        return []
    begins.sort()  # of equals the one that comes first in the file stays first
    ends_us = FAR_FUTURE_US if order.ends_utc is None else min(FAR_FUTURE_US, aware_to_us(order.ends_utc))
    starts = [max(FAR_PAST_US, begin) for begin, _, _ in begins]
    return [
        (order.versions[n], start, min(following, ends_us))
        for (_, _, n), start, following in zip(begins, starts, [*starts[1:], ends_us], strict=True)
    ]


@dataclass(slots=True)
class _Link:
    """One condition as it stands in one version."""

    condition: Condition
    version: OrderVersion
    start_us: int
    end_us: int
    hours: Hours
    anchor_monday: int
    always: bool
    """One window from start to end, without a schedule."""
    hours_missing: bool


def _make_link(
    condition: Condition, version: OrderVersion, in_force_us: int, superseded_us: int
) -> _Link | None:
    begins_us, ends_us = find_condition_span(condition)
    night_us = find_early_first_night(condition)
    first_us = begins_us if night_us is None else min(begins_us, night_us)
    start, end = max(first_us, in_force_us), min(ends_us, superseded_us)
    if start >= end:
        return None
    dated = bool(condition.dates) or condition.first_night is not None
    needs_hours = condition.kind in NEEDS_HOURS
    hours = read_hours(condition.schedule, _own_place(condition)) if condition.schedule else NO_HOURS
    anchor_monday = 0
    if hours.has_weeks_off:  # without such a pattern more schedules share a cache entry
        anchor = us_to_local(max(FAR_PAST_US, begins_us), condition.timezone).date()
        anchor_monday = monday_of(anchor.toordinal())
    return _Link(
        condition,
        version,
        start,
        end,
        hours,
        anchor_monday,
        always=condition.schedule is None and not condition.dates and not needs_hours,
        hours_missing=needs_hours and not hours.rules and not dated,
    )


def _own_place(condition: Condition) -> PlaceKey:
    """The place a rule may name again without meaning another; none where the condition is drawn too."""
    return None if condition.geometry or condition.circle else place_ids(condition.place)


def find_condition_span(condition: Condition) -> tuple[int, int]:
    """From when until when the condition itself says it runs, microseconds UTC."""
    ends_us = FAR_FUTURE_US if condition.until is None else end_us(condition.until, condition.timezone)
    return start_us(condition.from_, condition.timezone), ends_us


def find_early_first_night(condition: Condition) -> int | None:
    """The first moment of the day of a first night that is earlier than the day the condition starts.

    Microseconds UTC. None: there is no first night, or it is not earlier. One on the very day of the start
    is not: whoever is released at 16:30 owes nothing of that night's 15:00 to 16:30.
    """
    if condition.first_night is None:
        return None
    begins_us = max(FAR_PAST_US, min(FAR_FUTURE_US, find_condition_span(condition)[0]))
    begins = us_to_local(begins_us, condition.timezone).date()
    night = condition.first_night.date
    return start_us(night, condition.timezone) if night < begins else None


def find_cuts(condition: Condition, version: OrderVersion) -> list[Cut]:
    """When the duty is lifted. Minutes of travel widen the time: earlier before it, later after it."""
    return [
        _read_cut(absence, condition.timezone) for absence in (*condition.exceptions, *version.suspensions)
    ]


def _read_cut(absence: Absence, timezone: str) -> Cut:
    start, end = start_us(absence.from_, timezone), end_us(absence.until, timezone)
    if end <= start:
        return Cut(start, start, "")
    return Cut(
        start - absence.travel_before_min * 60 * US,
        end + absence.travel_after_min * 60 * US,
        absence.kind.replace("_", " "),
    )


def _find_windows(link: _Link, first: int, last: int, near: tuple[int, int] | None) -> list[Window]:
    """The windows of a link whose week starts between the Mondays ``first`` and ``last``.

    ``near``: microseconds UTC; only those that overlap it are wanted, and it lies within the link. None: all.
    """
    condition = link.condition
    if link.always or link.hours_missing:
        windows = [Window(link.start_us, link.end_us)]
    elif condition.first_night is None and not condition.dates:
        weeks = expand_hours(
            link.hours, link.anchor_monday, first, last, condition.timezone, condition.holiday_nation, near
        )
        windows = clip(weeks, link.start_us, link.end_us)
    else:
        windows = clip(unite(_find_dated(link, first, last)), link.start_us, link.end_us)
    if condition.exceptions or link.version.suspensions:
        windows = cut(windows, find_cuts(condition, link.version))
    if near is None:
        return windows
    low, high = near
    return [window for window in windows if window.start_us < high and low < window.end_us]


def _find_dated(link: _Link, first: int, last: int) -> list[Window]:
    condition = link.condition
    dated: list[DatedWindow] = expand_weeks(
        link.hours.rules, link.anchor_monday, first, last, condition.timezone, condition.holiday_nation
    )
    own = _own_place(condition)
    dated.extend(expand_dated(condition.dates or (), condition.timezone, None, own))
    begins_us, ends_us = find_condition_span(condition)
    if link.start_us < begins_us:  # only the first night is owed before the condition's own start
        dated = [
            entry._replace(window=window)
            for entry in dated
            for window in clip([entry.window], begins_us, ends_us)
        ]
    if condition.first_night is not None:
        night = condition.first_night.date
        # Released today, one owes nothing of the night that began yesterday.
        is_first_day = start_us(night, condition.timezone) <= begins_us
        dated = [
            entry for entry in dated
            if entry.day > night.toordinal() or (entry.day < night.toordinal() and not is_first_day)
        ]  # fmt: skip
        dated.extend(expand_dated([condition.first_night], condition.timezone, FIRST_NIGHT, own))
    starts = {(entry.window.place, entry.window.start_us) for entry in dated}
    return [_close_last_minute(entry.window, starts, condition.timezone) for entry in dated]


def _close_last_minute(window: Window, starts: set[tuple[PlaceKey, int]], timezone: str) -> Window:
    """A dated night until 23:59 or 23:59:59 ends at midnight where the next goes on from midnight; see
    ``weekly.close_last_minutes``."""
    for missing_us in (US, 60 * US):
        midnight_us = window.end_us + missing_us
        if (window.place, midnight_us) in starts and us_to_local(midnight_us, timezone).time() == dt.time():
            return window._replace(end_us=midnight_us)
    return window


def _expand_chain(
    order: Order, links: list[_Link], from_us: int, until_us: int, cache: TargetCache
) -> list[Obligation]:
    """One condition through its versions. Looks further out until no obligation is cut by the search."""
    alone = links[0] if len(links) == 1 else None
    if alone is not None:
        chain_start, chain_end = alone.start_us, alone.end_us
    else:
        chain_start, chain_end = min(link.start_us for link in links), max(link.end_us for link in links)
    low, high = max(from_us, chain_start), min(until_us, chain_end)
    if low >= high:
        return []
    wheres: dict[tuple[int, object], Where] = {}
    if alone is not None and (alone.always or alone.hours_missing):  # whole at once: nothing to look for
        windows = _find_windows(alone, 0, 0, (low, high))
        return [_make_obligation(order, alone, window, wheres, cache) for window in windows]
    longest_us = max(link.hours.longest_us for link in links)
    reach_us = longest_us + _SLACK_US
    first = _monday_of_us(low - longest_us - reach_us)
    last = _monday_of_us(high + longest_us + _SLACK_US)
    while True:
        found: list[Obligation] | list[Window]
        if alone is not None:
            found = windows = _find_windows(alone, first, last, (low, high))
        else:
            found = _join_versions(
                [
                    _make_obligation(order, link, window, wheres, cache)
                    for link in links
                    for window in _find_windows(link, first, last, None)
                ]
            )
            found = joined = [owed for owed in found if owed.start_us < high and low < owed.end_us]
        searched_from, searched_until = _us_of(first), _us_of(last + 7)
        earlier = any(chain_start < owed.start_us <= searched_from + reach_us for owed in found)
        later = any(searched_until - _SLACK_US <= owed.end_us < chain_end for owed in found)
        if not earlier and not later:
            break
        width = last + 7 - first
        first = max(_monday_of_us(chain_start - reach_us), first - width) if earlier else first
        last = min(_monday_of_us(chain_end + reach_us), last + width) if later else last
    if alone is None:
        return joined
    return [_make_obligation(order, alone, window, wheres, cache) for window in windows]


def _make_obligation(
    order: Order,
    link: _Link,
    window: Window,
    wheres: dict[tuple[int, object], Where],
    cache: TargetCache,
) -> Obligation:
    condition = link.condition
    key = (id(link), window.place)
    if key not in wheres:
        where = find_target(condition, link.version, window.place, cache)
        if link.hours_missing:
            where = None, f"{condition.kind.value} {condition.id} has no hours, cannot be evaluated"
        wheres[key] = where
    target, reason = wheres[key]
    return Obligation(
        order.person_id,
        order.id,
        link.version.version,
        condition.id,
        order.regime,
        condition.kind,
        DUTY_OF_KIND[condition.kind],
        window.start_us,
        window.end_us,
        condition.timezone,
        target,
        reason,
        window.notes,
    )


def _join_versions(obligations: list[Obligation]) -> list[Obligation]:
    """Obligations of following versions that touch, with the same kind and target, become one."""
    joined: list[Obligation] = []
    ending: dict[tuple[object, ...], int] = {}
    for owed in sorted(obligations, key=lambda o: (o.start_us, o.end_us)):
        index = ending.pop((owed.start_us, owed.kind, owed.target, owed.not_evaluable), None)
        if index is None:
            index = len(joined)
            joined.append(owed)
        else:
            before = joined[index]
            notes = join_notes(before.notes, owed.notes)
            joined[index] = owed = before._replace(end_us=owed.end_us, notes=notes)
        ending[owed.end_us, owed.kind, owed.target, owed.not_evaluable] = index
    return joined


def _monday_of_us(moment_us: int) -> int:
    """The ordinal of the Monday of the UTC week that holds a moment."""
    return monday_of(moment_us // DAY_US + _EPOCH_ORDINAL)


def _us_of(ordinal: int) -> int:
    return (ordinal - _EPOCH_ORDINAL) * DAY_US
