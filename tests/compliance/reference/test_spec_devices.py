"""What devices say of themselves: tampers, power, movement, battery, faults, silence, alcohol."""

from __future__ import annotations

import pytest
from engines import Engine
from scenarios import Scenario, clock_of, rules_with, scenario

from milepost.compliance.rule_tables import RuleSet
from milepost.orders.model import ConditionKind, Regime


def day_with_fixes() -> Scenario:
    """Sam is tracked all Monday; a fix every five minutes, at home."""
    return scenario().owes(ConditionKind.TRAIL, "00:00", "00:00+1").fixes("00:00-23:55/5m in")


PAIRS = [
    ("strap_tamper", "strap_tamper", "strap_restored"),
    ("case_tamper", "case_tamper", "case_restored"),
    ("power_off", "power_off", "power_on"),
    ("unit_moved", "unit_moved", "unit_still"),
    ("device_fault", "device_fault", "fault_cleared"),
]


@pytest.mark.parametrize(("kind", "begins", "ends"), PAIRS)
def test_from_the_event_to_the_one_that_ends_it(engine: Engine, kind: str, begins: str, ends: str) -> None:
    story = day_with_fixes().event("10:00", begins).event("10:02", ends).judged_by(engine)
    assert story.findings() == [f"{kind} 10:00-10:02 2 min"]
    finding = story.only(kind)
    assert finding["first_evidence"] == f"D1@2026-03-02T10:00:00Z/{begins}"
    assert finding["last_evidence"] == f"D1@2026-03-02T10:02:00Z/{ends}"
    assert (finding["evidence_count"], finding["witness"], finding["certainty"]) == (2, "device", 0.9)
    assert (finding["condition_id"], finding["coverage"], finding["obligation_coverage"]) == (
        "trail",
        None,
        None,
    )
    assert (finding["start_earliest_utc"], finding["end_latest_utc"]) == (
        finding["start_utc"], finding["end_utc"],
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "begins", "ends"), PAIRS)
def test_until_then_it_is_open(engine: Engine, kind: str, begins: str, ends: str) -> None:
    story = day_with_fixes().event("10:00", begins).event("10:30", begins).judged_by(engine)
    assert story.findings() == [f"{kind} 10:00-23:55 835 min, open"]
    assert story.only(kind)["evidence_count"] == 2


@pytest.mark.parametrize(("kind", "begins", "ends"), PAIRS)
def test_an_end_without_a_beginning_is_nothing(engine: Engine, kind: str, begins: str, ends: str) -> None:
    assert day_with_fixes().event("10:00", ends).judged_by(engine).findings() == []


def test_a_tamper_is_urgent_however_short(engine: Engine) -> None:
    story = (
        day_with_fixes()
        .event("10:00:00", "strap_tamper")
        .event("10:00:01", "strap_restored")
        .judged_by(engine)
    )
    finding = story.only("strap_tamper")
    assert (finding["seconds"], finding["level"], finding["act_within_minutes"]) == (1.0, "urgent", 15)


def test_a_home_unit_that_was_moved(engine: Engine) -> None:
    night = scenario().home_unit("H1", place="home").curfew().hears("18:00-23:00/10m in")
    night.fixes("18:00-23:00/5m in").event("20:00", "unit_moved", "H1").event("20:30", "unit_still", "H1")
    finding = night.judged_by(engine).only("unit_moved")
    assert (finding["activation_id"], finding["condition_id"], finding["order_id"]) == (
        "A-H1-sam",
        "",
        "O-sam",
    )
    assert finding["obligation_start_utc"] is None


def test_another_device_does_not_end_it(engine: Engine) -> None:
    day = day_with_fixes().wears("D2").event("10:00", "strap_tamper").event("10:02", "strap_restored", "D2")
    assert day.judged_by(engine).findings() == ["strap_tamper 10:00-23:55 835 min, open"]


def test_an_open_tamper_ends_when_the_device_comes_off(engine: Engine) -> None:
    """D1 is taken off Sam at 12:00 and fitted to Alex: Sam's tamper does not go on on Alex's leg."""
    day = scenario()
    day.activations.clear()
    day.wears("D1", until="12:00").order()
    day.person = "alex"
    day.wears("D1", "12:00").order()
    day.fixes("00:00-23:55/5m in").event("10:00", "strap_tamper").event("13:00", "strap_restored")
    story = day.judged_by(engine)
    assert story.findings() == ["strap_tamper 10:00-12:00 120 min"]
    assert story.only("strap_tamper")["person_id"] == "sam"


# under which condition, order and version


def test_the_charge_and_wear_condition_goes_before_the_trail(engine: Engine) -> None:
    day = day_with_fixes().owes(ConditionKind.CHARGE_AND_WEAR, "00:00", "12:00")
    day.event("10:00", "strap_tamper").event("10:02", "strap_restored")
    day.event("13:00", "strap_tamper").event("13:02", "strap_restored")
    assert [row["condition_id"] for row in day.judged_by(engine).rows()] == ["charge_and_wear", "trail"]


def test_the_version_in_force_when_it_happened(engine: Engine) -> None:
    day = scenario().order(versions={1: "00:00", 2: "12:00"}).fixes("00:00-23:55/5m in")
    for clock in ("11:59", "12:00"):
        day.event(clock, "strap_tamper").event(f"{clock}:30", "strap_restored")
    assert [row["order_version"] for row in day.judged_by(engine).rows()] == [1, 2]


def test_no_order_in_force_no_finding(engine: Engine) -> None:
    """The order runs from 10:00 to 14:00. A strap cut before it began is found when it is reported again."""
    day = scenario().order(start="10:00", until="14:00").fixes("00:00-23:55/5m in")
    day.event("09:00", "strap_tamper").event("11:00", "strap_tamper").event("12:00", "strap_restored")
    day.event("15:00", "case_tamper")
    assert day.judged_by(engine).findings() == ["strap_tamper 11:00-12:00 60 min"]


def test_of_several_orders_the_lowest_id(engine: Engine) -> None:
    day = scenario().order("O-b").order("O-a").fixes("00:00-23:55/5m in").event("10:00", "strap_tamper")
    assert day.judged_by(engine).only("strap_tamper")["order_id"] == "O-a"


# battery: low at 20 per cent, fine again at 40, flat at 2


def test_a_battery_that_ran_low_and_was_charged(engine: Engine) -> None:
    """
    10:00 50   10:05 20   10:10 15   10:15 30   10:20 40
                 low ................................ fine
    """
    day = scenario().order().fixes("00:00-09:55/5m in")
    day.fixes(
        "10:00 in[b=50], 10:05 in[b=20], 10:10 in[b=15], 10:15 in[b=30], 10:20 in[b=40], 10:25-12:00/5m in"
    )
    finding = day.judged_by(engine).only("battery_low")
    assert (clock_of(finding["start_utc"]), clock_of(finding["end_utc"])) == ("10:05", "10:20")
    assert finding["evidence_count"] == 3
    assert finding["first_evidence"] == "D1@2026-03-02T10:05:00Z/gps"
    assert finding["level"] == "note"


def test_low_and_fine_by_event(engine: Engine) -> None:
    day = day_with_fixes().event("10:02", "battery_low").event("10:32", "battery_ok")
    assert day.judged_by(engine).findings() == ["battery_low 10:02-10:32 30 min"]


def test_an_event_that_carries_its_reading_counts_once(engine: Engine) -> None:
    day = day_with_fixes().event("10:02", "battery_low", value=18.0, unit="%").event("10:32", "battery_ok")
    assert day.judged_by(engine).only("battery_low")["evidence_count"] == 2


def test_a_battery_that_died(engine: Engine) -> None:
    """Low at 10:00, dead at 11:00 by its own report; the next contact ends it at 13:00.

    10:00 low       11:00 dead  . . . . .  13:00 contact
    """
    day = scenario().order().fixes("00:00-09:55/5m in, 10:00 in[b=18], 10:05-11:00/5m in, 13:00-14:00/5m in")
    story = day.event("11:00", "battery_dead").judged_by(engine)
    assert story.findings("battery_low", "battery_dead") == [
        "battery_low 10:00-11:00 60 min", "battery_dead 11:00-13:00 120 min",
    ]  # fmt: skip
    dead = story.only("battery_dead")
    assert dead["last_evidence"] == "D1@2026-03-02T13:00:00Z/gps"
    assert dead["evidence_count"] == 2


def test_a_flat_reading_before_a_silence_is_a_dead_battery(engine: Engine) -> None:
    day = scenario().order().fixes("00:00-10:55/5m in, 11:00 in[b=2], 13:00-14:00/5m in[b=90]")
    assert day.judged_by(engine).findings("battery_low", "battery_dead") == [
        "battery_dead 11:00-13:00 120 min"
    ]


def test_a_flat_reading_without_a_silence_is_a_low_battery(engine: Engine) -> None:
    day = scenario().order().fixes("00:00-10:55/5m in, 11:00 in[b=2], 11:05-12:00/5m in[b=90]")
    assert day.judged_by(engine).findings() == ["battery_low 11:00-11:05 5 min"]


def test_dead_and_never_heard_of_again(engine: Engine) -> None:
    day = scenario().order().fixes("00:00-10:55/5m in, 11:00 in[b=1]").until("11:30")
    assert day.judged_by(engine).findings() == ["battery_dead 11:00-11:30 30 min, open"]


def test_a_battery_ran_low_before_somebody_else_wore_the_tag_meanwhile(engine: Engine) -> None:
    """
    sam    low . .|             |. . . .
    alex          |. . . . . . .|
    """
    day = scenario().order().wears("D1", "11:00", "12:00", person="alex")
    day.fixes("00:00-09:55/5m in, 10:00 in[b=18], 10:05-12:55/5m in, 13:00 in[b=90], 13:05-14:00/5m in")
    assert day.judged_by(engine).findings("battery_low") == ["battery_low 10:00-13:00 180 min"]


def test_what_is_low_depends_on_the_order_in_force(engine: Engine) -> None:
    """The order under which it is low at 30 per cent ends at 10:30; the next calls only 20 low."""
    generous = rules_with(battery={"low_pct": 30.0}).tables
    rules = RuleSet(
        [
            *(t for t in generous if Regime.BAIL in t.table.regimes),
            *(t for t in rules_with().tables if Regime.LICENCE in t.table.regimes),
        ]
    )
    day = scenario(rules=rules, regime=Regime.BAIL).order("B", until="10:30")
    day.regime = Regime.LICENCE
    day.order("L", start="10:30")
    day.fixes(
        "00:00-09:55/5m in, 10:00 in[b=25], 10:05 in[b=90], 10:10-10:55/5m in, 11:00 in[b=25], 11:05-11:25/5m in"
    )
    day.fixes("11:30 in[b=20], 11:35 in[b=50], 11:40-12:00/5m in")
    assert day.judged_by(engine).findings() == [
        "battery_low 10:00-10:05 5 min", "battery_low 11:30-11:35 5 min",
    ]  # fmt: skip


# silence: no_contact_after_s is an hour


def test_silence_of_more_than_an_hour(engine: Engine) -> None:
    day = scenario().order().fixes("08:00-10:00/5m in, 11:01-12:00/5m in")
    story = day.judged_by(engine)
    assert story.findings() == ["no_contact 10:00-11:01 61 min"]
    finding = story.only("no_contact")
    assert finding["first_evidence"] == "D1@2026-03-02T10:00:00Z/gps"
    assert finding["last_evidence"] == "D1@2026-03-02T11:01:00Z/gps"
    assert finding["evidence_count"] == 2


def test_just_an_hour_is_not_more(engine: Engine) -> None:
    assert scenario().order().fixes("08:00-10:00/5m in, 11:00-12:00/5m in").judged_by(engine).findings() == []


@pytest.mark.parametrize("sign", ["event", "home unit", "weak fix"])
def test_any_sign_of_life_breaks_the_silence(engine: Engine, sign: str) -> None:
    day = scenario().order().home_unit("H1").fixes("08:00-10:00/5m in, 11:30-12:00/5m in")
    if sign == "event":
        day.event("10:45", "heartbeat")
    elif sign == "home unit":
        day.hears("10:45 in")
    else:
        day.fixes("10:45 in[lbs]")
    assert day.judged_by(engine).findings("no_contact") == []


@pytest.mark.parametrize("sign", ["home unit's own event", "out of range", "no position"])
def test_what_is_no_sign_of_the_tag(engine: Engine, sign: str) -> None:
    day = scenario().order().home_unit("H1").fixes("08:00-10:00/5m in, 11:30-12:00/5m in")
    if sign == "home unit's own event":
        day.event("10:45", "heartbeat", "H1")
    elif sign == "out of range":
        day.hears("10:45 out")
    else:
        day.fixes("10:45 in[zero_island]")
    assert day.judged_by(engine).findings("no_contact") == ["no_contact 10:00-11:30 90 min"]


def test_still_silent(engine: Engine) -> None:
    story = scenario().order().fixes("08:00-10:00/5m in").until("12:00").judged_by(engine)
    assert story.findings() == ["no_contact 10:00-12:00 120 min, open"]
    assert story.only("no_contact")["evidence_count"] == 1


def test_silence_counts_only_while_a_tag_is_fitted(engine: Engine) -> None:
    """Last heard at 10:00, off at 10:50, a new one on at 14:00 and first heard at 15:30."""
    day = scenario()
    day.activations.clear()
    day.wears("D1", until="10:50").wears("D2", "14:00").order()
    day.fixes("08:00-10:00/5m in").fixes("15:30-16:00/5m in", "D2")
    story = day.judged_by(engine)
    assert story.findings() == ["no_contact 14:00-15:30 90 min"]
    finding = story.only("no_contact")
    assert finding["activation_id"] == "A-D2-sam"
    assert finding["evidence_count"] == 1


def test_of_two_tags_that_end_a_silence_at_once_the_one_that_stands_first_is_named(engine: Engine) -> None:
    """Section 1: of the same moment and place the more exact position stands first."""
    day = scenario()
    day.activations.clear()
    day.wears("D1").wears("D2").order()
    day.fixes("08:00-10:00/5m in", "D1")
    day.fix("12:00", 0, device="D1", precision_m=47.0).fix("12:00", 0, device="D2", precision_m=20.0)
    finding = day.judged_by(engine).only("no_contact")
    assert finding["last_evidence"].startswith("D2@")


def test_silence_counts_only_while_an_order_is_in_force(engine: Engine) -> None:
    """The order begins at 10:30 in the middle of a silence and ends in the middle of another."""
    day = (
        scenario().order(start="10:30", until="14:00").fixes("08:00-10:00/5m in, 12:00-12:30/5m in, 16:00 in")
    )
    assert day.judged_by(engine).findings() == [
        "no_contact 10:30-12:00 90 min", "no_contact 12:30-14:00 90 min",
    ]  # fmt: skip


def test_a_radio_tag_is_not_expected_to_report(engine: Engine) -> None:
    night = scenario()
    night.activations.clear()
    night.wears("R1", kind="radio_tag").home_unit("H1", place="home").order().hears("08:00 in, 12:00 in")
    assert night.judged_by(engine).findings() == []


# alcohol


def test_a_reading_under_an_alcohol_condition(engine: Engine) -> None:
    day = day_with_fixes().owes(ConditionKind.ALCOHOL, "00:00", "12:00")
    day.event("10:00", "alcohol", value=0.4).event("11:00", "alcohol_interference").event("13:00", "alcohol")
    story = day.judged_by(engine)
    assert story.findings() == ["alcohol 10:00-10:00 0 min", "alcohol 11:00-11:00 0 min"]
    assert [row["condition_id"] for row in story.rows()] == ["alcohol", "alcohol"]


def test_two_readings_at_one_instant_are_one_finding(engine: Engine) -> None:
    day = day_with_fixes().owes(ConditionKind.ALCOHOL, "00:00", "12:00")
    day.event("10:00", "alcohol", value=0.4).event("10:00", "alcohol", value=0.5)
    assert day.judged_by(engine).only("alcohol")["evidence_count"] == 2


def test_device_findings_follow_the_table_of_the_order(engine: Engine) -> None:
    """Another regime, another table, another threshold: that of the order in force counts."""
    rules = rules_with(no_contact_after_s=7_200)
    day = scenario(rules=rules, regime=Regime.BAIL).order().fixes("08:00-10:00/5m in, 12:01-12:30/5m in")
    finding = day.judged_by(engine).only("no_contact")
    assert (finding["seconds"], finding["rule_table"]) == (121 * 60, "illustrative-bail@1")
