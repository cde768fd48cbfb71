"""Weekly schedules that thousands share: each is read and expanded once, whatever the places are called in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from milepost.orders.clock import US
from milepost.orders.intervals import PlaceKey, Window
from milepost.orders.model import ScheduleRule
from milepost.orders.places import place_ids
from milepost.orders.weekly import Rule, RuleWords, close_last_minutes, expand_weeks_united, read_rule

_WORDS = itemgetter(*RuleWords._fields)


@dataclass(slots=True, eq=False)
class Shared:
    """Rules as many schedules have them, places numbered. One object for equal ones, so it is its own key."""

    rules: tuple[Rule, ...]


@dataclass(slots=True)
class Hours:
    """The rules of one condition."""

    rules: tuple[Rule, ...]
    longest_us: int
    has_weeks_off: bool
    shared: Shared
    names: dict[PlaceKey, PlaceKey]
    """The places of the rules by those of the shared ones; empty if no rule names a place."""


def _hours(rules: tuple[Rule, ...], shared: Shared, names: dict[PlaceKey, PlaceKey]) -> Hours:
    longest_us = max((rule.end_s - rule.start_s for rule in rules), default=0) * US
    return Hours(rules, longest_us, any(rule.weeks_off for rule in rules), shared, names)


NO_HOURS = _hours((), Shared(()), {})


def read_hours(schedule: Sequence[ScheduleRule], own_place: PlaceKey) -> Hours:
    """The rules of a schedule, the last minutes of days closed. ``own_place``: see ``weekly.read_rule``."""
    words = [_WORDS(rule.__dict__) for rule in schedule]  # one look for eleven fields
    if all(said[-1] is None for said in words):
        return _read_shared(tuple(words))
    places = [_other_place(said[-1], own_place) for said in words]
    named = sorted({place for place in places if place is not None})
    number: dict[PlaceKey, str] = {
        place: f"{n:04}" for n, place in enumerate(named)
    }  # as the names are in order
    shared = _read_shared(
        tuple([(*said[:-1], number.get(place)) for said, place in zip(words, places, strict=True)])
    )
    names: dict[PlaceKey, PlaceKey] = {None: None}
    names.update(((of,), place) for place, of in number.items())
    rules = tuple([rule._replace(place=names[rule.place]) for rule in shared.rules])
    return Hours(rules, shared.longest_us, shared.has_weeks_off, shared.shared, names)


def _other_place(place: str | list[str] | None, own_place: PlaceKey) -> PlaceKey:
    ids = place_ids(place)
    return None if ids == own_place else ids


@lru_cache(maxsize=20_000)
def _read_shared(words: tuple[tuple[str | int | None, ...], ...]) -> Hours:
    rules = tuple([read_rule(RuleWords(*said), None) for said in words])  # type: ignore[arg-type]
    if len(rules) > 1:
        rules = close_last_minutes(rules)
    return _hours(rules, Shared(rules), {})


def expand_hours(
    hours: Hours,
    anchor_monday: int,
    first: int,
    last: int,
    timezone: str,
    nation: str,
    near: tuple[int, int] | None,
) -> Sequence[Window]:
    """``weekly.expand_weeks_united``; if ``near`` is given, only the windows that overlap it (microseconds UTC)."""
    windows = _expand(hours.shared, anchor_monday, first, last, timezone, nation, near)
    if not hours.names:
        return windows
    return [window._replace(place=hours.names[window.place]) for window in windows]


@lru_cache(maxsize=20_000)
def _expand(
    shared: Shared,
    anchor_monday: int,
    first: int,
    last: int,
    timezone: str,
    nation: str,
    near: tuple[int, int] | None,
) -> tuple[Window, ...]:
    windows = expand_weeks_united(shared.rules, anchor_monday, first, last, timezone, nation)
    if near is None:
        return windows
    low, high = near
    return tuple([window for window in windows if window.start_us < high and low < window.end_us])
