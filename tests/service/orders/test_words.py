"""Conditions in plain words, and the nights ahead."""

from __future__ import annotations

import datetime as dt

import pytest

from milepost.orders.model import Order, OrderVersion
from milepost.service.orders.calendar_preview import preview, strip_svg, table_of
from milepost.service.orders.summary import summarise
from tests.service.world import DOCUMENT


def version(**condition) -> OrderVersion:
    first = {**DOCUMENT["conditions"][0], **condition}
    return OrderVersion.model_validate(
        {
            "version": 1,
            "effective_from_utc": "2025-03-01T12:00:00Z",
            "places": DOCUMENT["places"],
            "conditions": [first],
        }
    )


def order(**condition) -> Order:
    return Order(id="O", person_id="P", regime="community_order", versions=[version(**condition)])


@pytest.mark.parametrize(
    ("night", "hours", "change"),
    [(dt.date(2026, 3, 28), 11, -1), (dt.date(2026, 10, 24), 13, 1), (dt.date(2026, 11, 3), 12, 0)],
)
def test_a_curfew_of_twelve_hours_on_the_clock_lasts_what_the_clock_makes_of_it(night, hours, change):
    shown = preview(order(), night, nights=1).nights[0]
    assert [piece.seconds for piece in shown.pieces] == [hours * 3600]
    assert shown.clock_changes == change
    assert table_of([shown])[0]["length"] == f"{hours} hours"


def test_an_absence_is_striped_and_what_is_left_is_shown():
    lifted = {"from": "2026-11-03T21:00:00", "until": "2026-11-03T23:00:00", "reason": "court"}
    whole = preview(order(exceptions=[lifted]), dt.date(2026, 11, 3), nights=2)
    kinds = [(piece.lifted, piece.seconds) for piece in whole.nights[0].pieces]
    assert kinds == [(False, 2 * 3600), (True, 2 * 3600), (False, 8 * 3600)]
    assert "url(#lifted)" in strip_svg(whole.nights)
    assert "url(#lifted)" not in strip_svg(whole.nights[1:])


def test_a_duty_without_hours_is_said_once_even_where_an_absence_cuts_it():
    lifted = {"from": "2026-11-03T21:00:00", "until": "2026-11-03T23:00:00"}
    zone = {"id": "z", "kind": "exclusion_zone", "schedule": None, "place": "home", "exceptions": [lifted]}
    shown = preview(order(**zone), dt.date(2026, 11, 3), nights=3)
    assert shown.always == ("Exclusion zone",)
    assert all(piece.lifted for night in shown.nights for piece in night.pieces)


def test_what_cannot_be_judged_is_said():
    shown = preview(order(place="nowhere"), dt.date(2026, 11, 3), nights=1)
    assert shown.not_evaluable == ("place nowhere is not in the order, cannot be evaluated",)


def rule(day: str, start: str, until_day: str, end: str, **more) -> dict:
    return {"from_day": day, "from_time": start, "until_day": until_day, "until_time": end, **more}


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([rule("mon", "19:00", "tue", "07:00"), rule("tue", "19:00", "wed", "07:00"), rule("wed", "19:00", "thu", "07:00")],
         "Monday to Wednesday: 7pm until 7am the next day."),
        ([rule("sat", "12:00", "sat", "24:00")], "Saturday: midday until midnight."),
        ([rule("fri", "20:30", "mon", "06:00")], "Friday: 8:30pm until 6am on Monday."),
        ([rule("mon", "09:00", "mon", "10:00", weeks_off=1), rule("thu", "09:00", "thu", "10:00", weeks_off=1)],
         "Monday, Thursday: 9am until 10am (1 week on; 1 week off)."),
        ([rule("mon", "19:00", "tue", "07:00", public_holidays="skip", travel_before_min=20)],
         "Monday: 7pm until 7am the next day (not on public holidays; 20 minutes to arrive)."),
    ],
)  # fmt: skip
def test_hours_in_plain_words(rules, said):
    assert said in summarise(version(schedule=rules))[0].sentences


def test_a_last_day_and_a_time_are_told_apart():
    assert "From 1 March 2025 until 4 May 2026." in summarise(version(until="2026-05-04"))[0].sentences
    assert (
        "From 1 March 2025 until 4 May 2026, 7:30pm."
        in summarise(version(until="2026-05-04T19:30:00"))[0].sentences
    )
