"""GeoJSON zones: what can be used, and what each bad feature is told."""

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strange_json import EXAMPLES, KINDS_OF_STRANGE, find_slots, plain, strange

from milepost.orders.geometry import BadGeometry, geometry_shapes
from milepost.orders.model import Geometry
from milepost.orders.read import parse_order_file
from milepost.orders.write import dumps
from milepost.orders.zones_geojson import check_zone, parse_zones, read_zones, zones_as_orders
from milepost.problems import UnreadableFile

SQUARE = [[-1.0, 52.0], [-0.9, 52.0], [-0.9, 52.1], [-1.0, 52.1], [-1.0, 52.0]]


def feature(geometry: Any, **properties: Any) -> dict:
    return {"type": "Feature", "properties": {"name": "park", **properties}, "geometry": geometry}


def polygon(*rings: Any) -> dict:
    return {"type": "Polygon", "coordinates": list(rings)}


def parse(*features: Any) -> tuple[list, list]:
    return parse_zones({"type": "FeatureCollection", "features": list(features)}, "zones.geojson")


def test_good_features_of_each_kind() -> None:
    zones, problems = parse(
        feature(polygon(SQUARE)),
        feature({"type": "MultiPolygon", "coordinates": [[SQUARE]]}),
        feature({"type": "Point", "coordinates": [-1.0, 52.0]}, radius_m=50),
    )
    assert problems == []
    assert [zone.number for zone in zones] == [1, 2, 3]
    assert zones[2].circle.radius_m == 50


@pytest.mark.parametrize(
    ("geometry", "message", "remedy"),
    [
        (polygon([[y, x] for x, y in SQUARE]), "exchanged", "[longitude, latitude]"),
        (polygon(SQUARE[:-1]), "not closed", "first position"),
    ],
)
def test_doubtful_zones_are_used_with_a_warning(geometry: dict, message: str, remedy: str) -> None:
    zones, [problem] = parse(feature(geometry))
    assert len(zones) == 1
    assert problem.severity == "warning"
    assert problem.row == "feature 1"
    assert message in problem.message
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("geometry", "message", "remedy"),
    [
        (polygon([[-1, 52], [-0.9, 52.1], [-0.9, 52], [-1, 52.1], [-1, 52]]),
         "crosses itself, near longitude -0.95, latitude 52.05", "cross"),
        (polygon([[430000, 289000], [431000, 289000], [431000, 290000], [430000, 289000]]),
         "not on the globe", "British National Grid"),
        (polygon([[52.4, 170.0], [52.5, 170.0], [52.5, 170.1], [52.4, 170.0]]),
         "not on the globe", "exchanged"),
        (polygon([[-1, 52], [-0.9, 52]]), "fewer than three", "again"),
        (polygon("abc"), "not a list", "brackets"),
        ({"type": "LineString", "coordinates": SQUARE}, "no inside", "Polygon"),
        ({"type": "Point", "coordinates": [-1, 52]}, "no size", "radius_m"),
        (None, "no geometry", "Draw"),
    ],
)  # fmt: skip
def test_bad_zones_are_left_out_with_number_and_remedy(geometry: Any, message: str, remedy: str) -> None:
    zones, [problem] = parse(feature(polygon(SQUARE)), feature(geometry))
    assert len(zones) == 1
    assert problem.row == "feature 2"
    assert "feature 2" in problem.message
    assert message in problem.message
    assert remedy in problem.remedy


def test_a_file_without_features_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "zones.geojson"
    path.write_text(json.dumps({"type": "Polygon"}), encoding="utf-8")
    with pytest.raises(UnreadableFile, match="FeatureCollection"):
        read_zones(path)


def test_zones_become_orders_where_they_say_enough() -> None:
    said = {"person_id": "p1", "kind": "exclusion_zone", "from": "2025-01-01", "regime": "civil_order"}
    zones, _ = parse(feature(polygon(SQUARE), **said), feature(polygon(SQUARE)))
    order_file, [problem] = zones_as_orders(zones, "zones.geojson")
    assert [c.id for c in order_file.orders[0].versions[0].conditions] == ["park"]
    assert problem.row == "feature 2"
    assert "person_id, kind, from, regime" in problem.message


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


@pytest.mark.parametrize(
    "second",
    [ring(2.01, 54.0, 2.02, 54.01), ring(2.009, 54.0, 2.02, 54.01), ring(2.01, 54.002, 2.02, 54.008)],
)
def test_parts_that_share_an_edge_or_overlap_are_one_area(second: list[list[float]]) -> None:
    drawn = Geometry(type="MultiPolygon", coordinates=[[ring(2.0, 54.0, 2.01, 54.01)], [second]])
    [shape] = geometry_shapes(drawn)
    assert (min(x for x, _ in shape.rings[0]), max(x for x, _ in shape.rings[0])) == (2.0, 2.02)
    doubt = check_zone(drawn, None)
    assert doubt is not None
    assert "read as one area" in doubt[0]


def test_parts_apart_stay_as_they_were_drawn() -> None:
    apart = [[ring(2.0, 54.0, 2.01, 54.01)], [ring(2.02, 54.0, 2.03, 54.01)]]
    shapes = geometry_shapes(Geometry(type="MultiPolygon", coordinates=apart))
    assert [list(map(list, shape.rings[0])) for shape in shapes] == [part[0][:-1] for part in apart]


@pytest.mark.parametrize(
    ("rings", "message"),
    [
        ([ring(2.0, 54.0, 2.01, 54.01), ring(2.02, 54.0, 2.03, 54.01)], "a hole of it lies outside it"),
        (
            [[[2.0, 54.0], [2.02, 54.01], [2.02, 54.0], [2.0, 54.01], [2.0, 54.0]]],
            "its boundary crosses itself",
        ),
    ],
)
def test_what_validate_refuses_is_left_out_where_an_order_is_read(rings: Any, message: str) -> None:
    condition = {"id": "Z", "kind": "exclusion_zone", "from": "2026-03-01", "geometry": polygon(*rings)}
    version = {"version": 1, "effective_from_utc": "2026-03-01T00:00:00Z", "conditions": [condition]}
    order = {"id": "O", "person_id": "P", "regime": "bail", "versions": [version]}
    order_file, problems = parse_order_file({"milepost": 1, "people": [{"id": "P"}], "orders": [order]}, "o")
    assert order_file.orders[0].versions[0].conditions == []
    [problem] = problems
    assert (problem.severity, problem.row) == ("error", "orders[0].versions[0].conditions[0]")
    assert message in problem.message


def crs(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::27700", "EPSG:3857", "urn:ogc:def:crs:EPSG::4258"])
def test_coordinates_of_another_system_are_refused_even_where_they_could_be_degrees(name: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        parse_zones(
            {"type": "FeatureCollection", "crs": crs(name), "features": [feature(polygon(SQUARE))]}, "z"
        )
    assert refused.value.problem.field == "crs"
    assert "EPSG:4326" in refused.value.problem.remedy
    with pytest.raises(BadGeometry):
        geometry_shapes(Geometry.model_validate({**polygon(SQUARE), "crs": crs(name)}))


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_the_names_of_wgs_84_are_known(name: str) -> None:
    zones, problems = parse_zones(
        {"type": "FeatureCollection", "crs": crs(name), "features": [feature(polygon(SQUARE))]}, "z"
    )
    assert (len(zones), problems) == (1, [])


def test_a_zone_across_180_degrees_is_the_narrow_shape_and_said() -> None:
    drawn = Geometry(type="Polygon", coordinates=[ring(179.99, -17.01, -179.99, -16.99)])
    [shape] = geometry_shapes(drawn)
    assert {round(lon, 6) for lon, _ in shape.rings[0]} == {179.99, 180.01}
    doubt = check_zone(drawn, None)
    assert doubt is not None
    assert "crosses 180 degrees" in doubt[0]
    with pytest.raises(BadGeometry) as refused:
        geometry_shapes(Geometry(type="Polygon", coordinates=[ring(179.99, -17.01, 180.01, -16.99)]))
    assert "write -179.99" in refused.value.remedy


anything = st.recursive(
    plain | strange | st.sampled_from([-1.5, 52.4, 52]),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(["Polygon", "MultiPolygon", "Point", "Circle"]), anything, anything)
def test_garbage_coordinates_never_crash(kind: str, coordinates: Any, radius: Any) -> None:
    zones, problems = parse(feature({"type": kind, "coordinates": coordinates}, radius_m=radius))
    assert zones or problems


@pytest.mark.parametrize("value", KINDS_OF_STRANGE, ids=type)
def test_each_strange_value_in_each_place_of_a_zone(value: Any) -> None:
    said = {"person_id": "p1", "kind": "exclusion_zone", "from": "2025-01-01", "regime": "civil_order"}
    drawn = feature(polygon(SQUARE), **said)
    round_one = feature({"type": "Point", "coordinates": [-1.5, 52.4]}, radius_m=100, **said)
    raw = copy.deepcopy({"type": "FeatureCollection", "features": [drawn, round_one]})
    for holder, key in find_slots(raw):
        kept, holder[key] = holder[key], value
        with contextlib.suppress(UnreadableFile):
            zones, _ = parse_zones(raw, "zones.geojson")
            order_file, _ = zones_as_orders(zones, "zones.geojson")
            dumps(order_file).encode("utf-8")
        holder[key] = kept


FENCES = [
    {"id": 7, "name": "park", "area": "POLYGON ((52.0 -1.0, 52.0 -0.9, 52.1 -0.9, 52.1 -1.0, 52.0 -1.0))",
     "attributes": {"person_id": "p", "kind": "exclusion_zone", "from": "2026-10-01", "regime": "licence"}},
    {"id": 8, "name": "road", "area": "LINESTRING (52.0 -1.0, 52.1 -1.0)", "attributes": {}},
    {"id": 9, "name": "broken", "area": "CIRCLE (52.0 west, 200)", "attributes": {}},
    {"id": 10, "name": "home", "area": "CIRCLE (52.0 -1.0, 200)", "attributes": None},
    {"id": 11, "name": "open", "area": "POLYGON ((52.0 -1.0, 52.0 -0.9, 52.1 -0.9))"},
]  # fmt: skip


def test_traccar_geofences_have_latitude_first(tmp_path: Path) -> None:
    path = tmp_path / "geofences.json"
    path.write_text(json.dumps(FENCES))
    zones, problems = read_zones(path)
    assert [zone.names for zone in zones] == [("park", "7"), ("home", "10"), ("open", "11")]
    assert zones[0].geometry.coordinates == [SQUARE]
    assert (zones[1].circle.lat, zones[1].circle.lon, zones[1].circle.radius_m) == (52.0, -1.0, 200)
    assert zones[2].geometry.coordinates[0][0] == zones[2].geometry.coordinates[0][-1], "closed"
    assert [(p.row, p.field) for p in problems] == [("geofence 2", "area"), ("geofence 3", "area")]
    assert "corridor" in problems[0].message
    assert "west is not a number" in problems[1].message
    orders, _ = zones_as_orders(zones, path.name)
    assert [order.person_id for order in orders.orders] == ["p"]


@pytest.mark.parametrize(
    "area", ["", "CIRCLE", "CIRCLE (1 2)", "POLYGON (())", "POLYGON ((1 2 3))", "POINT (1 2)", "⚠"]
)
def test_an_area_that_is_none_is_named(tmp_path: Path, area: str) -> None:
    path = tmp_path / "geofences.json"
    path.write_text(json.dumps([{"id": 1, "name": "x", "area": area}]))
    zones, problems = read_zones(path)
    assert zones == []
    assert [p.row for p in problems] == ["geofence 1"]
