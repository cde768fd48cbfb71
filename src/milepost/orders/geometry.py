"""GeoJSON geometry and circles to the shapes the engine measures against. Degrees, WGS 84, lon, lat."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from milepost.orders.model import Circle, Geometry
from milepost.orders.obligations import Shape
from milepost.orders.rings import Ring

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


class BadGeometry(ValueError):
    """The geometry cannot be used; the text says why, ``remedy`` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def circle_shape(circle: Circle) -> Shape:
    return Shape(lon=circle.lon, lat=circle.lat, radius_m=circle.radius_m)


def geometry_shapes(geometry: Geometry) -> tuple[Shape, ...]:
    """The polygons of a GeoJSON Polygon or MultiPolygon (RFC 7946), rings without the repeated last point.

    A ring with an edge of more than 180 degrees of longitude crosses the 180th meridian: its longitudes go on
    beyond 180, so that it is the narrow shape and not the rest of the globe. Polygons of one geometry that
    overlap or share an edge are one area (inside any of them is inside), and become one: else the edge
    between them would count as a boundary.

    Raises ``BadGeometry`` if the coordinates are not lists of rings of positions in range, or a polygon has
    no clear inside: its boundary crosses itself, or a hole is not in its shell; or a ``crs`` beside them names
    another system than WGS 84.

    What was read of the coordinates is kept beside them: they are replaced by others, never changed in place.
    """
    refuse_other_crs((geometry.model_extra or {}).get("crs"))
    kept = geometry.__dict__.get(_KEPT)
    if kept is not None and kept[0] is geometry.coordinates and kept[1] == geometry.type:
        shapes: tuple[Shape, ...] = kept[2]
        return shapes
    return keep_shapes(geometry, _read_shapes(geometry))


_KEPT = "_shapes"
"""Where a geometry's shapes are kept: in its ``__dict__``, as pydantic lets a ``cached_property``, so that they are
no part of what it says, is compared by or written as."""


def keep_shapes(geometry: Geometry, shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Keeps what ``geometry_shapes`` is to answer, until the geometry gets other coordinates."""
    geometry.__dict__[_KEPT] = geometry.coordinates, geometry.type, shapes
    return shapes


def shapes_are_known(geometry: Geometry) -> bool:
    """Whether ``geometry_shapes`` has been asked, or been given its answer, before."""
    return _KEPT in geometry.__dict__


def forget_shapes(geometry: Geometry) -> None:
    """Has the geometry read anew when it is next asked for."""
    geometry.__dict__.pop(_KEPT, None)


def _read_shapes(geometry: Geometry) -> tuple[Shape, ...]:
    if geometry.type == "Polygon":
        polygon = _read_polygon(geometry.coordinates)
        _as_shapely(polygon)
        return (Shape(rings=polygon),)
    if not geometry.coordinates:
        raise BadGeometry("it has no polygon", "Draw at least one polygon")
    polygons = tuple(_read_polygon(polygon) for polygon in geometry.coordinates)
    first = polygons[0][0][0][0]
    polygons = tuple(shift_near(polygon, first) for polygon in polygons)
    return tuple(Shape(rings=polygon) for polygon in _unite(polygons))


def _as_shapely(polygon: tuple[Ring, ...]) -> BaseGeometry:
    """The polygon for shapely. Raises ``BadGeometry`` if it has no clear inside."""
    from shapely.geometry import Polygon  # what has no drawn zone does not pay for its import

    drawn = Polygon(polygon[0], polygon[1:])
    if not drawn.is_valid:
        raise BadGeometry(*_why_not_valid(drawn))
    return drawn


_NOT_VALID = {
    "Self-intersection": ("its boundary crosses itself", "Draw it again so that no two of its lines cross"),
    "Ring Self-intersection": ("its boundary touches itself", "Draw it as two polygons, or move the corner"),
    "Hole lies outside shell": (
        "a hole of it lies outside it",
        "Draw the hole as a polygon of its own, or remove it",
    ),
    "Holes are nested": ("a hole of it lies in another hole", "Remove the inner hole"),
    "Interior is disconnected": ("its holes cut it in two", "Draw it as two polygons"),
    "Duplicate Rings": ("one boundary is drawn twice", "Remove one of the two"),
}
"""What GEOS says of a polygon that is not valid (OGC 06-103r4, 6.1.11.1), in words, with the remedy."""


def _why_not_valid(drawn: BaseGeometry) -> tuple[str, str]:
    from shapely.validation import explain_validity

    reason, _, where = explain_validity(drawn).partition("[")
    message, remedy = _NOT_VALID.get(
        reason.strip(), (f"its boundary is not valid: {reason.strip()}", "Draw it again without crossings")
    )
    numbers = where.rstrip("]").split()
    if len(numbers) < 2:
        return message, remedy
    lon, lat = (round(float(number), 6) for number in numbers[:2])
    return f"{message}, near longitude {lon:g}, latitude {lat:g}", remedy


def _unite(polygons: tuple[tuple[Ring, ...], ...]) -> tuple[tuple[Ring, ...], ...]:
    """The polygons as they are if no two touch along an edge or overlap; else those of their union."""
    from shapely import MultiPolygon, unary_union

    drawn = [_as_shapely(polygon) for polygon in polygons]
    if MultiPolygon(drawn).is_valid:
        return polygons
    union = unary_union(drawn)
    parts = union.geoms if union.geom_type == "MultiPolygon" else [union]
    return tuple(
        tuple(tuple(ring.coords)[:-1] for ring in (part.exterior, *part.interiors)) for part in parts
    )


_WGS84 = ("CRS84", ":4326", "EPSG4326", "WGS84", "WGS 84")


def refuse_other_crs(crs: Any) -> None:
    """Raises ``BadGeometry`` if a ``crs`` of GeoJSON 2008 names another system than longitude and latitude
    on WGS 84. RFC 7946 has no such member, but exports still do, and their numbers mean what it says."""
    if crs is None:
        return
    inner = crs.get("properties") if isinstance(crs, dict) else None
    name = str(inner.get("name") if isinstance(inner, dict) else crs)[:80]
    if not any(known in name.upper() for known in _WGS84):
        raise BadGeometry(
            f"its coordinates are in {name}, not in longitude and latitude",
            "Export it again in WGS 84 (EPSG:4326), or take the crs out if the numbers are longitude and latitude",
        )


def shift_near(polygon: tuple[Ring, ...], lon: float) -> tuple[Ring, ...]:
    """The polygon moved by whole turns of the globe, so that it begins within 180 degrees of ``lon``."""
    turns = 360 * round((lon - polygon[0][0][0]) / 360)
    return tuple(tuple((x + turns, y) for x, y in ring) for ring in polygon) if turns else polygon


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
    return tuple(_unwrapped(points))


def _unwrapped(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Longitudes that go on beyond 180 where an edge would span more than half the globe."""
    lons = [lon for lon, _ in points]
    if max(lons) - min(lons) <= 180:
        return points
    found = [points[0]]
    for lon, lat in points[1:]:
        before = found[-1][0]
        found.append((lon + 360 * round((before - lon) / 360), lat))
    return found


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
    if 180 < abs(lon) <= 540 and abs(lat) <= 90:
        return (
            f"Longitude goes from -180 to 180: write {(lon + 180) % 360 - 180:g}; a zone across 180 degrees is "
            "drawn with both signs"
        )
    if 0 <= lon <= 700_000 and 0 <= lat <= 1_300_000:
        return (
            "These look like eastings and northings of the British National Grid: "
            "convert them to longitude and latitude (EPSG:27700 to EPSG:4326)"
        )
    return "Give longitude and latitude in degrees, WGS 84 (EPSG:4326)"
