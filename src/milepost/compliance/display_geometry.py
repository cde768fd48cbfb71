"""Distances and probabilities for showing, not for deciding: section 3 of "How the engine decides".

The engine has its own compiled geometry. This one rests on shapely and a flat projection around the
target, so that an explanation checks the engine with other code. Within 50 km of the target it stays
well within 0.1 % of the distance on the ellipsoid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from shapely import Point, Polygon
from shapely.geometry.base import BaseGeometry

from milepost.compliance.rule_tables import SourceRule
from milepost.orders.obligations import Shape, Target

WGS84_EQUATOR_RADIUS_M = 6_378_137.0
WGS84_ECCENTRICITY_SQUARED = 6.694_379_990_14e-3
PRECISION_TO_SIGMA = math.sqrt(-2 * math.log(0.05))
"""Precision is the radius that holds 95 % of a round two-dimensional normal error: 2.448 sigma."""


@lru_cache(maxsize=4096)
def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres per degree (of longitude, of latitude) at a latitude, from the radii of the WGS 84 ellipsoid."""
    turn = math.radians(lat)
    bend = 1 - WGS84_ECCENTRICITY_SQUARED * math.sin(turn) ** 2
    east = WGS84_EQUATOR_RADIUS_M / math.sqrt(bend) * math.cos(turn)
    north = WGS84_EQUATOR_RADIUS_M * (1 - WGS84_ECCENTRICITY_SQUARED) / bend**1.5
    return math.radians(east), math.radians(north)


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """A flat map around a point. ``metres`` gives (east, north) in metres from it."""

    lon: float
    lat: float

    def metres(self, lon: float, lat: float) -> tuple[float, float]:
        east, north = metres_per_degree((lat + self.lat) / 2)
        turn = (lon - self.lon + 180) % 360 - 180
        return turn * east, (lat - self.lat) * north


def centre(shape: Shape) -> tuple[float, float]:
    """A point (lon, lat) to lay the plane around: a circle's centre, the middle of a polygon's box."""
    if not shape.rings:
        return shape.lon, shape.lat
    lons, lats = zip(*shape.rings[0], strict=True)
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


def polygon_in(plane: LocalPlane, shape: Shape) -> BaseGeometry:
    """A polygon (holes kept) in metres on the plane."""
    outside, *holes = [[plane.metres(*point) for point in ring] for ring in shape.rings]
    return Polygon(outside, holes)


class TargetGeometry:
    """A target prepared for many distances."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._known: dict[tuple[float, float], float] = {}
        self._planes = [LocalPlane(*centre(shape)) for shape in target.shapes]
        self._polygons = [
            polygon_in(plane, shape) if shape.rings else None
            for plane, shape in zip(self._planes, target.shapes, strict=True)
        ]

    def signed_distance_m(self, lon: float, lat: float) -> float:
        """Metres to the boundary, positive inside; for several shapes the largest. Degrees, WGS 84."""
        if (lon, lat) not in self._known:
            self._known[lon, lat] = self._signed_distance_m(lon, lat)
        return self._known[lon, lat]

    def _signed_distance_m(self, lon: float, lat: float) -> float:
        distances = []
        for shape, plane, polygon in zip(self.target.shapes, self._planes, self._polygons, strict=True):
            east, north = plane.metres(lon, lat)
            if polygon is None:
                distances.append(shape.radius_m - math.hypot(east, north))
                continue
            point = Point(east, north)
            away = float(polygon.boundary.distance(point))
            distances.append(away if polygon.covers(point) else -away)
        return max(distances, default=-math.inf)


def used_precision_m(precision_m: float | None, rule: SourceRule) -> float:
    """The 95 % radius that counts: assumed where unknown, never below the source's floor."""
    given = precision_m if precision_m and precision_m > 0 else rule.assumed_precision_m
    return max(given, rule.precision_floor_m)


def chance_of_side(distance_m: float, precision_m: float) -> float:
    """The least chance that the tag was on the side on which a position lies so far from the boundary.

    Errors go in any direction: one larger than r sigma has the probability exp(-r^2 / 2), and the other side is no
    nearer than the boundary. 0 on the boundary and beyond it.
    """
    sigmas = max(distance_m, 0.0) * PRECISION_TO_SIGMA / precision_m
    return 1 - math.exp(-sigmas * sigmas / 2)


def needed_distance_m(precision_m: float, probability: float) -> float:
    """How far from the boundary a position must lie so that the chance of its side is at least that."""
    return math.sqrt(-2 * math.log(1 - probability)) * precision_m / PRECISION_TO_SIGMA
