"""Who comes first: against a slow comparison written from the page of the docs, and the promises that the page makes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from functools import cmp_to_key
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.problems import UnreadableFile
from milepost.supervision.rank_rule import FILE, rank_rule, read_rank_rule
from milepost.supervision.rank_rule_page import page
from milepost.supervision.today import Case, Reason, Row, placed, rank, urgency_of

ROOT = Path(__file__).parents[2]
NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
RULE = rank_rule()
TIERS = [None, "MISSING", *RULE.tier.order]
FEW = settings(max_examples=40)
moments = st.integers(-80, 800).map(lambda n: NOW + n * dt.timedelta(minutes=30))


@st.composite
def reasons(draw) -> Reason:
    kind = draw(st.sampled_from(RULE.kinds))
    due = draw(moments if kind.set_by == "deadline" else st.none() | moments)
    return Reason(
        kind=kind.code, key=str(draw(st.integers(0, 4))), text="t", link="/", source="s", due_utc=due,
        since_utc=draw(st.none() | moments),
    )  # fmt: skip


@st.composite
def caseloads(draw) -> list[Case]:
    tiers = draw(st.lists(st.sampled_from(TIERS), max_size=7))
    return [Case(f"P{n}", tier, tuple(draw(st.lists(reasons(), max_size=3)))) for n, tier in enumerate(tiers)]


def order_of(rows: list[Row]) -> list[str]:
    return [row.case.person for row in rows]


def brute_force(cases: list[Case]) -> list[str]:
    """As the page says it, asked of every two people."""

    def class_of(reason: Reason) -> int | None:
        """By hand: the most urgent of the class from the start and every step whose time has come."""
        kind = next(k for k in RULE.kinds if k.code == reason.kind)
        names = [c.code for c in RULE.classes]
        candidates = [names.index(kind.urgency)] if kind.urgency else []
        if reason.due_utc:
            hours_left = (reason.due_utc - NOW).total_seconds() / 3600
            candidates += [names.index(s.urgency) for s in kind.due if hours_left <= s.left_hours]
        return min(candidates) if candidates else None

    def minutes_left(reason: Reason) -> float:
        if reason.due_utc is None:
            return float("inf")
        return reason.due_utc.timestamp() // 60 - NOW.timestamp() // 60

    def height(tier: str | None) -> int:
        return "ABCDEFG".index(tier) if tier in set("ABCDEFG") else 0

    def first_is_before(a: Case, b: Case) -> int:
        pressing = {}
        for case in (a, b):
            told = [(class_of(r), minutes_left(r), r) for r in case.reasons if class_of(r) is not None]
            best = min((c, m) for c, m, _ in told)
            waited = min((r.since_utc.timestamp() if r.since_utc else float("inf"))
                         for c, m, r in told if (c, m) == best)  # fmt: skip
            pressing[case.person] = (best, waited)
        (class_a, left_a), waited_a = pressing[a.person]
        (class_b, left_b), waited_b = pressing[b.person]
        for x, y in (
            (class_a, class_b), (left_a, left_b), (height(a.tier), height(b.tier)), (waited_a, waited_b),
            (a.person, b.person),
        ):  # fmt: skip
            if x != y:
                return -1 if x < y else 1
        return 0

    listed = [case for case in cases if any(class_of(r) is not None for r in case.reasons)]
    return [case.person for case in sorted(listed, key=cmp_to_key(first_is_before))]


@FEW
@given(caseloads())
def test_the_order_is_that_of_a_slow_comparison(cases):
    assert order_of(rank(cases, RULE, NOW)) == brute_force(cases)


@FEW
@given(caseloads(), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_the_input(cases, chance):
    mixed = [dataclasses.replace(c, reasons=tuple(chance.sample(c.reasons, len(c.reasons)))) for c in cases]
    chance.shuffle(mixed)
    assert order_of(rank(mixed, RULE, NOW)) == order_of(rank(cases, RULE, NOW))


@FEW
@given(caseloads(), st.integers(0, 6), reasons())
def test_one_more_reason_never_moves_a_person_down(cases, which, more):
    if not cases:
        return
    chosen = cases[which % len(cases)]
    before = order_of(rank(cases, RULE, NOW))
    grown = dataclasses.replace(chosen, reasons=(*chosen.reasons, more))
    after = order_of(rank([grown if c is chosen else c for c in cases], RULE, NOW))
    if chosen.person in before:
        above = before[: before.index(chosen.person)]
        assert set(after[: after.index(chosen.person)]) <= set(above)


@FEW
@given(caseloads(), st.lists(st.sampled_from(TIERS), min_size=7, max_size=7))
def test_a_tier_puts_nobody_on_the_list_and_takes_nobody_off(cases, tiers):
    other = [dataclasses.replace(case, tier=tier) for case, tier in zip(cases, tiers, strict=False)]
    rows, others = rank(cases, RULE, NOW), rank(other, RULE, NOW)
    assert set(order_of(rows)) == set(order_of(others))

    def keys(rows: list[Row]) -> list[tuple[int, dt.datetime]]:
        return [(row.top.class_index, row.top.due) for row in rows]

    assert keys(rows) == keys(others), "a tier moved somebody past another class or time"


@FEW
@given(caseloads())
def test_each_row_says_truly_what_told_it_from_the_next(cases):
    rows = rank(cases, RULE, NOW)
    for row, below in itertools.pairwise(rows):
        same_class = row.top.urgency == below.top.urgency
        same_time = same_class and row.top.due == below.top.due
        same_tier = RULE.tier_index(row.case.tier) == RULE.tier_index(below.case.tier)
        assert (row.above_next == "class") == (not same_class)
        assert (row.above_next == "time") == (same_class and not same_time)
        assert (row.above_next == "tier") == (same_time and not same_tier)
    if rows:
        assert rows[-1].above_next is None


def reason(kind: str, hours: float | None = None) -> Reason:
    due = None if hours is None else NOW + hours * HOUR
    return Reason(kind=kind, key="1", text="t", link="/", source="s", due_utc=due)


def test_somebody_of_the_highest_tier_with_no_reason_is_not_there():
    quiet, told = Case("P1", "A", ()), Case("P2", "G", (reason("change"),))
    assert order_of(rank([quiet, told], RULE, NOW)) == ["P2"]


@pytest.mark.parametrize(
    ("kind", "hours", "urgency"),
    [
        ("alert_urgent", 5, "now"), ("alert_urgent", None, "now"), ("alert_review", 1.5, "today"),
        ("alert_review", 1, "now"), ("order_ends", 23, "today"), ("order_ends", 672, "soon"),
        ("order_ends", 672.1, None), ("assessment_due", -500, "week"), ("change", None, "new"),
    ],
)  # fmt: skip
def test_the_class_is_what_the_file_says(kind, hours, urgency):
    assert urgency_of(reason(kind, hours), RULE, NOW) == urgency


def test_a_deadline_without_a_time_is_refused_not_guessed():
    with pytest.raises(ValueError, match="needs a time"):
        urgency_of(reason("order_ends"), RULE, NOW)


def test_a_kind_without_a_rule_is_refused():
    with pytest.raises(KeyError, match="no kind 'score'"):
        placed([reason("score")], RULE, NOW)


def test_a_person_is_there_once():
    with pytest.raises(ValueError, match="twice"):
        rank([Case("P1", None, (reason("change"),))] * 2, RULE, NOW)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('set_by = "deadline"', 'set_by = "score"', "set_by"),
        ('class = "now"\ntitle = "Urgent alert', 'title = "Urgent alert', "an event needs a class"),
        ('[{ left_hours = 1, class = "now" }]', '[{ left_hours = 1, class = "soonish" }]', "soonish"),
        ('unknown_as = "A"', 'unknown_as = "Z"', "unknown_as"),
        ('code = "today"', 'code = "now"', "twice|no class"),
    ],
)
def test_a_rule_that_is_wrong_is_refused_with_the_place(tmp_path, old, new, says):
    text = FILE.read_text()
    assert old in text
    path = tmp_path / "rule.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(UnreadableFile, match=says):
        read_rank_rule(path)


def test_the_page_of_the_docs_is_current():
    told = (ROOT / "docs" / "explanation" / "who-comes-first.md").read_text()
    assert told == page(RULE), (
        "run: python -m milepost.supervision.rank_rule_page > docs/explanation/who-comes-first.md"
    )
