"""What changed, named by ids and days and said in words."""

import copy

from milepost.orders.diff import diff_orders, diff_versions
from milepost.orders.model import OrderFile

RULES = [
    {"from_day": "mon", "from_time": "19:00", "until_day": "tue", "until_time": "07:00"},
    {"from_day": "tue", "from_time": "19:00", "until_day": "wed", "until_time": "07:00"},
]
RAW = {
    "people": [{"id": "p1"}],
    "orders": [{"id": "o1", "person_id": "p1", "regime": "licence", "versions": [{
        "version": 1, "effective_from_utc": "2025-05-01T00:00:00Z",
        "places": [{"id": "home", "circle": {"lon": -1.5, "lat": 52.4, "radius_m": 30}}],
        "conditions": [
            {"id": "C1", "kind": "curfew", "from": "2025-05-01", "place": "home", "schedule": RULES},
            {"id": "T1", "kind": "trail", "from": "2025-05-01"},
        ],
    }]}],
}  # fmt: skip


def changed(change) -> tuple[OrderFile, OrderFile]:  # type: ignore[no-untyped-def]
    after = copy.deepcopy(RAW)
    change(after["orders"][0]["versions"][0])
    return OrderFile.model_validate(RAW), OrderFile.model_validate(after)


def words(change) -> list[str]:  # type: ignore[no-untyped-def]
    before, after = changed(change)
    return [c.words for c in diff_versions(before.orders[0].versions[0], after.orders[0].versions[0])]


def test_a_later_start_on_one_day() -> None:
    before, after = changed(lambda v: v["conditions"][0]["schedule"][0].update(from_time="20:00"))
    [change] = diff_versions(before.orders[0].versions[0], after.orders[0].versions[0])
    assert change.words == "Curfew C1, Monday: starts 19:00 → 20:00"
    assert change.path == "conditions[C1].schedule[mon].from_time"
    assert (change.before, change.after) == ("19:00", "20:00")
    [in_file] = diff_orders(before, after)
    assert in_file.path == "orders[o1].versions[1].conditions[C1].schedule[mon].from_time"


def test_order_in_the_file_and_defaults_are_no_change() -> None:
    assert words(lambda v: v["conditions"].reverse()) == []
    assert words(lambda v: v["conditions"][0]["schedule"].reverse()) == []
    assert words(lambda v: v["conditions"][1].update(timezone="Europe/London")) == []


def test_added_and_taken_away() -> None:
    assert words(lambda v: v["conditions"].pop(1)) == ["Trail T1: taken away"]
    assert words(lambda v: v["conditions"][0]["schedule"].pop(0)) == [
        "Curfew C1, Monday: taken away (19:00 to Tuesday 07:00)"
    ]
    assert words(lambda v: v["places"].append({"id": "mum"})) == ["Place mum: added"]


def test_moved_and_ended() -> None:
    assert words(lambda v: v["places"][0]["circle"].update(radius_m=45)) == [
        "Place home: circle 30 m around 52.4, -1.5 → 45 m around 52.4, -1.5"
    ]
    assert words(lambda v: v["conditions"][1].update(until="2025-06-01")) == [
        "Trail T1: ends none → 2025-06-01"
    ]
    assert words(lambda v: v["conditions"][1].update(x_note="new")) == ["Trail T1: x note none → new"]


def test_a_schedule_that_appears() -> None:
    assert words(lambda v: v["conditions"][1].update(schedule=RULES)) == [
        "Trail T1: has hours now, was always in force"
    ]
