"""Which fixes may prove something: sources, flags, speed, precision, repeats."""

from __future__ import annotations

import pytest
from engines import Engine
from scenarios import at, rules_with, scenario

from milepost.compliance.rule_tables import RuleSet, RuleTable, read_rules

ABSENT = ["left_during 20:00-21:00 60 min"]


@pytest.mark.parametrize("source", ["wifi", "lbs", "rf"])
def test_a_weak_source_shows_life_and_no_place(engine: Engine, source: str) -> None:
    """An hour of out by mobile masts or wifi: no absence, only uncertainty; and no silence."""
    night = scenario().curfew().fixes(f"18:50-19:59 in, 20:00-21:00 out[{source}], 21:01-07:00+1 in")
    story = night.judged_by(engine)
    assert story.findings() == []
    # hold_s: more than half an hour after the last fix at home the spell is over, and a new one begins
    assert story.seconds() == {"judged": 43_200, "met": 39_480, "uncertain": 3_720}


def test_a_source_of_unknown_kind_may_confirm_with_its_own_precision(engine: Engine) -> None:
    night = scenario().curfew().fixes("18:50-19:59 in, 20:00-21:00 out, 21:01-07:00+1 in")
    night.fix_rows = [{**row, "source": 0} for row in night.fix_rows]
    assert night.judged_by(engine).findings() == ABSENT


def test_a_source_that_the_table_does_not_name_may_not_confirm(engine: Engine) -> None:
    night = scenario(rules=without_source("UNKNOWN")).curfew()
    night.fixes("18:50-19:59 in, 20:00-21:00 out, 21:01-07:00+1 in")
    night.fix_rows = [{**row, "source": 0} for row in night.fix_rows]
    assert night.judged_by(engine).seconds() == {"judged": 43_200, "uncertain": 43_200}


def without_source(name: str) -> RuleSet:
    tables = [table.model_dump(mode="json") for table in read_rules().tables]
    for table in tables:
        del table["evidence"]["sources"][name]
    return RuleSet([RuleTable.model_validate(table) for table in tables])


def test_a_position_that_an_app_supplied_proves_nothing(engine: Engine) -> None:
    """The phone says so itself (``MOCK``). Sitting at home by mock positions is not being at home."""
    story = scenario().curfew().fixes("18:50-07:05+1 in[mock]").judged_by(engine)
    assert story.findings() == []
    assert story.seconds() == {"judged": 43_200, "uncertain": 43_200}


@pytest.mark.parametrize("flag", ["zero_island", "not_valid", "swapped_axes"])
def test_a_fix_without_a_believable_place_is_not_a_contact(engine: Engine, flag: str) -> None:
    """The tag spoke and gave no position: no data, and that is its cause."""
    night = scenario().curfew().fixes(f"18:50-20:00 in, 20:01-20:59 out[{flag}], 21:00-07:05+1 in")
    story = night.judged_by(engine)
    assert story.findings() == []
    assert story.timeline() == ["19:00-20:00 met", "20:00-21:00 no_data no_position", "21:00-07:00+1 met"]


def test_a_jump_that_nobody_could_travel(engine: Engine) -> None:
    """50 km away a minute later, for two fixes, and back: 833 m/s is more than 90. Both are refused.

    20:29 20:30 20:31 20:32
     in    away  away  in
    """
    night = scenario(rules=rules_with(breach={"seconds": 60})).curfew()
    story = night.fixes("18:50-20:29 in, 20:30-20:31 away, 20:32-07:05+1 in").judged_by(engine)
    assert story.timeline() == ["19:00-07:00+1 met"]


def test_after_some_refusals_the_new_place_is_believed(engine: Engine) -> None:
    """``speed_escape_fixes`` is 3: the third fix in a row from far away is accepted and becomes the anchor.

    20:30 away (refused)  20:31 away (refused)  20:32 away (accepted)  ... 20:34: two minutes out are proved
    One bad fix before must not lock a tag out for ever.
    """
    night = scenario().curfew().fixes("18:50-20:29 in, 20:30-21:30 away")
    finding = night.judged_by(engine).only("left_during")
    assert finding["start_utc"] == at("20:32")


def test_the_precision_of_both_fixes_is_taken_off_the_jump(engine: Engine) -> None:
    """A minute at 90 m/s explains 5.4 km of the 10 km. Precisions of 2,500 m each leave 5,000 m: believed,
    the spell at home is over. Precisions of 2,500 m and 2,000 m leave 5,500 m: refused, nobody left."""
    believed = (
        scenario().curfew().fixes("18:50-20:28 in, 20:29 in[p=2500], 20:30 far[p=2500], 20:32-20:40 in")
    )
    assert believed.judged_by(engine).timeline() == [
        "19:00-20:28 met", "20:28-20:32 uncertain", "20:32-20:40 met",
    ]  # fmt: skip
    refused = scenario().curfew().fixes("18:50-20:28 in, 20:29 in[p=2500], 20:30 far[p=2000], 20:32-20:40 in")
    assert refused.judged_by(engine).timeline() == ["19:00-20:40 met"]


def test_mock_positions_do_not_move_the_anchor(engine: Engine) -> None:
    """Ten minutes of mock positions 50 km away; the true fix at home straight after is believed."""
    night = scenario().curfew().fixes("18:50-20:29 in, 20:30-20:40 away[mock], 20:41-07:05+1 in")
    assert night.judged_by(engine).timeline() == ["19:00-07:00+1 met"]


def test_two_tags_in_two_places_refuse_each_other(engine: Engine) -> None:
    """All tags of a person are one stream: a second tag 10 km off is refused until it insists."""
    night = scenario().wears("D2").curfew().fixes("18:50-20:29 in").fixes("20:29 far", "D2")
    assert night.judged_by(engine).timeline() == ["19:00-20:29 met"]


def test_unknown_precision_is_taken_as_the_table_says(engine: Engine) -> None:
    """Unknown GPS precision counts as 30 m. 15 m outside the circle is not proved with unknown precision; with
    the 10 m floor it is, for an error that large is improbable alone, and an hour of them together."""
    for precision, findings in ((None, []), (5.0, ABSENT), (18.0, [])):
        night = scenario().curfew().fixes("18:50-19:59 in, 21:01-07:00+1 in")
        for minute in range(61):
            night.fix(f"{20 + minute // 60}:{minute % 60:02}", 65.0, precision_m=precision)
        assert night.judged_by(engine).findings() == findings, precision


def test_no_claim_is_better_than_the_floor(engine: Engine) -> None:
    """A tag that claims 1 m is believed at 10 m (sigma 4.1): home needs 6.7 m inside, not 0.7 m."""
    night = scenario().curfew()
    for hour in range(19, 21):
        for minute in range(60):
            night.fix(f"{hour}:{minute:02}", 44.0, precision_m=1.0)
    assert night.judged_by(engine).seconds() == {"judged": 7_140, "uncertain": 7_140}


def test_repeats_count_once(engine: Engine) -> None:
    """The same fix sent three times is one fix, and not a run of three."""
    night = scenario(rules=rules_with(breach={"fixes": 3})).curfew()
    night.fixes("18:50-19:59 in, 20:00 out, 20:00 out, 20:02 out, 20:02 out, 20:03-21:00 in")
    story = night.judged_by(engine)
    assert story.findings() == []
    assert story.results.counts["duplicates"] == 2


def test_of_two_versions_of_one_fix_the_first_in_the_order_counts(engine: Engine) -> None:
    """Same device, time, sequence and source; two positions. West comes before east, in whatever order they
    arrive: the fix at home counts."""
    for words in ("20:00-21:00 out, 20:00-21:00 in", "20:00-21:00 in, 20:00-21:00 out"):
        night = scenario().curfew().fixes(f"18:50-19:59 in, {words}, 21:01-07:00+1 in")
        assert night.judged_by(engine).seconds() == {"judged": 43_200, "met": 43_200}


def test_while_the_state_is_unknown_only_one_run_is_pending(engine: Engine) -> None:
    """The first fixes alternate; neither side is confirmed until one holds.

    19:00 in  19:01 out  19:02 in  19:03 out  19:04 in  19:05 in     inside from 19:04
    """
    night = scenario().curfew().fixes("19:00 in, 19:01 out, 19:02 in, 19:03 out, 19:04-19:30 in")
    assert night.judged_by(engine).timeline() == ["19:00-19:04 uncertain", "19:04-19:30 met"]


def test_a_run_that_stalls_starts_again(engine: Engine) -> None:
    """Out twice, 31 minutes apart, with positions 10 m outside between, which alone prove nothing: more than
    ``hold_s``, so the second starts anew. At 30 minutes both are evidence of one time."""
    for again, broken in (("20:31", 0), ("20:30", 30 * 60)):
        night = scenario().curfew().fixes(f"18:50-19:59 in, 20:00 out, {again} out, 20:32-20:40 near")
        for minute in range(1, 30):
            night.fix(f"20:{minute:02}", 60)
        assert night.judged_by(engine).seconds().get("breached", 0) == broken
