"""Curfews: who was absent, when, and what it is called. The words are those of ``scenarios``."""

from __future__ import annotations

from engines import Engine
from scenarios import HOME_CIRCLE, at, circle, clock_of, rules_with, scenario

from milepost.orders.model import ConditionKind
from milepost.tracks.record import Quality


def test_home_all_night(engine: Engine) -> None:
    """The ordinary night: home before seven, out again after seven. Nothing to find.

    18:50        19:00                 07:00        07:10
      in  in  in  |  in  in  in  in  in  |  out  out
    """
    story = scenario().curfew().fixes("18:50-06:59+1 in, 07:00+1-07:10+1 out").judged_by(engine)
    assert story.findings() == []
    assert story.timeline() == ["19:00-06:59+1 met", "06:59+1-07:00+1 uncertain"]
    assert story.seconds() == {"judged": 43_200, "met": 43_140, "uncertain": 60}
    assert story.coverage()[0]["coverage"] == 1.0


def test_left_and_came_back(engine: Engine) -> None:
    """Home at the start, out from 19:21 to 20:05, home again.

    19:00   19:20 19:21      20:05 20:06       07:00
      in ... in  | out ...... out | in ......... in
             ^^^^^^ these minutes belong to neither ^^
    """
    story = scenario().curfew().fixes("18:50-19:20 in, 19:21-20:05 out, 20:06-07:10+1 in").judged_by(engine)
    assert story.findings() == ["left_during 19:21-20:05 44 min"]
    assert story.seconds() == {"judged": 43_200, "met": 40_440, "breached": 2_640, "uncertain": 120}
    finding = story.only("left_during")
    assert finding["first_evidence"] == "D1@2026-03-02T19:21:00Z/gps"
    assert finding["last_evidence"] == "D1@2026-03-02T20:05:00Z/gps"
    assert finding["evidence_count"] == 45
    assert (finding["witness"], finding["certainty"], finding["coverage"]) == ("fixes", 0.995, 1.0)
    assert finding["activation_id"] == "A-D1-sam"


def test_late_return(engine: Engine) -> None:
    """Out since before the curfew began, home at 19:40: late, 39 minutes of it proved.

    18:30    19:00       19:39 19:40
     out .... | out ..... out | in ...
    """
    story = scenario().curfew().fixes("18:30-19:39 out, 19:40-07:10+1 in").judged_by(engine)
    assert story.findings() == ["late_return 19:00-19:39 39 min"]
    finding = story.only("late_return")
    assert (clock_of(finding["start_earliest_utc"]), clock_of(finding["end_latest_utc"])) == (
        "19:00",
        "19:40",
    )


def test_late_return_when_the_last_word_before_the_start_was_out(engine: Engine) -> None:
    """Silent from 18:40 to 19:30, out before and after: the silence is not held against the person, but the
    return was late all the same.

    18:30     18:40              19:00      19:30      19:50
     out ..... out  . . silence . . | . . . . out ..... out  in
    """
    story = scenario().curfew().fixes("18:30-18:40 out, 19:30-19:50 out, 19:51-07:00+1 in").judged_by(engine)
    assert story.findings() == ["late_return 19:30-19:50 20 min"]
    assert clock_of(story.only("late_return")["start_earliest_utc"]) == "19:00"


def test_never_seen_before_and_out_soon_after_the_start(engine: Engine) -> None:
    """The first signal of all comes at 19:04, out: within ``edge_s`` (5 minutes), so a late return."""
    story = scenario().curfew().fixes("19:04-19:30 out, 19:31-07:00+1 in").judged_by(engine)
    assert story.findings() == ["late_return 19:04-19:30 26 min"]


def test_never_seen_before_and_out_long_after_the_start(engine: Engine) -> None:
    """The first signal comes at 19:10: where the person was at the start is not known."""
    story = scenario().curfew().fixes("19:10-19:30 out, 19:31-07:00+1 in").judged_by(engine)
    assert story.findings() == ["left_during 19:10-19:30 20 min"]
    assert story.seconds()["no_data_before_input"] == 600


def test_out_at_the_end(engine: Engine) -> None:
    """Home until 05:59, out past the end of the curfew."""
    story = scenario().curfew().fixes("18:50-05:59+1 in, 06:00+1-08:00+1 out").judged_by(engine)
    assert story.findings() == ["out_at_end 06:00+1-07:00+1 60 min"]


def test_out_near_the_end_and_then_silent(engine: Engine) -> None:
    """The last word is out at 06:56, within ``edge_s`` of the end; the tag is silent after."""
    story = (
        scenario().curfew().fixes("18:50-05:59+1 in, 06:00+1-06:56+1 out").until("09:00+1").judged_by(engine)
    )
    assert story.findings("out_at_end") == ["out_at_end 06:00+1-06:56+1 56 min"]


def test_absent_all_night(engine: Engine) -> None:
    story = scenario().curfew().fixes("18:50-07:10+1 out").judged_by(engine)
    assert story.findings() == ["absent_entire 19:00-07:00+1 720 min"]
    assert (story.only("absent_entire")["level"], story.only("absent_entire")["rule"]) == (
        "urgent",
        "absent-all-night",
    )


def test_still_out_when_the_evaluation_ends(engine: Engine) -> None:
    """It is 21:00 and the curfew is not over: the finding is open and lasts to the last proved moment.

    19:00        20:00 20:01     20:58   21:00 (now)            07:00
      in ......... in | out ...... out    |  not judged yet ..... |
    """
    story = scenario().curfew().fixes("18:50-20:00 in, 20:01-20:58 out").until("21:00").judged_by(engine)
    assert story.findings() == ["left_during 20:01-20:58 57 min, open"]
    assert story.seconds() == {"judged": 7_200, "met": 3_600, "breached": 3_420, "uncertain": 180}
    assert clock_of(story.only("left_during")["end_latest_utc"]) == "21:00"


def test_not_home_yet_when_the_evaluation_ends(engine: Engine) -> None:
    story = scenario().curfew().fixes("18:50-21:00 out").judged_by(engine)
    assert story.findings() == ["out_at_start 19:00-21:00 120 min, open"]


def test_home_again_before_the_evaluation_ends(engine: Engine) -> None:
    """The curfew is not over, but the absence is: closed."""
    story = scenario().curfew().fixes("18:50-19:30 out, 19:31-21:00 in").judged_by(engine)
    assert story.findings() == ["late_return 19:00-19:30 30 min"]


def test_one_stray_fix_changes_nothing(engine: Engine) -> None:
    """A single fix a kilometre away between fixes at home.

    20:58 20:59 21:00 21:01 21:02
     in    in    out   in    in      20:59-21:01 is uncertain, the rest is kept
    """
    story = scenario().curfew().fixes("18:50-20:59 in, 21:00 out, 21:01-07:10+1 in").judged_by(engine)
    assert story.findings() == []
    assert story.timeline() == ["19:00-20:59 met", "20:59-21:01 uncertain", "21:01-07:00+1 met"]


def test_two_fixes_are_not_enough_if_they_come_too_soon_after_each_other(engine: Engine) -> None:
    """``breach.seconds`` is 120: out at 21:00 and 21:01 is not yet proof, a third at 21:02 is."""
    night = scenario().curfew()
    night.fixes("18:50-20:59 in, 21:00-21:01 out, 21:02-07:10+1 in")
    assert night.judged_by(engine).findings() == []
    night = scenario().curfew()
    night.fixes("18:50-20:59 in, 21:00-21:02 out, 21:03-07:10+1 in")
    assert night.judged_by(engine).findings() == ["left_during 21:00-21:02 2 min"]


def test_an_absence_too_short_for_a_finding_stays_in_the_coverage(engine: Engine) -> None:
    """With ``finding_min_s`` at five minutes, two minutes out make no finding and are not forgotten."""
    night = scenario(rules=rules_with(finding_min_s=300)).curfew()
    story = night.fixes("18:50-20:59 in, 21:00-21:02 out, 21:03-07:10+1 in").judged_by(engine)
    assert story.findings() == []
    assert story.seconds()["breached"] == 120


def test_where_it_cannot_tell_it_does_not_say(engine: Engine) -> None:
    """Fixes 45 m from the centre of a 50 m circle with 20 m precision: 5 m inside, which proves no side.

    sigma = 20 / 2.448 = 8.2 m; inside needs 1.645 x 8.2 = 13.4 m, outside as much.
    """
    story = scenario().curfew().fixes("18:50-07:10+1 near").judged_by(engine)
    assert story.findings() == []
    assert story.seconds() == {"judged": 43_200, "uncertain": 43_200}
    assert story.coverage()[0]["coverage"] == 1.0


def test_what_is_explained_from_home_parts_two_absences(engine: Engine) -> None:
    """Out, an hour of positions that prove nothing and fit with being at home, out: two absences.

    20:00      21:00           22:00      23:00
     out ....... out near near near out ... out | in
    """
    night = scenario().curfew().fixes("18:50-19:59 in, 20:00-21:00 out, 21:01-21:59 near")
    story = night.fixes("22:00-23:00 out, 23:01-07:10+1 in").judged_by(engine)
    assert story.findings() == ["left_during 20:00-21:00 60 min", "left_during 22:00-23:00 60 min"]
    first, second = story.rows("left_during")
    assert clock_of(first["end_latest_utc"]) == "21:01"
    assert clock_of(second["start_earliest_utc"]) == "21:59"


def test_a_short_doubt_is_held_over(engine: Engine) -> None:
    """Twenty minutes at 10 m outside, which prove nothing and do not fit with being at home either, less than
    ``hold_s``: the spell goes on."""
    night = scenario().curfew().fixes("18:50-19:59 in, 20:00-21:00 out")
    for minute in range(1, 20):
        night.fix(f"21:{minute:02}", 60)
    story = night.fixes("21:20-22:00 out, 22:01-07:10+1 in").judged_by(engine)
    assert story.findings() == ["left_during 20:00-22:00 120 min"]


def test_silence_is_neither_kept_nor_broken(engine: Engine) -> None:
    """Nothing is heard from 21:00 to 23:00. No absence is made of it, and no compliance either."""
    story = scenario().curfew().fixes("18:50-21:00 in, 23:00-07:10+1 in").judged_by(engine)
    assert story.findings() == ["no_contact 21:00-23:00 120 min"]
    assert story.seconds() == {"judged": 43_200, "met": 36_000, "no_data": 7_200, "no_data_no_signal": 7_200}
    assert story.coverage()[0]["coverage"] == round(36_000 / 43_200, 4)


def test_an_absence_with_a_silence_inside_carries_its_own_coverage(engine: Engine) -> None:
    """Out 20:00-20:30, silent, out 20:50-21:10, home: 70 minutes, of which 20 unseen."""
    night = scenario().curfew().fixes("18:50-19:59 in, 20:00-20:30 out, 20:50-21:10 out, 21:11-07:00+1 in")
    finding = night.judged_by(engine).only("left_during")
    assert finding["seconds"] == 50 * 60
    assert finding["coverage"] == round(50 / 70, 4)
    assert finding["obligation_coverage"] == round(700 / 720, 4)
    assert clock_of(finding["start_earliest_utc"]) == "19:59"
    assert clock_of(finding["end_latest_utc"]) == "21:11"


def test_the_night_the_clocks_go_forward_has_eleven_hours(engine: Engine) -> None:
    """28 to 29 March 2026, 19:00 to 07:00 London: 19:00 to 06:00 UTC. Day 26 of the scenario."""
    story = scenario().curfew("19:00+26", "06:00+27").fixes("18:00+26-07:00+27 in").judged_by(engine)
    assert story.seconds() == {"judged": 11 * 3600, "met": 11 * 3600}


def test_the_night_the_clocks_go_back_has_thirteen_hours(engine: Engine) -> None:
    """24 to 25 October 2026, 19:00 to 07:00 London: 18:00 to 07:00 UTC. Day 236 of the scenario."""
    night = (
        scenario().curfew("18:00+236", "07:00+237").fixes("17:50+236-05:30+237 in, 05:31+237-07:05+237 out")
    )
    story = night.judged_by(engine)
    assert story.seconds()["judged"] == 13 * 3600
    assert story.findings() == ["out_at_end 05:31+237-07:00+237 89 min"]


def test_the_tag_moves_from_one_person_to_another(engine: Engine) -> None:
    """D1 is on Sam until 20:00 and on Alex from 20:00. What D1 says then is no longer about Sam.

           19:00          20:00          21:00
    D1      in ........... out .......... out
    Sam     met ....... x  (no tag fitted) ....
    Alex    (no tag fitted) absent ............

    x: after Sam's last fix at 19:59 nothing more is heard, so that minute is without signal.
    """
    night = scenario()
    night.activations.clear()
    night.wears("D1", until="20:00").curfew("19:00", "21:00")
    night.person = "alex"
    night.wears("D1", "20:00").curfew("19:00", "21:00", id="alex-curfew")
    story = night.fixes("18:50-19:59 in, 20:00-21:00 out").judged_by(engine)
    assert story.seconds("curfew") == {
        "judged": 7_200, "met": 59 * 60, "no_data": 3_660, "no_data_not_fitted": 3_600,
        "no_data_no_signal": 60,
    }  # fmt: skip
    assert story.seconds("alex-curfew") == {
        "judged": 7_200, "breached": 3_600, "no_data": 3_600, "no_data_not_fitted": 3_600,
    }  # fmt: skip
    finding = story.only("out_at_end")
    assert (finding["person_id"], finding["activation_id"]) == ("alex", "A-D1-alex")


def test_a_new_tag_continues_the_stream_of_the_person(engine: Engine) -> None:
    """Out with tag D1 until 20:30; D2 is fitted then and there and says out until 21:00: one absence."""
    night = scenario()
    night.activations.clear()
    night.wears("D1", until="20:31").wears("D2", "20:31").curfew()
    night.fixes("18:50-19:59 in, 20:00-20:30 out").fixes("20:31-21:00 out, 21:01-07:05+1 in", "D2")
    finding = night.judged_by(engine).only("left_during")
    assert finding["seconds"] == 3_600
    assert finding["first_evidence"].startswith("D1@")
    assert finding["last_evidence"].startswith("D2@")


def test_a_device_that_nobody_wore_proves_nothing(engine: Engine) -> None:
    night = scenario().curfew().fixes("18:50-07:05+1 in").fixes("20:00-22:00 out", "D9")
    story = night.judged_by(engine)
    assert story.findings() == []
    assert story.results.counts["nobody wore the device"] == 121


def test_input_in_any_order_and_twice_gives_the_same(engine: Engine) -> None:
    night = scenario().curfew().fixes("18:50-19:20 in, 19:21-20:05 out, 20:06-07:10+1 in")
    night.event("20:10", "strap_tamper").event("20:20", "strap_restored")
    once, twice = night.judged_by(engine).results, night.shuffled().judged_by(engine).results
    assert once.findings.equals(twice.findings)
    assert once.coverage.equals(twice.coverage)
    assert once.timeline.equals(twice.timeline)


def test_a_fix_from_the_future_is_not_evaluated(engine: Engine) -> None:
    """A clock that is wrong by a day must not move the end of the evaluation, nor say that anyone was out."""
    night = scenario().curfew().fixes("18:50-07:10+1 in, 20:00-20:30 out[future], 12:00+2 out[future]")
    story = night.judged_by(engine)
    assert story.findings() == []
    assert clock_of(story.results.period_end_us) == "07:10+1"
    assert story.results.counts["future"] == 32


def test_of_two_places_either_will_do(engine: Engine) -> None:
    """A curfew at home or at the other address, 1 km east, by the same GPS."""
    night = scenario().curfew("19:00", "07:00+1", HOME_CIRCLE, circle(1_000, 0, 50))
    story = night.fixes("18:50-22:00 in, 22:01-07:10+1 out").judged_by(engine)
    assert story.findings() == []


def test_a_curfew_without_a_place_cannot_be_evaluated_and_says_so(engine: Engine) -> None:
    night = scenario().owes(ConditionKind.CURFEW, "19:00", "07:00+1", not_evaluable="has no geometry")
    row = night.fixes("18:50-20:00 out").judged_by(engine).coverage()[0]
    assert (row["status"], row["reason"], row["judged_s"], row["coverage"]) == (
        "cannot_be_evaluated", "has no geometry", 0.0, None,
    )  # fmt: skip


def test_the_flags_that_readers_set_do_not_decide(engine: Engine) -> None:
    """DUPLICATE and IMPOSSIBLE_SPEED are decided in the stream, whatever a file's reader saw."""
    night = scenario().curfew().fixes("18:50-07:05+1 in")
    flags = int(Quality.DUPLICATE | Quality.IMPOSSIBLE_SPEED)
    flagged = scenario().curfew().fixes("18:50-07:05+1 in")
    flagged.fix_rows = [{**row, "quality": flags} for row in flagged.fix_rows]
    assert night.judged_by(engine).seconds() == flagged.judged_by(engine).seconds() == {
        "judged": 43_200.0, "met": 43_200.0,
    }  # fmt: skip


def test_two_fixes_at_one_time_are_read_by_their_sequence(engine: Engine) -> None:
    """At 20:30 the tag reports twice, 38 m apart: one in, one out. Which came last tells."""
    rest = "18:50-20:29 in, 20:31-07:00+1 in"
    night = scenario().curfew().fixes(rest).fix("20:30", 66, sequence=2).fix("20:30", 28, sequence=1)
    assert night.judged_by(engine).timeline() == [
        "19:00-20:30 met", "20:30-20:31 uncertain", "20:31-07:00+1 met",
    ]  # fmt: skip
    night = scenario().curfew().fixes(rest).fix("20:30", 66, sequence=1).fix("20:30", 28, sequence=2)
    assert night.judged_by(engine).timeline() == [
        "19:00-20:29 met", "20:29-20:30 uncertain", "20:30-07:00+1 met",
    ]  # fmt: skip


def test_an_obligation_shorter_than_the_reporting_interval(engine: Engine) -> None:
    """Due home from 20:00:10 to 20:01:50 with a fix every two minutes, out all the time: the absence lies
    between two fixes, so the last fix before its start is the evidence."""
    night = scenario().curfew("20:00:10", "20:01:50").fixes("19:00-21:00/2m out")
    finding = night.judged_by(engine).only("absent_entire")
    assert finding["seconds"] == 100.0
    assert finding["evidence_count"] == 1
    assert finding["first_evidence"] == finding["last_evidence"] == "D1@2026-03-02T20:00:00Z/gps"
    assert at("20:00:10") == finding["start_utc"]
