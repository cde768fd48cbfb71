"""The fairness page: in numbers of people, logged, nothing small shown, no more queries for more people."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from milepost.risk.fairness import sentences, view
from milepost.service.accounts.roles import Role
from milepost.service.algorithms import words
from milepost.service.algorithms.fairness.reports import report_of
from milepost.service.algorithms.fairness.sources import SOURCES
from milepost.service.algorithms.policy_data import numbers
from milepost.service.audit.models import Entry
from milepost.service.monitoring.models import Decision, Incident
from tests.service.algorithms.made import make_many
from tests.service.world import World


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def analyst(world: World, signed_in):
    return signed_in(world.users[Role.ANALYST])


def shown(client, what: str, by: str = "sex") -> str:
    answer = client.get(reverse("algorithms:fairness"), {"what": what, "by": by})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_report_counts_what_a_loop_counts(world: World):
    people = make_many(world, 60)
    report = report_of("alerts")
    women = next(g for g in report.groups if g.values == ("female",))
    hers = [p for p in people if p.characteristics.sex == "female"]
    alerts = Incident.objects.filter(person__in=hers)
    urgent = alerts.filter(level="urgent").count()
    assert women.people == len(hers)
    assert women.rows == alerts.count()
    assert women.measures["selection_rate"].value == pytest.approx(urgent / alerts.count())
    decided = Decision.objects.filter(incident__in=alerts)
    upheld = decided.filter(kind__in=["warning", "breach"]).count()
    assert women.measures["observed_rate"].value == pytest.approx(upheld / decided.count())
    assert decided.count() < alerts.count(), "undecided alerts are no part of it"


def test_no_name_and_no_reference_is_on_the_page(world: World, analyst):
    make_many(world, 60)
    for what in SOURCES:
        for by in ("sex", "ethnicity", "sex-age"):
            page = shown(analyst, what, by)
            assert not re.search(r"PF\d{5}|Made \d|P00000\d|Ada Vale", page), what


def test_small_groups_are_not_shown_on_the_page_nor_in_the_file(world: World, analyst):
    make_many(world, 32)  # eight women, and Ada, of whom nothing is known: nine, one short
    assert "No group is large enough" in shown(analyst, "people-with-alerts")
    answer = analyst.get(reverse("algorithms:fairness-csv"), {"what": "people-with-alerts", "by": "sex"})
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {line["group"] for line in lines} == {"Female", "Male"}
    assert all(line["shown"] == "no" and not line["people"] and not line["value"] for line in lines)


def test_each_look_is_logged_as_a_combination_and_each_file_as_a_disclosure(world: World, analyst):
    make_many(world, 30)
    shown(analyst, "alerts")
    analyst.get(reverse("algorithms:fairness-csv"), {"what": "alerts", "by": "sex"})
    last = list(Entry.objects.order_by("-number").values_list("operation", "what", "subject", "details")[:2])
    assert last == [
        ("disclosure", "fairness.csv", "", {"what": "alerts", "by": "sex"}),
        ("combination", "fairness.page", "", {"what": "alerts", "by": "sex"}),
    ]


def test_making_a_report_anew_takes_no_more_queries_for_more_people(world: World):
    counts = []
    for begin in (0, 100):
        make_many(world, 30, begin=begin)
        for what in SOURCES:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                report_of(what)
            counts.append(len(queries))
    assert counts[: len(SOURCES)] == counts[len(SOURCES) :]
    with CaptureQueriesContext(connection) as queries:
        report_of("alerts")
    assert len(queries) < counts[list(SOURCES).index("alerts")], "what is kept is not made again"


def test_what_happens_today_is_not_counted_yet(world: World):
    people = make_many(world, 40)
    before = report_of("alerts").rows
    from milepost.service import clock

    Incident.objects.create(
        person=people[0], state="open", level="urgent", kind="late_return", group_key="now",
        began_us=clock.now_us(), opened_us=clock.now_us(), changed_us=clock.now_us(),
    )  # fmt: skip
    assert report_of("alerts").rows == before


def test_an_odd_question_is_asked_again(analyst):
    page = analyst.get(reverse("algorithms:fairness"), {"what": "everything", "by": "name"})
    assert "There is a problem" in page.content.decode()
    assert analyst.get(reverse("algorithms:fairness-csv"), {"what": "x"}).status_code == 400


def test_nothing_recorded_says_so(world: World, analyst):
    assert "Nothing was recorded before today" in shown(analyst, "tiers")


def test_welsh_pages_know_every_sentence_of_the_library():
    told = {
        *sentences.MEASURE_WORDS.values(), *sentences.ATTRIBUTE_WORDS.values(), *sentences.SENTENCES.values(),
        sentences.PAIRS, sentences.ONLY_PAIRS, *filter(None, view.VERDICTS.values()),
    }  # fmt: skip
    assert told <= set(words.OF_THE_LIBRARY)


def test_the_numbers_name_their_owner_and_are_illustrative():
    assert numbers().table.illustrative
    assert numbers().table.owner
