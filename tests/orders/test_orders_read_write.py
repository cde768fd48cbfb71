"""Reading order files, good and bad, and writing them back without loss."""

import contextlib
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strange_json import EXAMPLES, KINDS_OF_STRANGE, find_slots, garbage

from milepost.orders.model import OrderFile, Person
from milepost.orders.read import parse_order_file, read_order_file, read_orders
from milepost.orders.schedules import expand
from milepost.orders.validators import validate
from milepost.orders.write import dumps, json_schema, write_order_file
from milepost.problems import UnreadableFile

REPO = Path(__file__).resolve().parents[2]
YEAR_2025_US = (1_735_689_600_000_000, 1_767_225_600_000_000)


def good() -> dict[str, Any]:
    return {
        "milepost": 1,
        "people": [{"id": "p1", "name": "Ada Synthetic", "synthetic": True}],
        "activations": [
            {"id": "a1", "device_id": "tag-1", "person_id": "p1", "from_utc": "2025-03-01T12:00:00Z"}
        ],
        "orders": [
            {
                "id": "o1", "person_id": "p1", "regime": "home_detention_curfew",
                "versions": [
                    {
                        "version": 1, "effective_from_utc": "2025-03-01T12:00:00Z",
                        "places": [{"id": "home", "circle": {"lon": -1.5, "lat": 52.4, "radius_m": 30}}],
                        "conditions": [
                            {
                                "id": "c1", "kind": "curfew", "from": "2025-03-01", "until": "2025-06-01",
                                "place": "home",
                                "schedule": [
                                    {"from_day": "mon", "from_time": "19:00",
                                     "until_day": "tue", "until_time": "07:00"}
                                ],
                            },
                            {
                                "id": "z1", "kind": "exclusion_zone", "from": "2025-03-01T09:00:00",
                                "geometry": {"type": "Polygon", "coordinates":
                                             [[[-1.5, 52.4], [-1.5, 52.5], [-1.4, 52.5], [-1.5, 52.4]]]},
                            },
                        ],
                    }
                ],
            }
        ],
    }  # fmt: skip


def read(raw: Any) -> tuple[OrderFile, list]:
    return parse_order_file(raw, "orders.json")


def condition(raw: dict, number: int = 0) -> dict:
    return raw["orders"][0]["versions"][0]["conditions"][number]


def test_a_good_file_has_no_problems(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_text("\ufeff" + json.dumps(good()), encoding="utf-8")
    order_file, problems = read_order_file(path)
    assert problems == []
    assert condition_ids(order_file) == ["c1", "z1"]
    until = order_file.orders[0].versions[0].conditions[0].until
    assert until == dt.date(2025, 6, 1)
    assert not isinstance(until, dt.datetime)


def condition_ids(order_file: OrderFile) -> list[str]:
    return [c.id for order in order_file.orders for version in order.versions for c in version.conditions]


def test_a_bad_condition_is_left_out_with_its_path_and_the_rest_is_read() -> None:
    raw = good()
    condition(raw)["schedule"][0]["from_time"] = "25:00"
    order_file, [problem] = read(raw)
    assert condition_ids(order_file) == ["z1"]
    assert problem.row == "orders[0].versions[0].conditions[0]"
    assert problem.field == "schedule[0].from_time"
    assert problem.value == "25:00"
    assert "not a time of day" in problem.message


def test_a_bad_absence_leaves_out_its_condition_for_without_it_the_duty_would_be_wrong() -> None:
    raw = good()
    condition(raw)["exceptions"] = [{"from": "yesterday", "until": "2025-03-02"}]
    order_file, [problem] = read(raw)
    assert condition_ids(order_file) == ["z1"]
    assert problem.field == "exceptions[0].from"


@pytest.mark.parametrize(
    ("change", "row", "field"),
    [
        (lambda r: r["people"].append({"name": "no id"}), "people[1]", "id"),
        (lambda r: r["activations"][0].update(from_utc="2025-03-01T12:00:00"), "activations[0]", "from_utc"),
        (lambda r: r["orders"][0].update(regime="parole"), "orders[0]", "regime"),
        (lambda r: r["orders"].append("x"), "orders[1]", None),
        (lambda r: condition(r).update(kind="curfw"), "orders[0].versions[0].conditions[0]", "kind"),
        (lambda r: condition(r).update(timezone="Europe/Londn"),
         "orders[0].versions[0].conditions[0]", "timezone"),
        (lambda r: condition(r, 1).update(id="c1"), "orders[0].versions[0].conditions[1]", "id"),
        (lambda r: condition(r, 1)["geometry"].update(coordinates=[[[52.4, -1.5], [99.5, 190], [1, 2]]]),
         "orders[0].versions[0].conditions[1]", "geometry"),
        (lambda r: r["orders"][0]["versions"][0]["places"][0]["circle"].update(lat=float("nan")),
         "orders[0].versions[0].places[0]", "circle.lat"),
    ],
)  # fmt: skip
def test_each_bad_part_is_named(change: Any, row: str, field: str | None) -> None:
    raw = good()
    change(raw)
    _, problems = read(raw)
    errors = [p for p in problems if p.severity == "error"]
    assert [(p.row, p.field) for p in errors] == [(row, field)]
    assert errors[0].remedy


def test_a_typing_mistake_in_a_field_name_is_kept_and_the_right_name_suggested() -> None:
    raw = good()
    condition(raw)["exeptions"] = []
    raw["people"].insert(0, {"id": 3})  # left out: must not shift the paths of the others
    raw["people"][1]["nmae"] = "x"
    order_file, problems = read(raw)
    warnings = [p for p in problems if p.severity == "warning"]
    assert [(p.row, p.field, p.remedy) for p in warnings] == [
        ("people[1]", "nmae", "Did you mean name?"),
        ("orders[0].versions[0].conditions[0]", "exeptions", "Did you mean exceptions?"),
    ]
    assert json.loads(dumps(order_file))["people"][0]["nmae"] == "x"


def test_unknown_people_and_places_are_reported_and_used() -> None:
    raw = good()
    condition(raw)["place"] = "hoem"
    raw["orders"][0]["person_id"] = "p9"
    order_file, problems = read(raw)
    assert [(p.field, p.value, p.severity) for p in problems] == [
        ("person_id", "p9", "warning"),
        ("place", "hoem", "warning"),
    ]
    [first, *_] = expand(order_file, *YEAR_2025_US)
    assert first.not_evaluable == "place hoem is not in the order, cannot be evaluated"


def test_a_bad_version_is_empty_so_that_the_one_before_it_does_not_run_on() -> None:
    raw = good()
    second = {"version": "two", "effective_from_utc": "2025-04-01T00:00:00Z", "conditions": []}
    raw["orders"][0]["versions"].append(second)
    order_file, problems = read(raw)
    assert [p.field for p in problems] == ["version", None]
    last = max(o.end_us for o in expand(order_file, *YEAR_2025_US))
    assert last == 1_743_465_600_000_000  # 1 April 2025, 00:00 UTC


def test_an_order_whose_version_has_no_start_is_left_out_whole() -> None:
    raw = good()
    raw["orders"][0]["versions"].append({"version": 2, "effective_from_utc": "soon"})
    order_file, problems = read(raw)
    assert order_file.orders == []
    assert problems[-1].row == "orders[0]"


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n", b"[1, 2]", b'"text"', b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"a": 1}',
     b'{"milepost": 2}', b'{"milepost": true}', b"1" * 5000],
)  # fmt: skip
def test_files_that_hold_no_order_are_refused_in_plain_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "orders.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as raised:
        read_orders(path)
    assert raised.value.problem.remedy
    assert raised.value.problem.source == "orders.json"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        read_order_file(tmp_path / "nothing.json")


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_garbage_anywhere_never_crashes_and_never_vanishes_unsaid(data: st.DataObject) -> None:
    raw = good()
    slots = find_slots(raw)
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(slots))
        holder[key] = data.draw(garbage)
    try:
        order_file, problems = read(raw)
    except UnreadableFile:
        return
    dumps(order_file).encode("utf-8")
    expand(order_file, *YEAR_2025_US)
    validate(order_file)
    given_conditions = [
        condition
        for order in as_list(raw.get("orders"))
        for version in as_list(order.get("versions") if isinstance(order, dict) else None)
        for condition in as_list(version.get("conditions") if isinstance(version, dict) else None)
    ]
    if len(condition_ids(order_file)) < len(given_conditions):
        assert any(p.severity == "error" for p in problems)


@pytest.mark.parametrize("value", KINDS_OF_STRANGE, ids=type)
def test_each_strange_value_in_each_place_of_an_order_file(value: Any) -> None:
    raw = good()
    for holder, key in find_slots(raw):
        kept, holder[key] = holder[key], value
        with contextlib.suppress(UnreadableFile):
            order_file, _ = read(raw)
            dumps(order_file).encode("utf-8")
            expand(order_file, *YEAR_2025_US)
            validate(order_file)
        holder[key] = kept


def test_text_that_cannot_be_stored_is_replaced_and_said() -> None:
    raw = good()
    raw["people"][0]["name"] = "A\x00B\ud800"
    order_file, problems = read(raw)
    assert order_file.people[0].name == "A\ufffdB\ufffd"
    assert [(p.severity, p.value) for p in problems] == [("warning", "A\ufffdB\ufffd")]


dates = st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)).map(str)
locals_ = st.datetimes(dt.datetime.fromisoformat("1990-01-01"), dt.datetime.fromisoformat("2100-01-01"))
moments = st.builds(lambda d, h: d.isoformat() + f"{h:+03}:00", locals_, st.integers(-12, 12))
date_or_time = dates | locals_.map(dt.datetime.isoformat) | moments
extras = st.dictionaries(
    st.from_regex(r"x_[a-z]{1,5}", fullmatch=True), garbage.filter(lambda v: v == v), max_size=2
)


@settings(max_examples=EXAMPLES // 2)
@given(date_or_time, st.none() | date_or_time, moments, extras, st.text(max_size=8))
def test_writing_and_reading_loses_nothing(
    start: str, end: str | None, effective: str, extra: dict, name: str
) -> None:
    raw = good()
    condition(raw).update({"from": start, "until": end, "description": name, **extra})
    raw["orders"][0]["versions"][0]["effective_from_utc"] = effective
    raw.update(extra)
    order_file, _ = read(raw)
    text = dumps(order_file)
    again, _ = read(json.loads(text))
    assert again == order_file or has_nan(extra)
    assert dumps(again) == text
    kept = again.orders[0].versions[0].conditions[0]
    assert type(kept.from_) is type(order_file.orders[0].versions[0].conditions[0].from_)


def has_nan(value: Any) -> bool:
    return "NaN" in json.dumps(value)


def test_what_was_appended_to_a_default_list_is_written(tmp_path: Path) -> None:
    order_file = OrderFile()
    order_file.people.append(Person(id="p1"))
    write_order_file(order_file, tmp_path / "orders.json")
    again, problems = read_order_file(tmp_path / "orders.json")
    assert problems == []
    assert [person.id for person in again.people] == ["p1"]


def test_the_published_schema_is_current() -> None:
    published = json.loads((REPO / "docs/reference/order-file.schema.json").read_text(encoding="utf-8"))
    assert published == json_schema(), "run: milepost orders schema > docs/reference/order-file.schema.json"
