"""The page for the person in Welsh: no sentence of it is English, its figures are the same, and the switch keeps it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from milepost.service.assessments.actions import overrides
from milepost.service.assessments.models import Assessment
from tests.service.assessments import made
from tests.service.web.welsh import in_both, not_translated, read
from tests.service.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora(world: World, signed_in) -> Client:
    return signed_in(world.nora)


def address(assessment: Assessment, name: str = "for-person") -> str:
    return reverse(f"assessments:{name}", kwargs={"pk": assessment.pk})


def overridden(world: World) -> Assessment:
    signed = made.in_force(world)
    overrides.override(
        by=world.nora, assessment=signed, target="tier", to_value="B", reason_code="new_information",
        explanation="Police told us of threats last week",
    )  # fmt: skip
    return signed


@pytest.mark.parametrize("make", [made.in_force, overridden])
def test_the_page_for_the_person_has_no_english_sentence(world: World, nora: Client, make):
    signed = make(world)
    english, welsh = in_both(nora, address(signed), only_main=True)
    written_by_people = {world.ada.name, "Goes to the gym with his brother."}
    assert not_translated(english, welsh, written_by_people) == []
    assert len(welsh) == len(english), "as many headings, sentences and points"
    assert "Eich asesiad" in welsh
    assert "Os nad ydych yn cytuno" in welsh
    assert "Byddwn yn ateb o fewn 21 diwrnod." in welsh


def test_the_same_figures_stand_in_both_languages(world: World, nora: Client):
    english, welsh = in_both(nora, address(made.in_force(world)), only_main=True)
    numbers = [[sorted(re.findall(r"\d[\d,]*", text)) for text in side] for side in (english, welsh)]
    assert numbers[0] == numbers[1], "each sentence has its own numbers, whatever their order"
    assert any("100" in text and "o bobl" in text for text in welsh)


def test_what_was_signed_in_english_is_read_in_welsh_by_the_officer_too(world: World, nora: Client):
    english, welsh = in_both(nora, address(made.in_force(world), "version"), only_main=True)
    assert any(text.startswith("Of 100 people with these answers") for text in english)
    assert any(text.startswith("O 100 o bobl sydd â'r atebion hyn") for text in welsh)
    assert not any(text.startswith("Of 100 people") for text in welsh)


def test_the_switch_keeps_the_page(world: World, nora: Client):
    page = address(made.in_force(world))
    html = nora.get(page).content.decode()
    assert f'<input type="hidden" name="next" value="{page}">' in html
    after = nora.post(reverse("set_language"), {"language": "cy", "next": page}, follow=True)
    assert after.redirect_chain == [(page, 302)]
    lang, pieces = read(after.content.decode())
    assert lang == "cy"
    assert "Eich asesiad" in pieces
