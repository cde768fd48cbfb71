"""The polygons of a whole file at once: a nation's are read, and found sound, in the time of some hundred alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from itertools import chain, pairwise
from typing import Any

import numpy as np

from milepost.orders.geometry import keep_shapes
from milepost.orders.model import Geometry
from milepost.orders.obligations import Shape
from milepost.orders.rings import Rings


def keep_sound_shapes(geometries: Iterable[Geometry], meanwhile: Meanwhile | None = None) -> None:
    """Gives each plain polygon in which nothing is wrong the shapes that ``geometry_shapes`` would read from it.

    The others are left as they are: several polygons, a ``crs`` beside them, heights, more than 180 degrees wide,
    or in any way unsound. ``geometry_shapes`` reads those one by one, and says what is wrong.

    ``meanwhile``: entered while crossings are looked for, so that somebody else may run Python; None: many are read on
    all cores.
    """
    geometries = list(geometries)
    if len(geometries) < FEW or meanwhile is not None:
        _keep(geometries, meanwhile or nullcontext)
        return
    # While the numbers of some are taken, which is Python's work, others are looked at for crossings, which is not.
    cores = os.cpu_count() or 1
    n = 4 * cores
    cuts = [len(geometries) * i // n for i in range(n + 1)]
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(_keep, (geometries[a:b] for a, b in pairwise(cuts))))


type Meanwhile = Callable[[], AbstractContextManager[None]]

FEW = 200
"""Fewer polygons than these are not worth threads."""


def _keep(geometries: list[Geometry], meanwhile: Meanwhile = nullcontext) -> None:
    plain: list[Geometry] = []
    numbers: list[float] = []
    ends: list[list[int]] = []  # of each polygon: numbers so far at the end of each of its rings
    for geometry in geometries:
        if geometry.type != "Polygon" or geometry.model_extra:
            continue
        begin = len(numbers)
        own = _take(geometry.coordinates, numbers)
        if own is None:
            del numbers[begin:]
        else:
            plain.append(geometry)
            ends.append(own)
    if not plain:
        return
    try:
        corners = np.array(numbers, dtype=np.float64).reshape(-1, 2) + 0.0  # -0.0 is 0.0
    except OverflowError:  # a whole number of hundreds of digits
        return
    flat = np.array([end // 2 for own in ends for end in own], dtype=np.int64)
    n_rings = np.array([len(own) for own in ends], dtype=np.int64)
    polygon_of_ring = np.repeat(np.arange(len(plain)), n_rings)
    sound = np.logical_and.reduceat(_sound_rings(corners, flat), np.cumsum(n_rings) - n_rings)
    corners, flat = _without_last_if_first(corners, flat)
    with meanwhile():
        sound = _sound_polygons(corners, flat, polygon_of_ring, sound)
    first_ring = 0
    begin = 0
    flat_ends: list[int] = flat.tolist()
    for geometry, good, own in zip(plain, sound.tolist(), ends, strict=True):
        after = first_ring + len(own)
        end = flat_ends[after - 1]
        if good:
            rings = Rings(corners[begin:end], tuple([e - begin for e in flat_ends[first_ring:after]]))
            keep_shapes(geometry, (Shape(0.0, 0.0, 0.0, rings),))
        first_ring, begin = after, end


def _take(rings: Any, numbers: list[float]) -> list[int] | None:
    """Appends the numbers of a polygon; the length so far after each ring. None: it is not rings of pairs."""
    if not rings:
        return None
    ends = []
    for ring in rings:
        if type(ring) is not list or len(ring) < 3:
            return None
        try:
            pairs = list(chain.from_iterable(ring))
            if set(map(len, ring)) != {2} or not _NUMBERS.issuperset(map(type, pairs)):
                return None
        except TypeError:  # a position that is a number or nothing
            return None
        numbers += pairs
        ends.append(len(numbers))
    return ends


_NUMBERS = frozenset({float, int})


def _sound_rings(corners: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Whether each ring is finite, in the range of degrees, and at most 180 degrees wide."""
    starts = np.concatenate([[0], ends[:-1]])
    least, most = (of.reduceat(corners, starts) for of in (np.minimum, np.maximum))  # NaN stays NaN
    wide = most[:, 0] - least[:, 0]
    good = (least >= (-180, -90)).all(axis=1) & (most <= (180, 90)).all(axis=1) & (wide <= 180)
    return np.asarray(good, dtype=bool)


def _without_last_if_first(corners: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corners and ends with the repeated last corner of each ring left out."""
    starts = np.concatenate([[0], ends[:-1]])
    repeated = (corners[starts] == corners[ends - 1]).all(axis=1)
    keep = np.ones(len(corners), dtype=bool)
    keep[ends[repeated] - 1] = False
    return corners[keep], ends - np.cumsum(repeated)


def _sound_polygons(
    corners: np.ndarray, ends: np.ndarray, polygon_of_ring: np.ndarray, sound: np.ndarray
) -> np.ndarray:
    """Of the polygons that are ``sound`` so far, those with a clear inside: no boundary crosses itself, no hole
    leaves its shell, no ring has fewer than three corners."""
    import shapely  # what has no drawn zone does not pay for its import

    sizes = np.diff(ends, prepend=0)
    still_closed = (corners[ends - sizes] == corners[ends - 1]).all(axis=1)
    sound = sound.copy()
    sound[polygon_of_ring[(sizes < 3) | still_closed]] = False
    asked = sound[polygon_of_ring]
    if not asked.any():
        return sound
    ring_of_corner = np.repeat(np.arange(len(ends)), sizes)
    of_asked = asked[ring_of_corner]
    number = np.cumsum(asked) - 1  # of the rings asked for
    rings = shapely.linearrings(corners[of_asked], indices=number[ring_of_corner[of_asked]])
    of_polygon = polygon_of_ring[asked]
    is_shell = np.diff(of_polygon, prepend=-1) != 0
    polygons = shapely.polygons(rings, indices=np.cumsum(is_shell) - 1)  # the first ring of each is its shell
    sound[of_polygon[is_shell]] = shapely.is_valid(polygons)
    return sound
