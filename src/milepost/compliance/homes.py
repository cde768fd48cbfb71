"""How far a position is from the curfew places of whoever wore the device: near them, what was learned there holds.

The centre of a place stands for it: a circle's own, else the middle of the box around its outline. Distances are on a
plane around it, with WGS 84 metres per degree.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from milepost.compliance import kernel as k
from milepost.compliance.columns import Columns
from milepost.compliance.times import to_us
from milepost.orders.model import Condition, ConditionKind, OrderFile, OrderVersion, Place
from milepost.orders.schedules import find_spans
from milepost.tracks.record import DEGREES_TO_E7

ALL_ROUND_E7, HALF_ROUND_E7 = 3_600_000_000, 1_800_000_000
FOREVER_US = 1 << 62


@dataclass(frozen=True, slots=True)
class Home:
    """The centre of a curfew place, 1e-7 degrees, and metres in 1e-7 degree there."""

    lon_e7: float
    lat_e7: float
    east_m: float
    north_m: float


@dataclass(frozen=True, slots=True)
class Worn:
    """From when until when (microseconds UTC, half-open) the device's wearer had these curfew places."""

    from_us: int
    until_us: int
    homes: tuple[Home, ...]


Homes = dict[str, list[Worn]]
"""By device: its activations by the versions of the wearer's orders that were in force."""


def homes_of(order_file: OrderFile) -> Homes:
    by_person: dict[str, list[Worn]] = defaultdict(list)
    for order in order_file.orders:
        for version, from_us, until_us in find_spans(order):
            if from_us < until_us and (homes := _homes(version)):
                by_person[order.person_id].append(Worn(from_us, until_us, homes))
    found: Homes = defaultdict(list)
    for a in order_file.activations:
        fitted_us, taken_off_us = to_us(a.from_utc), to_us(a.until_utc) if a.until_utc else FOREVER_US
        for owed in by_person[a.person_id]:
            from_us, until_us = max(owed.from_us, fitted_us), min(owed.until_us, taken_off_us)
            if from_us < until_us:
                found[a.device_id].append(Worn(from_us, until_us, owed.homes))
    return dict(found)


def homes_if_learned(order_file: OrderFile, tables: Sequence[object]) -> Homes:
    """As ``homes_of``; none where nothing was learned, for then nobody asks how far from home a position is."""
    return homes_of(order_file) if tables else {}


def _homes(version: OrderVersion) -> tuple[Home, ...]:
    curfews = [c for c in version.conditions if c.kind == ConditionKind.CURFEW]
    said = [c.place for c in curfews]
    for curfew in curfews:  # a night may have a place of its own
        nights = (*(curfew.dates or ()), *((curfew.first_night,) if curfew.first_night else ()))
        said += [night.place for night in (*(curfew.schedule or ()), *nights)]
    wanted = {name for names in said if names for name in ([names] if isinstance(names, str) else names)}
    drawn = [place for place in version.places if place.id in wanted]
    middles = [*map(_middle, drawn), *map(_middle, curfews)]
    return tuple(_home(*middle) for middle in middles if middle is not None)


def _home(lon: float, lat: float) -> Home:
    return Home(lon * DEGREES_TO_E7, lat * DEGREES_TO_E7, k.east_per_e7(lat), k.north_per_e7(lat))


def _middle(place: Place | Condition) -> tuple[float, float] | None:
    """None for what is not drawn, or not as places are: an address alone."""
    if place.circle is not None:
        return place.circle.lon, place.circle.lat
    corners = list(_corners(place.geometry.coordinates)) if place.geometry else []
    if not corners:
        return None
    lons, lats = zip(*corners, strict=True)
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


def _corners(nested: Iterable[object]) -> Iterator[tuple[float, float]]:
    for part in nested:
        if not isinstance(part, list | tuple):
            continue  # said by whoever reads the geometry
        if len(part) > 1 and isinstance(part[0], int | float) and isinstance(part[1], int | float):
            yield float(part[0]), float(part[1])
        else:
            yield from _corners(part)


def metres_from_home(worn: Iterable[Worn], t_us: int, lon_e7: float, lat_e7: float) -> float:
    """Of one position; infinite where no curfew place is known."""
    nearest = math.inf
    for span in worn:
        if span.from_us <= t_us < span.until_us:
            for home in span.homes:
                turn = (lon_e7 - home.lon_e7 + HALF_ROUND_E7) % ALL_ROUND_E7 - HALF_ROUND_E7
                x, y = turn * home.east_m, (lat_e7 - home.lat_e7) * home.north_m
                nearest = min(nearest, math.sqrt(x * x + y * y))
    return nearest


def all_metres_from_home(columns: Columns, homes: Homes) -> np.ndarray:
    """As ``metres_from_home``, of every fix."""
    nearest = np.full(len(columns), np.inf)
    order = np.argsort(columns.device, kind="stable")
    bounds = np.searchsorted(columns.device[order], np.arange(len(columns.devices) + 1))
    for number, device in enumerate(columns.devices):
        mine = order[bounds[number] : bounds[number + 1]]
        for span in homes.get(device, ()) if len(mine) else ():
            rows = mine[(columns.t[mine] >= span.from_us) & (columns.t[mine] < span.until_us)]
            for home in span.homes:
                turn = (columns.lon_e7[rows] - home.lon_e7 + HALF_ROUND_E7) % ALL_ROUND_E7 - HALF_ROUND_E7
                x, y = turn * home.east_m, (columns.lat_e7[rows] - home.lat_e7) * home.north_m
                nearest[rows] = np.minimum(nearest[rows], np.sqrt(x * x + y * y))
    return nearest
