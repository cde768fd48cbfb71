# Over 400 lines: one subject, from local times to UTC, with one slow reading of the wall clock as its oracle.
"""Schedules to UTC, held against a minute-by-minute reading of the wall clock and published dates."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from milepost.orders.clock import aware_to_us, local_to_us, us_to_local
from milepost.orders.model import ConditionKind, OrderFile
from milepost.orders.obligations import Obligation
from milepost.orders.read import parse_order_file
from milepost.orders.schedules import expand

MINUTE_US = 60_000_000
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NIGHTLY = [
    {"from_day": day, "from_time": "19:00", "until_day": DAYS[(n + 1) % 7], "until_time": "07:00"}
    for n, day in enumerate(DAYS)
]
HOME = {"id": "home", "circle": {"lon": -1.5, "lat": 52.4, "radius_m": 30}}


def us(text: str) -> int:
    return aware_to_us(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC))


def wall(text: str) -> dt.datetime:
    """A wall-clock time, without offset."""
    return dt.datetime.fromisoformat(text)


def make_file(*conditions: dict, places: list[dict] | None = None, **order: object) -> OrderFile:
    version = {
        "version": 1,
        "effective_from_utc": "2024-01-01T00:00:00Z",
        "places": places if places is not None else [HOME],
        "conditions": list(conditions),
    }
    return OrderFile.model_validate(
        {"orders": [{"id": "o1", "person_id": "p1", "regime": "licence", "versions": [version], **order}]}
    )


def curfew(schedule: list[dict] | None = None, **more: object) -> dict:
    condition = {"id": "c1", "kind": "curfew", "from": "2024-01-01", "place": "home"}
    return {**condition, "schedule": NIGHTLY if schedule is None else schedule, **more}


def spans(obligations: list[Obligation], timezone: str = "Europe/London") -> list[str]:
    """Local times, as a person would read them on the order."""
    return [
        f"{us_to_local(o.start_us, timezone):%a %d %H:%M} - {us_to_local(o.end_us, timezone):%a %d %H:%M}"
        for o in obligations
    ]


def hours(obligation: Obligation) -> float:
    return (obligation.end_us - obligation.start_us) / 3.6e9


# --- nights of 11, 12 and 13 hours --------------------------------------------------------------


@pytest.mark.parametrize(
    ("evening", "expected_hours", "notes"),
    [
        ("2025-03-29T20:00", 11, ("clock change",)),
        ("2025-10-25T20:00", 13, ("clock change",)),
        ("2025-06-10T20:00", 12, ()),
    ],
)
def test_a_curfew_night_lasts_as_long_as_it_really_does(
    evening: str, expected_hours: int, notes: tuple
) -> None:
    [night] = expand(make_file(curfew()), us(evening), us(evening) + MINUTE_US)
    assert hours(night) == expected_hours
    assert night.notes == notes
    assert night.duty == "be_inside"


def test_a_time_that_does_not_exist_moves_to_the_moment_after_the_jump() -> None:
    # London, 30 March 2025: 01:00 GMT becomes 02:00 BST, which is 01:00 UTC.
    assert local_to_us(wall("2025-03-30T01:30"), "Europe/London", "start") == us("2025-03-30T01:00")
    assert local_to_us(wall("2025-03-30T01:30"), "Europe/London", "end") == us("2025-03-30T01:00")


def test_a_time_that_comes_twice_starts_early_and_ends_late() -> None:
    # London, 26 October 2025: 01:30 BST is 00:30 UTC, 01:30 GMT is 01:30 UTC.
    assert local_to_us(wall("2025-10-26T01:30"), "Europe/London", "start") == us("2025-10-26T00:30")
    assert local_to_us(wall("2025-10-26T01:30"), "Europe/London", "end") == us("2025-10-26T01:30")


ZONES = [
    "Europe/London",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Europe/Dublin",
    "Atlantic/Azores",
    "UTC",
]
CHANGES = {
    # A local date on which the clock changes; found in the time zone database, checked below.
    "Europe/London": [dt.date(2025, 3, 30), dt.date(2025, 10, 26)],
    "Europe/Dublin": [dt.date(2025, 3, 30), dt.date(2025, 10, 26)],
    "Australia/Lord_Howe": [dt.date(2025, 4, 6), dt.date(2025, 10, 5)],  # half an hour
    "America/St_Johns": [dt.date(2025, 3, 9), dt.date(2025, 11, 2)],
    "Atlantic/Azores": [dt.date(2025, 3, 30), dt.date(2025, 10, 26)],  # at midnight
    "UTC": [dt.date(2025, 3, 30), dt.date(2025, 10, 26)],
}


def scan_for(sought: dt.datetime, timezone: str, edge: str) -> int:
    """Brute force: looks at every minute of three days for the clock reading ``wall``."""
    readings = read_every_minute(sought.date(), timezone)
    matches = [moment for moment, reading in readings if reading == sought]
    if matches:
        return matches[0] if edge == "start" else matches[-1]
    # Skipped: the first minute at which the clock has gone past it.
    return next(moment for moment, reading in readings if reading > sought)


@lru_cache
def read_every_minute(day: dt.date, timezone: str) -> list[tuple[int, dt.datetime]]:
    zone = ZoneInfo(timezone)
    begin = us(f"{day - dt.timedelta(days=1)}T00:00")
    moments = [begin + minute * MINUTE_US for minute in range(3 * 1440)]
    return [(t, dt.datetime.fromtimestamp(t / 1e6, zone).replace(tzinfo=None)) for t in moments]


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(ZONES), st.sampled_from(["start", "end"]), st.integers(0, 5 * 60))
def test_local_times_near_a_change_match_a_scan_of_every_minute(
    data: st.DataObject, timezone: str, edge: str, minute: int
) -> None:
    day = data.draw(st.sampled_from(CHANGES[timezone]))
    sought = wall(str(day)) + dt.timedelta(minutes=minute)
    assert local_to_us(sought, timezone, edge) == scan_for(sought, timezone, edge)  # type: ignore[arg-type]


clock_times = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59)) | st.just(
    "24:00"
)
rules = st.fixed_dictionaries(
    {
        "from_day": st.sampled_from(DAYS),
        "from_time": clock_times,
        "until_day": st.sampled_from(DAYS),
        "until_time": clock_times,
        "weeks_on": st.integers(1, 3),
        "weeks_off": st.integers(0, 2),
        "weeks_offset": st.integers(0, 3),
    }
)


def minutes_of_week(day: str, time: str) -> int:
    return DAYS.index(day) * 1440 + int(time[:2]) * 60 + int(time[3:])


def owed_minutes(
    schedule: list[dict], timezone: str, first: dt.date, n_days: int, anchor: dt.date
) -> set[int]:
    """Brute force: each UTC minute is owed if the wall clock stands inside a window of some week.

    The two edges of a window are found by scanning, so nothing is shared with the code under test.
    """
    owed: set[int] = set()
    anchor_monday = anchor - dt.timedelta(days=anchor.weekday())
    for back in range(-3, n_days // 7 + 3):
        monday = first - dt.timedelta(days=first.weekday()) + dt.timedelta(weeks=back)
        week = (monday - anchor_monday).days // 7
        for rule in schedule:
            cycle = rule["weeks_on"] + rule["weeks_off"]
            if rule["weeks_off"] and (week - rule["weeks_offset"]) % cycle >= rule["weeks_on"]:
                continue
            start = minutes_of_week(rule["from_day"], rule["from_time"])
            end = minutes_of_week(rule["until_day"], rule["until_time"])
            if rule["from_day"] == rule["until_day"] and rule["until_time"] == "00:00":
                end += 1440  # the end of that day
            end += 10080 if end <= start else 0
            base = wall(str(monday))
            start_us = scan_for(base + dt.timedelta(minutes=start), timezone, "start")
            end_us = scan_for(base + dt.timedelta(minutes=end), timezone, "end")
            owed.update(range(start_us // MINUTE_US, end_us // MINUTE_US))
    return owed


@settings(max_examples=12, deadline=None)
@given(st.lists(rules, min_size=1, max_size=2), st.sampled_from(ZONES[:3]), st.data())
def test_every_minute_owed_is_the_one_the_wall_clock_says(
    schedule: list[dict], timezone: str, data: st.DataObject
) -> None:
    assume(all(rule["until_time"] != "23:59" for rule in schedule))  # may be closed: see the tests below
    change = data.draw(st.sampled_from(CHANGES[timezone]))
    anchor = change - dt.timedelta(days=data.draw(st.integers(0, 30)))
    first, n_days = change - dt.timedelta(days=5), 10
    condition = curfew(schedule, timezone=timezone, **{"from": anchor.isoformat()})
    from_us = local_to_us(wall(str(first)), timezone, "start")
    until_us = from_us + n_days * 1440 * MINUTE_US
    got: set[int] = set()
    for owed in expand(make_file(condition), from_us, until_us):
        got.update(range(owed.start_us // MINUTE_US, owed.end_us // MINUTE_US))
    begins = local_to_us(wall(str(anchor)), timezone, "start")
    window = range(max(from_us, begins) // MINUTE_US, until_us // MINUTE_US)
    expected = owed_minutes(schedule, timezone, first, n_days, anchor)
    assert got & set(window) == expected & set(window)


@settings(max_examples=50, deadline=None)
@given(st.lists(rules, min_size=1, max_size=3), st.integers(0, 60 * 24), st.integers(1, 60 * 24))
def test_a_narrow_question_gives_the_same_whole_obligations_as_a_wide_one(
    schedule: list[dict], start_hour: int, n_hours: int
) -> None:
    order_file = make_file(curfew(schedule, **{"from": "2025-02-10", "until": "2025-06-01"}))
    everything = expand(order_file, us("2024-01-01T00:00"), us("2027-01-01T00:00"))
    low = us("2025-02-01T00:00") + start_hour * 60 * MINUTE_US
    high = low + n_hours * 60 * MINUTE_US
    assert expand(order_file, low, high) == [o for o in everything if o.start_us < high and low < o.end_us]


# --- the shapes a schedule takes ----------------------------------------------------------------


def one_rule(from_day: str, from_time: str, until_day: str, until_time: str, **more: object) -> dict:
    return {
        "from_day": from_day,
        "from_time": from_time,
        "until_day": until_day,
        "until_time": until_time,
        **more,
    }


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (one_rule("mon", "19:00", "tue", "07:00"), "Mon 09 19:00 - Tue 10 07:00"),
        (one_rule("mon", "19:00", "mon", "07:00"), "Mon 09 19:00 - Mon 16 07:00"),
        (one_rule("mon", "07:00", "mon", "19:00"), "Mon 09 07:00 - Mon 09 19:00"),
        (one_rule("fri", "18:00", "mon", "08:00"), "Fri 13 18:00 - Mon 16 08:00"),
        (one_rule("sat", "19:00", "sat", "24:00"), "Sat 14 19:00 - Sun 15 00:00"),
        (one_rule("sun", "19:00", "mon", "07:00"), "Sun 15 19:00 - Mon 16 07:00"),
    ],
)
def test_both_ends_of_a_rule_have_a_day(rule: dict, expected: str) -> None:
    found = expand(make_file(curfew([rule])), us("2025-06-08T23:00"), us("2025-06-15T23:00"))
    assert expected in spans(found)


def test_a_curfew_that_never_pauses_is_one_obligation() -> None:
    whole_week = [one_rule(day, "00:00", day, "24:00") for day in DAYS]
    condition = curfew(whole_week, **{"from": "2025-01-06", "until": "2025-12-31"})
    [owed] = expand(make_file(condition), us("2025-06-10T00:00"), us("2025-06-10T01:00"))
    assert (owed.start_us, owed.end_us) == (us("2025-01-06T00:00"), us("2026-01-01T00:00"))


def test_overlapping_windows_of_one_condition_are_united_and_other_places_are_not() -> None:
    rules = [
        one_rule("mon", "19:00", "tue", "02:00"),
        one_rule("tue", "01:00", "tue", "07:00", place="home"),
        one_rule("tue", "06:00", "tue", "09:00", place="mum"),
    ]
    mum = {"id": "mum", "circle": {"lon": -1.6, "lat": 52.4, "radius_m": 30}}
    found = expand(
        make_file(curfew(rules), places=[HOME, mum]), us("2025-06-09T00:00"), us("2025-06-15T00:00")
    )
    assert spans(found) == ["Mon 09 19:00 - Tue 10 07:00", "Tue 10 06:00 - Tue 10 09:00"]
    assert [o.target.place_ids for o in found if o.target] == [("home",), ("mum",)]


def test_travel_time_shortens_the_obligation() -> None:
    rule = one_rule("mon", "10:00", "mon", "12:00", travel_before_min=15, travel_after_min=30)
    [owed] = expand(make_file(curfew([rule])), us("2025-06-09T00:00"), us("2025-06-10T00:00"))
    assert spans([owed]) == ["Mon 09 10:15 - Mon 09 11:30"]


def test_weeks_on_and_off_count_from_the_week_of_the_start() -> None:
    rule = one_rule("wed", "10:00", "wed", "11:00", weeks_on=1, weeks_off=1)
    condition = curfew([rule], **{"from": "2025-06-13"})  # a Friday: week 1 is the week of 9 June
    found = expand(make_file(condition), us("2025-06-01T00:00"), us("2025-07-15T00:00"))
    assert spans(found) == ["Wed 25 10:00 - Wed 25 11:00", "Wed 09 10:00 - Wed 09 11:00"]


def test_an_offset_moves_the_weeks_along() -> None:
    rule = one_rule("wed", "10:00", "wed", "11:00", weeks_on=1, weeks_off=1, weeks_offset=1)
    condition = curfew([rule], **{"from": "2025-06-13"})
    found = expand(make_file(condition), us("2025-06-01T00:00"), us("2025-07-05T00:00"))
    assert spans(found) == ["Wed 18 10:00 - Wed 18 11:00", "Wed 02 10:00 - Wed 02 11:00"]


# Published at https://www.gov.uk/bank-holidays
BANK_HOLIDAYS = {
    ("england_and_wales", 2025): "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    # Two at the weekend with substitute days, and two for the Crown.
    ("england_and_wales", 2022): "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    ("scotland", 2025): "01-01 01-02 04-18 05-05 05-26 08-04 12-01 12-25 12-26",
    ("northern_ireland", 2025): "01-01 03-17 04-18 04-21 05-05 05-26 07-14 08-25 12-25 12-26",
}


@pytest.mark.parametrize(("nation", "year"), BANK_HOLIDAYS)
def test_only_on_public_holidays_are_the_published_bank_holidays(nation: str, year: int) -> None:
    rules = [one_rule(day, "10:00", day, "11:00", public_holidays="only") for day in DAYS]
    condition = curfew(rules, holiday_nation=nation, **{"from": f"{year}-01-01"})
    order_file = make_file(condition)
    order_file.orders[0].versions[0].effective_from_utc = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
    found = expand(order_file, us(f"{year}-01-01T00:00"), us(f"{year + 1}-01-01T00:00"))
    dates = " ".join(f"{us_to_local(o.start_us, 'Europe/London'):%m-%d}" for o in found)
    assert dates == BANK_HOLIDAYS[nation, year]
    assert {o.notes for o in found} == {("public holiday",)}


def test_a_holiday_rule_goes_by_the_date_the_window_starts() -> None:
    rules = [{**rule, "public_holidays": "skip"} for rule in NIGHTLY]
    found = expand(make_file(curfew(rules)), us("2025-08-23T12:00"), us("2025-08-27T12:00"))
    # Monday 25 August 2025 is a bank holiday: the night from Sunday into it stays, the one from it goes.
    assert spans(found) == [
        "Sat 23 19:00 - Sun 24 07:00",
        "Sun 24 19:00 - Mon 25 07:00",
        "Tue 26 19:00 - Wed 27 07:00",
    ]


def test_a_first_night_replaces_the_windows_of_its_date() -> None:
    night = {"date": "2025-06-10", "from_time": "15:00", "until_time": "07:00"}
    condition = curfew(first_night=night, **{"from": "2025-06-10"})
    found = expand(make_file(condition), us("2025-06-09T00:00"), us("2025-06-12T00:00"))
    assert spans(found) == ["Tue 10 15:00 - Wed 11 07:00", "Wed 11 19:00 - Thu 12 07:00"]
    assert [o.notes for o in found] == [("first night",), ()]


def test_a_first_night_is_added_on_a_day_without_windows() -> None:
    night = {"date": "2025-06-10", "from_time": "15:00", "until_time": "23:59"}
    condition = curfew(
        [one_rule("fri", "19:00", "sat", "07:00")], first_night=night, **{"from": "2025-06-10"}
    )
    found = expand(make_file(condition), us("2025-06-09T00:00"), us("2025-06-14T00:00"))
    assert spans(found) == ["Tue 10 15:00 - Tue 10 23:59", "Fri 13 19:00 - Sat 14 07:00"]


def test_dated_appointments_stand_beside_the_weekly_ones() -> None:
    condition = {
        "id": "a1", "kind": "attendance", "from": "2025-06-01", "place": "home",
        "dates": [{"date": "2025-06-11", "from_time": "09:00", "until_time": "10:00"}],
    }  # fmt: skip
    found = expand(make_file(condition), us("2025-06-01T00:00"), us("2025-07-01T00:00"))
    assert spans(found) == ["Wed 11 09:00 - Wed 11 10:00"]
    assert found[0].duty == "attend"


# --- what lifts the duty ------------------------------------------------------------------------


def test_an_authorised_absence_cuts_the_night_in_two() -> None:
    absence = {"from": "2025-06-10T20:00:00", "until": "2025-06-10T21:00:00"}
    found = expand(make_file(curfew(exceptions=[absence])), us("2025-06-10T12:00"), us("2025-06-11T12:00"))
    assert spans(found) == ["Tue 10 19:00 - Tue 10 20:00", "Tue 10 21:00 - Wed 11 07:00"]
    assert {o.notes for o in found} == {("authorised absence",)}


def test_travel_minutes_widen_an_absence() -> None:
    absence = {
        "from": "2025-06-10T20:00:00", "until": "2025-06-10T21:00:00",
        "travel_before_min": 30, "travel_after_min": 45,
    }  # fmt: skip
    found = expand(make_file(curfew(exceptions=[absence])), us("2025-06-10T12:00"), us("2025-06-11T12:00"))
    assert spans(found) == ["Tue 10 19:00 - Tue 10 19:30", "Tue 10 21:45 - Wed 11 07:00"]


def test_a_suspension_of_the_order_lifts_every_condition_for_whole_days() -> None:
    order_file = make_file(curfew(), {"id": "t1", "kind": "trail", "from": "2025-06-01"})
    order_file.orders[0].versions[0].suspensions = OrderFile.model_validate(
        {"orders": [{"id": "x", "person_id": "x", "regime": "bail", "versions": [
            {"version": 1, "effective_from_utc": "2025-01-01T00:00:00Z", "suspensions": [
                {"from": "2025-06-11", "until": "2025-06-12", "kind": "suspension"}]}]}]}
    ).orders[0].versions[0].suspensions  # fmt: skip
    found = expand(order_file, us("2025-06-10T12:00"), us("2025-06-13T12:00"))
    nights = [o for o in found if o.kind is ConditionKind.CURFEW]
    assert spans(nights) == ["Tue 10 19:00 - Wed 11 00:00", "Fri 13 00:00 - Fri 13 07:00"]
    trail = [o for o in found if o.kind is ConditionKind.TRAIL]
    assert trail[0].end_us == us("2025-06-10T23:00")
    assert {o.notes for o in found} == {("suspension",)}


def test_an_attendance_does_not_lift_the_curfew() -> None:
    visit = {
        "id": "a1", "kind": "attendance", "from": "2025-06-10", "place": "home",
        "schedule": [one_rule("tue", "20:00", "tue", "21:00")],
    }  # fmt: skip
    found = expand(make_file(curfew(), visit), us("2025-06-10T12:00"), us("2025-06-11T03:00"))
    assert spans(found) == ["Tue 10 19:00 - Wed 11 07:00", "Tue 10 20:00 - Tue 10 21:00"]


# --- versions -----------------------------------------------------------------------------------


def with_two_versions(second: dict, effective: str, places: list[dict] | None = None) -> OrderFile:
    order_file = make_file(curfew())
    raw = {
        "version": 2, "effective_from_utc": effective,
        "places": places if places is not None else [HOME], "conditions": [second],
    }  # fmt: skip
    order = order_file.orders[0]
    order.versions.insert(0, type(order.versions[0]).model_validate(raw))  # order in the file must not matter
    return order_file


def test_a_new_version_with_the_same_night_leaves_it_whole() -> None:
    order_file = with_two_versions(curfew(), "2025-06-10T22:00:00Z")
    [night] = expand(order_file, us("2025-06-11T01:00"), us("2025-06-11T02:00"))
    assert spans([night]) == ["Tue 10 19:00 - Wed 11 07:00"]
    assert night.order_version == 1


def test_a_new_version_with_other_hours_or_another_place_cuts_the_night() -> None:
    later = curfew([{**rule, "until_time": "06:00"} for rule in NIGHTLY])
    found = expand(
        with_two_versions(later, "2025-06-10T22:00:00Z"), us("2025-06-10T12:00"), us("2025-06-11T12:00")
    )
    assert spans(found) == ["Tue 10 19:00 - Wed 11 06:00"]
    moved = [{"id": "home", "circle": {"lon": -1.9, "lat": 52.4, "radius_m": 30}}]
    found = expand(
        with_two_versions(curfew(), "2025-06-10T22:00:00Z", moved),
        us("2025-06-10T12:00"),
        us("2025-06-11T12:00"),
    )
    assert spans(found) == ["Tue 10 19:00 - Tue 10 23:00", "Tue 10 23:00 - Wed 11 07:00"]
    assert [o.order_version for o in found] == [1, 2]


def test_the_end_of_the_order_ends_everything() -> None:
    order_file = make_file(curfew(), ends_utc="2025-06-10T20:00:00Z")
    found = expand(order_file, us("2025-06-10T12:00"), us("2025-07-10T12:00"))
    assert [o.end_us for o in found] == [us("2025-06-10T20:00")]


def test_a_condition_until_a_date_runs_through_its_last_moment() -> None:
    found = expand(make_file(curfew(until="2025-06-10")), us("2025-06-10T12:00"), us("2025-06-12T12:00"))
    assert spans(found) == ["Tue 10 19:00 - Wed 11 00:00"]


# --- places -------------------------------------------------------------------------------------


def test_no_geometry_is_said_and_not_guessed() -> None:
    zone = {"id": "z1", "kind": "exclusion_zone", "from": "2025-01-01", "description": "the market"}
    bare = [{"id": "home", "address": "1 Synthetic Street"}]
    found = expand(make_file(curfew(), zone, places=bare), us("2025-06-10T12:00"), us("2025-06-10T20:00"))
    assert [(o.target, o.not_evaluable) for o in found] == [
        (None, "place home has no geometry, cannot be evaluated"),
        (None, "exclusion zone z1 has no geometry, cannot be evaluated"),
    ]


def test_a_zone_that_cannot_be_used_says_why_as_validate_does() -> None:
    """One that was stored, or made by a program: the reader of files leaves such a zone out."""
    crossed = [[[-1.0, 52.0], [-0.9, 52.1], [-0.9, 52.0], [-1.0, 52.1], [-1.0, 52.0]]]
    drawn = {"type": "Polygon", "coordinates": crossed}
    zone = {"id": "z1", "kind": "exclusion_zone", "from": "2025-01-01", "geometry": drawn}
    home = [{"id": "home", "name": "Home", "geometry": drawn}]
    found = expand(make_file(curfew(), zone, places=home), us("2025-06-10T12:00"), us("2025-06-10T20:00"))
    why = (
        "cannot be used: its boundary crosses itself, near longitude -0.95, latitude 52.05. "
        "Draw it again so that no two of its lines cross"
    )
    assert [(o.target, o.not_evaluable) for o in found] == [
        (None, f"the geometry of place home (Home) {why}"),
        (None, f"the geometry of exclusion zone z1 {why}"),
    ]


def test_a_curfew_without_hours_is_one_obligation_that_cannot_be_evaluated() -> None:
    condition = {"id": "c1", "kind": "curfew", "from": "2025-06-01", "until": "2025-06-30", "place": "home"}
    [owed] = expand(make_file(condition), us("2025-06-10T12:00"), us("2025-06-10T20:00"))
    assert owed.not_evaluable == "curfew c1 has no hours, cannot be evaluated"
    assert owed.target is None


def test_a_list_of_places_is_their_union_and_equal_targets_are_one_object() -> None:
    ring = [[-1.0, 52.0], [-1.0, 52.1], [-0.9, 52.1], [-1.0, 52.0]]
    hole = [[-0.99, 52.06], [-0.99, 52.07], [-0.98, 52.07], [-0.99, 52.06]]
    drawn = {"id": "hostel", "geometry": {"type": "Polygon", "coordinates": [ring, hole]}}
    condition = curfew(place=["hostel", "home"])
    found = expand(make_file(condition, places=[HOME, drawn]), us("2025-06-09T12:00"), us("2025-06-11T12:00"))
    target = found[0].target
    assert target is not None
    assert target is found[1].target
    assert target.place_ids == ("home", "hostel")
    assert target.shapes[0].radius_m == 30
    assert [len(ring) for ring in target.shapes[1].rings] == [3, 3]


def first_night(date: str) -> dict:
    return {"date": date, "from_time": "15:00", "until_time": "07:00"}


def test_a_first_night_before_the_start_is_owed_and_nothing_between() -> None:
    file = make_file(
        curfew(first_night=first_night("2024-03-04"), **{"from": "2024-03-11", "until": "2024-03-12"})
    )
    owed = expand(file, us("2024-01-01T00:00"), us("2025-01-01T00:00"))
    assert spans(owed) == [
        "Mon 04 15:00 - Tue 05 07:00",
        "Mon 11 00:00 - Mon 11 07:00",
        "Mon 11 19:00 - Tue 12 07:00",
        "Tue 12 19:00 - Wed 13 00:00",
    ]


def test_whoever_is_released_in_the_afternoon_owes_the_first_night_from_then() -> None:
    file = make_file(curfew(first_night=first_night("2024-03-04"), **{"from": "2024-03-04T16:30"}))
    owed = expand(file, us("2024-01-01T00:00"), us("2024-03-05T12:00"))
    assert spans(owed) == ["Mon 04 16:30 - Tue 05 07:00"]


def test_a_first_night_before_the_version_took_effect_is_not_owed_again_by_a_variation() -> None:
    file = make_file(curfew(first_night=first_night("2023-12-20"), **{"from": "2024-01-10"}))
    assert expand(file, us("2023-01-01T00:00"), us("2024-01-09T00:00")) == []


@pytest.mark.parametrize("end", ["23:59", "23:59:59", "24:00", "00:00"])
def test_nobody_is_free_for_the_last_minute_of_a_day_that_goes_on(end: str) -> None:
    halves = [one_rule(day, "19:00", day, end) for day in DAYS] + [
        one_rule(day, "00:00", day, "07:00") for day in DAYS
    ]
    owed = expand(make_file(curfew(halves)), us("2024-03-09T12:00"), us("2024-03-11T12:00"))
    assert spans(owed) == ["Sat 09 19:00 - Sun 10 07:00", "Sun 10 19:00 - Mon 11 07:00"]


def test_an_evening_until_2359_that_does_not_go_on_ends_at_2359() -> None:
    evenings = [one_rule(day, "19:00", day, "23:59") for day in DAYS]
    other_place = [one_rule("sun", "00:00", "sun", "07:00", place="other")]
    places = [HOME, {**HOME, "id": "other"}]
    owed = expand(
        make_file(curfew([*evenings, *other_place]), places=places),
        us("2024-03-09T12:00"),
        us("2024-03-10T12:00"),
    )
    assert spans(owed) == ["Sat 09 19:00 - Sat 09 23:59", "Sun 10 00:00 - Sun 10 07:00"]


def test_a_first_night_until_2359_goes_on_with_the_weekly_hours() -> None:
    halves = [one_rule("mon", "19:00", "mon", "23:59"), one_rule("tue", "00:00", "tue", "07:00")]
    night = {"date": "2024-03-04", "from_time": "15:00", "until_time": "23:59"}
    file = make_file(curfew(halves, first_night=night, **{"from": "2024-03-04"}))
    owed = expand(file, us("2024-03-04T00:00"), us("2024-03-06T00:00"))
    assert spans(owed) == ["Mon 04 15:00 - Tue 05 07:00"]


def test_an_end_that_makes_a_week_of_an_evening_is_said() -> None:
    raw = make_file(curfew([one_rule("mon", "19:00", "mon", "07:00")])).model_dump(by_alias=True, mode="json")
    _, problems = parse_order_file(raw, "orders.json")
    [problem] = [p for p in problems if p.field == "until_time"]
    assert problem.row == "orders[0].versions[0].conditions[0].schedule[0]"
    assert "lasts 156 hours" in problem.message
