"""Rings, boxes and buffers of what a map shows. Degrees, WGS 84, positions as (lon, lat)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape

from milepost.compliance.display_geometry import metres_per_degree
from milepost.service.maps.rows import ZoneRow

CIRCLE_POINTS = 96
Box = tuple[float, float, float, float]
"""West, south, east, north."""


def circle(lon: float, lat: float, radius_m: float, points: int = CIRCLE_POINTS) -> dict[str, Any]:
    """A circle of true metres on the ground as a GeoJSON Polygon, counter-clockwise (RFC 7946)."""
    east, north = metres_per_degree(lat)
    ring = [
        [
            round(lon + radius_m * math.cos(turn) / east, 7),
            round(lat + radius_m * math.sin(turn) / north, 7),
        ]
        for turn in (2 * math.pi * i / points for i in range(points))
    ]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def drawn(zone: ZoneRow) -> dict[str, Any] | None:
    """The zone as GeoJSON; a circle as a polygon; None where the zone has text and no geometry."""
    if zone.geometry is not None:
        return dict(zone.geometry)
    return None if zone.circle is None else circle(*zone.circle)


def widened(geometry: Mapping[str, Any], metres: float) -> dict[str, Any] | None:
    """The outline ``metres`` farther out, or farther in if negative; None where nothing is left of it."""
    given = shape(geometry)
    centre = np.array([given.centroid.x, given.centroid.y])
    scale = np.array(metres_per_degree(given.centroid.y))
    flat = shapely.transform(given, lambda degrees: (degrees - centre) * scale)
    wider = shapely.transform(flat.buffer(metres, quad_segs=16), lambda away_m: away_m / scale + centre)
    return None if wider.is_empty else _rounded(mapping(wider))


def top_point(geometry: Mapping[str, Any]) -> list[float]:
    """The middle of the northern edge of the box: where a label hides least."""
    west, _, east, north = shape(geometry).bounds
    return [round((west + east) / 2, 7), round(north, 7)]


def box_around(positions: Iterable[tuple[float, float]]) -> Box | None:
    found = list(positions)
    if not found:
        return None
    lons, lats = zip(*found, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def bounds(geometry: Mapping[str, Any]) -> Box:
    west, south, east, north = shape(geometry).bounds
    return west, south, east, north


def join(boxes: Iterable[Box | None]) -> Box | None:
    kept = [box for box in boxes if box is not None]
    if not kept:
        return None
    west, south, east, north = zip(*kept, strict=True)
    return min(west), min(south), max(east), max(north)


def _rounded(geometry: Any) -> dict[str, Any]:
    """Plain lists, to about a centimetre."""

    def walk(part: Any) -> Any:
        return round(part, 7) if isinstance(part, float) else [walk(inner) for inner in part]

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}
