"""Fairness of the service's own scores by what happened later: whose first score counts, and who is not known."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache

from milepost.service import clock
from milepost.service.accounts.roles import Role
from milepost.service.algorithms.fairness.later import sources
from milepost.service.algorithms.fairness.reports import report_of
from milepost.service.algorithms.models import OutcomeFile
from milepost.service.algorithms.outcomes.actions import take_in
from milepost.service.assessments.models import Assessment, AssessmentState, Score
from milepost.service.people.models import Characteristics, Person
from tests.service.world import World, make_person

KEY = "later-arp"
LONG_AGO = 1_000
"""Days: past the two years of the instrument and the 183 days in which a conviction may still come."""


@pytest.fixture
def analyst(world: World):
    cache.clear()
    return world.users[Role.ANALYST]


def signed(person: Person, number: int, days_ago: int, share: float, band: str, **more: object) -> Assessment:
    """A version with one score of ARP. ``more``: fields of the assessment, but ``current`` is the score's."""
    at = clock.now_utc() - dt.timedelta(days=days_ago)
    current = bool(more.pop("current", True))
    made = Assessment.objects.create(
        person=person, number=number, assessed_on=at.date(),
        **{"state": AssessmentState.SIGNED, "signed_utc": at, **more},
    )  # fmt: skip
    Score.objects.create(
        assessment=made, instrument="arp", version="made up", data_hash="none", scored=True, percentage=share,
        band=band, result={}, current=current, at_utc=at,
    )  # fmt: skip
    return made


def people_of(world: World, n: int, begin: int = 0) -> list[Person]:
    """Every third a woman."""
    people = [make_person(f"PL{i:04d}", f"Made {i}", world.north) for i in range(begin, begin + n)]
    Characteristics.objects.bulk_create(
        Characteristics(person=p, sex="female" if i % 3 == 0 else "male", ethnicity="white")
        for i, p in enumerate(people)
    )
    return people


def told(analyst, people: list[Person], *, days_after: int | None, covered_days_ago: int = 0) -> None:
    """What became of them, from a file that was taken in two days ago; ``days_after`` their score of long ago."""
    today = clock.now_utc().date()
    when = "" if days_after is None else str(today - dt.timedelta(days=LONG_AGO - days_after))
    until = today - dt.timedelta(days=covered_days_ago)
    lines = ["reference,kind,happened_on,followed_until"]
    lines += [f"{p.reference},proven_reoffence,{when},{until}" for p in people]
    file: OutcomeFile = take_in(
        by=analyst, name=f"{people[0].reference}.csv", content="\n".join(lines).encode(), source="Synthetic"
    )
    file.at_utc = clock.now_utc() - dt.timedelta(days=2)
    file.save(update_fields=["at_utc"])


def test_it_is_offered_once_outcomes_of_its_kind_are_recorded(world, analyst):
    people = people_of(world, 3)
    assert KEY not in sources()
    told(analyst, people, days_after=None)
    assert KEY in sources()
    assert "later-vrp" not in sources(), "no violent offences were recorded"


def test_rates_are_those_of_the_first_scores_and_of_what_followed(world, analyst):
    people = people_of(world, 120)
    for i, person in enumerate(people):
        again = signed(person, 1, LONG_AGO, 60.0 if i < 60 else 10.0, "high" if i < 60 else "low",
                       state=AssessmentState.SUPERSEDED)  # fmt: skip
        # A later score, the other way round, changes nothing: what came after the first judges the first.
        signed(person, 2, 500, 10.0 if i < 60 else 60.0, "low" if i < 60 else "high", supersedes=again)
    told(analyst, people[:30], days_after=100)  # high, and it happened
    told(analyst, people[30:60], days_after=731)  # a day after the two years: it did not happen within them
    told(analyst, people[60:75], days_after=730)  # low, and it happened on the last day
    told(analyst, people[75:], days_after=None)
    everybody = report_of(KEY).everybody
    assert everybody.people == 120
    assert everybody.measures["observed_rate"].value == pytest.approx(45 / 120)
    assert everybody.measures["selection_rate"].value == pytest.approx(60 / 120)
    assert everybody.measures["false_negative_rate"].value == pytest.approx(15 / 45)
    assert everybody.measures["false_positive_rate"].value == pytest.approx(30 / 75)
    assert everybody.measures["brier"].value == pytest.approx(
        (30 * 0.4**2 + 30 * 0.6**2 + 15 * 0.9**2 + 45 * 0.1**2) / 120
    )
    women = next(g for g in report_of(KEY).groups if g.values == ("female",))
    assert women.people == 40


def test_who_is_not_followed_is_unknown_and_who_waits_is_not_there(world, analyst):
    people = people_of(world, 100)
    for person in people[:80]:
        signed(person, 1, LONG_AGO, 60.0, "high")
    for person in people[80:]:
        signed(person, 1, 730 + 183 - 1, 60.0, "high")  # a conviction may still come tomorrow
    told(analyst, people[:20], days_after=10)
    told(analyst, people[20:40], days_after=None)
    told(analyst, people[40:60], days_after=10, covered_days_ago=LONG_AGO - 913 + 1)  # a day short
    everybody = report_of(KEY).everybody
    assert everybody.people == 80
    assert everybody.measures["observed_rate"].value == pytest.approx(20 / 40)


def test_what_never_counted_is_not_judged(world, analyst):
    people = people_of(world, 60)
    for person in people[:30]:
        signed(person, 1, LONG_AGO, 60.0, "high")
    for person in people[30:40]:
        signed(person, 1, LONG_AGO, 60.0, "high", state=AssessmentState.DISCARDED)
    for person in people[40:50]:
        signed(person, 1, LONG_AGO, 60.0, "high", current=False)  # signed, and sent back
    for person in people[50:]:
        signed(person, 1, LONG_AGO, 60.0, "high", state=AssessmentState.DRAFT, signed_utc=None)
    told(analyst, people, days_after=10)
    assert report_of(KEY).everybody.people == 30
