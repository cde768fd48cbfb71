"""A trail as a list that can be read: where the tag stayed, and the ways between. Pure.

A stop is a run of positions that stay near where the run began (Li and others, "Mining user similarity based on location
history", ACM GIS 2008, section 4.1: stay points). What lies between two stops is a way. Nothing is said across a gap:
there the list says that nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from milepost.service.maps.rows import FixRow, GapRow
from milepost.service.person_page.jumps import way_m
from milepost.times import MINUTE_US

Place = Callable[[float, float, float | None], str]
"""Of longitude, latitude and precision in metres: what the place is called, or "" where nobody has a word for it."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of the list. Microseconds UTC. ``number`` counts stops from 1; 0 for ways and gaps. ``way_m``: along the
    positions of a way."""

    kind: Literal["stop", "way", "gap"]
    start_us: int
    end_us: int
    number: int = 0
    place: str = ""
    way_m: float = 0.0
    cause: str = ""
    first: int = -1
    """The number of its first position among all, from 0."""


def legs_of(
    fixes: Sequence[FixRow], gaps: Sequence[GapRow], place: Place, *, within_m: float, at_least_minutes: float
) -> list[Leg]:
    """``fixes`` in order of time, of one device; those that prove no place are passed over."""
    sure = [(n, fix) for n, fix in enumerate(fixes) if not fix.proves_no_place]
    legs: list[Leg] = [Leg("gap", gap.start_us, gap.end_us, cause=gap.cause) for gap in gaps]
    count = 0
    for run in _between_gaps(sure, gaps):
        at = begun = 0
        while at < len(run):
            end = at + 1
            while end < len(run) and way_m(run[at][1], run[end][1]) <= within_m:
                end += 1
            if run[end - 1][1].time_us - run[at][1].time_us < at_least_minutes * MINUTE_US:
                at += 1
                continue
            middle = run[(at + end) // 2][1]
            before = legs[-1] if legs and begun else None
            if (
                before is not None
                and before.kind == "stop"
                and way_m(fixes[before.first], middle) <= within_m
                and run[at][1].time_us - before.end_us < at_least_minutes * MINUTE_US
            ):  # a wrong position or a few steps in between are no way
                legs[-1] = replace(before, end_us=run[end - 1][1].time_us)
                begun, at = end - 1, end
                continue
            legs += _way(run[begun : at + 1])
            count += 1
            legs.append(
                Leg("stop", run[at][1].time_us, run[end - 1][1].time_us, count,
                    place(middle.lon, middle.lat, middle.precision_m), first=run[at][0])
            )  # fmt: skip
            begun, at = end - 1, end
        legs += _way(run[begun:])
    return sorted(legs, key=lambda leg: (leg.start_us, leg.end_us))


def _between_gaps(sure: list[tuple[int, FixRow]], gaps: Sequence[GapRow]) -> list[list[tuple[int, FixRow]]]:
    """Runs of positions with no gap inside."""
    starts = sorted(gap.start_us for gap in gaps)
    runs: list[list[tuple[int, FixRow]]] = []
    last_us, waiting = None, 0
    for numbered in sure:
        cut = last_us is None
        while waiting < len(starts) and starts[waiting] < numbered[1].time_us:
            waiting, cut = waiting + 1, True
        if cut:
            runs.append([])
        runs[-1].append(numbered)
        last_us = numbered[1].time_us
    return runs


def _way(run: list[tuple[int, FixRow]]) -> list[Leg]:
    if len(run) < 2:
        return []
    length = sum(way_m(a[1], b[1]) for a, b in pairwise(run))
    return [Leg("way", run[0][1].time_us, run[-1][1].time_us, way_m=length, first=run[0][0])]
