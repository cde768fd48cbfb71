"""What is read at once, together or only once is what is read part by part, one by one, each time."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strange_json import EXAMPLES, find_slots, garbage

import milepost.orders.read as reading
from milepost.json_nesting import DEEPEST, is_too_deep
from milepost.orders.geometry import BadGeometry, geometry_shapes
from milepost.orders.many_geometries import keep_sound_shapes
from milepost.orders.model import Geometry, OrderFile
from milepost.orders.obligations import Shape
from milepost.orders.schedules import expand
from milepost.orders.write import dumps
from milepost.problems import Problem, UnreadableFile

REPO = Path(__file__).resolve().parents[2]
SQUARE = [[-1.5, 52.4], [-1.4, 52.4], [-1.4, 52.5], [-1.5, 52.5], [-1.5, 52.4]]


def night(day: str, until: str, **more: Any) -> dict[str, Any]:
    return {"from_day": day, "from_time": "19:00", "until_day": until, "until_time": "07:00", **more}


def person(number: int) -> dict[str, list[Any]]:
    """One person with what is in force for them, as lists of the file."""
    own = f"p{number}"
    schedule = [night("mon", "tue"), night("tue", "wed", place=f"{own}-sister"), night("wed", "thu")]
    conditions = [
        {"id": f"{own}-curfew", "kind": "curfew", "from": "2025-03-01", "place": f"{own}-home",
         "schedule": schedule},
        {"id": f"{own}-zone", "kind": "exclusion_zone", "from": "2025-03-01T00:00:00Z",
         "geometry": {"type": "Polygon", "coordinates": [SQUARE]}},
    ]  # fmt: skip
    places = [
        {"id": f"{own}-home", "circle": {"lon": -1.6, "lat": 52.4, "radius_m": 50}},
        {"id": f"{own}-sister", "circle": {"lon": -1.7, "lat": 52.4, "radius_m": 50}},
    ]
    version = {"version": 1, "effective_from_utc": "2025-03-01T00:00:00Z", "places": places}
    return {
        "people": [{"id": own, "name": "Synthetic"}],
        "activations": [
            {"id": f"a{number}", "device_id": own, "person_id": own, "from_utc": "2025-03-01T00:00:00Z"}
        ],
        "orders": [{"id": f"o{number}", "person_id": own, "regime": "bail",
                    "versions": [{**version, "conditions": conditions}]}],
    }  # fmt: skip


def town() -> dict[str, Any]:
    file: dict[str, Any] = {"milepost": 1, "people": [], "activations": [], "orders": []}
    for number in range(3):
        for name, parts in person(number).items():
            file[name] += parts
    return json.loads(json.dumps(file))


Read = tuple[OrderFile, list[Problem]]


def read(raw: Any) -> Read | str:
    try:
        return reading.parse_order_file(raw, "orders.json")
    except UnreadableFile as error:
        return str(error)


def read_by_parts(raw: Any) -> Read | str:
    def none(items: list[Any]) -> list[None]:
        return [None] * len(items)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "read_sound_orders", none)
        patch.setattr(reading, "read_sound", lambda _: none)
        return read(raw)


def assert_alike(raw: Any) -> None:
    at_once, by_parts = read(raw), read_by_parts(raw)
    if isinstance(at_once, str) or isinstance(by_parts, str):
        assert at_once == by_parts
        return
    assert at_once[1] == by_parts[1]
    assert at_once[0] == by_parts[0]
    assert dumps(at_once[0]) == dumps(by_parts[0]), "what was given and what is a default too"
    week = 1_741_564_800_000_000, 1_742_169_600_000_000
    assert expand(at_once[0], *week) == expand(by_parts[0], *week)


def test_a_sound_file_is_read_at_once() -> None:
    assert_alike(town())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_read_order", None)
        found = read(town())
    assert not isinstance(found, str)
    assert found[1] == []


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_garbage_anywhere_is_told_as_it_is_part_by_part(data: st.DataObject) -> None:
    raw = town()
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(find_slots(raw)))
        change = data.draw(st.sampled_from(["other", "gone", "twice", "unknown"]))
        if change == "other":
            holder[key] = data.draw(garbage)
        elif change == "gone":
            del holder[key]
        elif change == "twice" and isinstance(holder, list):
            holder.append(holder[key])
        elif isinstance(holder, dict):
            holder[data.draw(st.sampled_from(["x_own", "palce", "crs", "geometry", "first_night"]))] = (
                data.draw(garbage)
            )
    assert_alike(raw)


def test_rows_are_those_of_the_file_though_others_before_were_left_out() -> None:
    raw = town()
    del raw["orders"][0]["regime"]
    raw["orders"][2]["palce"] = 1
    raw["orders"][2]["versions"][0]["conditions"][1]["palce"] = 1
    raw["orders"][1]["versions"][0]["conditions"][0]["place"] = "nowhere"
    found = read(raw)
    assert not isinstance(found, str)
    assert [p.row for p in found[1]] == [
        "orders[0]",
        "orders[2]",
        "orders[2].versions[0].conditions[1]",
        "orders[1].versions[0].conditions[0]",
    ]
    assert_alike(raw)


def test_people_with_the_same_hours_owe_them_each_at_their_own_places() -> None:
    found = read(town())
    assert not isinstance(found, str)
    monday_us = 1_741_564_800_000_000
    owed = [o for o in expand(found[0], monday_us, monday_us + 3 * 86_400_000_000) if o.kind == "curfew"]
    assert len({(o.start_us, o.end_us) for o in owed}) == 3
    for number in range(3):
        places = [o.target.place_ids for o in owed if o.person_id == f"p{number}" and o.target]
        assert places == [(f"p{number}-home",), (f"p{number}-sister",), (f"p{number}-home",)]


degrees = st.floats(-3, 3) | st.integers(-3, 3) | st.sampled_from([-0.0, 0.0, 190.0, math.nan, math.inf])
rings = st.lists(st.lists(degrees, min_size=2, max_size=2), min_size=3, max_size=6) | st.just(SQUARE)
odd_rings = rings | st.just([]) | st.just([[1, 2], None, [3, 4]]) | st.just([[True, 1], [2, False], [3, 3]])


def star(corners: int, turn: float) -> list[list[float]]:
    angles = [turn + 2 * math.pi * n / corners for n in range(corners)]
    return [[math.cos(angle), 50 + math.sin(angle)] for angle in angles]


sound = st.builds(lambda corners, turn: [star(corners, turn)], st.integers(3, 12), st.floats(0, 6))
with_hole = sound.map(lambda shell: [*shell, [[0, 50], [0.1, 50], [0.1, 50.1]]])


def said_of(geometry: Geometry) -> Any:
    """Its shapes with the corners of their rings, or what is wrong with it."""
    try:
        return [(shape, list(shape.rings)) for shape in geometry_shapes(geometry)]
    except BadGeometry as error:
        return str(error), error.remedy


@settings(max_examples=EXAMPLES)
@given(st.lists(sound | with_hole | st.lists(odd_rings, max_size=3), max_size=6))
def test_polygons_read_together_are_those_read_one_by_one(drawn: list[Any]) -> None:
    together = [Geometry(type="Polygon", coordinates=coordinates) for coordinates in drawn]
    keep_sound_shapes(together)
    for geometry, coordinates in zip(together, drawn, strict=True):
        assert said_of(geometry) == said_of(Geometry(type="Polygon", coordinates=coordinates))


def test_what_was_read_of_a_geometry_is_no_part_of_it_and_goes_with_its_coordinates() -> None:
    geometry = Geometry(type="Polygon", coordinates=[SQUARE])
    [shape] = geometry_shapes(geometry)
    assert shape.rings[0] == tuple((lon, lat) for lon, lat in SQUARE[:-1])
    assert geometry == Geometry(type="Polygon", coordinates=[SQUARE])
    assert geometry.model_dump() == {"type": "Polygon", "coordinates": [SQUARE]}
    moved = [[lon + 1, lat] for lon, lat in SQUARE]
    copied = geometry.model_copy(update={"coordinates": [moved]})
    geometry.coordinates = [moved]
    for other in (geometry, copied):
        assert geometry_shapes(other)[0].rings[0][0] == (-0.5, 52.4)


def test_shapes_of_equal_corners_are_equal() -> None:
    corners = [(0.0, 1.0), (-0.0, 2.0), (1.0, 2.0)]
    assert Shape(rings=[corners]) == Shape(rings=(tuple(corners),))
    assert len({Shape(rings=[corners]), Shape(rings=[[(abs(x), y) for x, y in corners]])}) == 1
    assert Shape(rings=[corners]) != Shape(rings=[corners[:2], corners])
    assert Shape(rings=[corners]).rings[-1:] == (tuple(corners),)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


texts = st.sampled_from(["", "[", '"[', "\\", '\\"{', "}]", "é[", "\\\\"])
leaves = texts | st.integers() | st.none()
shallow = st.recursive(leaves, lambda of: st.lists(of, max_size=3) | st.dictionaries(texts, of, max_size=3))


@settings(max_examples=EXAMPLES)
@given(shallow, st.lists(texts | st.none(), min_size=55, max_size=70), st.booleans())
def test_brackets_nested_deeper_than_the_bound_are_noticed_and_no_others(
    value: Any, around: list[str | None], as_ascii: bool
) -> None:
    for key in around:
        value = [value, 1, []] if key is None else {key: value, "b": "]"}
    assert is_too_deep(json.dumps(value, ensure_ascii=as_ascii)) == (depth(value) > DEEPEST)
