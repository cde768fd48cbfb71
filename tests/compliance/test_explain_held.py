"""Why a silence counts as broken, and which silences are gaps: for showing, by the same rules as the engine."""

from __future__ import annotations

from engines import plain
from scenarios import Scenario, at, scenario

from milepost.compliance.explain import Explanation, explain_finding
from milepost.compliance.own_schedule import gaps_between, longest_after_us

MINUTE_US = 60_000_000


def told(case: Scenario, kind: str) -> Explanation:
    return explain_finding(
        case.judged_by(plain).only(kind),
        order_file=case.order_file(),
        obligations=case.obligations,
        signals=case.signals(),
        rules=case.rules,
    )


def test_an_absence_over_silences_says_that_nobody_gets_home_and_back() -> None:
    evening = scenario().curfew("19:00", "19:36")
    for minute in (0, 12, 24, 36):
        evening.fix(f"19:{minute:02}", 10_000)
    sentences = told(evening, "absent_entire").parts["evidence"]
    assert (
        "Person sam could not have been at home and back in the 12 minutes between 19:00 and 19:12: the distance is at "
        "least 20 km, at 60 mph at most. So this time counts as away. The same applies to 2 other silences."
    ) in sentences


def test_an_absence_seen_each_minute_needs_no_such_sentence() -> None:
    evening = scenario().curfew().fixes("18:50-19:20 far, 19:40-07:00+1 in")
    assert not any("and back" in said for said in told(evening, "late_return").sentences)


def test_gaps_for_showing_are_those_of_the_engine() -> None:
    """Every quarter of an hour is a gap three times, until it is the device's own schedule; then 40 minutes are one."""
    night = scenario().curfew()
    clocks = ["19:00", "19:15", "19:30", "19:45", "20:00", "20:15", "20:30", "21:10", "21:25", "21:40"]
    for clock in clocks:
        night.fix(clock, 0)
    evidence = night.rules.for_regime(night.regime).evidence
    times = [at(clock) for clock in clocks]
    shown = gaps_between(times, evidence)
    assert [(times.index(a), times.index(b)) for a, b in shown] == [(0, 1), (1, 2), (2, 3), (6, 7)]
    silent = night.until("21:40").judged_by(plain).seconds()["no_data"]
    assert silent == sum(b - a for a, b in shown) / 1_000_000
    assert longest_after_us(times, evidence) == 22.5 * MINUTE_US
    assert longest_after_us([], evidence) == 5 * MINUTE_US
