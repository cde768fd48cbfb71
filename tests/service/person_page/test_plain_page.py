"""The page for the person: it can be read, says all rules and the officer's number, and never whom an area protects."""

from __future__ import annotations

import copy
import re

import pytest
from django.urls import reverse

from milepost.service import clock
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.monitoring.models import Decision, Incident
from milepost.service.orders.models import OrderVersion
from milepost.service.person_page.plain_page import plain_page
from milepost.service.person_page.subject import Subject
from tests.service.monitoring.factory import MONDAY, at, judge, late_night, store
from tests.service.world import DOCUMENT, FITTED, World, approval_by

pytestmark = pytest.mark.django_db
URL = "person_page:for-person"


@pytest.fixture(autouse=True)
def morning(monkeypatch):
    monkeypatch.setattr(clock, "now_us", lambda: at(MONDAY, "12:00+1"))


def everything(world: World) -> None:
    """One of each kind of condition."""
    document = copy.deepcopy(DOCUMENT)
    more = [
        {"id": "stay", "kind": "restriction_zone", "circle": {"lon": 1.7, "lat": 53.7, "radius_m": 3000}},
        {"id": "in", "kind": "inclusion_zone", "circle": {"lon": 1.7, "lat": 53.7, "radius_m": 4000}},
        {"id": "dry", "kind": "alcohol"},
        {"id": "trail", "kind": "trail"},
        {"id": "wear", "kind": "charge_and_wear"},
    ]
    document["conditions"] += [{"from": "2025-03-01", "timezone": "Europe/London", **one} for one in more]
    senior = world.users[Role.SENIOR_PRACTITIONER]
    OrderVersion.objects.create(
        order=world.order, version=2, state="approved", effective_from_utc=FITTED, document=document,
        made_by=world.nora, approval=approval_by(senior), decided_by=senior,
    )  # fmt: skip


def syllables(word: str) -> int:
    """As readability formulas count them: groups of vowels, without a silent e."""
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith("le") and groups > 1
    return max(1, groups - silent)


def grade(text: str) -> float:
    """Kincaid and others (1975): 0.39 words a sentence + 11.8 syllables a word - 15.59; age is grade + 5."""
    sentences = [part for part in re.split(r"[.!?:]\s", text + " ") if re.search(r"[A-Za-z]{2}", part)]
    said = re.findall(r"[A-Za-z’']+", text)
    return 0.39 * len(said) / len(sentences) + 11.8 * sum(map(syllables, said)) / len(said) - 15.59


def test_the_measure_agrees_with_a_text_whose_grade_is_known():
    """Two published ends: a primer's line, and the first sentence of a statute."""
    assert grade("The cat sat on the mat. ") < 1
    assert grade(
        "Notwithstanding any provision to the contrary, the competent authority shall determine eligibility. "
    ) > 15  # fmt: skip


def test_it_can_be_read_at_eleven(world: World):
    everything(world)
    store(late_night())
    judge(world.ada)
    told = plain_page(Subject(world.ada))
    sentences = [
        sentence for paragraph in told.paragraphs for sentence in (*paragraph.sentences, *paragraph.points)
    ]
    assert grade(" ".join(sentences)) <= 6
    assert max(len(sentence.split()) for sentence in re.split(r"[.!?]\s", " ".join(sentences))) <= 22


def test_every_rule_is_told_and_never_whom_it_protects(world: World, signed_in):
    everything(world)
    page = signed_in(world.nora).get(reverse(URL, args=["P000001"])).content.decode()
    for said in ("Your curfew", "Home (1 Example Street, Exampletown)", "Every day: 7pm until 7am the next day",
                 "Do not go into Area 1 on the map", "You must stay in Area 2 on the map",
                 "You must stay in Area 3 on the map", "Do not drink alcohol", "Keep it charged",
                 "Map of your areas", "<svg"):  # fmt: skip
        assert said in page, said
    assert "Protects a person" not in page


def test_alerts_are_told_with_what_was_decided(world: World):
    store(late_night())
    judge(world.ada)
    lines = [p.points for p in plain_page(Subject(world.ada)).paragraphs if p.points][-1]
    assert lines == (
        "Mon 16 Nov, 19:00: The tag was not at home when it had to be. We have not decided yet.",
    )
    Decision.objects.create(
        incident=Incident.objects.get(), kind="excused", state="stands", incident_revision=0, by=world.nora
    )
    lines = [p.points for p in plain_page(Subject(world.ada)).paragraphs if p.points][-1]
    assert lines[0].endswith("What we decided: excused.")


def test_the_officer_and_their_number(world: World, signed_in):
    client, url = signed_in(world.users[Role.MONITORING_OFFICER]), reverse(URL, args=["P000001"])
    assert "Write the number here" in client.get(url).content.decode()
    world.nora.telephone = "01632 960123"
    world.nora.save()
    page = client.get(url).content.decode()
    assert "Your officer is Test practitioner." in page
    assert "Ring 01632 960123." in page
    assert Entry.objects.filter(what="person.plain_page", subject="P000001").count() == 2


def test_somebody_without_rules_is_told_so(world: World):
    told = plain_page(Subject(world.ben))
    assert any("no rules for you here" in sentence for p in told.paragraphs for sentence in p.sentences)


def test_every_sentence_can_be_said_in_another_language(world: World, monkeypatch):
    """All but names and dates goes through the catalogue."""
    everything(world)
    monkeypatch.setattr("milepost.service.person_page.plain_page._", lambda text: f"<{text}>")
    told = plain_page(Subject(world.ada))
    assert all(paragraph.heading.startswith("<") for paragraph in told.paragraphs)
    assert all(sentence.startswith("<") for paragraph in told.paragraphs for sentence in paragraph.sentences)
