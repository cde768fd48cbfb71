"""Geofences of a Traccar server (the JSON of ``/api/geofences``) as GeoJSON features.

Traccar writes an area as WKT with **latitude first**: ``CIRCLE (51.5 -0.1, 200)``, radius in metres, and
``POLYGON ((51.5 -0.1, ...))``. A ``LINESTRING`` is a corridor, which no condition of an order is; it is named and
left out. Source: Traccar, geofence/GeofenceCircle.java and its neighbours.

A feature is named by the geofence's ``name``, else its ``id``; its ``attributes`` become properties, so that they
may say ``person_id``, ``kind``, ``from`` and ``regime``.
"""

from __future__ import annotations

import re
from typing import Any

from milepost.orders.complaints import Complaints

_is_circle = re.compile(r"CIRCLE\s*\(\s*(\S+)\s+([^\s,]+)\s*,\s*([^\s)]+)\s*\)", re.IGNORECASE).fullmatch
_is_polygon = re.compile(r"POLYGON\s*\(\s*(\(.*\))\s*\)", re.IGNORECASE | re.DOTALL).fullmatch
REMEDY = "Write CIRCLE (latitude longitude, metres) or POLYGON ((latitude longitude, ...))"


def is_geofences(raw: Any) -> bool:
    """Whether parsed JSON is a list of geofences, or one by itself."""
    items = raw if isinstance(raw, list) else [raw]
    return bool(items) and all(
        isinstance(item, dict) and isinstance(item.get("area"), str) and "versions" not in item
        for item in items
    )


def as_features(raw: Any, complaints: Complaints) -> dict[str, Any]:
    """A GeoJSON FeatureCollection of the geofences. One whose area cannot be read has no feature and is named
    in ``complaints`` by its number (1 is the first)."""
    features = []
    for number, fence in enumerate(raw if isinstance(raw, list) else [raw], start=1):
        try:
            geometry, size = _read_area(fence["area"].strip())
        except ValueError as error:
            complaints.add(
                f"geofence {number}", "area", f"{error}; it was left out", REMEDY, fence["area"][:80]
            )
            continue
        attributes = fence.get("attributes")
        said = attributes if isinstance(attributes, dict) else {}
        properties = {**said, "name": fence.get("name"), **size}
        features.append(
            {"type": "Feature", "id": fence.get("id"), "geometry": geometry, "properties": properties}
        )
    return {"type": "FeatureCollection", "features": features}


def _read_area(area: str) -> tuple[dict[str, Any], dict[str, float]]:
    if circle := _is_circle(area):
        lat, lon, radius_m = (_number(text) for text in circle.groups())
        return {"type": "Point", "coordinates": [lon, lat]}, {"radius_m": radius_m}
    if polygon := _is_polygon(area):
        rings = [_ring(text) for text in re.findall(r"\(([^()]*)\)", polygon[1])]
        return {"type": "Polygon", "coordinates": rings}, {}
    kind = area.split("(")[0].strip().upper()[:20]
    if kind == "LINESTRING":
        raise ValueError("a LINESTRING is a corridor along a line, not an area")
    raise ValueError("the area cannot be read")


def _ring(text: str) -> list[list[float]]:
    ring = []
    for pair in text.split(","):
        numbers = pair.split()
        if len(numbers) != 2:
            raise ValueError("a corner is not two numbers")
        lat, lon = map(_number, numbers)
        ring.append([lon, lat])
    if ring and ring[0] != ring[-1]:  # Traccar's own editor leaves rings open; WKT wants them closed
        ring.append(ring[0])
    return ring


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text[:20]} is not a number") from None
