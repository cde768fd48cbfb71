"""Half-open stretches of time, in integer microseconds. What every section counts with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
EPOCH_DAY = dt.date(1970, 1, 1).toordinal()
FOREVER_US = 1 << 62
"""Later than any time that can be recorded."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stretch[T]:
    """``what`` holds from ``start`` until just before ``end``."""

    start: int
    end: int
    what: T


def us(seconds: float) -> int:
    """Seconds of a rule table as microseconds."""
    return round(seconds * SECOND_US)


def to_us(time: dt.datetime) -> int:
    """A time with an offset as microseconds UTC."""
    return (time - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def utc_date(time_us: int) -> dt.date:
    return dt.date.fromordinal(EPOCH_DAY + time_us // DAY_US)


def value_at[T](stretches: Iterable[Stretch[T]], time_us: int, otherwise: T) -> T:
    for stretch in stretches:
        if stretch.start <= time_us < stretch.end:
            return stretch.what
    return otherwise


def clip[T](stretches: Iterable[Stretch[T]], start: int, end: int) -> list[Stretch[T]]:
    clipped = [Stretch(max(s.start, start), min(s.end, end), s.what) for s in stretches]
    return [s for s in clipped if s.start < s.end]


def merge_equal[T](stretches: Iterable[Stretch[T]]) -> list[Stretch[T]]:
    """Joins neighbours that say the same."""
    merged: list[Stretch[T]] = []
    for s in stretches:
        if merged and merged[-1].end == s.start and merged[-1].what == s.what:
            merged[-1] = Stretch(merged[-1].start, s.end, s.what)
        else:
            merged.append(s)
    return merged


def total_us[T](stretches: Iterable[Stretch[T]]) -> int:
    return sum(s.end - s.start for s in stretches)


def union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch or overlap become one; empty ones vanish."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def intersection(ones: Iterable[tuple[int, int]], others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    both = [(max(a, c), min(b, d)) for a, b in ones for c, d in others]
    return [(start, end) for start, end in both if start < end]
