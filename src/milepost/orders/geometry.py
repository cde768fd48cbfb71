"""GeoJSON geometry and circles to the shapes the engine measures against. Degrees, WGS 84, lon, lat."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from milepost.orders.model import Circle, Geometry
from milepost.orders.obligations import Shape

Ring = tuple[tuple[float, float], ...]


class BadGeometry(ValueError):
    """The geometry cannot be used; the text says why, ``remedy`` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def circle_shape(circle: Circle) -> Shape:
    return Shape(lon=circle.lon, lat=circle.lat, radius_m=circle.radius_m)


def geometry_shapes(geometry: Geometry) -> tuple[Shape, ...]:
    """The polygons of a GeoJSON Polygon or MultiPolygon (RFC 7946), rings without the repeated last point.

    Raises ``BadGeometry`` if the coordinates are not lists of rings of positions in range.
    """
    if geometry.type == "Polygon":
        return (Shape(rings=_read_polygon(geometry.coordinates)),)
    if not geometry.coordinates:
        raise BadGeometry("it has no polygon", "Draw at least one polygon")
    return tuple(Shape(rings=_read_polygon(polygon)) for polygon in geometry.coordinates)


def _read_polygon(polygon: Any) -> tuple[Ring, ...]:
    if not isinstance(polygon, list) or not polygon:
        raise BadGeometry("it has no ring", "Give each polygon as a list of rings, the outside first")
    return tuple(_read_ring(ring) for ring in polygon)


def _read_ring(ring: Any) -> Ring:
    if not isinstance(ring, list):
        raise BadGeometry(
            "a ring is not a list of positions", "Check how deep the brackets of coordinates are nested"
        )
    points = _quickly(ring) or [_read_position(position) for position in ring]
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    if len(set(points)) < 3:
        raise BadGeometry("a ring has fewer than three different corners", "Draw the zone again")
    return tuple(points)


def _quickly(ring: list[Any]) -> list[tuple[float, float]] | None:
    """The positions of a ring in which nothing is wrong; None: look at each, to say what is."""
    try:
        values = np.array(ring)
    except ValueError:
        return None
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind not in "if":
        return None
    degrees = values[:, :2].astype(float)
    if not (np.isfinite(degrees).all() and (np.abs(degrees) <= (180, 90)).all()):
        return None
    return [(lon, lat) for lon, lat in degrees.tolist()]


def _read_position(position: Any) -> tuple[float, float]:
    if (
        not isinstance(position, list | tuple)
        or len(position) < 2
        or not all(isinstance(x, int | float) and not isinstance(x, bool) for x in position[:2])
    ):
        raise BadGeometry(
            "a position is not a pair of numbers", "Give each position as [longitude, latitude] in degrees"
        )
    lon, lat = (_as_float(x) for x in position[:2])
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise BadGeometry("a position is not a finite number", "Give longitude and latitude in degrees")
    if abs(lon) > 180 or abs(lat) > 90:
        raise BadGeometry(f"the position [{lon}, {lat}] is not on the globe", remedy_out_of_range(lon, lat))
    return lon, lat


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf


def remedy_out_of_range(lon: float, lat: float) -> str:
    """What most likely went wrong with a position outside the range of degrees."""
    if abs(lon) <= 90 and abs(lat) <= 180:
        return "Longitude and latitude look exchanged: GeoJSON wants [longitude, latitude]"
    if 0 <= lon <= 700_000 and 0 <= lat <= 1_300_000:
        return (
            "These look like eastings and northings of the British National Grid: "
            "convert them to longitude and latitude (EPSG:27700 to EPSG:4326)"
        )
    return "Give longitude and latitude in degrees, WGS 84 (EPSG:4326)"
