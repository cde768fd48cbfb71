"""The home unit, and what happens when it and the tag's own positions disagree."""

from __future__ import annotations

import pytest
from engines import Engine
from scenarios import HOME_CIRCLE, Scenario, circle, rules_with, scenario

from milepost.compliance.reference.witnesses import two_witnesses
from milepost.compliance.results import Label

NO, UN, IN, OUT, CON = Label.NO_DATA, Label.UNCERTAIN, Label.INSIDE, Label.OUTSIDE, Label.CONFLICT


@pytest.mark.parametrize(
    ("fixes", "home_unit", "together"),
    [
        (IN, IN, IN), (OUT, OUT, OUT), (UN, UN, UN), (NO, NO, NO),
        (NO, IN, IN), (NO, OUT, OUT), (NO, UN, UN),
        (IN, NO, IN), (OUT, NO, OUT), (UN, NO, UN),
        (UN, IN, IN), (UN, OUT, OUT), (IN, UN, IN), (OUT, UN, OUT),
        (IN, OUT, CON), (OUT, IN, CON),
    ],
)  # fmt: skip
def test_every_row_of_the_table_of_two_witnesses(fixes: Label, home_unit: Label, together: Label) -> None:
    assert two_witnesses(fixes, home_unit) == together


def radio_curfew() -> Scenario:
    """A radio tag, only heard by the home unit H1 at home."""
    night = scenario()
    night.activations.clear()
    return night.wears("R1", kind="radio_tag").home_unit("H1", place="home").curfew()


def test_a_radio_curfew(engine: Engine) -> None:
    """
    18:00       20:00   21:00            07:00
     heard ...... lost . heard ............ heard      heartbeats every ten minutes
    """
    night = radio_curfew().hears("18:00-19:50/10m in, 20:00 out, 20:10-20:50/10m out, 21:00-07:00+1/10m in")
    story = night.judged_by(engine)
    assert story.findings() == ["left_during 20:00-21:00 60 min"]
    assert story.seconds() == {"judged": 43_200, "met": 39_600, "breached": 3_600}
    finding = story.only("left_during")
    assert (finding["witness"], finding["certainty"]) == ("home_unit", 0.95)
    assert finding["activation_id"] == "A-H1-sam"
    assert finding["evidence_count"] == 6
    assert finding["first_evidence"] == "H1@2026-03-02T20:00:00Z/home_unit"
    assert finding["last_evidence"] == "H1@2026-03-02T20:50:00Z/home_unit"


def test_out_of_range_before_the_curfew_is_evidence_at_its_start(engine: Engine) -> None:
    night = radio_curfew().hears("18:40-19:20/20m out, 19:30-07:00+1/10m in")
    finding = night.judged_by(engine).only("late_return")
    assert finding["seconds"] == 30 * 60
    assert finding["first_evidence"] == "H1@2026-03-02T19:00:00Z/home_unit"
    night = radio_curfew().hears("18:30 out, 18:50 out, 19:10 out, 19:30-07:00+1/10m in")
    assert (
        night.judged_by(engine).only("late_return")["first_evidence"] == "H1@2026-03-02T18:50:00Z/home_unit"
    )


def test_a_radio_shadow_of_less_than_a_minute_is_not_an_absence(engine: Engine) -> None:
    """``presence.out_seconds`` is 60: lost for 50 seconds is uncertain, for 60 it is out."""
    night = radio_curfew().hears("18:00-19:50/10m in, 20:00:00 out, 20:00:50 in, 20:10-07:00+1/10m in")
    story = night.judged_by(engine)
    assert story.findings() == []
    assert story.seconds()["uncertain"] == 50
    night = radio_curfew().hears("18:00-19:50/10m in, 20:00:00 out, 20:01:00 in, 20:10-07:00+1/10m in")
    assert night.judged_by(engine).findings() == ["left_during 20:00-20:01 1 min"]


def test_just_lost_and_nothing_since(engine: Engine) -> None:
    """The last event is out of range, a moment ago: not yet an absence."""
    night = radio_curfew().hears("18:00-19:50/10m in, 20:00 out").until("20:10")
    story = night.judged_by(engine)
    assert story.findings() == []
    assert story.seconds() == {"judged": 4_200, "met": 3_600, "uncertain": 600}


def test_a_home_unit_that_fell_silent(engine: Engine) -> None:
    """No heartbeat for more than ``presence.gap_s`` (30 minutes): nothing is known, from the last one on."""
    night = radio_curfew().hears("18:00-20:00/10m in, 21:00-07:00+1/10m in")
    story = night.judged_by(engine)
    assert story.findings() == []
    assert story.timeline() == ["19:00-20:00 met", "20:00-21:00 no_data no_signal", "21:00-07:00+1 met"]


def test_both_say_out(engine: Engine) -> None:
    """Two witnesses leave less doubt than one."""
    night = scenario().home_unit("H1", place="home").curfew()
    night.fixes("18:50-19:59 in, 21:00-07:00+1 in").hears(
        "18:50-19:50/10m in, 20:00-20:59/10m out, 21:00-07:00+1/10m in"
    )
    for minute in range(60):
        night.fix(f"20:{minute:02}", 100)
    finding = night.judged_by(engine).only("left_during")
    assert finding["witness"] == "both"
    # The surer of the two, for how far they err independently is not known; and of the fixes only how strong they are,
    # for a time that the home unit made long does not say how long they speak.
    evidence = night.rules.tables[0].evidence
    assert evidence.presence.certainty <= finding["certainty"] < evidence.certainty_of(1e9, 3_600)
    assert finding["evidence_count"] == 66


@pytest.mark.parametrize(
    ("strength", "seconds", "certainty"), [(54, 3500, 0.8), (56, 3500, 0.7), (54, 3600, 0.7), (0, 3500, 0.8)]
)
def test_certainty_of_fixes_is_what_the_table_says_of_their_strength_and_length(
    engine: Engine, strength: float, seconds: float, certainty: float
) -> None:
    """25 m outside the circle with 20 m precision for an hour: 3.06 sigmas, worth 1 + 59 x 0.181 = 11.7
    independent positions: strength 3.06 x 3.06 / 2 x 11.7 = 54.8. From the first to the last position 3,540 s."""
    steps = [{"strength": 0, "certainty": 0.7}, {"strength": strength, "seconds": seconds, "certainty": 0.8}]
    night = scenario(rules=rules_with(certainty=steps)).curfew().fixes("18:50-19:59 in, 21:00-07:00+1 in")
    for minute in range(60):
        night.fix(f"20:{minute:02}", 75)
    assert night.judged_by(engine).only("left_during")["certainty"] == certainty


def test_the_home_unit_and_the_positions_contradict_each_other(engine: Engine) -> None:
    """The unit hears the tag, the tag says a kilometre away. Neither kept nor broken: a person must look.

    20:00          21:00
    unit  in ....... in
    GPS   out ...... out          evidence_conflict 20:00-21:00
    """
    night = scenario().home_unit("H1", place="home").curfew()
    night.fixes("18:50-19:59 in, 20:00-21:00 out, 21:01-07:00+1 in").hears("18:50-07:00+1/10m in")
    story = night.judged_by(engine)
    assert story.findings() == ["evidence_conflict 20:00-21:00 60 min"]
    assert story.seconds() == {"judged": 43_200, "met": 39_600, "conflict": 3_600}
    finding = story.only("evidence_conflict")
    assert (finding["witness"], finding["certainty"], finding["level"]) == ("both", 0.5, "review")
    assert finding["evidence_count"] == 61 + 7
    assert finding["coverage"] == 1.0


def test_a_short_conflict_is_no_finding(engine: Engine) -> None:
    """``conflict_min_s`` is five minutes; four minutes of contradiction stay in the coverage."""
    night = scenario().home_unit("H1", place="home").curfew()
    night.fixes("18:50-19:59 in, 20:00-20:04 out, 20:05-07:00+1 in").hears("18:50-07:00+1/10m in")
    story = night.judged_by(engine)
    assert story.findings() == []
    assert story.seconds()["conflict"] == 240


@pytest.mark.parametrize(("between", "conflicts"), [("", 0), (", 20:22 in", 1)])
def test_a_conflict_rests_on_a_position_while_the_unit_says_the_opposite(
    engine: Engine, between: str, conflicts: int
) -> None:
    """At home at 20:15 and 20:30 by positions; the unit does not hear the tag from 20:17 to 20:28. Both may be right:
    somebody went out and came back. A position at home at 20:22 contradicts the unit."""
    night = scenario().home_unit("H1", place="home").curfew()
    night.fixes(f"18:00-20:15/15m in{between}, 20:30-07:00+1/15m in")
    night.hears("18:00-20:10/10m in, 20:17 out, 20:28 in, 20:30-07:00+1/10m in")
    story = night.judged_by(engine)
    assert len(story.rows("evidence_conflict")) == conflicts
    assert story.seconds()["conflict"] == 11 * 60


def test_conflicts_with_only_doubt_between_them_are_one(engine: Engine) -> None:
    """Positions out, silent, out, while the unit's heartbeats stop too for that hour."""
    night = scenario().home_unit("H1", place="home").curfew()
    night.fixes("18:50-19:59 in, 20:00-20:30 out, 21:30-22:00 out, 22:01-07:00+1 in")
    night.hears("18:50-20:30/10m in, 21:30-07:00+1/10m in")
    story = night.judged_by(engine)
    assert story.findings() == ["evidence_conflict 20:00-22:00 60 min"]
    assert story.only("evidence_conflict")["coverage"] == 0.5


def test_a_conflict_that_still_lasts_is_open(engine: Engine) -> None:
    night = scenario().home_unit("H1", place="home").curfew()
    night.fixes("18:50-19:59 in, 20:00-21:00 out").hears("18:50-21:00/10m in")
    assert night.judged_by(engine).findings() == ["evidence_conflict 20:00-21:00 60 min, open"]


def test_conflict_time_inside_an_absence_is_not_counted(engine: Engine) -> None:
    """Both out, then only the unit is heard to say in, then both out again."""
    night = scenario().home_unit("H1", place="home").curfew()
    night.fixes("18:50-19:59 in, 20:00-22:00 out, 22:01-07:00+1 in")
    night.hears("18:50-19:50/10m in, 20:00-20:50/10m out, 21:00-21:20/10m in, 21:30-21:50/10m out")
    night.hears("22:00-07:00+1/10m in")
    assert night.judged_by(engine).findings() == [
        "left_during 20:00-22:00 90 min", "evidence_conflict 21:00-21:30 30 min",
    ]  # fmt: skip


def test_with_no_place_named_the_unit_speaks_for_every_curfew(engine: Engine) -> None:
    night = scenario().home_unit("H1").curfew().restriction("19:00", "23:00", id="area")
    night.hears("18:00-19:50/10m in, 20:00-20:50/10m out, 21:00-07:00+1/10m in")
    story = night.judged_by(engine)
    assert story.findings("left_during", "zone_exit") == ["left_during 20:00-21:00 60 min"]
    assert "met" not in story.seconds("area")


def test_a_unit_in_another_place_says_nothing_of_this_one(engine: Engine) -> None:
    night = scenario().home_unit("H1", place="elsewhere").curfew().hears("18:00-07:00+1/10m out")
    assert "breached" not in night.judged_by(engine).seconds()


def test_out_of_range_of_one_of_two_places_is_not_away_from_both(engine: Engine) -> None:
    """A curfew at home or at the other address, with a home unit only at home: out of its range is uncertain.
    With a second unit that does not hear the tag either, the person is out."""
    places = {"places": ("home", "other")}
    night = scenario().home_unit("H1", place="home")
    night.curfew("19:00", "07:00+1", HOME_CIRCLE, circle(1_000, 0, 50), **places)
    night.hears("18:00-19:50/10m in, 20:00-07:00+1/10m out")
    assert night.judged_by(engine).seconds() == {"judged": 43_200, "met": 3_600, "uncertain": 39_600}
    night.home_unit("H2", place="other").hears("18:00-07:00+1/10m out", "H2")
    assert night.judged_by(engine).seconds() == {"judged": 43_200, "met": 3_600, "breached": 39_600}


def test_inside_of_any_unit_is_inside(engine: Engine) -> None:
    night = scenario().home_unit("H1", place="home").home_unit("H2").curfew()
    night.hears("18:00-07:00+1/10m out").hears("18:00-07:00+1/10m in", "H2")
    assert night.judged_by(engine).seconds() == {"judged": 43_200, "met": 43_200}


def test_a_unit_that_hears_somebody_else(engine: Engine) -> None:
    """H1 stands in a home that two people share, each with a tag of their own."""
    night = scenario().home_unit("H1", place="home").curfew()
    night.person = "alex"
    night.wears("D2").home_unit("H1", place="home", id="A-H1-alex").curfew(id="alex-curfew")
    night.hears("18:00-07:00+1/10m in", tag="D1").hears("18:05-07:00+1/10m out", tag="D2")
    story = night.judged_by(engine)
    assert story.seconds("curfew")["met"] == 43_200
    assert story.seconds("alex-curfew")["breached"] == 43_200


def test_a_unit_says_nothing_of_a_person_without_a_tag(engine: Engine) -> None:
    night = scenario()
    night.activations.clear()
    night.wears("D1", until="20:00").home_unit("H1", place="home").curfew()
    night.hears("18:00-07:00+1/10m out")
    assert night.judged_by(engine).seconds() == {
        "judged": 43_200, "breached": 3_600, "no_data": 39_600, "no_data_not_fitted": 39_600,
    }  # fmt: skip


def test_a_presence_event_from_the_future_is_not_evaluated(engine: Engine) -> None:
    night = radio_curfew().hears("18:00-07:00+1/10m in").hears("20:05 out, 22:05 out", quality=8)
    assert night.judged_by(engine).seconds() == {"judged": 43_200, "met": 43_200}


def test_positions_speak_where_the_unit_is_unsure(engine: Engine) -> None:
    """The unit just lost the tag (uncertain); the positions say in."""
    night = scenario(rules=rules_with(presence={"out_seconds": 3_600})).home_unit("H1", place="home").curfew()
    night.fixes("18:50-07:00+1 in").hears("18:50-19:50/10m in, 20:00-20:20/10m out, 20:30-07:00+1/10m in")
    assert night.judged_by(engine).seconds() == {"judged": 43_200, "met": 43_200}


def test_a_flat_tag_cannot_be_heard_so_out_of_range_proves_nothing(engine: Engine) -> None:
    """The tag dies at home at 20:00; the home unit stops hearing it. Nobody knows where the person is."""
    night = (
        scenario()
        .curfew("19:00", "07:00+1")
        .home_unit()
        .fixes("18:50-19:59 in, 20:00 in[b=1], 06:00+1-07:10+1 in")
        .hears("18:50-20:00/10m in, 20:10-05:50+1/10m out, 06:00+1-07:10+1/10m in")
    )
    story = night.judged_by(engine)
    assert story.findings("late_return", "left_during", "out_at_end", "absent_entire") == []
    assert story.coverage()[0]["no_data_battery_s"] == pytest.approx(600 * 60, abs=700)
