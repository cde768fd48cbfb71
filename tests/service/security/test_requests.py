"""Requests that were not meant: forged from another site, with another host, with a session nobody began."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from milepost.service.accounts.middleware import is_loopback
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from tests.service.walk.test_walk import CASES, VIEWS, ask
from tests.service.world import World

WITH_COOKIES = sorted(name for name, case in CASES.items() if not case.own_tests)
READS = sorted(n for n, c in CASES.items() if c.method == "get" and not c.own_tests and not c.public)
NOT_RECORDS = {
    "audit.Entry",
    "audit.Shown",
    "audit.Head",
    "sessions.Session",
    "accounts.Attempts",
    "accounts.UserSession",
    "accounts.PasskeyChallenge",
}


@pytest.mark.by_sample
@pytest.mark.parametrize("name", WITH_COOKIES)
def test_a_post_from_another_site_is_refused(name, world: World):
    """Every address that is not a machine's own door: whatever it does with POST, not without the token."""
    case = CASES[name]
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users[case.right[0] if case.right else Role.ADMINISTRATOR])
    kwargs = case.args(world) if not case.public else dict.fromkeys(_parameters(name), "x")
    data = case.data(world)
    before = everything()
    response = client.post(reverse(name, kwargs=kwargs), data)
    assert response.status_code in {403, 405}
    assert everything() == before


def _parameters(name: str) -> list[str]:
    return ["secret"] if name == "accounts:invitation" else []


def test_views_without_the_token_are_doors_with_their_own():
    exempt = {name for name, view in VIEWS.items() if getattr(view, "csrf_exempt", False)}
    assert {name for name in exempt if not CASES[name].own_tests} == set()


def everything() -> dict[str, list]:
    """Every row of every table that holds records."""
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.label not in NOT_RECORDS and model._meta.managed
    }


@pytest.mark.by_sample
@pytest.mark.parametrize("name", READS)
def test_looking_changes_nothing(name, world: World, signed_in):
    case = CASES[name]
    kwargs, data = case.args(world), case.data(world)
    client = signed_in(world.users[case.right[0]])
    before = everything()
    ask(client, name, case, kwargs, data)
    assert everything() == before


@pytest.mark.parametrize("key", ["x" * 32, "", "../../etc/passwd", "a" * 5000, "\u00e9"])
def test_a_session_nobody_began_is_nobodys(world, key):
    client = Client()
    client.cookies["milepost_session"] = key
    assert client.get("/account/").status_code == 302


def test_an_expired_session_is_nobodys(world, signed_in):
    client = signed_in(world.nora)
    Session.objects.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert client.get("/account/").status_code == 302


def test_a_session_of_somebody_whose_password_changed_is_nobodys(world, signed_in):
    client = signed_in(world.nora)
    world.nora.set_password("something-else-now")
    world.nora.save()
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", ""])
def test_another_host_is_not_answered(db, host):
    assert Client().get("/sign-in", headers={"Host": host or "."}).status_code == 400


def test_the_host_of_a_link_is_never_the_askers(world, signed_in):
    client = signed_in(world.users[Role.ADMINISTRATOR])
    page = client.post(f"/users/{world.nora.pk}/do/invite", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in page.text


def test_the_demonstration_answers_this_machine_only(db):
    assert Client(REMOTE_ADDR="192.0.2.7").get("/sign-in", headers={"Host": "localhost"}).status_code == 404
    assert Client(REMOTE_ADDR="::1").get("/sign-in").status_code == 200
    assert [a for a in ("127.0.0.1", "127.9.9.9", "::1", "") if not is_loopback(a)] == []
    assert [a for a in ("10.0.0.1", "0.0.0.0", "::", "evil", "2001:db8::1") if is_loopback(a)] == []


def test_choosing_a_language_sends_nobody_elsewhere(db):
    response = Client().post("/language", {"language": "cy", "next": "https://evil.example/"})
    assert "evil.example" not in response.headers["Location"]


def test_being_refused_is_logged_with_the_view_and_no_more(world, signed_in):
    signed_in(world.nora).get("/users/?q=Vale")
    entry = Entry.objects.get(operation="denied")
    assert (entry.actor, entry.details) == (
        world.nora.audit_name, {"view": "accounts:users", "permissions": ["manage_users"]},
    )  # fmt: skip


def test_numbers_too_large_and_texts_with_nothing_in_them_are_no_error(world, signed_in):
    admin, auditor = signed_in(world.users[Role.ADMINISTRATOR]), signed_in(world.users[Role.AUDITOR])
    huge = "9" * 30
    assert admin.get(f"/users/{huge}").status_code == 404
    assert admin.get(f"/users/?page={huge}").status_code == 200
    assert admin.get("/users/", {"q": "\x00"}).status_code == 200
    assert admin.post(f"/account/end/sessions/{huge}").status_code in {302, 404}
    assert auditor.get(f"/audit/entries/{huge}").status_code == 404
    assert auditor.get("/audit/", {"before": huge, "subject": "\x00"}).status_code == 200
    assert Client().post("/sign-in", {"email": "a\x00@example.org", "password": "\x00"}).status_code == 200
