"""accounts:home sends each role to its first page; a role with none gets a plain page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from milepost.service.accounts.roles import Role
from milepost.service.accounts.views import home


@pytest.mark.parametrize("role", Role)
def test_each_role_comes_to_its_first_page(world, signed_in, role):
    response = signed_in(world.users[role]).get(reverse("accounts:home"))
    first = home.first_page(role)
    assert (response.status_code, response.headers.get("Location", "")) == (
        (302, first) if first else (200, "")
    )


def test_the_administrator_manages_users_and_the_auditor_asks(world, signed_in):
    assert home.first_page(Role.ADMINISTRATOR) == reverse("accounts:users")
    assert home.first_page(Role.AUDITOR) == reverse("audit:search")


def test_a_role_with_no_page_gets_a_plain_one(world, signed_in, monkeypatch):
    monkeypatch.setattr(home, "first_pages", lambda role: [])
    response = signed_in(world.users[Role.AUDITOR]).get(reverse("accounts:home"))
    assert "My account" in response.text


def test_nobody_is_sent_to_sign_in(client, db):
    assert client.get(reverse("accounts:home")).headers["Location"] == "/sign-in?next=/"
