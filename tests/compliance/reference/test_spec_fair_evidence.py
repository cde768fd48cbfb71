"""Evidence that is fair: what is easily explained from where a person should be is not held against them.

The smallest case of each rule. Home is a circle of 50 m unless said otherwise; precision is 20 m.
"""

from __future__ import annotations

import random

import pytest
from engines import Engine
from scenarios import Scenario, circle, clock_of, rules_with, scenario, square


def night_at(radius_m: float) -> Scenario:
    return scenario().curfew("19:00", "07:00+1", circle(0, 0, radius_m))


@pytest.mark.parametrize(
    ("radius_m", "precision_m"), [(40, 30), (40, 60), (40, 100), (40, 150), (60, 150), (20, 60), (20, 100)]
)
def test_asleep_at_home_is_not_away(engine: Engine, radius_m: float, precision_m: float) -> None:
    """At the centre of home all night, one position a minute, with errors exactly as large as is stated."""
    night = night_at(radius_m)
    errors = random.Random(7)
    for minute in range(12 * 60):
        east, north = (errors.gauss(0, precision_m / 2.448) for _ in "xy")
        clock = f"{(19 + minute // 60) % 24:02}:{minute % 60:02}" + ("+1" if minute >= 300 else "")
        night.fix(clock, east, north, precision_m=precision_m)
    story = night.judged_by(engine)
    assert story.findings() == []
    assert "breached" not in story.seconds()


def test_a_place_too_small_for_the_precision_shows_neither(engine: Engine) -> None:
    """At the centre of 30 m with a precision of 60 m: nothing is kept, nothing is broken, all is uncertain."""
    night = night_at(30)
    for minute in range(60):
        night.fix(f"20:{minute:02}", 0, precision_m=60.0)
    night.until("20:59")
    story = night.judged_by(engine)
    assert story.seconds() == {
        "judged": 7_140, "no_data": 3_600, "no_data_before_input": 3_600, "uncertain": 3_540,
    }  # fmt: skip
    assert story.coverage()[0]["too_inexact_share"] == 1.0


def test_how_many_positions_are_too_inexact_for_the_place(engine: Engine) -> None:
    """A circle of 30 m, and three positions of 20 m to one of 60 m. Of a zone to keep out of it is not asked.
    The last position ends the evaluation, and is not in its time."""
    evening = night_at(30).exclusion("19:00", "23:00")
    for minute in range(41):
        evening.fix(f"20:{minute:02}", 0, precision_m=60.0 if minute % 4 == 0 else 20.0)
    story = evening.judged_by(engine)
    assert [row["too_inexact_share"] for row in story.coverage()] == [0.25, None]


def test_out_is_forgotten_once_positions_fit_with_home(engine: Engine) -> None:
    """At work until 17:00, then at the centre of a home too small for the precision; two stray fixes at 22:00."""
    night = night_at(30).fixes("12:00-17:00 out, 17:01-21:59 in[p=60], 22:02-07:00+1 in[p=60]")
    night.fix("22:00", 110, precision_m=60.0).fix("22:01", 110, precision_m=60.0)
    assert night.judged_by(engine).findings() == []


def test_two_strays_far_apart_are_not_one_absence(engine: Engine) -> None:
    """At 22:00 and 05:00 three fixes each, 130 m off; between them positions that fit with being at home."""
    night = night_at(30)
    night.fixes("18:50-21:59 in[p=60], 22:06-04:59+1 in[p=60], 05:06+1-07:00+1 in[p=60]")
    for minute in range(6):
        night.fix(f"22:{minute:02}", 400, precision_m=60.0).fix(f"05:{minute:02}+1", 400, precision_m=60.0)
    story = night.judged_by(engine)
    assert story.findings() == ["left_during 22:00-22:05 5 min", "left_during 05:00+1-05:05+1 5 min"]
    assert [clock_of(row["end_latest_utc"]) for row in story.rows()] == ["22:06", "05:06+1"]


def test_nothing_is_claimed_across_a_silence_inside_a_curfew(engine: Engine) -> None:
    """Out from 19:00 to 19:08, silent, out from 02:30 to 02:43, then home: two absences, and between unknown."""
    night = scenario().curfew().fixes("18:30-19:08 out, 02:30+1-02:43+1 out, 02:44+1-07:10+1 in")
    story = night.judged_by(engine)
    away = ("late_return", "left_during")
    assert story.findings(*away) == ["late_return 19:00-19:08 8 min", "left_during 02:30+1-02:43+1 13 min"]
    first, second = story.rows(*away)
    assert clock_of(first["end_latest_utc"]) == "02:30+1"
    assert clock_of(second["start_earliest_utc"]) == "19:08"
    assert "no_data" in story.seconds()


@pytest.mark.parametrize("every_s", [299, 300, 301, 302, 600, 900])
def test_what_is_a_gap_follows_the_devices_own_schedule(engine: Engine, every_s: int) -> None:
    """A tag that rests and reports every 301 seconds shows as much of a night as one of 299."""
    night = scenario().curfew()
    for i in range(14 * 3600 // every_s):
        minutes, seconds = divmod(18 * 60 * 60 + i * every_s, 60)
        hours, minutes = divmod(minutes, 60)
        night.fix(f"{hours % 24:02}:{minutes:02}:{seconds:02}" + ("+1" if hours >= 24 else ""), 0)
    assert night.until("07:00+1").judged_by(engine).seconds()["met"] >= 12 * 3600 - 2 * every_s


def test_a_night_away_at_a_fix_every_quarter_of_an_hour_is_seen(engine: Engine) -> None:
    night = scenario().curfew().fixes("17:00-08:00+1/15m out[p=5]")
    assert night.judged_by(engine).findings() == ["absent_entire 19:00-07:00+1 720 min"]


def test_a_silence_of_a_tag_that_reports_each_minute_stays_one(engine: Engine) -> None:
    night = scenario().curfew().fixes("18:50-20:00 in, 20:16-07:00+1 in")
    assert night.judged_by(engine).seconds()["no_data"] == 16 * 60


def test_walking_round_the_corner_of_a_zone_is_not_in_it(engine: Engine) -> None:
    """10 m outside two sides of a square: the mean of those positions lies inside it, none of them does."""
    day = scenario().exclusion("00:00", "00:00+1", square(0, 2_000, 150)).fixes("00:00-11:59 out")
    for minute in range(11):
        along = -150 + 32 * minute
        day.fix(f"12:{minute:02}", 160, 2_000 + along, precision_m=10.0)
        day.fix(f"12:{11 + minute:02}", 160 - 32 * minute, 2_160, precision_m=10.0)
    assert day.fixes("12:22-23:59 out").judged_by(engine).findings() == []


def test_related_errors_are_not_independent(engine: Engine) -> None:
    """35 m off for 10 minutes with a precision of 30 m: one error can do that. For 2 hours it is proved."""
    for minutes, n in ((10, 0), (120, 1)):
        night = scenario().curfew()
        night.fixes("18:50-19:59 in")
        for minute in range(minutes):
            night.fix(f"{20 + minute // 60}:{minute % 60:02}", 85, precision_m=30.0)
        night.fixes(f"{20 + minutes // 60}:{minutes % 60:02}-07:00+1 in")
        assert len(night.judged_by(engine).findings()) == n


def test_a_home_unit_says_late_that_it_no_longer_hears_the_tag(engine: Engine) -> None:
    """Out by the unit from 20:00, which says so up to two minutes late: it may have begun at 19:58."""
    rules = rules_with(presence={"lag_s": 120})
    night = scenario(rules=rules).home_unit("H1", place="home").curfew()
    night.hears("18:50-19:50/10m in, 20:00-20:50/10m out, 21:00-07:00+1/10m in")
    finding = night.judged_by(engine).only("left_during")
    assert clock_of(finding["start_utc"]) == "20:00"
    assert clock_of(finding["start_earliest_utc"]) == "19:58"


def test_a_home_unit_that_is_late_contradicts_nobody(engine: Engine) -> None:
    """The tag is out from 20:00 by its positions, the unit says so at 20:08: within its lag, no conflict."""
    for lag_s, found in ((0, 1), (600, 0)):
        night = scenario(rules=rules_with(presence={"lag_s": lag_s})).home_unit("H1", place="home").curfew()
        night.fixes("18:50-19:59 in, 20:00-20:59 out, 21:00-07:00+1 in")
        night.hears("18:50-19:55/5m in, 20:08-20:48/10m out, 21:00-07:00+1/10m in")
        assert len(night.judged_by(engine).rows("evidence_conflict")) == found


@pytest.mark.parametrize(("east_m", "broken_s"), [(10_000, 36 * 60), (300, 0)])
def test_a_position_holds_as_long_as_the_way_home_and_back(
    engine: Engine, east_m: float, broken_s: int
) -> None:
    """One position each 12 minutes: from 10 km away nobody was home and back in between, from 300 m anybody was."""
    evening = scenario().curfew("19:00", "19:36")
    for minute in (0, 12, 24, 36):
        evening.fix(f"19:{minute:02}", east_m)
    seconds = evening.until("19:36").judged_by(engine).seconds()
    assert seconds.get("breached", 0) == broken_s
    assert seconds.get("no_data", 0) == 36 * 60 - broken_s


def test_the_stated_error_shortens_the_way(engine: Engine) -> None:
    """10 km away as before, but 400 m uncertain at both ends: that leaves a way home and back."""
    evening = scenario().curfew("19:00", "19:36")
    for minute in (0, 12, 24, 36):
        evening.fix(f"19:{minute:02}", 10_000, precision_m=400.0)
    assert "breached" not in evening.until("19:36").judged_by(engine).seconds()


def test_a_position_in_between_that_fits_with_home_ends_what_held(engine: Engine) -> None:
    """10 km away at both ends, but one position at home between: nothing is held over it."""
    evening = scenario().curfew("19:00", "20:00").fixes("19:00-19:04 far, 19:10 in, 19:16-19:20 far")
    assert evening.until("19:20").judged_by(engine).seconds()["breached"] == 8 * 60


def test_far_away_evidence_goes_on_over_a_silence_longer_than_it_holds(engine: Engine) -> None:
    """200 km away, silent for 40 minutes: one absence. From 50 km a fast train may have gone home and back: two."""
    for km, absences in ((200, ["absent_entire 19:00-21:00 120 min"]), (50, 2)):
        evening = scenario().curfew("19:00", "21:00")
        for minute in [*range(45), *range(85, 121)]:
            evening.fix(f"{19 + minute // 60}:{minute % 60:02}", km * 1_000)
        found = evening.judged_by(engine).findings()
        assert found == absences or len(found) == absences


def test_deep_inside_a_zone_holds_to_its_edge_and_back(engine: Engine) -> None:
    """At the centre of a zone of 300 m: out and back takes seconds, so a silence of 12 minutes stays unknown."""
    day = scenario().exclusion("12:00", "13:00").fixes("12:00-12:10 zone, 12:22-12:30 zone")
    assert day.until("12:30").judged_by(engine).seconds()["no_data"] == 12 * 60


def test_a_flat_tag_is_still_not_heard_where_a_position_holds(engine: Engine) -> None:
    """10 km away on both sides of a flat battery: broken by the positions, and the home unit proves nothing."""
    night = scenario().home_unit("H1", place="home").curfew()
    night.fixes("18:50-19:30 far[b=1], 19:40-20:30 far[b=90], 20:45-07:00+1 in")
    night.hears("18:50-20:40/10m out, 20:50-07:00+1/10m in")
    seconds = night.judged_by(engine).seconds()
    assert seconds["breached"] >= 90 * 60
    assert seconds.get("no_data", 0) < 30 * 60
