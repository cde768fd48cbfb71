"""The search for a person: what is found, and what must not be felt."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.people.models import NamedAccess, NameWord, Person
from milepost.service.people.search import Question, search
from milepost.service.people.words import words_of
from tests.service.world import World, make_person

pytestmark = pytest.mark.django_db
URL = "/people/"


def found(user, **question) -> list[str]:
    return [person.reference for person in search(user, Question(**question)).people]


def plain(answer) -> str:
    """The page without what differs from one request to the next."""
    text = answer.content.decode()
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    text = re.sub(r"\b[0-9a-f]{16}\b", "", text)  # the number of the request, on pages that say no
    return re.sub(r'nonce="[^"]+"', "", text)


@pytest.mark.parametrize(
    "text",
    [
        "ada vale",
        "VALE ada",
        "val ad",
        "vale",
        "Váłe"[:2] + "le",
        "P000001",
        "p000001",
        "tag-1",
        "TAG-1",
        "O000001",
    ],
)
def test_found_by_words_in_any_order_reference_device_and_order(world: World, text):
    assert found(world.nora, text=text) == ["P000001"]


@pytest.mark.parametrize("text", ["ale", "ada moor", "P00000", "tag-2", "''", "%", "_", "*", "O00000"])
def test_not_found_by_what_is_not_theirs(world: World, text):
    assert found(world.nora, text=text) == []


def test_accents_apostrophes_hyphens_and_other_names_are_found(world: World):
    person = make_person("P000010", "Siân O'Néill-Jones", world.north, also_known_as="Red, Shân")
    for text in (
        "sian",
        "oneill",
        "o’neill",
        "jones sian",
        "red",
        "SHAN",
        "néill jones"[1:] and "oneill jones",
    ):
        assert found(world.nora, text=text) == ["P000010"], text
    person.name = "Mair Rees"
    person.save()
    assert found(world.nora, text="sian") == []
    assert found(world.nora, text="mair") == ["P000010"]


def test_people_made_in_bulk_are_found_too(world: World):
    Person.objects.bulk_create(
        [Person(reference="P000011", name="Bulk Person", search_name="bulk person", team=world.north)]
    )
    assert found(world.nora, text="bulk") == ["P000011"]
    assert NameWord.objects.filter(person__reference="P000011").count() == 2


def test_filters(world: World):
    make_person("P000012", "Ada Other", world.north, date_of_birth=dt.date(1990, 4, 2))
    assert found(world.nora, text="ada", on_tag=True) == ["P000001"]
    assert found(world.nora, text="ada", practitioner=world.nora.pk) == ["P000001"]
    assert found(world.nora, born=dt.date(1990, 4, 2)) == ["P000012", "P000001"]
    officer = world.users[Role.MONITORING_OFFICER]
    assert found(officer, text="a", team=world.north.pk) == ["P000001"]
    assert found(officer, text="a", team=world.south.pk) == []


def test_another_teams_record_is_hidden_but_can_be_asked_for(world: World, signed_in):
    client = signed_in(world.nora)
    page = client.get(URL, {"q": "P000002"}).content.decode()
    assert "Name hidden: record held by South team" in page
    assert "Ben Moor" not in page
    assert reverse("people:ask", args=["P000002"]) in page
    assert "Name hidden" not in client.get(URL, {"q": "Ben Moor"}).content.decode()
    world.ben.date_of_birth = dt.date(1980, 1, 2)
    world.ben.save()
    born = {"q": "moor BEN", "born-day": 2, "born-month": 1, "born-year": 1980}
    assert "Name hidden" in client.get(URL, born).content.decode()
    assert "Name hidden" not in client.get(URL, born | {"q": "Ben"}).content.decode()
    assert "Name hidden" not in client.get(URL, born | {"born-year": 1981}).content.decode()
    officer = signed_in(world.users[Role.MONITORING_OFFICER])
    assert "Name hidden" not in officer.get(URL, {"q": "P000002"}).content.decode()


QUERIES = [
    {"q": "P000003"}, {"q": "Cy Ashe"}, {"q": "ashe"}, {"q": "tag-cy"}, {"q": ""}, {"on_tag": "true"},
    {"q": "Cy Ashe", "born-day": 1, "born-month": 2, "born-year": 1970},
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES, ids=str)
@pytest.mark.parametrize("who", ["sam", "senior", "officer"])
def test_a_restricted_record_answers_as_one_that_does_not_exist(world: World, signed_in, query, who):
    Person.objects.filter(pk=world.cy.pk).update(date_of_birth=dt.date(1970, 2, 1))
    user = {"sam": world.sam, "senior": world.users[Role.SENIOR_PRACTITIONER],
            "officer": world.users[Role.MONITORING_OFFICER]}[who]  # fmt: skip
    client = signed_in(user)
    client.get(URL)
    ask, page = reverse("people:ask", args=["P000003"]), reverse("person_page:overview", args=["P000003"])
    answers, entries, counts = [], [], []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            answers.append((plain(client.get(URL, query)), [plain(client.get(u)) for u in (ask, page)]))
        entries.append(Entry.objects.filter(what="people.search").order_by("-number").first().details)
        counts.append(len(queries))
        Person.objects.filter(pk=world.cy.pk).delete()
    assert answers[0] == answers[1]
    assert entries[0] == entries[1]
    assert counts[0] == counts[1]


def test_those_named_find_the_restricted_record(world: World):
    assert found(world.nora, text="ashe") == ["P000003"]
    NamedAccess.objects.create(person=world.cy, user=world.sam, by=world.nora)
    assert found(world.sam, text="ashe") == ["P000003"]


def test_the_log_says_who_was_shown_and_not_what_was_typed(world: World, signed_in):
    signed_in(world.nora).get(URL, {"q": "vale"})
    entry = Entry.objects.filter(what="people.search").get()
    assert entry.details == {"shown": ["P000001"], "elsewhere": []}


def test_long_answers_are_cut_and_say_so(world: World, signed_in, monkeypatch):
    monkeypatch.setattr("milepost.service.people.search.search_shows_at_most", lambda: 30)
    Person.objects.bulk_create(
        [
            Person(reference=f"P1{n:05d}", name=f"Many {n}", search_name=f"many {n:05d}", team=world.north)
            for n in range(40)
        ]
    )
    page = signed_in(world.nora).get(URL, {"q": "many", "page": "2"}).content.decode()
    assert "Showing 26 to 30 of 30" in page
    assert "More people match than are shown" in page


def test_words():
    assert words_of("Ada  Vale-Moor", "Ada") == ["ada", "vale", "moor"]
    assert words_of("", "--") == []
