"""Just this side of a threshold and just that side of it. One sentence of the page for each."""

from __future__ import annotations

from engines import Engine
from scenarios import at, clock_of, nights, rules_with, scenario

from milepost.orders.model import ConditionKind


def test_a_spell_is_held_for_exactly_half_an_hour(engine: Engine) -> None:
    """``hold_s`` is 1,800: doubt until the thirtieth minute is held over, one minute more is not."""
    night = scenario().curfew().fixes("18:50-20:00 in, 20:01-20:29 near, 20:30-21:00 in")
    assert night.judged_by(engine).timeline() == ["19:00-21:00 met"]
    night = scenario().curfew().fixes("18:50-20:00 in, 20:01-20:30 near, 20:31-21:00 in")
    assert night.judged_by(engine).timeline() == [
        "19:00-20:00 met",
        "20:00-20:31 uncertain",
        "20:31-21:00 met",
    ]


def test_refusals_are_counted_anew_after_one_was_accepted(engine: Engine) -> None:
    """50 km away: refused at 20:30 and 20:31, accepted at 20:32. Back: refused at 20:41 and 20:42, too."""
    night = scenario().curfew().fixes("18:50-20:29 in, 20:30-20:40 away, 20:41-21:00 in")
    assert night.judged_by(engine).timeline() == [
        "19:00-20:29 met", "20:29-20:32 uncertain", "20:32-20:40 breached", "20:40-20:43 uncertain",
        "20:43-21:00 met",
    ]  # fmt: skip


def test_outside_needs_the_buffer_however_precise_the_fix(engine: Engine) -> None:
    """10 m precision needs 10 m by probability; here ``breach.buffer_m`` asks for 30. 28 m outside is unclear."""
    for east_m, found in ((78.0, []), (81.0, ["left_during 20:00-20:10 10 min"])):
        night = scenario(rules=rules_with(breach={"buffer_m": 30})).curfew()
        night.fixes("18:50-19:59 in, 20:11-07:00+1 in")
        for minute in range(11):
            night.fix(f"20:{minute:02}", east_m, precision_m=10.0)
        assert night.judged_by(engine).findings() == found, east_m


def test_a_heartbeat_every_thirty_minutes_is_no_gap(engine: Engine) -> None:
    night = scenario().home_unit("H1", place="home").curfew().hears("18:00-07:00+1/30m in")
    assert night.judged_by(engine).timeline() == ["19:00-07:00+1 met"]


def test_five_minutes_from_the_start_and_from_the_end(engine: Engine) -> None:
    """``edge_s`` is 300, ends included."""
    night = scenario().curfew().fixes("19:05-19:30 out, 19:31-07:00+1 in")
    assert night.judged_by(engine).findings() == ["late_return 19:05-19:30 25 min"]
    night = scenario().curfew().fixes("18:50-05:59+1 in, 06:00+1-06:55+1 out").until("07:30+1")
    assert night.judged_by(engine).findings() == ["out_at_end 06:00+1-06:55+1 55 min"]
    night = scenario().curfew().fixes("18:50-05:59+1 in, 06:00+1-06:54+1 out").until("07:30+1")
    assert night.judged_by(engine).findings() == ["left_during 06:00+1-06:54+1 54 min"]


def test_gone_at_the_very_start(engine: Engine) -> None:
    """Last seen in at 18:59, first out at 19:00: nothing of the curfew was kept."""
    night = scenario().curfew().fixes("18:50-18:59 in, 19:00-19:30 out, 19:31-07:00+1 in")
    assert night.judged_by(engine).findings() == ["late_return 19:00-19:30 30 min"]


def test_home_just_before_and_out_just_after_the_start(engine: Engine) -> None:
    """Home until 18:58, so not a late return though seen out three minutes into the curfew."""
    night = scenario().curfew().fixes("18:50-18:58 in, 19:03-19:30 out, 19:31-07:00+1 in")
    assert night.judged_by(engine).findings() == ["left_during 19:03-19:30 27 min"]


def test_out_silent_over_the_end_and_still_out(engine: Engine) -> None:
    """Out until 06:30, silent over the end, out at 07:20: looked on from the end, the next word is out."""
    night = scenario().curfew().fixes("18:50-05:59+1 in, 06:00+1-06:30+1 out, 07:20+1-08:00+1 out")
    assert night.judged_by(engine).findings() == ["out_at_end 06:00+1-06:30+1 30 min"]
    night = scenario().curfew().fixes("18:50-05:59+1 in, 06:00+1-06:30+1 out, 07:20+1-08:00+1 in")
    assert night.judged_by(engine).findings() == ["left_during 06:00+1-06:30+1 30 min"]


def test_five_minutes_of_conflict_are_enough(engine: Engine) -> None:
    night = scenario().home_unit("H1", place="home").curfew()
    night.fixes("18:50-19:59 in, 20:00-20:05 out, 20:06-07:00+1 in").hears("18:50-07:00+1/10m in")
    assert night.judged_by(engine).findings() == ["evidence_conflict 20:00-20:05 5 min"]


def test_unseen_for_a_quarter_of_an_hour(engine: Engine) -> None:
    """``attendance.minimum_s`` is 900: 15 unseen minutes could have been a visit, 14 could not."""
    day = scenario().attendance().fixes("08:00-10:45 out, 11:00-12:00 out")
    assert day.judged_by(engine).findings() == []
    day = scenario().attendance().fixes("08:00-10:46 out, 11:00-12:00 out")
    assert day.judged_by(engine).findings() == ["attendance_missed 10:00-11:00 46 min"]


def test_a_flat_battery_after_the_silence_does_not_explain_it(engine: Engine) -> None:
    night = scenario().curfew("19:00", "23:00").fixes("18:50-20:00 in[b=50], 22:00-23:00 in[b=1]")
    assert "20:00-22:00 no_data no_signal" in night.judged_by(engine).timeline()


def test_thirty_six_hours_are_not_long(engine: Engine) -> None:
    for end, parts in (("07:00+1", 1), ("07:01+1", 2)):
        day = scenario().exclusion("19:00+-1", end).fixes("00:00-08:00+1 out")
        assert len(day.judged_by(engine).coverage()) == parts


def test_a_silence_because_the_tag_came_off_is_no_dead_battery(engine: Engine) -> None:
    """Flat at 11:00, taken off at 11:03: three minutes of silence, then nobody wears it."""
    day = scenario()
    day.activations.clear()
    day.wears("D1", until="11:03").order().fixes("10:00-10:55/5m in[b=50], 11:00 in[b=1]").until("12:00")
    assert day.judged_by(engine).findings() == ["battery_low 11:00-11:03 3 min"]


def test_a_silence_that_the_last_signal_of_all_ends(engine: Engine) -> None:
    day = scenario().order().fixes("08:00-10:00/5m in, 12:00 in")
    assert day.judged_by(engine).findings() == ["no_contact 10:00-12:00 120 min"]


def test_an_event_that_no_longer_holds_is_no_evidence(engine: Engine) -> None:
    """Out of range at 18:00 and no heartbeat since: at 19:00 the home unit says nothing any more."""
    night = scenario().home_unit("H1", place="home").curfew().hears("18:00 out, 20:30 in")
    finding = night.fixes("18:50-19:30 out, 19:31-07:00+1 in").judged_by(engine).only("late_return")
    assert (finding["evidence_count"], finding["witness"]) == (31, "fixes")


def test_orders_and_obligations_end_just_before_their_end(engine: Engine) -> None:
    day = scenario().order(until="12:00").fixes("08:00-13:00/5m in").event("12:00", "strap_tamper")
    assert day.judged_by(engine).findings() == []
    day = scenario().owes(ConditionKind.TRAIL, "00:00", "12:00").fixes("08:00-13:00/5m in")
    assert day.event("12:00", "strap_tamper").judged_by(engine).only("strap_tamper")["condition_id"] == ""


def test_a_finding_counts_in_the_window_that_its_start_lies_in(engine: Engine) -> None:
    """28 days before 20:03 on day 28 is 20:03 on day 0: the absence that began at 20:00 no longer counts."""
    story = nights(0, 28).until("20:03+28").judged_by(engine)
    total = story.totals()[0]
    assert (total["minutes"], total["count"], clock_of(total["window_start_utc"])) == (3.0, 1, "20:03")


def test_of_two_activations_of_one_tag_the_later_counts(engine: Engine) -> None:
    """Nobody ended Sam's activation when the tag went to Alex at 20:00."""
    night = scenario().curfew()
    night.person = "alex"
    night.wears("D1", "20:00", id="A-D1-alex").curfew("20:00", "23:00", id="alex-curfew")
    story = night.fixes("18:50-19:59 in, 20:00-23:00 out").judged_by(engine)
    assert story.only("absent_entire")["person_id"] == "alex"
    assert "breached" not in story.seconds("curfew")
    assert at("20:00") == story.only("absent_entire")["start_utc"]


def test_nothing_is_claimed_across_a_long_silence(engine: Engine) -> None:
    """Out until 19:05, silent all night, out again in the morning: nobody saw an absence for the whole night."""
    story = scenario().curfew().fixes("18:30-19:05 out, 09:00+1-09:30+1 out").judged_by(engine)
    finding = story.only("late_return")
    assert story.findings("absent_entire") == []
    assert finding["seconds"] == 300
    assert clock_of(finding["end_latest_utc"]) == "07:00+1"
    assert finding["obligation_coverage"] < 0.01
