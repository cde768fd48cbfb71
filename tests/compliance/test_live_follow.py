"""What is worth a revision, and what only goes on."""

from __future__ import annotations

from typing import Any

import pytest

from milepost.compliance.identity import CONTENT
from milepost.compliance.live_follow import GROWS, news_and_followed, only_goes_on
from milepost.compliance.live_record import Change

MINUTE_US = 60_000_000
DAY_END_US = 1_440 * MINUTE_US


def row(minutes: float = 10, **more: Any) -> dict[str, Any]:
    """A breach from minute 100 on."""
    end = round((100 + minutes) * MINUTE_US)
    found: dict[str, Any] = dict.fromkeys(CONTENT, "")
    found |= {
        "kind": "zone_entry", "status": "open", "level": "review", "start_utc": 100 * MINUTE_US, "end_utc": end,
        "start_earliest_utc": 99 * MINUTE_US, "end_latest_utc": end + MINUTE_US, "seconds": minutes * 60.0,
        "coverage": 1.0, "obligation_coverage": 0.1, "certainty": 0.97, "evidence_count": int(minutes),
        "last_evidence": f"D@{end}/gps", "order_version": 1,
    }  # fmt: skip
    return found | more


def goes_on(old: dict[str, Any], new: dict[str, Any], *, now: float = 300) -> bool:
    return only_goes_on(Change("revised", new, old), DAY_END_US, round(now * MINUTE_US))


def test_longer_with_more_of_the_same_evidence_is_no_news() -> None:
    assert goes_on(row(10), row(11))
    assert goes_on(row(10), row(600, obligation_coverage=0.7, certainty=0.98))


@pytest.mark.parametrize("name", sorted(set(CONTENT) - GROWS))
def test_anything_else_that_differs_is_news(name: str) -> None:
    assert not goes_on(row(10), row(11, **{name: "another"}))


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (row(9), "it ends earlier than was told"),
        (row(20, seconds=540.0), "late signals took a minute and more off the time before"),
        (row(20, seconds=1_260.0), "late signals added time before"),
        (row(20, certainty=0.9), "the evidence has other words"),
        (row(20, status="closed"), "it is over"),
        (row(10, status="closed"), "it is over"),
    ],
)
def test_what_would_change_a_total_a_word_or_a_status_is_news(new: dict[str, Any], why: str) -> None:
    assert not goes_on(row(10), new), why


def test_minutes_missing_one_at_a_time_are_told_when_they_are_one() -> None:
    """Against what is recorded, not against the step before: nothing is lost bit by bit."""
    assert goes_on(row(10), row(20, seconds=20 * 60 - 59.0))
    assert not goes_on(row(10), row(30, seconds=30 * 60 - 61.0))


def test_the_coverage_of_a_closed_finding_is_news_once_its_day_is_over() -> None:
    closed = row(10, status="closed")
    counted = {**closed, "obligation_coverage": 0.4}
    assert goes_on(closed, counted, now=1_439)
    assert not goes_on(closed, counted, now=1_440)
    assert not goes_on(closed, {**counted, "coverage": 0.9}, now=300)


def test_new_and_withdrawn_are_always_news() -> None:
    changes = [Change("new", row(1)), Change("revised", row(11), row(10)), Change("withdrawn", row(10))]
    news, followed = news_and_followed(changes, lambda one: DAY_END_US, 0)
    assert [c.what for c in news] == ["new", "withdrawn"]
    assert [c.what for c in followed] == ["revised"]
