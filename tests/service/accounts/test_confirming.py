"""Grave acts ask again who somebody is. accounts:confirm and accounts:confirm-openid."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from milepost.service.accounts import openid
from milepost.service.accounts.confirmed import Because
from milepost.service.accounts.models import User, UserSession
from milepost.service.accounts.openid_settings import OpenIdSettings
from milepost.service.accounts.roles import Role
from milepost.service.api.models import ApiToken
from milepost.service.audit.models import Entry
from tests.service.accounts.authenticator import Authenticator
from tests.service.accounts.conftest import PASSWORD, is_in
from tests.service.accounts.issuer import CLIENT, SECRET, Issuer
from tests.service.accounts.test_passkeys import add, options_in
from tests.service.screens.pages import MORE
from tests.service.walk.test_walk import CASES, VIEWS

pytestmark = pytest.mark.django_db
DOCS = Path(__file__).parents[3] / "docs/how-to/sign-in-and-users.md"
GRAVE = {
    Because.WAY_IN: {
        "accounts:password", "accounts:own-second-factor", "accounts:recovery-codes", "accounts:passkey-add",
        "accounts:passkey-remove", "accounts:add-user", "accounts:change-user", "accounts:user-act",
        "api:token-new", "signals:token-new",
    },
    Because.CLOSED_RECORD: {"people:restrict", "people:named", "people:unrestrict"},
    Because.LEAVES: {"person_page:trail-export", "audit:export", "api:webhook-new"},
}  # fmt: skip
TOKEN = {"name": "x", "scopes": ["people:read"], "days": 7}


def test_the_grave_acts_are_these():
    """Another act of this kind joins the list, and the page in the documentation."""
    found = {
        name: view.milepost_asks_again for name, view in VIEWS.items() if hasattr(view, "milepost_asks_again")
    }
    assert found == {name: why for why, names in GRAVE.items() for name in names}


@pytest.mark.parametrize("name", sorted(name for names in GRAVE.values() for name in names))
def test_a_cookie_alone_is_not_enough(name, world, signed_in):
    case = CASES[name]
    args = case.args(world)
    if name == "accounts:user-act":
        args["act"] = "reset-second-factor"
    client = signed_in(world.users[case.right[0]], confirmed=False)
    if name == "person_page:trail-export":  # one's own, asked for with a purpose
        here = MORE["trail-export"].address(world)
        client = signed_in(world.users[MORE["trail-export"].role], confirmed=False)
    else:
        here = reverse(name, kwargs=args)
    before = list(Entry.objects.exclude(operation="consultation").values_list("what", flat=True))
    for answer in (client.get(here), client.post(here, case.data(world))):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/confirm?next=")
    assert list(Entry.objects.exclude(operation="consultation").values_list("what", flat=True)) == before


@pytest.mark.parametrize("act", ["sign-out", "deactivate"])
def test_to_take_a_way_in_away_never_asks(world, signed_in, act):
    admin = signed_in(world.users[Role.ADMINISTRATOR], confirmed=False)
    assert admin.post(f"/users/{world.nora.pk}/do/{act}").headers["Location"] == f"/users/{world.nora.pk}"


@pytest.fixture
def owner(officer, app, by_password) -> Client:
    """The officer, signed in by password and code."""
    client = Client()
    by_password(officer.email, client=client)
    client.post("/sign-in/code", {"code": app.code()})
    assert is_in(client)
    return client


def confirm(client: Client, **given: str):
    return client.post("/account/confirm", {"next": "/api/tokens/new", **given})


def may(client: Client) -> bool:
    return client.get("/api/tokens/new").status_code == 200


def test_signing_in_does_not_count_and_password_and_code_do(owner, app, clock):
    assert not may(owner), "what a thief has who took the cookie a minute after sign-in"
    assert "right" in confirm(owner, password="wrong", code=app.code()).text
    assert "right" in confirm(owner, password=PASSWORD, code="123456").text
    assert "Enter code" in confirm(owner, password=PASSWORD).text
    assert not may(owner)
    assert confirm(owner, password=PASSWORD, code=app.code()).headers["Location"] == "/api/tokens/new"
    assert owner.post("/api/tokens/new", TOKEN).status_code == 200
    assert ApiToken.objects.get().name == "x"
    entry = Entry.objects.get(what="identity.confirm")
    assert entry.details == {"how": "password app"}


def test_a_wrong_password_uses_up_no_code_and_a_code_counts_once(owner, app):
    code = app.code()
    confirm(owner, password="wrong", code=code)
    assert confirm(owner, password=PASSWORD, code=code).status_code == 302
    assert confirm(owner, password=PASSWORD, code=code).status_code == 200
    assert confirm(owner, password=PASSWORD, code=app.recovery[0]).status_code == 302


def test_it_counts_for_a_while_and_a_form_gets_time(owner, app, clock):
    confirm(owner, password=PASSWORD, code=app.code())
    clock.forward(590)
    assert may(owner)
    clock.forward(20)
    assert not may(owner), "with less than five minutes left a form asks before it is filled in"
    assert owner.post("/api/tokens/new", TOKEN).status_code == 200
    clock.forward(300)
    assert owner.post("/api/tokens/new", TOKEN).status_code == 302
    assert ApiToken.objects.count() == 1


def test_whoever_had_the_cookie_before_gets_nothing_of_it(owner, app):
    thief = Client()
    thief.cookies["milepost_session"] = owner.cookies["milepost_session"].value
    assert is_in(thief)
    confirm(owner, password=PASSWORD, code=app.code())
    assert may(owner)
    assert not may(thief)
    assert not is_in(thief), "the key it had is no session any more"
    assert UserSession.objects.filter(session_key=owner.session.session_key).exists()


def test_guesses_are_limited_as_at_signing_in(owner, app):
    answers = [confirm(owner, password="wrong", code="1").status_code for _ in range(11)]
    assert answers[:10] == [200] * 10
    assert answers[10] == 429
    assert "too many attempts" in confirm(owner, password=PASSWORD, code=app.code()).text
    assert not may(owner)
    assert Entry.objects.filter(what="sign_in.too_many").count() == 1


def test_a_passkey_alone_is_enough(owner, app):
    stick = Authenticator()
    confirm(owner, password=PASSWORD, code=app.code())
    add(owner, stick)
    owner.post("/account/end-everything-else")
    assert not may(owner)
    answer = stick.use(options_in(owner.get("/account/confirm").text))
    assert confirm(owner, passkey=answer).status_code == 302
    assert may(owner)
    assert Entry.objects.filter(what="identity.confirm").latest("number").details == {"how": "passkey"}
    owner.post("/account/end-everything-else")
    confirm(owner, passkey=answer)
    assert not may(owner), "an answer counts once"


def test_a_password_alone_proves_nothing_where_a_second_factor_is_required(officer, signed_in, settings):
    client = signed_in(officer, confirmed=False)
    assert "nothing here yet" in client.get("/account/confirm").text
    confirm(client, password=PASSWORD)
    assert not may(client)


def test_nobody_is_led_elsewhere(owner, app):
    given = {"next": "https://evil.example/", "password": PASSWORD, "code": app.code()}
    assert owner.post("/account/confirm", given).headers["Location"] == "/account/"


def test_in_a_demonstration_its_officers_confirm_by_one_click(world, signed_in, settings):
    User.objects.filter(pk=world.nora.pk).update(is_demo=True)
    visitor = signed_in(world.nora, confirmed=False)
    sent = visitor.get("/api/tokens/new")
    assert "Confirm with one click" in visitor.get(sent.headers["Location"]).text
    assert confirm(visitor, demo="yes").headers["Location"] == "/api/tokens/new"
    assert may(visitor)
    assert Entry.objects.get(what="identity.confirm").details == {"how": "demo"}
    settings.DEMO = False
    outside = signed_in(world.nora, confirmed=False)
    confirm(outside, demo="yes")
    assert not may(outside)
    settings.DEMO = True
    somebody_real = signed_in(world.sam, confirmed=False)
    confirm(somebody_real, demo="yes")
    assert not may(somebody_real)


@pytest.fixture(scope="module")
def running():
    issuer = Issuer()
    yield issuer
    issuer.close()


@pytest.fixture
def issuer(running, settings, world):
    running.reset()
    openid.forget()
    settings.OPENID = OpenIdSettings(running.url, CLIENT, SECRET, "Area sign-in", False, "roles", {})
    User.objects.filter(pk=world.nora.pk).update(openid_subject=f"{running.url} s-1")
    world.nora.refresh_from_db()
    return running


def at_provider(issuer: Issuer, client: Client):
    page = client.get("/account/confirm?next=/api/tokens/new").text
    sent = client.get(re.search(r'href="(/account/confirm/openid[^"]*)"', page)[1].replace("&amp;", "&"))
    assert "prompt=login" in sent.headers["Location"]
    assert "max_age=0" in sent.headers["Location"]
    return client.get("/sign-in/openid/return", issuer.say_yes(sent.headers["Location"]))


def test_the_provider_asks_anew(issuer, world, signed_in):
    client = signed_in(world.nora, confirmed=False)
    issuer.claims["auth_time"] = int(time.time())
    assert at_provider(issuer, client).headers["Location"] == "/api/tokens/new"
    assert may(client)
    assert Entry.objects.get(what="identity.confirm").details == {"how": "openid"}


@pytest.mark.parametrize(("claims", "code"), [
    ({}, "not_asked_anew"),
    ({"auth_time": int(time.time()) - 3600}, "not_asked_anew"),
    ({"auth_time": "now"}, "not_asked_anew"),
    ({"auth_time": True}, "not_asked_anew"),
    ({"auth_time": int(time.time()) + 60, "sub": "s-2"}, "another_subject"),
])  # fmt: skip
def test_a_provider_that_did_not_ask_or_means_another(issuer, world, signed_in, claims, code):
    client = signed_in(world.nora, confirmed=False)
    issuer.claims |= claims
    assert at_provider(issuer, client).status_code == 403
    assert Entry.objects.filter(what="sign_in.failed").latest("number").details["code"] == code
    assert not may(client)
    assert is_in(client), "they stay signed in as who they are"


def test_after_the_provider_our_own_code_is_asked_unless_it_asked_for_two(
    issuer, world, signed_in, settings, clock
):
    settings.SECOND_FACTOR_REQUIRED = True
    stick, client = Authenticator(), signed_in(world.nora)
    add(client, stick)
    client = signed_in(world.nora, confirmed=False)
    issuer.claims["auth_time"] = int(time.time())
    back = at_provider(issuer, client).headers["Location"]
    assert back.startswith("/account/confirm?")
    assert not may(client)
    page = client.get(back).text
    assert 'name="code"' in page
    assert 'name="password"' not in page
    confirm(client, passkey=stick.use(options_in(page)))
    assert may(client)
    other = signed_in(world.nora, confirmed=False)
    issuer.claims["amr"] = ["pwd", "mfa"]
    at_provider(issuer, other)
    assert may(other)


def test_the_documentation_names_every_reason(world):
    text = DOCS.read_text()
    for words in ("15 minutes", "API token", "restricted record", "location history", "webhook"):
        assert words in text
