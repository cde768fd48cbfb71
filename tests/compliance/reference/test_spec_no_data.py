"""Silence has causes, and the seconds always add up."""

from __future__ import annotations

import pytest
from engines import Engine
from scenarios import Scenario, scenario

from milepost.compliance.results import NoDataCause


def silent_from_eight_to_ten() -> Scenario:
    """
    18:50         20:00        22:00        23:00
      in ........... in . . . . . in ......... in       curfew 19:00 to 23:00
    """
    return scenario().curfew("19:00", "23:00").fixes("18:50-19:59 in, 22:00-23:00 in")


def cause_of(story: Scenario, engine: Engine) -> str:
    silent = [line for line in story.judged_by(engine).timeline() if "no_data" in line]
    assert len(silent) == 1
    span, _, cause = silent[0].split()
    assert span == "20:00-22:00"
    return cause


NO_DATA = [
    ("nothing else was heard", "20:00 in", [], "no_signal"),
    ("the last report before it was flat", "20:00 in[b=2]", [], "battery"),
    ("the battery was low but not flat", "20:00 in[b=3]", [], "no_signal"),
    ("the tag said that its battery died, in the gap", "20:00 in", [("20:01", "battery_dead")], "battery"),
    ("the tag said so just before", "20:00 in", [("19:59:30", "battery_dead")], "battery"),
    (
        "died and recovered before",
        "20:00 in",
        [("19:50", "battery_dead"), ("19:55", "battery_ok")],
        "no_signal",
    ),
    ("switched off in the gap", "20:00 in", [("20:30", "power_off")], "power"),
    ("off and on again within it", "20:00 in", [("20:30", "power_off"), ("21:50", "power_on")], "power"),
    ("switched off at the last contact", "20:00 in", [("20:00", "power_off")], "power"),
    ("off and on again before", "20:00 in", [("19:30", "power_off"), ("19:40", "power_on")], "no_signal"),
    ("a fault before it that was not cleared", "20:00 in", [("19:30", "device_fault")], "fault"),
    (
        "a fault that was cleared",
        "20:00 in",
        [("19:30", "device_fault"), ("19:31", "fault_cleared")],
        "no_signal",
    ),
    ("a fault in it", "20:00 in", [("21:00", "device_fault")], "fault"),
    ("the tag was heard without a position", "20:00 in", [("21:00", "heartbeat")], "no_position"),
    ("battery goes before power", "20:00 in[b=1]", [("21:00", "power_off")], "battery"),
    ("power goes before fault", "20:00 in", [("21:00", "power_off"), ("21:00", "device_fault")], "power"),
    ("a reading of an event counts as a report", "20:00 in[b=50]", [("20:00", "heartbeat%1")], "battery"),
]


@pytest.mark.parametrize(("why", "last", "events", "expected"), NO_DATA, ids=[row[0] for row in NO_DATA])
def test_the_cause_of_a_silence(
    engine: Engine, why: str, last: str, events: list[tuple[str, str]], expected: str
) -> None:
    night = silent_from_eight_to_ten().fixes(last)
    for clock, said in events:
        kind, _, percent = said.partition("%")
        night.event(clock, kind, **({"value": float(percent), "unit": "%"} if percent else {}))
    assert cause_of(night, engine) == expected


def test_before_the_first_signal_of_the_whole_input(engine: Engine) -> None:
    """The input begins at 21:00; the curfew owed two hours before it that no one could have seen."""
    story = scenario().curfew().fixes("21:00-07:00+1 in").judged_by(engine)
    assert story.timeline() == ["19:00-21:00 no_data before_input", "21:00-07:00+1 met"]
    assert story.coverage()[0]["coverage"] == round(10 / 12, 4)


def test_before_the_input_goes_before_not_fitted_and_that_before_the_gap(engine: Engine) -> None:
    """Alex's signals begin the input at 20:00; Sam's tag is fitted at 21:00 and first heard at 22:00."""
    night = scenario()
    night.activations.clear()
    night.wears("D1", "21:00").curfew().fixes("22:00-07:00+1 in")
    night.wears("D2", person="alex").fixes("20:00-07:00+1/5m out", "D2")
    assert night.judged_by(engine).timeline() == [
        "19:00-20:00 no_data before_input",
        "20:00-21:00 no_data not_fitted",
        "21:00-22:00 no_data no_signal",
        "22:00-07:00+1 met",
    ]


def test_the_tag_was_off_in_the_middle_of_the_night(engine: Engine) -> None:
    """Taken off at 21:00 (the activation ended), a new one fitted at 22:00."""
    night = scenario()
    night.activations.clear()
    night.wears("D1", until="21:00").wears("D2", "22:00").curfew()
    night.fixes("18:50-20:59 in").fixes("22:00-07:00+1 in", "D2")
    assert night.judged_by(engine).timeline() == [
        "19:00-20:59 met",
        "20:59-21:00 no_data no_signal",
        "21:00-22:00 no_data not_fitted",
        "22:00-07:00+1 met",
    ]


def test_a_flat_old_tag_does_not_explain_the_silence_of_the_new_one(engine: Engine) -> None:
    night = scenario()
    night.activations.clear()
    night.wears("D1", until="19:30").wears("D2", "19:30").curfew("19:00", "23:00")
    night.fixes("18:50-19:29 in[b=1]").fixes("19:30-20:00 in[b=90], 22:00-23:00 in[b=80]", "D2")
    assert cause_of(night, engine) == "no_signal"


def test_a_gap_of_just_five_minutes_is_not_a_gap(engine: Engine) -> None:
    story = scenario().curfew("19:00", "23:00").fixes("18:50-23:00/5m in").judged_by(engine)
    assert story.timeline() == ["19:00-23:00 met"]
    story = scenario().curfew("19:00", "23:00").fixes("18:54-23:00/6m in").judged_by(engine)
    # The first two gaps of six minutes; from the third on that is this tag's own schedule.
    assert story.seconds() == {
        "judged": 14_400, "met": 13_680, "no_data": 720, "no_data_no_signal": 720,
    }  # fmt: skip


def test_after_the_last_signal(engine: Engine) -> None:
    """Asked at 22:00, last heard at 21:00: silent since then."""
    story = scenario().curfew().fixes("18:50-21:00 in").until("22:00").judged_by(engine)
    assert story.timeline() == ["19:00-21:00 met", "21:00-22:00 no_data no_signal"]
    story = scenario().curfew().fixes("18:50-21:00 in").until("21:05").judged_by(engine)
    assert story.timeline() == ["19:00-21:00 met", "21:00-21:05 uncertain"]


def test_what_was_recorded_after_the_end_is_not_read(engine: Engine) -> None:
    night = scenario().curfew().fixes("18:50-20:00 in, 20:01-21:00 out")
    assert night.until("20:00").judged_by(engine).timeline() == ["19:00-20:00 met"]


def test_without_any_signal_nothing_is_judged(engine: Engine) -> None:
    story = scenario().curfew().until("07:00+1").judged_by(engine)
    assert (story.findings(), story.coverage(), story.totals()) == ([], [], [])


def test_the_seconds_add_up(engine: Engine) -> None:
    night = silent_from_eight_to_ten().fixes("20:00 in[b=2]").home_unit("H1", place="home")
    night.hears("20:30-21:00/10m out, 21:00-21:30/10m in").fixes("22:10-22:20 out, 22:30-22:40 near")
    row = night.judged_by(engine).coverage()[0]
    parts = [row[f"{name}_s"] for name in ("met", "breached", "uncertain", "conflict", "no_data")]
    causes = [row[f"no_data_{cause.name.lower()}_s"] for cause in NoDataCause]
    assert sum(parts) == row["judged_s"] == 14_400
    assert sum(causes) == row["no_data_s"]
    assert row["coverage"] == round(1 - row["no_data_s"] / 14_400, 4)
