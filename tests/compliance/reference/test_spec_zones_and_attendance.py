"""Exclusion, inclusion and restriction zones; appointments; trails. Words of ``scenarios``."""

from __future__ import annotations

import pytest
from engines import Engine
from scenarios import ZONE_CIRCLE, circle, clock_of, rules_with, scenario, square

from milepost.orders.model import ConditionKind


def test_walking_into_an_exclusion_zone(engine: Engine) -> None:
    """Ten minutes in the zone at noon.

    11:50       11:59 12:00    12:10 12:11
     out ......... out | zone ... zone | out ......
    """
    day = scenario().exclusion().fixes("00:00-11:59 out, 12:00-12:10 zone, 12:11-23:59 out")
    story = day.judged_by(engine)
    finding = story.only("zone_entry")
    assert (finding["status"], finding["seconds"], finding["level"]) == ("closed", 600.0, "urgent")
    assert (clock_of(finding["start_earliest_utc"]), clock_of(finding["end_latest_utc"])) == (
        "11:59",
        "12:11",
    )


def test_still_in_the_zone(engine: Engine) -> None:
    story = scenario().exclusion().fixes("00:00-11:59 out, 12:00-12:10 zone").judged_by(engine)
    assert story.findings() == ["zone_entry 12:00-12:10 10 min, open"]


def test_beside_the_zone_is_not_in_it(engine: Engine) -> None:
    """The zone is a square with 300 m sides. 15 m within its edge proves nothing with 20 m precision:
    an error that large is no wonder."""
    for east_m, expected in ((-135.0, []), (-145.0, []), (-110.0, ["zone_entry 12:00-12:10 10 min"])):
        day = scenario().exclusion("00:00", "00:00+1", square(0, 2_000, 150)).fixes("00:00-11:59 out")
        for minute in range(11):
            day.fix(f"12:{minute:02}", east_m, 2_000)
        assert day.fixes("12:11-23:59 out").judged_by(engine).findings() == expected, east_m


def test_in_the_hole_of_a_zone(engine: Engine) -> None:
    """The zone leaves out the block where the person may be: 600 m wide with a hole of 400 m."""
    day = scenario().exclusion("00:00", "00:00+1", square(0, 2_000, 300, hole_half_m=200))
    assert day.fixes("00:00-23:59 zone").judged_by(engine).findings() == []


@pytest.mark.parametrize("kind", [ConditionKind.INCLUSION_ZONE, ConditionKind.RESTRICTION_ZONE])
def test_leaving_an_area_not_to_be_left(engine: Engine, kind: ConditionKind) -> None:
    """A town of 3 km radius; far is 10 km away."""
    day = scenario().owes(kind, "00:00", "00:00+1", circle(0, 0, 3_000))
    story = day.fixes("00:00-09:00 in, 09:15-10:00 far, 10:15-23:59 out").judged_by(engine)
    assert story.findings("zone_exit") == ["zone_exit 09:15-10:00 45 min"]


def test_two_visits_are_two_entries(engine: Engine) -> None:
    day = scenario().exclusion()
    day.fixes("00:00-11:59 out, 12:00-12:10 zone, 12:11-13:00 out, 13:01-13:06 zone, 13:07-23:59 out")
    assert day.judged_by(engine).findings() == [
        "zone_entry 12:00-12:10 10 min",
        "zone_entry 13:01-13:06 5 min",
    ]


def test_a_zone_in_force_for_weeks_is_shown_by_local_day(engine: Engine) -> None:
    """In force since long before the input; the two days with signals are judged, the days before are not.

    The first signal comes on Monday at 06:00, so Monday owes six hours that no one could see.
    """
    day = scenario().exclusion("00:00+-20", "00:00+30").fixes("06:00-12:00+1 out")
    rows = day.judged_by(engine).coverage()
    assert [(clock_of(r["part_start_utc"]), clock_of(r["judged_until_utc"])) for r in rows] == [
        ("00:00", "00:00+1"), ("00:00+1", "12:00+1"),
    ]  # fmt: skip
    assert [r["no_data_before_input_s"] for r in rows] == [6 * 3600, 0]
    assert [r["met_s"] for r in rows] == [18 * 3600, 12 * 3600]


def test_the_local_day_of_a_clock_change_has_its_own_length(engine: Engine) -> None:
    """Sunday 29 March 2026 has 23 hours in London. Days 26 to 28 of the scenario."""
    day = scenario().exclusion("00:00+26", "00:00+29").fixes("00:00+26-12:00+28/5m out")
    assert [r["judged_s"] / 3600 for r in day.judged_by(engine).coverage()] == [24, 23, 13]


# attendance: due at home's circle from 10:00 to 11:00; 15 minutes' grace


def test_attended(engine: Engine) -> None:
    story = (
        scenario().attendance().fixes("08:00-09:59 out, 10:00-11:00 in, 11:01-12:00 out").judged_by(engine)
    )
    assert story.findings() == []


def test_a_little_late_is_within_the_grace(engine: Engine) -> None:
    story = scenario().attendance().fixes("08:00-10:14 out, 10:15-12:00 in").judged_by(engine)
    assert story.findings() == []
    assert story.seconds()["breached"] == 14 * 60


def test_attended_late(engine: Engine) -> None:
    """
    10:00     10:15 (grace)   10:29 10:30
      | out ....... out ........ out | in ......
    """
    story = scenario().attendance().fixes("08:00-10:29 out, 10:30-12:00 in").judged_by(engine)
    assert story.findings() == ["attendance_late 10:00-10:30 29 min"]
    finding = story.only("attendance_late")
    assert finding["evidence_count"] == 30
    assert finding["first_evidence"] == "D1@2026-03-02T10:00:00Z/gps"


def test_left_early(engine: Engine) -> None:
    story = scenario().attendance().fixes("08:00-10:30 in, 10:31-12:00 out").judged_by(engine)
    assert story.findings() == ["attendance_left_early 10:30-11:00 29 min"]


def test_late_and_left_early(engine: Engine) -> None:
    story = (
        scenario().attendance().fixes("08:00-10:19 out, 10:20-10:40 in, 10:41-12:00 out").judged_by(engine)
    )
    assert story.findings() == [
        "attendance_late 10:00-10:20 19 min",
        "attendance_left_early 10:40-11:00 19 min",
    ]


def test_missed(engine: Engine) -> None:
    story = scenario().attendance().fixes("08:00-12:00 out").judged_by(engine)
    assert story.findings() == ["attendance_missed 10:00-11:00 60 min"]
    assert story.only("attendance_missed")["evidence_count"] == 61


def test_not_seen_for_long_enough_to_say_missed(engine: Engine) -> None:
    """Out until 10:40, then silent for 20 minutes: 15 minutes there would have been a visit."""
    story = scenario().attendance().fixes("08:00-10:40 out, 11:00-12:00 out").judged_by(engine)
    assert story.findings() == []


def test_not_judged_before_it_is_over(engine: Engine) -> None:
    story = scenario().attendance().fixes("08:00-10:45 out").judged_by(engine)
    assert story.findings() == []
    assert story.seconds()["judged"] == 45 * 60


def test_late_only_if_seen_elsewhere_after_the_grace(engine: Engine) -> None:
    """Out until 10:05, then silent, then there at 10:40: nobody saw where the person was at 10:20."""
    story = scenario().attendance().fixes("08:00-10:05 out, 10:40-12:00 in").judged_by(engine)
    assert story.findings() == []


def test_a_trail_is_kept_while_the_tag_is_heard(engine: Engine) -> None:
    day = scenario().owes(ConditionKind.TRAIL, "00:00", "12:00").fixes("00:00-05:00 out, 06:00-12:00 in")
    story = day.judged_by(engine)
    assert story.findings() == []
    assert story.seconds() == {
        "judged": 12 * 3600, "met": 11 * 3600, "no_data": 3600, "no_data_no_signal": 3600,
    }  # fmt: skip


def test_hearing_a_tag_does_not_show_that_the_wearer_was_sober(engine: Engine) -> None:
    day = scenario().owes(ConditionKind.ALCOHOL, "00:00", "12:00").fixes("00:00-12:00 in")
    assert day.judged_by(engine).seconds() == {"judged": 12 * 3600, "uncertain": 12 * 3600}


def test_a_zone_entry_shorter_than_the_table_asks(engine: Engine) -> None:
    day = scenario(rules=rules_with(breach={"seconds": 300})).exclusion("00:00", "00:00+1", ZONE_CIRCLE)
    story = day.fixes("00:00-11:59 out, 12:00-12:04 zone, 12:05-23:59 out").judged_by(engine)
    assert story.findings() == []
    assert "breached" not in story.seconds()
