"""Zones and places from a GeoJSON FeatureCollection (RFC 7946), each checked before it is used.

A feature is named by its property ``place``, ``name`` or ``id`` (or its own ``id``). Polygon and
MultiPolygon are taken as they are; a Point needs a property ``radius_m`` and becomes a circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from shapely.geometry import shape as make_shapely

from milepost.likely_area import is_likely
from milepost.orders.complaints import Complaints
from milepost.orders.geometry import BadGeometry, geometry_shapes, refuse_other_crs, remedy_out_of_range
from milepost.orders.json_file import load_json_object
from milepost.orders.model import Circle, Condition, ConditionKind, Geometry, OrderFile, OrderVersion, Place
from milepost.orders.read import parse_order_file
from milepost.orders.storable_json import make_storable
from milepost.orders.traccar_geofences import as_features, is_geofences
from milepost.orders.write import to_plain
from milepost.problems import Problem, UnreadableFile

ZONE_KINDS = frozenset(
    {ConditionKind.EXCLUSION_ZONE, ConditionKind.INCLUSION_ZONE, ConditionKind.RESTRICTION_ZONE}
)


@dataclass(frozen=True, slots=True)
class Zone:
    """One usable feature: its names, whose it is (None: everybody's), and its geometry."""

    names: tuple[str, ...]
    person_id: str | None
    geometry: Geometry | None
    circle: Circle | None
    properties: dict[str, Any]
    number: int
    """1 is the first feature of the file."""


def read_zones(path: str | Path) -> tuple[list[Zone], list[Problem]]:
    """Reads the features that can be used, or Traccar's geofences. Raises ``UnreadableFile`` if it is neither a
    FeatureCollection nor those."""
    path = Path(path)
    raw, problems = load_json_object(path, allow_list=True)
    complaints = Complaints(path.name)
    if is_geofences(raw):
        raw = as_features(make_storable(raw, complaints), complaints)
    elif isinstance(raw, list):
        raw = {}
    zones, more = parse_zones(raw, path.name)
    return zones, [*problems, *complaints.problems, *more]


def parse_zones(raw: dict[str, Any], source: str) -> tuple[list[Zone], list[Problem]]:
    """As ``read_zones``, from parsed JSON."""
    complaints = Complaints(source)
    raw = make_storable(raw, complaints)
    features = [raw] if raw.get("type") == "Feature" else raw.get("features")
    try:
        refuse_other_crs(raw.get("crs"))
    except BadGeometry as error:
        raise UnreadableFile(Problem(source, None, "crs", str(error), error.remedy)) from None
    if not isinstance(features, list):
        raise UnreadableFile(
            Problem(source, None, "features", "is not a GeoJSON FeatureCollection",
                    "Export the zones as GeoJSON")
        )  # fmt: skip
    zones = [
        zone
        for number, feature in enumerate(features, start=1)
        if (zone := _read_feature(feature, number, complaints)) is not None
    ]
    return zones, complaints.problems


def _read_feature(feature: Any, number: int, complaints: Complaints) -> Zone | None:
    row = f"feature {number}"
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or not isinstance(geometry, dict):
        complaints.add(row, "geometry", f"feature {number} has no geometry; it was left out",
                       "Draw it, or remove the feature")  # fmt: skip
        return None
    given = feature.get("properties")
    properties = given if isinstance(given, dict) else {}
    candidates = [properties.get(key) for key in ("place", "name", "id")] + [feature.get("id")]
    names = tuple(dict.fromkeys(str(name) for name in candidates if name not in (None, "")))
    if not names:
        complaints.add(row, "properties.name", f"feature {number} has no name; it was left out",
                       "Give it a property place, name or id")  # fmt: skip
        return None
    person = properties.get("person_id")
    try:
        circle, drawn = _read_geometry(geometry, properties)
        warning = check_zone(drawn, circle)
    except BadGeometry as error:
        complaints.add(
            row, "geometry", f"feature {number} ({names[0]}): {error}; it was left out", error.remedy
        )
        return None
    if warning is not None:
        complaints.add(row, "geometry", f"feature {number} ({names[0]}): {warning[0]}", warning[1],
                       severity="warning")  # fmt: skip
    return Zone(names, None if person is None else str(person), drawn, circle, properties, number)


def _read_geometry(
    geometry: dict[str, Any], properties: dict[str, Any]
) -> tuple[Circle | None, Geometry | None]:
    if geometry.get("type") == "Point":
        radius, position = properties.get("radius_m"), geometry.get("coordinates")
        if not isinstance(position, list) or len(position) < 2:
            raise BadGeometry("the point has no position", "Give [longitude, latitude]")
        try:
            return Circle(lon=position[0], lat=position[1], radius_m=radius), None
        except ValidationError as error:
            if radius is None:
                raise BadGeometry(
                    "a point has no size", "Give it a property radius_m, or draw a polygon"
                ) from error
            numbers = [x if isinstance(x, int | float) else 0.0 for x in position[:2]]
            raise BadGeometry(
                "the circle is not on the globe or has no size", remedy_out_of_range(*numbers)
            ) from error
    try:
        drawn = Geometry.model_validate(geometry)
    except ValidationError as error:
        raise BadGeometry(
            f"a {geometry.get('type')} has no inside",
            "Draw a Polygon, a MultiPolygon or a Point with radius_m",
        ) from error
    return None, drawn


def check_zone(geometry: Geometry | None, circle: Circle | None) -> tuple[str, str] | None:
    """What is doubtful about a zone, with the remedy; None if nothing is.

    Raises ``BadGeometry`` if it cannot be used: out of range, or a boundary that crosses itself.
    """
    points: list[tuple[float, float]] = []
    warning: tuple[str, str] | None = None
    if geometry is not None:
        shapes = geometry_shapes(geometry)
        for polygon in shapes:
            points.extend(polygon.rings[0])
        if geometry.type == "MultiPolygon" and not make_shapely(_plain(geometry)).is_valid:
            warning = (
                "has parts that overlap or share an edge; they were read as one area",
                "Draw them as one polygon, or check that inside any of them is meant",
            )
        if any(abs(lon) > 180 for lon, _ in points):
            warning = (
                "crosses 180 degrees of longitude; it was read as the narrow shape, not the rest of the globe",
                "Check its width",
            )
        if not all(_is_closed(ring) for ring in _find_rings(geometry)):
            warning = (
                "a ring is not closed; it was closed",
                "Repeat the first position at the end of each ring",
            )
    if circle is not None:
        points.append((circle.lon, circle.lat))
    if (
        points
        and not any(is_likely(lon, lat) for lon, lat in points)
        and any(is_likely(lat, lon) for lon, lat in points)
    ):
        return (
            "lies far from the United Kingdom, but would lie in it with longitude and latitude exchanged",
            "Check the order of the numbers: GeoJSON wants [longitude, latitude]",
        )
    return warning


def _find_rings(geometry: Geometry) -> list[list[list[float]]]:
    polygons = [geometry.coordinates] if geometry.type == "Polygon" else geometry.coordinates
    return [ring for polygon in polygons for ring in polygon]


def _is_closed(ring: list[list[float]]) -> bool:
    return len(ring) > 3 and ring[0][:2] == ring[-1][:2]


def _plain(geometry: Geometry) -> dict[str, Any]:
    """A MultiPolygon as shapely wants it: every ring closed, two numbers a position."""
    closed = [
        [[position[:2] for position in (ring if _is_closed(ring) else [*ring, ring[0]])] for ring in polygon]
        for polygon in geometry.coordinates
    ]
    return {"type": "MultiPolygon", "coordinates": closed}


def apply_places(order_file: OrderFile, zones: list[Zone], source: str) -> list[Problem]:
    """Gives geometry to the places and zones of the same name; says which features fitted nothing."""
    complaints = Complaints(source)
    used: set[int] = set()
    for order in order_file.orders:
        # One person's own zone comes before everybody's.
        mine = sorted(
            (zone for zone in zones if zone.person_id in (None, order.person_id)),
            key=lambda zone: zone.person_id is None,
        )
        for version in order.versions:
            for part in _find_drawable(version):
                zone = next((zone for zone in mine if set(zone.names) & _names_of(part)), None)
                if zone is not None:
                    part.geometry, part.circle = zone.geometry, zone.circle
                    used.add(zone.number)
    for zone in zones:
        if zone.number not in used:
            complaints.add(f"feature {zone.number}", "properties.name", "fits no place or zone of the orders",
                           "Name it as the order does, for example PRIMARY_ADDRESS",
                           ", ".join(zone.names), "warning")  # fmt: skip
    return complaints.problems


def _find_drawable(version: OrderVersion) -> list[Place | Condition]:
    """The places of a version, and the conditions that are zones."""
    return [*version.places, *(c for c in version.conditions if c.kind in ZONE_KINDS)]


def _names_of(part: Place | Condition) -> set[str]:
    name = part.name if isinstance(part, Place) else (part.model_extra or {}).get("x_name")
    return {part.id, *([str(name)] if name else [])}


def drop_answered(problems: list[Problem], order_file: OrderFile) -> list[Problem]:
    """The problems without those "has no geometry" that ``apply_places`` has answered."""
    open_parts = {
        part.id
        for order in order_file.orders
        for version in order.versions
        for part in _find_drawable(version)
        if part.geometry is None and part.circle is None
        and not (isinstance(part, Condition) and part.place is not None)
    }  # fmt: skip
    return [
        problem
        for problem in problems
        if "has no geometry" not in problem.message
        or any(part in f"{problem.message} {problem.value}" for part in open_parts)
    ]


def zones_as_orders(zones: list[Zone], source: str) -> tuple[OrderFile, list[Problem]]:
    """One order for each person that holds their zones in one version.

    A feature needs the properties ``person_id``, ``kind`` (a condition kind), ``from`` and ``regime``;
    one without them is left out with a problem.
    """
    complaints = Complaints(source)
    orders: dict[str, dict[str, Any]] = {}
    for zone in zones:
        missing = [key for key in ("person_id", "kind", "from", "regime") if not zone.properties.get(key)]
        if missing:
            complaints.add(f"feature {zone.number}", f"properties.{missing[0]}",
                           f"feature {zone.number} ({zone.names[0]}) has no {', '.join(missing)}; "
                           "it was left out", "Add the property")  # fmt: skip
            continue
        person = str(zone.person_id)
        order = orders.setdefault(
            person, {"id": f"zones-of-{person}", "person_id": person, "regime": zone.properties["regime"],
                     "versions": [{"version": 1, "effective_from_utc": "1970-01-01T00:00:00Z",
                                   "conditions": []}]},
        )  # fmt: skip
        order["versions"][0]["conditions"].append({
            "id": zone.names[-1], "kind": zone.properties["kind"], "from": zone.properties["from"],
            "until": zone.properties.get("until"), "description": zone.names[0],
            "geometry": to_plain(zone.geometry), "circle": to_plain(zone.circle),
        })  # fmt: skip
    raw = {"milepost": 1, "people": [{"id": person} for person in orders], "orders": list(orders.values())}
    order_file, problems = parse_order_file(raw, source)
    return order_file, [*complaints.problems, *problems]
