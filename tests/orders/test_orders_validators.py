"""The rules on orders: each limit at its edge, in and out of force, and on clock-change nights."""

import datetime as dt
from typing import Any

import pytest

from milepost.orders.limits import find_limit, read_limits
from milepost.orders.model import OrderFile, Regime
from milepost.orders.validators import Answer, validate

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
HOME = {"id": "home", "circle": {"lon": -1.5, "lat": 52.4, "radius_m": 50}}


def nightly(start: str, end: str, days: list[str] = DAYS) -> list[dict]:
    return [
        {"from_day": day, "from_time": start, "until_time": end,
         "until_day": DAYS[(DAYS.index(day) + 1) % 7] if end <= start else day}
        for day in days
    ]  # fmt: skip


def curfew(schedule: list[dict], **more: Any) -> dict:
    return {"id": "c1", "kind": "curfew", "from": "2025-05-01", "until": "2025-08-01", "place": "home",
            "schedule": schedule, **more}  # fmt: skip


def check(
    regime: str, *conditions: dict, effective: str = "2025-05-01T00:00:00Z", as_of: dt.date | None = None,
    places: list[dict] | None = None, born: str | None = None, activations: list[dict] | None = None,
) -> dict[str, list[Answer]]:  # fmt: skip
    worn = [{"id": "a1", "device_id": "t1", "person_id": "p1", "from_utc": "2025-01-01T00:00:00Z"}]
    order_file = OrderFile.model_validate({
        "people": [{"id": "p1", "date_of_birth": born}],
        "activations": worn if activations is None else activations,
        "orders": [{"id": "o1", "person_id": "p1", "regime": regime, "versions": [
            {"version": 1, "effective_from_utc": effective, "places": places or [HOME],
             "conditions": list(conditions)}]}],
    })  # fmt: skip
    answers: dict[str, list[Answer]] = {}
    for answer in validate(order_file, as_of):
        answers.setdefault(answer.rule, []).append(answer)
    return answers


@pytest.mark.parametrize(
    ("start", "end", "hours", "level"),
    [("11:00", "07:00", 20, "ok"), ("10:59", "07:00", 20 + 1 / 60, "error"), ("19:00", "07:00", 12, "ok")],
)
def test_a_community_curfew_takes_at_most_20_hours_a_day(
    start: str, end: str, hours: float, level: str
) -> None:
    full = check("community_order", curfew(nightly(start, end)))["curfew.hours_per_day_max"][0]
    assert (full.level, full.value) == (level, pytest.approx(hours, abs=0.01))
    assert "2022" in (full.source or "")


def test_the_limit_of_the_day_of_the_order_is_used() -> None:
    long_one = curfew(nightly("14:00", "08:00"), **{"from": "2021-05-01", "until": "2021-08-01"})
    [then] = check("community_order", long_one, effective="2021-05-01T00:00:00Z")["curfew.hours_per_day_max"]
    assert (then.level, then.limit, then.in_force_from) == ("error", 16, dt.date(2020, 12, 1))
    [now] = check("community_order", long_one, as_of=dt.date(2025, 1, 1))["curfew.hours_per_day_max"]
    assert (now.level, now.limit) == ("ok", 20)
    [eve] = check("community_order", long_one, as_of=dt.date(2022, 6, 27))["curfew.hours_per_day_max"]
    [day] = check("community_order", long_one, as_of=dt.date(2022, 6, 28))["curfew.hours_per_day_max"]
    assert (eve.limit, day.limit) == (16, 20)


@pytest.mark.parametrize(("end", "level"), [("11:00", "ok"), ("11:01", "error")])
def test_at_most_112_hours_in_seven_days_from_the_first_weekday(end: str, level: str) -> None:
    [answer] = check("community_order", curfew(nightly("19:00", end)))["curfew.hours_per_week_max"]
    assert answer.level == level  # 7 x 16 = 112


def test_a_curfew_may_take_112_hours_on_the_clock_and_113_in_the_october_week() -> None:
    autumn = curfew(nightly("19:00", "11:00"), **{"from": "2025-10-01", "until": "2025-11-30"})
    answers = check("community_order", autumn)
    [week] = answers["curfew.hours_per_week_max"]
    assert (week.level, week.value) == ("warning", 113)
    assert "only because the clock goes back" in week.words
    [night] = answers["curfew.clock_change"]
    assert night.value == 17
    assert "Saturday 25 October 2025" in night.words


def test_at_least_two_hours_on_a_day() -> None:
    short = check("community_order", curfew(nightly("23:00", "00:30")))["curfew.hours_per_day_min"][0]
    assert (short.level, short.value) == ("error", 1.5)
    split = check("community_order", curfew(nightly("23:00", "01:00")))["curfew.hours_per_day_min"][0]
    assert split.level == "ok"  # midnight does not halve a night


@pytest.mark.parametrize(
    ("regime", "until", "level"),
    [
        ("community_order", "2027-04-30", "ok"),
        ("community_order", "2027-05-01", "error"),
        ("youth_rehabilitation_order", "2026-04-30", "ok"),
        ("youth_rehabilitation_order", "2026-05-01", "error"),
        ("community_order", None, "warning"),
    ],
)
def test_how_long_a_curfew_may_run(regime: str, until: str | None, level: str) -> None:
    [answer] = check(regime, curfew(nightly("19:00", "07:00"), until=until))["curfew.months_max"]
    assert answer.level == level


def test_home_detention_curfew_is_nine_hours_each_day_but_the_first_and_last() -> None:
    assert check("home_detention_curfew", curfew(nightly("22:00", "07:00")))["curfew.inner_day_hours_min"][
        0
    ].level == "ok"  # fmt: skip
    [gap] = check("home_detention_curfew", curfew(nightly("22:00", "07:00", DAYS[:6])))[
        "curfew.inner_day_hours_min"
    ]
    assert (gap.level, gap.value) == ("error", 0)
    assert "Sunday" in gap.words


def test_the_march_night_alone_is_no_error() -> None:
    spring = curfew(nightly("22:00", "07:00"), **{"from": "2025-03-01", "until": "2025-04-30"})
    [answer] = check("home_detention_curfew", spring)["curfew.inner_day_hours_min"]
    assert (answer.level, answer.value) == ("warning", 8)
    assert "only by the clock change" in answer.words


def test_a_licence_curfew_counts_an_hour_for_each_report() -> None:
    reports = {
        "id": "r1", "kind": "attendance", "from": "2025-05-01", "until": "2025-08-01", "place": "home",
        "purpose": "Report to a police station", "schedule": nightly("12:00", "12:30"),
    }  # fmt: skip
    without = check("licence", curfew(nightly("19:00", "07:00")))
    [hours] = without["curfew.hours_with_reports_per_day_max"]
    assert (hours.level, hours.value) == ("ok", 12)
    [hours] = check("licence", curfew(nightly("19:00", "07:00")), reports)[
        "curfew.hours_with_reports_per_day_max"
    ]
    assert (hours.level, hours.value) == ("error", 13)
    four = [rule for start in ("01", "05", "09", "13") for rule in nightly(f"{start}:00", f"{start}:30")]
    [count] = check("licence", curfew(four))["curfew.curfews_per_day_max"]
    assert (count.level, count.value) == ("error", 4)


def test_bail_below_nine_hours_does_not_count_towards_sentence() -> None:
    [answer] = check("bail", curfew(nightly("23:00", "07:00")))["curfew.credit_hours_per_day_min"]
    assert answer.level == "warning"
    assert "does not count towards sentence" in answer.words


@pytest.mark.parametrize(
    ("until", "level"), [("2025-08-28", "ok"), ("2025-08-29", "error"), (None, "warning")]
)
def test_alcohol_monitoring_runs_at_most_120_days(until: str | None, level: str) -> None:
    condition = {"id": "al", "kind": "alcohol", "from": "2025-05-01", "until": until}
    answers = check("community_order", condition, born="2000-01-01")
    assert answers["alcohol.days_max"][0].level == level
    assert answers["alcohol.age_min"][0].level == "ok"


@pytest.mark.parametrize(
    ("born", "level"), [("2007-05-01", "ok"), ("2007-05-02", "error"), (None, "warning")]
)
def test_alcohol_monitoring_is_for_adults(born: str | None, level: str) -> None:
    condition = {"id": "al", "kind": "alcohol", "from": "2025-05-01", "until": "2025-06-01"}
    assert check("community_order", condition, born=born)["alcohol.age_min"][0].level == level


def test_a_trail_under_a_community_order_ends_within_two_years() -> None:
    condition = {"id": "t", "kind": "trail", "from": "2025-05-01", "until": "2027-05-01"}
    assert check("community_order", condition)["trail.months_max"][0].level == "error"
    assert "trail.months_max" not in check("licence", condition)


def test_ends_before_starts() -> None:
    backwards = curfew(nightly("19:00", "07:00"), until="2025-04-01")
    absence = {"from": "2025-06-02T21:00:00", "until": "2025-06-02T20:00:00"}
    lifted = curfew(nightly("19:00", "07:00"), exceptions=[absence])
    assert "ends before it starts" in check("licence", backwards)["end_before_start"][0].words
    assert "Absence 1" in check("licence", lifted)["end_before_start"][0].words


def test_one_device_on_two_people_at_once() -> None:
    def worn(name: str, person: str, begins: str, ends: str | None) -> dict:
        return {"id": name, "device_id": "t1", "person_id": person, "from_utc": begins, "until_utc": ends}

    both = [
        worn("a1", "p1", "2025-01-01T00:00:00Z", "2025-06-01T00:00:00Z"),
        worn("a2", "p2", "2025-05-31T00:00:00Z", None),
    ]
    [answer] = check("licence", activations=both)["activation_overlap"]
    assert answer.level == "error"
    assert "p1 and p2 at once" in answer.words
    both[1]["from_utc"] = "2025-06-01T00:00:00Z"
    assert "activation_overlap" not in check("licence", activations=both)
    assert "activation_missing" in check("licence", activations=[])


def test_a_home_unit_without_a_place_speaks_for_every_curfew_place() -> None:
    unit = {"id": "h", "device_id": "u", "person_id": "p1", "from_utc": "2025-01-01T00:00:00Z",
            "device_kind": "home_unit"}  # fmt: skip
    mum = {"id": "mum", "circle": {"lon": -1.6, "lat": 52.4, "radius_m": 50}}
    condition = curfew(nightly("19:00", "07:00"), place=["home", "mum"])
    [answer] = check("licence", condition, places=[HOME, mum], activations=[unit])["home_unit_place"]
    assert answer.level == "warning"
    [answer] = check("licence", condition, activations=[{**unit, "place": "hoem"}])["home_unit_place"]
    assert answer.level == "error"


def circle_zone(lon: float, radius_m: float) -> dict:
    return {"id": "z1", "kind": "exclusion_zone", "from": "2025-05-01",
            "circle": {"lon": lon, "lat": 52.4, "radius_m": radius_m}}  # fmt: skip


@pytest.mark.parametrize(("radius_m", "level"), [(500, "error"), (50, "warning"), (10, "warning")])
def test_an_exclusion_zone_over_the_home_is_found(radius_m: float, level: str) -> None:
    answers = check("licence", curfew(nightly("19:00", "07:00")), circle_zone(-1.5003, radius_m))
    assert answers["zone.over_place"][0].level == level


def test_an_exclusion_zone_beside_the_home_is_fine() -> None:
    # 0.002 degrees of longitude here are 136 m; the radii are 50 m and 80 m.
    assert "zone.over_place" not in check("licence", circle_zone(-1.502, 80))
    assert "zone.over_place" in check("licence", circle_zone(-1.502, 90))


@pytest.mark.parametrize(("radius_m", "level"), [(30, "ok"), (25, "warning")])
def test_a_zone_smaller_than_the_precision_is_doubtful(radius_m: float, level: str) -> None:
    answers = check("licence", circle_zone(-2.5, radius_m))["zone.radius_m_min"]
    [answer] = [a for a in answers if a.condition_id == "z1"]
    assert answer.level == level
    assert (
        ("not that they are in it" in answer.words) == ("home unit" in answer.remedy) == (level == "warning")
    )


def test_two_places_at_once_and_appointments_without_absence() -> None:
    mum = {"id": "mum", "circle": {"lon": -1.6, "lat": 52.4, "radius_m": 50}}
    second = {**curfew(nightly("06:00", "08:00"), place="mum"), "id": "c2"}
    [answer] = check("licence", curfew(nightly("19:00", "07:00")), second, places=[HOME, mum])[
        "curfew.two_places"
    ]
    assert "c1 and c2" in answer.words
    visit = {"id": "a1", "kind": "attendance", "from": "2025-05-01", "until": "2025-05-20", "place": "mum",
             "dates": [{"date": "2025-05-12", "from_time": "19:30", "until_time": "20:30"}]}  # fmt: skip
    rule = "curfew.attendance_without_absence"
    assert rule in check("licence", curfew(nightly("19:00", "07:00")), visit, places=[HOME, mum])
    absence = {"from": "2025-05-12T19:30:00", "until": "2025-05-12T20:30:00"}
    granted = curfew(nightly("19:00", "07:00"), exceptions=[absence])
    assert rule not in check("licence", granted, visit, places=[HOME, mum])


def test_what_cannot_be_evaluated_is_an_error() -> None:
    zone = {"id": "z1", "kind": "exclusion_zone", "from": "2025-05-01", "description": "the park"}
    [answer] = check("licence", zone)["evaluable"]
    assert (answer.level, answer.condition_id) == ("error", "z1")
    assert "has no geometry" in answer.words


def test_an_offset_as_long_as_the_cycle_is_doubtful() -> None:
    rules = [
        {**rule, "weeks_on": 1, "weeks_off": 1, "weeks_offset": 2}
        for rule in nightly("19:00", "07:00", ["mon"])
    ]
    assert check("licence", curfew(rules))["weeks_pattern"][0].level == "warning"


def test_every_limit_is_dated_and_sourced_and_none_overlaps_another() -> None:
    for limit in read_limits():
        assert limit.source
        assert limit.owner
        assert limit.in_force_until is None or limit.in_force_from < limit.in_force_until
        for regime in limit.regimes or tuple(Regime):
            holding = [
                other for other in read_limits()
                if other.rule == limit.rule and (not other.regimes or regime in other.regimes)
                and other.in_force_from <= limit.in_force_from
                and (other.in_force_until is None or limit.in_force_from < other.in_force_until)
            ]  # fmt: skip
            assert len(holding) == 1, (limit.rule, regime)
    assert find_limit("curfew.hours_per_day_max", Regime.COMMUNITY_ORDER, dt.date(2019, 1, 1)) is None
