"""The ministry's create-an-order JSON, from a synthetic order in the shape its API gives."""

import copy
import datetime as dt
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strange_json import EXAMPLES, KINDS_OF_STRANGE, find_slots, garbage

from milepost.orders.cemo import looks_like_cemo, parse_cemo
from milepost.orders.cemo_values import find_regime, parse_date_or_time, parse_days
from milepost.orders.clock import us_to_local
from milepost.orders.model import ConditionKind, Regime
from milepost.orders.read import read_orders
from milepost.orders.schedules import expand
from milepost.orders.write import dumps
from milepost.orders.zones_geojson import apply_places, drop_answered, read_zones

FIXTURES = Path(__file__).parent / "fixtures"
ORDER = FIXTURES / "create_an_order_synthetic.json"
RAW = json.loads(ORDER.read_text(encoding="utf-8"))
YEAR_2025_US = (1_735_689_600_000_000, 1_767_225_600_000_000)


def local(moment_us: int) -> dt.datetime:
    return us_to_local(moment_us, "Europe/London")


def raw() -> dict[str, Any]:
    return copy.deepcopy(RAW)


def test_a_whole_order_is_read_and_nothing_of_it_is_lost() -> None:
    order_file, problems = read_orders(ORDER)
    [order] = order_file.orders
    assert order.regime is Regime.HOME_DETENTION_CURFEW
    assert order.person_id == "A0000AA"
    assert order_file.people[0].name == "Synthetic Example"
    assert order_file.people[0].date_of_birth == dt.date(1990, 4, 1)
    assert [(v.version, local_of(v.effective_from_utc)) for v in order.versions] == [
        (1, "2025-03-03 00:00"),
        (2, "2025-04-14 00:00"),  # from the first moment of the day of the variation
    ]
    assert (order.model_extra or {})["x_cemo"] == RAW
    assert {p.severity for p in problems} == {"warning"}


def test_the_curfew_means_what_the_form_says() -> None:
    order_file, _ = parse_cemo(raw(), "order.json")
    nights = [o for o in expand(order_file, *YEAR_2025_US) if o.kind is ConditionKind.CURFEW]
    said = [f"{local(o.start_us):%a %d %b %H:%M} {local(o.end_us):%H:%M}" for o in nights]
    assert said[:2] == ["Mon 03 Mar 15:00 07:00", "Tue 04 Mar 19:00 07:00"]  # the first night is longer
    assert "Mon 07 Apr 19:00 07:00" in said
    assert "Mon 14 Apr 20:00 07:00" in said  # the variation of 14 April
    assert said[-1] == "Tue 01 Jul 19:00 00:00"  # until the end of 1 July


def test_sentinel_dates_are_no_end() -> None:
    order_file, _ = parse_cemo(raw(), "order.json")
    ends = {c.id: c.until for c in order_file.orders[0].versions[0].conditions}
    assert ends["trail"] is None
    assert ends["zone-0"] is None
    assert ends["alcohol"] == dt.date(2025, 7, 1)


def test_what_has_no_geometry_no_hours_or_no_device_is_said() -> None:
    order_file, problems = parse_cemo(raw(), "order.json")
    said = {(p.row, p.field): p.message for p in problems}
    zone = said[("versions[0].enforcementZoneConditions[0]", None)]
    assert zone == "zone zone-0 (Market Square) has no geometry, cannot be evaluated"
    assert "not understood" in said[("versions[0].mandatoryAttendanceConditions[1]", "appointmentDay")]
    assert ("versions[0].mandatoryAttendanceConditions[0]", "appointmentDay") not in said
    order_row = f"order {RAW['id']}"
    assert "no signal can be judged" in said[(order_row, "activations")]
    reasons = {o.condition_id: o.not_evaluable for o in expand(order_file, *YEAR_2025_US)}
    assert reasons["attendance-2"] == "attendance attendance-2 has no hours, cannot be evaluated"
    assert reasons["trail"] is None


def test_places_from_geojson_make_the_order_evaluable() -> None:
    order_file, problems = parse_cemo(raw(), "order.json")
    zones, zone_problems = read_zones(FIXTURES / "places_synthetic.geojson")
    assert zone_problems == []
    unused = apply_places(order_file, zones, "places.geojson")
    assert [(p.row, p.value) for p in unused] == [("feature 4", "Nobody's park")]
    owed = expand(order_file, *YEAR_2025_US)
    assert {o.not_evaluable for o in owed if o.condition_id in ("curfew", "zone-0")} == {None}
    friday = next(o for o in owed if o.condition_id == "curfew" and "SECONDARY_ADDRESS" in o.target.place_ids)
    assert len(friday.target.shapes) == 2
    left = [p for p in drop_answered(problems, order_file) if "has no geometry" in p.message]
    assert [p.value for p in left] == [
        "PRIMARY_ADDRESS, SECONDARY_ADDRESS, ATTENDANCE_1, ATTENDANCE_2"
    ]  # the attendance places are still open


def test_the_orders_own_activations_are_taken() -> None:
    order = raw()
    order["activations"] = [
        {"deviceId": 42, "activationDate": "2025-03-03T16:00:00", "deactivationDate": "2999-12-12T23:59:59"},
        {"deviceId": 43},
    ]
    order_file, problems = parse_cemo(order, "order.json")
    [activation] = order_file.activations
    assert (activation.device_id, activation.until_utc) == ("42", None)
    assert any(p.row == "activations[1]" and p.severity == "error" for p in problems)


def test_one_bad_row_of_the_timetable_leaves_out_the_curfew_and_not_a_night() -> None:
    order = raw()
    order["versions"] = order["versions"][:1]
    order["versions"][0]["curfewTimeTable"][3]["startTime"] = "7pm"
    order_file, problems = parse_cemo(order, "order.json")
    errors = [p for p in problems if p.severity == "error"]
    assert errors[0].row == "versions[0].curfewTimeTable[3]"
    assert "curfew" not in {c.id for c in order_file.orders[0].versions[0].conditions}


def test_replaced_versions_and_drafts_are_left_out() -> None:
    order = raw()
    order["versions"][0]["type"] = "REJECTED"
    order["versions"].append({**order["versions"][1], "versionId": 2, "status": "IN_PROGRESS"})
    order_file, problems = parse_cemo(order, "order.json")
    assert [v.version for v in order_file.orders[0].versions] == [2]
    assert {p.field for p in problems if p.row in ("versions[0]", "versions[2]")} == {"type", "status"}


def test_a_single_version_is_an_order_too() -> None:
    version = raw()["versions"][0]
    assert looks_like_cemo(version)
    order_file, _ = parse_cemo(version, "version.json")
    assert order_file.orders[0].id == RAW["id"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fortnightly on Mondays", (["mon"], 1)),
        ("Every Tuesday and Thursday", (["tue", "thu"], 0)),
        ("Mon, Wed & Fri", (["mon", "wed", "fri"], 0)),
        ("every other Friday", (["fri"], 1)),
        ("daily", (["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 0)),
        ("first Tuesday of the month", None),
        ("Monday to Friday", None),
        ("Mon-Fri", None),
        ("not Mondays", None),
        ("", None),
        (None, None),
    ],
)
def test_days_in_free_text_are_read_only_where_every_word_is_understood(text: Any, expected: Any) -> None:
    assert parse_days(text) == expected


@pytest.mark.parametrize(
    ("fields", "regime"),
    [
        ({"orderType": "POST_RELEASE", "hdc": "NO"}, Regime.LICENCE),
        ({"orderType": "POST_RELEASE", "hdc": "YES"}, Regime.HOME_DETENTION_CURFEW),
        ({"orderType": "COMMUNITY", "sentenceType": "COMMUNITY_YRO"}, Regime.YOUTH_REHABILITATION_ORDER),
        ({"orderType": "COMMUNITY", "sentenceType": "COMMUNITY_SUSPENDED_SENTENCE"},
         Regime.SUSPENDED_SENTENCE_ORDER),
        ({"orderType": "IMMIGRATION"}, Regime.IMMIGRATION_BAIL),
        ({"orderType": "PRE_TRIAL"}, Regime.BAIL),
        ({"orderType": "SPECIAL", "conditionType": "BAIL_ORDER"}, Regime.BAIL),
        ({"orderType": "SPECIAL"}, None),
    ],
)  # fmt: skip
def test_the_regime(fields: dict, regime: Regime | None) -> None:
    assert find_regime(fields) is regime


def test_an_end_at_2359_is_the_whole_day_in_summer_too() -> None:
    assert parse_date_or_time("2025-07-01T22:59:00Z", is_end=True) == dt.date(2025, 7, 1)
    assert parse_date_or_time("2025-07-01T23:59:59+01:00[Europe/London]", is_end=True) == dt.date(2025, 7, 1)


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_garbage_anywhere_never_crashes(data: st.DataObject) -> None:
    order = raw()
    slots = find_slots(order)
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(slots))
        holder[key] = data.draw(garbage)
    if looks_like_cemo(order):
        order_file, problems = parse_cemo(order, "order.json")
        expand(order_file, *YEAR_2025_US)
        check_storable(order_file)
        assert order_file.orders or any(p.severity == "error" for p in problems)


@pytest.mark.parametrize("value", KINDS_OF_STRANGE, ids=type)
def test_each_strange_value_in_each_place_of_an_order(value: Any) -> None:
    order = raw()
    for holder, key in find_slots(order):
        kept, holder[key] = holder[key], value
        if looks_like_cemo(order):
            order_file, _ = parse_cemo(order, "order.json")
            check_storable(order_file)
        holder[key] = kept


def test_a_type_that_is_a_list_is_no_type_and_the_rest_of_the_order_is_read() -> None:
    order = raw()
    order["versions"] = order["versions"][:1]
    order["versions"][0]["enforcementZoneConditions"][0]["zoneType"] = []
    order["versions"][0]["type"] = ["REVOCATION"]
    order_file, problems = parse_cemo(order, "order.json")
    assert "curfew" in {c.id for c in order_file.orders[0].versions[0].conditions}
    assert order_file.orders[0].ends_utc is None
    [error] = [p for p in problems if p.severity == "error"]
    assert (error.field, error.row) == ("zoneType", "versions[0].enforcementZoneConditions[0]")


def check_storable(order_file: Any) -> None:
    dumps(order_file).encode("utf-8")
    assert "\\u0000" not in dumps(order_file)


def as_the_services_database_gives_it(versions: list[dict[str, Any]]) -> dict[str, Any]:
    """Labels in ``versions``, the terms of the latest beside them, times as numbers."""
    terms = raw()["versions"][0]
    labels = ("id", "orderId", "versionId", "status", "type")
    order = {"id": "order-of-labels ", "versions": versions}
    order |= {key: value for key, value in terms.items() if key not in labels}
    order["curfewConditions"] = {
        "startDate": 1754521200,  # 7 August 2025 00:00 in London
        "endDate": 1756421940,  # 28 August 2025 23:59 in London
        "curfewAddress": "PRIMARY",
    }
    order["curfewReleaseDateConditions"] = {
        "releaseDate": "2025-07-24T23:00:00Z",  # midnight of the 25th in London
        "startTime": "15:00:00",
        "endTime": "07:00:00",
        "curfewAddress": "PRIMARY",
    }
    order["monitoringConditions"] |= {"startDate": "2025-08-03T10:27:00Z"}
    order["deviceWearer"] |= {"dateOfBirth": 845_683_200}
    return order


def test_versions_that_hold_labels_only_take_the_terms_beside_them() -> None:
    order = as_the_services_database_gives_it(
        [{"id": "v0", "versionId": 0, "status": "SUBMITTED", "type": "REQUEST"}]
    )
    order_file, problems = parse_cemo(order, "order.json")
    assert [p for p in problems if p.severity == "error"] == []
    assert order_file.orders[0].id == "order-of-labels"
    assert order_file.people[0].date_of_birth == dt.date(1996, 10, 19)
    nights = [o for o in expand(order_file, *YEAR_2025_US) if o.kind is ConditionKind.CURFEW]
    said = [f"{local(o.start_us):%a %d %b %H:%M} {local(o.end_us):%a %H:%M}" for o in nights]
    assert said[0] == "Fri 25 Jul 15:00 Sat 07:00"  # the first night, before the start of the curfew
    assert local(nights[1].start_us).date() == dt.date(2025, 8, 7)
    assert local(nights[-1].start_us).date() == dt.date(2025, 8, 28)
    [warning] = [p for p in problems if p.field == "first_night"]
    assert "25 July 2025, is before the start of curfew on 07 August 2025" in warning.message


def test_an_earlier_label_without_terms_is_named_and_nothing_is_made_of_it() -> None:
    order = as_the_services_database_gives_it(
        [
            {"id": "v0", "versionId": 0, "status": "SUBMITTED", "type": "REQUEST"},
            {"id": "v1", "versionId": 1, "status": "SUBMITTED", "type": "VARIATION"},
        ]
    )
    order["variationDetails"] = {"variationDate": "2025-08-14T00:00:00Z"}  # a day, not 01:00 in summer
    order_file, problems = parse_cemo(order, "order.json")
    [version] = order_file.orders[0].versions
    assert (version.version, local_of(version.effective_from_utc)) == (2, "2025-08-14 00:00")
    [lost] = [p for p in problems if p.severity == "error"]
    assert lost.row == "versions[0]"
    assert "what it ordered is not in this file" in lost.message
    nights = [o for o in expand(order_file, *YEAR_2025_US) if o.kind is ConditionKind.CURFEW]
    assert local(nights[0].start_us).date() == dt.date(2025, 8, 14)


def local_of(moment: dt.datetime) -> str:
    return f"{moment.astimezone(ZoneInfo('Europe/London')):%Y-%m-%d %H:%M}"


def test_milliseconds_and_seconds_are_told_apart() -> None:
    for number in (1754521200, 1754521200.0, 1754521200000):
        assert parse_date_or_time(number, is_end=False) == dt.datetime(2025, 8, 6, 23, tzinfo=dt.UTC)
    for strange in (True, float("nan"), float("inf"), 10**400, []):
        with pytest.raises(ValueError, match=r".*"):
            parse_date_or_time(strange, is_end=False)
