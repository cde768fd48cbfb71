"""The incident page to a reader of another language: of the explanation nothing is left in English.

Welsh has not all sentences yet, so Django is given a language that puts each into brackets: what is found outside of
them can have no translation.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from milepost.compliance.explain_case import UNNAMED_PLACE
from milepost.compliance.plain_words import CAUSE_WORDS, QUALITY_WORDS, SOURCE_WORDS
from milepost.service.accounts.roles import Role
from milepost.service.api.explained import explain
from milepost.service.monitoring.models import Incident
from milepost.service.monitoring.timeline import code_words
from milepost.service.person_page.views.week import title_of
from milepost.service.person_page.week import Row
from milepost.service.web.language import LANGUAGE
from tests.service.monitoring.factory import MONDAY, at, fixes, judge, late_incident, store
from tests.service.web.welsh import read
from tests.service.world import HOME, World

pytestmark = pytest.mark.django_db
UNITS = {"m", "km", "min"}
"""The same in every language; and a rule table's name, and a finding's."""
NAMES = re.compile(r"F-[0-9a-f]{16}|illustrative-[a-z-]+@\d+")


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sentence that Django is asked to translate comes back in ⟦brackets⟧."""
    for name in ("gettext", "ngettext"):
        real = getattr(translation._trans, name)  # Django puts it in place when it is first asked for
        monkeypatch.setattr(translation._trans, name, lambda *message, real=real: f"⟦{real(*message)}⟧")


def unsaid(text: str) -> str:
    """What is left of a text without what stands in brackets, within one another or not."""
    before = None
    while text != before:
        before, text = text, re.sub(r"⟦[^⟦⟧]*⟧", " ", text)
    return NAMES.sub(" ", text)


def in_english(html: str) -> list[str]:
    _lang, pieces = read(html)
    left = [(piece, set(re.findall(r"[A-Za-z]+", unsaid(piece))) - UNITS) for piece in pieces]
    return [piece for piece, words in left if words]


def findings_of(client: Client, incident: Incident) -> str:
    """From the first finding to the map: each finding explained, and the strip of the night with its table."""
    html = client.get(reverse("monitoring:incident", args=[incident.pk])).content.decode()
    start = html.index('<section class="incident-finding"')
    return html[start : html.index('aria-labelledby="similar"')]


@pytest.fixture
def client(world: World, signed_in) -> Client:
    return signed_in(world.users[Role.MONITORING_OFFICER])


def test_an_explanation_is_in_the_reader_s_language_from_top_to_bottom(world, client, bracketed):
    html = findings_of(client, late_incident(world))
    assert html.count("⟦") > 200, "with its evidence, signal by signal"
    assert "had to be at Home" in html
    explained = html[: html.index("</section>")]
    assert in_english(explained) == []


def test_so_is_a_silence_with_its_cause(world, client, bracketed):
    store(
        fixes(
            [
                (at(MONDAY, "17:00"), at(MONDAY, "20:00"), HOME),
                (at(MONDAY, "23:00"), at(MONDAY, "23:50"), (1.71, 53.71)),
            ]
        )
    )
    incidents = judge(world.ada)
    causes: set[str] = set()
    for incident in incidents:
        html = findings_of(client, incident)
        explained, _end, after = html.rpartition('<section class="incident-finding"')[2].partition(
            "</section>"
        )
        assert in_english(f"<section {explained}") == []
        strip = after.partition("<link")[0]  # the map comes next
        assert in_english(strip) == [], "what each witness says, and why nothing is known"
        causes |= {cause for cause in ("⟦no signal⟧", "⟦no data⟧") if cause in strip}
    assert causes == {"⟦no signal⟧", "⟦no data⟧"}


def test_so_is_what_the_interface_for_programs_tells(world, bracketed):
    finding = late_incident(world).findings.get()
    (told,) = explain(world.ada, [finding.row_so_far])
    assert [text for text in [told.title, *told.sentences] if unsaid(text).strip()] == []
    assert told.evidence[0]["says"] == "⟦outside⟧"
    assert told.evidence[0]["side"] == "outside", "a code for programs, in every language"


def test_a_duty_without_a_place_has_no_place_in_its_title(monkeypatch):
    """The order names none, and the words for that are no name: in no language do they stand in a title."""
    monkeypatch.setattr(translation._trans, "gettext", str.upper)
    unnamed = Row("O1", "trail", "trail", LANGUAGE.say(UNNAMED_PLACE), [], [], [])
    assert title_of(unnamed) == "LOCATION MONITORING"
    assert title_of(replace(unnamed, kind="curfew", place="Home")) == "CURFEW: Home"


def test_an_english_word_beside_a_sentence_would_be_seen():
    assert in_english("<p>⟦The tag was away ⟦from 19:00⟧.⟧</p>") == []
    assert in_english("<p>⟦The tag was away.⟧ It is so.</p>") == ["⟦The tag was away.⟧ It is so."]
    assert in_english("<td>1.3 km ⟦outside⟧</td><td>outside</td>") == ["outside"]


def test_in_welsh_the_days_are_welsh_and_in_english_nothing_is(world, client):
    incident = late_incident(world)
    english = findings_of(client, incident)
    with translation.override("cy"):
        assert LANGUAGE.day(MONDAY) == "Dydd Llun 16 Tachwedd"
    assert "The tag was away from 19:00 until 19:23 on Monday 16 November:" in english
    assert "⟦" not in english
    assert 'lang="en' not in english


@pytest.mark.parametrize(
    "text",
    [
        *CAUSE_WORDS.values(),
        *SOURCE_WORDS.values(),
        *(text for both in QUALITY_WORDS.values() for text in both),
    ],
)
def test_a_word_of_the_library_is_said_in_the_language_of_the_page(text: str, bracketed):
    assert LANGUAGE.say(text) == f"⟦{text}⟧"


def test_a_code_of_the_engine_is_said_too(bracketed):
    assert code_words("no_data") == "⟦no data⟧"
    assert code_words("") == ""
