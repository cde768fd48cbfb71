"""Totals with and without excuses, what changed since a decision, the life of an incident, the data files. No database."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.compliance.live_record import Change
from milepost.compliance.rule_tables import read_rules
from milepost.orders.model import Order, OrderFile, OrderVersion, Person, Regime
from milepost.service.monitoring import policy_data, words
from milepost.service.monitoring.models import DecisionKind, IncidentEvent, IncidentState
from milepost.service.monitoring.policies import complaints
from milepost.service.monitoring.reconcile import matters
from milepost.service.monitoring.states import Step, after
from milepost.service.monitoring.supersession import differences
from milepost.service.monitoring.timeline import strips
from milepost.service.monitoring.totals import totals_of

MINUTE_US = 60_000_000
NOW = 1_800_000_000_000_000
RULES = read_rules()


def row(finding_id: str, minutes: float, days_ago: float = 1, kind: str = "late_return", **more):
    start = NOW - round(days_ago * 86_400_000_000)
    values = {
        "finding_id": finding_id, "person_id": "P1", "order_id": "O1", "condition_id": "c", "kind": kind,
        "start_utc": start, "end_utc": start + round(minutes * MINUTE_US), "seconds": minutes * 60,
        "obligation_start_utc": start, "supersedes": "",
    }  # fmt: skip
    return values | more


def order_file() -> OrderFile:
    version = OrderVersion(
        version=1, effective_from_utc=dt.datetime(2020, 1, 1, tzinfo=dt.UTC), conditions=[]
    )
    order = Order(id="O1", person_id="P1", regime=Regime.COMMUNITY_ORDER, versions=[version])
    return OrderFile(people=[Person(id="P1")], orders=[order])


def absence_total(rows, excused=()):
    lines = totals_of(order_file(), rows, RULES, until_us=NOW, excused=excused)
    return next(line for line in lines if "curfew" in line.description)


def test_excused_minutes_leave_the_total_and_stay_on_record():
    """Limits of the illustration: review at 60 minutes, urgent at 120, in any 28 days."""
    line = absence_total([row("F1", 50), row("F2", 23, days_ago=3)], excused={"F2"})
    assert (line.counted_minutes, line.found_minutes, line.excused_minutes) == (50, 73, 23)
    assert (line.counted, line.excused) == (1, 1)
    assert (line.minutes_left, line.next_level) == (10, "review")
    assert (line.reached_level, line.reached_level_with_excused) == ("", "review")


def test_what_is_older_than_the_window_no_longer_counts():
    assert absence_total([row("F1", 50, days_ago=27.9), row("F2", 50, days_ago=28.1)]).counted_minutes == 50


@given(st.lists(st.tuples(st.integers(1, 600), st.booleans()), max_size=12))
@settings(deadline=None)
def test_with_and_without_excuses_add_up(parts):
    rows = [row(f"F{i}", minutes) for i, (minutes, _) in enumerate(parts)]
    excused = {f"F{i}" for i, (_, is_excused) in enumerate(parts) if is_excused}
    line = absence_total(rows, excused)
    assert line.found_minutes == sum(minutes for minutes, _ in parts)
    assert line.counted_minutes == sum(minutes for minutes, is_excused in parts if not is_excused)
    assert line.counted + line.excused == len(parts)


def test_a_chain_of_revisions_leads_back_to_what_was_decided():
    first, second = row("A", 23), row("B", 12, supersedes="A")
    third = row("C", 6, supersedes="B")
    (found,) = differences([first], [third], [first, second, third])
    assert (found.what, found.before, found.now) == ("changed", first, third)


def test_withdrawn_new_and_unchanged_are_told_apart():
    kept, gone, new = row("A", 23), row("B", 5, days_ago=2), row("C", 9, days_ago=3, kind="left_during")
    found = differences([kept, gone], [kept, new], [kept, gone, new])
    assert {(d.what, (d.now or d.before)["finding_id"]) for d in found} == {
        ("same", "A"),
        ("withdrawn", "B"),
        ("new", "C"),
    }


def test_a_broken_chain_is_mended_by_the_duty_it_is_about_and_a_circle_ends():
    old, new = row("A", 23), row("Z", 6)
    (found,) = differences([old], [new], [])
    assert found.what == "changed"
    loop = [row("X", 1, supersedes="Y"), row("Y", 1, supersedes="X")]
    assert [d.what for d in differences([], loop, loop)] == ["new", "new"]


def test_what_is_closed_or_waits_is_not_decided_by_anybody():
    assert after("closed_by_itself", Step.DECIDE) is None
    assert after("waiting_for_second", Step.DECIDE) is None


def test_each_kind_of_decision_has_a_rule_and_a_reason():
    assert {rule.kind for rule in policy_data.decision_policy().decision} == set(DecisionKind)
    for kind in DecisionKind:
        assert policy_data.reasons().of(kind), f"no reason can be given for {kind}"


def test_all_codes_have_words():
    assert words.DECISIONS.keys() == set(DecisionKind)
    assert words.STATES.keys() == set(IncidentState)
    assert words.EVENTS.keys() == set(IncidentEvent.Kind)
    assert words.of_code(words.KINDS, "some_new_kind") == "Some new kind"


def test_the_second_person_is_asked_from_the_minutes_that_the_data_say():
    excused = policy_data.decision_policy().of("excused")
    assert not excused.needs_second(119.9)
    assert excused.needs_second(120)
    assert policy_data.decision_policy().of("breach").needs_second(0)


def test_evidence_is_asked_for_where_the_code_says_so():
    rule, reason = policy_data.decision_policy().of("excused"), policy_data.reasons().named("family_event")
    said = {"kinds": {"late_return"}, "explanation": "A wedding", "evidence": "", "asked_in_advance": True}
    assert complaints(rule, reason, **said).keys() == {"evidence"}
    assert complaints(rule, reason, **said | {"evidence": "Invitation"}) == {}
    assert complaints(rule, reason, **said | {"evidence": "x", "asked_in_advance": False}).keys() == {
        "asked_in_advance"
    }


@pytest.mark.parametrize(
    ("seconds", "said", "look"),
    [(None, "no time set", "none"), (30, "due now", "soon"), (-30, "due now", "soon"), (720, "due in 12 minutes", "soon"),
     (-185, "overdue by 3 minutes", "over"), (86_400, "due in 1 day", "later")],
)  # fmt: skip
def test_the_due_clock(seconds, said, look):
    assert (words.due_words(seconds), words.due_class(seconds)) == (said, look)


@pytest.mark.parametrize(
    ("certainty", "said"), [(1.0, "over 99.9% sure"), (0.95, "95% sure"), (None, "not known how sure")]
)
def test_nothing_is_ever_wholly_sure(certainty, said):
    assert words.sure_words(certainty) == said


def test_a_strip_shows_every_stretch_by_sign_and_says_the_shares():
    labels = ["breached", "uncertain", "no_data", "conflict", "met"]
    base = {
        "order_id": "O",
        "condition_id": "<c>",
        "obligation_start_utc": NOW,
        "cause": "",
        "from_fixes": "",
        "from_home_unit": "",
    }
    hour = 60 * MINUTE_US
    rows = [
        base | {"start_utc": NOW + i * hour, "end_utc": NOW + (i + 1) * hour, "label": label}
        for i, label in enumerate(labels)
    ]
    (strip,) = strips(rows)
    assert all(sign in strip.svg for sign in "✕?–≠✓")
    assert "style=" not in strip.svg, "the security policy refuses inline style"
    assert "broken 60 min (20%)" in strip.summary


def revised(**changes) -> Change:
    """A finding that was open for an hour, and what later signals made of it."""
    old = row("F1", 60, status="open", level="review", rule="r", order_version=1)
    return Change("revised", old | {"finding_id": "F2"} | changes, old)


def grown(minutes: float, **more) -> Change:
    end = revised().finding["end_utc"] + round(minutes * MINUTE_US)
    return revised(end_utc=end, seconds=(60 + minutes) * 60, **more)


def test_what_only_goes_on_is_no_news():
    assert not matters(grown(90))


@pytest.mark.parametrize(
    "change",
    [
        grown(90, status="closed"),
        grown(90, level="urgent"),
        revised(seconds=30 * 60),
        revised(start_utc=revised().finding["start_utc"] - 5 * MINUTE_US, seconds=65 * 60),
    ],
    ids=["it ended", "it got worse", "half of it was taken back", "it began earlier"],
)
def test_what_changed_is_news(change):
    assert matters(change)
