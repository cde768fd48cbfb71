"""Passkeys: adding, signing in, confirming, removing; and every way in which an answer can be no proof."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.test import Client

from milepost.service.accounts.actions import users as actions
from milepost.service.accounts.models import Passkey, PasskeyChallenge
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from tests.service.accounts.authenticator import PRESENT, Authenticator
from tests.service.accounts.conftest import is_in

pytestmark = pytest.mark.django_db


def options_in(page: str) -> str:
    return html.unescape(re.search(r'data-passkey-options="([^"]+)"', page)[1])


def add(client: Client, stick: Authenticator, name: str = "Work phone"):
    options = options_in(client.get("/account/passkeys/add").text)
    return client.post("/account/passkeys/add", {"name": name, "passkey": stick.make(options)})


@pytest.fixture
def stick(officer, app, signed_in) -> Authenticator:
    """The officer's passkey."""
    made = Authenticator()
    assert add(signed_in(officer), made).status_code == 302
    return made


@pytest.fixture
def at_code(officer, by_password):
    """A function: a browser in which the officer's password was right, and what it is told to sign."""

    def go() -> tuple[Client, str]:
        client = Client()
        assert by_password(officer.email, client=client).headers["Location"] == "/sign-in/code"
        return client, options_in(client.get("/sign-in/code").text)

    return go


def why_not() -> str:
    entry = Entry.objects.filter(what="sign_in.failed").latest("number")
    assert entry.details["stage"] == "passkey"
    return entry.details["code"]


def test_a_passkey_is_named_lets_in_and_is_removed(officer, app, stick, at_code, signed_in):
    second = Authenticator()
    owner = signed_in(officer)
    add(owner, second, "Spare <b>key</b>")
    assert [p.name for p in Passkey.objects.order_by("pk")] == ["Work phone", "Spare <b>key</b>"]
    assert "Spare &lt;b&gt;key" in owner.get("/account/passkeys/").text
    for one in (stick, second):
        client, options = at_code()
        assert client.post("/sign-in/code", {"passkey": one.use(options)}).status_code == 302
        assert is_in(client)
        assert Entry.objects.filter(what="sign_in").latest("number").details["second_factor"] == "passkey"
    assert Passkey.objects.exclude(last_used_utc=None).count() == 2
    client, _options = at_code()
    client.post("/sign-in/code", {"code": app.code()})
    assert is_in(client), "a code is good all the same"
    removed = Passkey.objects.get(name="Work phone")
    assert owner.post(f"/account/passkeys/{removed.pk}/remove").status_code == 302
    client, options = at_code()
    client.post("/sign-in/code", {"passkey": stick.use(options)})
    assert not is_in(client)
    assert why_not() == "unknown_passkey"
    made = [e.what for e in Entry.objects.filter(what__startswith="passkey.").order_by("number")]
    assert made == ["passkey.add", "passkey.add", "passkey.remove"]


def another_origin(stick):
    stick.origin = "http://evil.example"


def another_host(stick):
    stick.host = "evil.example"


def owner_not_verified(stick):
    stick.flags = PRESENT


def nobody_there(stick):
    stick.flags = 0


def another_key(stick):
    stick.key = Authenticator().key


@pytest.mark.parametrize(
    "bend", [another_origin, another_host, owner_not_verified, nobody_there, another_key]
)
def test_what_a_false_page_or_a_false_key_answers_is_refused(officer, app, stick, at_code, bend):
    client, options = at_code()
    bend(stick)
    assert "This passkey is not right" in client.post("/sign-in/code", {"passkey": stick.use(options)}).text
    assert not is_in(client)
    assert why_not().startswith(("Invalid", "Unsupported"))
    assert officer.passkeys.get().sign_count == 0


def test_a_challenge_counts_once_for_its_browser_its_purpose_and_minutes(
    officer, app, stick, at_code, signed_in, monkeypatch
):
    client, options = at_code()
    answer = stick.use(options)
    other, _its_own = at_code()
    other.post("/sign-in/code", {"passkey": answer})
    assert not is_in(other), "an answer that was heard on its way is of no use elsewhere"
    client.post("/sign-in/code", {"passkey": answer})
    assert is_in(client)
    again, _its_own = at_code()
    session = again.session
    session["passkey_challenge"] = 1_000_000
    session.save()
    again.post("/sign-in/code", {"passkey": answer})
    assert why_not() == "no_challenge"
    owner = signed_in(officer)
    to_confirm = options_in(owner.get("/account/confirm").text)
    fresh, _its_own = at_code()
    fresh.post("/sign-in/code", {"passkey": stick.use(to_confirm)})
    assert not is_in(fresh), "what was signed to confirm does not sign in"
    late, options = at_code()
    PasskeyChallenge.objects.update(expires_utc="2020-01-01T00:00:00Z")
    late.post("/sign-in/code", {"passkey": stick.use(options)})
    assert not is_in(late)
    assert why_not() == "no_challenge"


def test_a_counter_that_goes_back_is_a_copy_and_is_refused(officer, app, stick, at_code):
    client, options = at_code()
    client.post("/sign-in/code", {"passkey": stick.use(options)})
    for counted in (1, 0):
        stick.count = counted
        client, options = at_code()
        client.post("/sign-in/code", {"passkey": stick.use(options, counts=False)})
        assert not is_in(client)
        assert why_not() == "count_went_back"


def test_an_authenticator_that_does_not_count_is_good_each_time(officer, app, stick, at_code):
    for _ in range(2):
        client, options = at_code()
        client.post("/sign-in/code", {"passkey": stick.use(options, counts=False)})
        assert is_in(client)


@pytest.mark.parametrize(
    "answer", ["", "{", "[]", '{"id": 1}', "[" * 15_000, "x" * 30_000, '{"id": "\\u0000"}']
)
def test_nonsense_is_refused_and_never_an_error(officer, app, stick, at_code, signed_in, answer):
    client, _options = at_code()
    assert client.post("/sign-in/code", {"passkey": answer}).status_code == 200
    assert not is_in(client)
    owner = signed_in(officer)
    owner.get("/account/passkeys/add")
    assert "made no passkey" in owner.post("/account/passkeys/add", {"name": "x", "passkey": answer}).text


def test_passkeys_cannot_be_guessed(officer, app, stick, at_code):
    answers = []
    for _ in range(6):
        client, options = at_code()
        answers.append(client.post("/sign-in/code", {"passkey": Authenticator().use(options)}).status_code)
    assert answers == [200] * 5 + [429]


def test_somebody_elses_passkey_is_not_mine_and_is_not_added_twice(
    world, officer, app, stick, at_code, signed_in
):
    thief = signed_in(world.nora)
    assert "known here already" in add(thief, stick).text
    assert thief.get(f"/account/passkeys/{Passkey.objects.get().pk}/remove").status_code == 404
    own = Authenticator()
    add(thief, own)
    client, options = at_code()
    client.post("/sign-in/code", {"passkey": own.use(options)})
    assert why_not() == "unknown_passkey"


def test_so_many_and_no_more(officer, app, signed_in):
    owner = signed_in(officer)
    for number in range(10):
        Passkey.objects.create(user=officer, name="x", credential_id=f"c{number}", public_key=b"")
    assert "no more can be added" in add(owner, Authenticator()).text
    assert "Add a passkey" not in owner.get("/account/passkeys/").text


def test_a_passkey_without_an_app_is_a_second_factor_and_the_last_one_stays(
    world, signed_in, settings, by_password
):
    settings.DEMO, settings.SECOND_FACTOR_REQUIRED = False, True
    world.nora.set_password("horse-battery-staple")
    world.nora.save()
    owner, stick = signed_in(world.nora), Authenticator()
    add(owner, stick)
    client = Client()
    assert by_password(world.nora.email, client=client).headers["Location"] == "/sign-in/code"
    assert client.get("/sign-in/set-up").status_code == 302, "a password alone sets up no app beside it"
    client.post("/sign-in/code", {"passkey": stick.use(options_in(client.get("/sign-in/code").text))})
    assert is_in(client)
    assert (
        "your only second factor"
        in owner.post(f"/account/passkeys/{Passkey.objects.get().pk}/remove", follow=True).text
    )
    actions.reset_second_factor(by=world.users[Role.ADMINISTRATOR], user=world.nora)
    assert not Passkey.objects.exists(), "a reset takes passkeys too"


def test_where_a_passkey_is_for_which_host(officer, app, signed_in, settings):
    settings.ALLOWED_HOSTS = ["milepost.example.org", "192.0.2.7"]
    owner = signed_in(officer)
    page = owner.get("/account/passkeys/add", headers={"Host": "milepost.example.org"}).text
    asked = json.loads(options_in(page))
    assert asked["rp"]["id"] == "milepost.example.org"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    settings.PASSKEY_DOMAIN = "example.org"
    page = owner.get("/account/passkeys/add", headers={"Host": "milepost.example.org"}).text
    assert json.loads(options_in(page))["rp"]["id"] == "example.org"
    settings.PASSKEY_DOMAIN = ""
    page = owner.get("/account/passkeys/add", headers={"Host": "192.0.2.7"}).text
    assert "for a named host only" in page
