"""Sessions end; own password, app, codes and sessions; invitations."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from milepost.service.accounts import totp
from milepost.service.accounts.actions import own
from milepost.service.accounts.actions import users as actions
from milepost.service.accounts.models import Invitation, UserSession
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from tests.service.accounts.conftest import PASSWORD, is_in, typed_key

pytestmark = pytest.mark.django_db
NEW = "quite-another-long-one"


def test_an_idle_session_ends_and_that_is_logged(world, signed_in, clock, settings, logged):
    client = signed_in(world.nora)
    assert is_in(client)
    clock.forward(settings.SESSION_IDLE_S - 60)  # a slow machine takes seconds of its own
    assert is_in(client)
    clock.forward(settings.SESSION_IDLE_S + 1)
    assert not is_in(client)
    assert logged()[-1] == ("session.end", f"user:{world.nora.pk}")
    assert Entry.objects.latest("number").details == {"why": "idle"}


def test_a_page_that_refreshes_itself_keeps_no_session_alive(world, signed_in, clock, settings):
    client = signed_in(world.nora)
    assert is_in(client)
    for _ in range(4):
        clock.forward(settings.SESSION_IDLE_S / 4 + 5)
        client.get("/account/", headers={"X-Milepost-Background": "1"})
    assert not is_in(client)


def test_no_session_lasts_longer_than_the_longest(world, signed_in, clock, settings):
    client = signed_in(world.nora)
    for _ in range(0, settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_S - 60):
        assert is_in(client)
        clock.forward(settings.SESSION_IDLE_S - 60)
    clock.forward(settings.SESSION_IDLE_S - 60)
    assert not is_in(client)
    assert Entry.objects.latest("number").details == {"why": "longest"}


def test_sessions_are_listed_and_ended(world, signed_in, logged):
    here, there, third = (signed_in(world.nora) for _ in range(3))
    somebody = signed_in(world.sam)
    UserSession.objects.filter(session_key=there.session.session_key).update(browser="Firefox, Windows")
    page = here.get("/account/").text
    assert "Firefox, Windows" in page
    assert page.count("This session") == 1
    one = UserSession.objects.get(session_key=there.session.session_key)
    here.post(f"/account/end/sessions/{one.pk}")
    assert [is_in(c) for c in (here, there, third)] == [True, False, True]
    here.post("/account/end-everything-else")
    assert [is_in(c) for c in (here, third, somebody)] == [True, False, True]
    assert logged()[-2:] == [
        ("session.end", f"user:{world.nora.pk}"), ("credentials.end", f"user:{world.nora.pk}")
    ]  # fmt: skip


def test_nobody_ends_somebody_elses_session(world, signed_in):
    here, somebody = signed_in(world.nora), signed_in(world.sam)
    other = UserSession.objects.get(user=world.sam)
    here.post(f"/account/end/sessions/{other.pk}")
    assert is_in(somebody)


def test_the_browser_is_named_and_no_more(world, officer, app, by_password):
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
    )
    client = Client(headers={"User-Agent": agent})
    by_password(officer.email, client=client)
    client.post("/sign-in/code", {"code": app.code()})
    assert UserSession.objects.get(user=officer).browser == "Edge, Windows"


def test_changing_the_password_ends_the_other_sessions(officer, signed_in, by_password, logged):
    here, there = signed_in(officer), signed_in(officer)
    before = here.session.session_key
    differ = here.post("/account/password", {"password": NEW, "again": NEW + "x"})
    assert "The two passwords differ" in differ.text
    for weak in ("short", "password1234", officer.email):
        assert here.post("/account/password", {"password": weak, "again": weak}).status_code == 200
    done = here.post("/account/password", {"password": NEW, "again": NEW})
    assert done.status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    assert here.session.session_key != before
    assert by_password(officer.email).status_code == 200
    assert by_password(officer.email, NEW).status_code == 302
    assert ("password.change", f"user:{officer.pk}") in logged()


def test_an_app_is_replaced_once_the_new_one_shows_a_code(officer, app, signed_in, clock):
    client = signed_in(officer)
    secret = typed_key(client.get("/account/second-factor").text)
    assert secret != app.secret
    assert "This code is not right" in client.post("/account/second-factor", {"code": "1"}).text
    page = client.post("/account/second-factor", {"code": totp.code_at(secret, clock.step())})
    assert page.text.count("<code>") == 10
    assert app.recovery[1] not in page.text


def test_new_recovery_codes_void_the_old(officer, app, signed_in):
    page = signed_in(officer).post("/account/recovery-codes").text
    assert page.count("<code>") == 10
    assert own.use_code(officer, app.recovery[0]) == ""


@pytest.fixture
def invited(world, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    return actions.add_user(
        by=world.users[Role.ADMINISTRATOR], email="New@Example.org", name="New Person", role=Role.AUDITOR
    )


def test_an_invitation_sets_a_password_once_and_leads_to_the_app(invited):
    user, secret = invited
    client = Client()
    assert "new@example.org" in client.get(f"/invitation/{secret}").text
    assert client.get(f"/invitation/{secret}").status_code == 200, "to look at a link does not use it up"
    done = client.post(f"/invitation/{secret}", {"password": NEW, "again": NEW})
    assert done.headers["Location"] == "/sign-in/set-up"
    assert not is_in(client)
    assert Client().get(f"/invitation/{secret}").status_code == 404
    assert (
        Client().post(f"/invitation/{secret}", {"password": PASSWORD, "again": PASSWORD}).status_code == 404
    )
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert secret not in Invitation.objects.get().secret_sha256


def test_an_invitation_ends_with_its_time_with_a_newer_one_and_with_the_account(world, invited):
    user, secret = invited
    admin = world.users[Role.ADMINISTRATOR]
    newer = actions.invite(by=admin, user=user)
    assert Client().get(f"/invitation/{secret}").status_code == 404
    assert Client().get(f"/invitation/{newer}").status_code == 200
    Invitation.objects.update(expires_utc=timezone.now() - dt.timedelta(seconds=1))
    assert Client().get(f"/invitation/{newer}").status_code == 404
    last = actions.invite(by=admin, user=user)
    actions.deactivate(by=admin, user=user)
    assert Client().get(f"/invitation/{last}").status_code == 404


def test_links_cannot_be_guessed(db):
    answers = [Client().get(f"/invitation/x{i}").status_code for i in range(61)]
    assert answers == [404] * 60 + [429]


def test_ended_sessions_leave_the_list(world, signed_in):
    first = signed_in(world.nora)
    Session.objects.filter(session_key=first.session.session_key).delete()
    signed_in(world.nora)
    assert UserSession.objects.filter(user=world.nora).count() == 1
