"""Pages that anybody may open are in Welsh from top to bottom."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.service.web.welsh import in_both, not_translated

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["accounts:sign-in", "web:accessibility", "web:privacy"])
def test_no_text_of_a_public_page_is_english(name: str):
    english, welsh = in_both(Client(), reverse(name))
    assert not_translated(english, welsh, set()) == []


def test_the_test_above_can_fail():
    assert not_translated(["Sign in", "Milepost", "12"], ["Sign in", "Milepost", "12"], set()) == ["Sign in"]
