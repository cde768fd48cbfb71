"""Password, then app; what is told to whom; what is logged."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from milepost.service.accounts import totp
from milepost.service.accounts.actions import own
from milepost.service.accounts.models import Attempts, RecoveryCode, SecondFactor, User
from milepost.service.audit.models import Entry
from tests.service.accounts.conftest import PASSWORD, is_in, typed_key

pytestmark = pytest.mark.django_db


def test_password_and_app_let_in(officer, app, by_password, logged):
    client = Client()
    response = by_password(officer.email, client=client)
    assert response.headers["Location"] == "/sign-in/code"
    assert not is_in(client), "the password alone opens nothing"
    assert client.post("/sign-in/code", {"code": app.code()}).status_code == 302
    assert is_in(client)
    assert logged()[-1] == ("sign_in", f"user:{officer.pk}")
    assert Entry.objects.latest("number").details == {"how": "password", "second_factor": "app"}


def test_somebody_without_an_app_sets_one_up_before_anything_else(officer, by_password, clock):
    client = Client()
    assert by_password(officer.email, client=client).headers["Location"] == "/sign-in/set-up"
    page = client.get("/sign-in/set-up").text
    secret = typed_key(page)
    assert "<svg" in page
    wrong = client.post(
        "/sign-in/set-up", {"code": "000000" if totp.code_at(secret, clock.step()) != "000000" else "1"}
    )
    assert "not right" in wrong.text
    assert not is_in(client)
    assert typed_key(wrong.text) == secret, "the same key, or the app would have to be set up again"
    done = client.post("/sign-in/set-up", {"code": totp.code_at(secret, clock.step())})
    assert done.text.count("<code>") == 10
    assert is_in(client)
    assert secret not in SecondFactor.objects.get(user=officer).secret, "kept encrypted"


def test_the_password_alone_never_replaces_an_app(officer, app, by_password):
    client = Client()
    by_password(officer.email, client=client)
    for response in (client.get("/sign-in/set-up"), client.post("/sign-in/set-up", {"code": "1"})):
        assert response.headers["Location"] == "/sign-in/code"


def test_a_code_counts_once(officer, app, by_password):
    code = app.code()
    for expected in (True, False):
        client = Client()
        by_password(officer.email, client=client)
        client.post("/sign-in/code", {"code": code})
        assert is_in(client) == expected


def test_a_recovery_code_counts_once_however_it_is_typed(officer, app, by_password):
    code = app.recovery[3].upper().replace("-", " ")
    for expected in (True, False):
        client = Client()
        by_password(officer.email, client=client)
        client.post("/sign-in/code", {"code": code})
        assert is_in(client) == expected
    assert RecoveryCode.objects.filter(user=officer, used_utc=None).count() == 9


@pytest.mark.django_db(transaction=True)
def test_a_recovery_code_counts_once_for_many_at_the_same_moment(officer, app):
    if connection.vendor == "sqlite":
        pytest.skip("an embedded database in memory has one writer")
    came_in: list[str] = []

    def use() -> None:
        try:
            came_in.append(own.use_code(officer, app.recovery[0]))
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came_in) == [""] * 5 + ["recovery_code"]


def test_between_password_and_code_not_longer_than_allowed(officer, app, by_password, clock):
    client = Client()
    by_password(officer.email, client=client)
    clock.forward(601)
    assert client.post("/sign-in/code", {"code": app.code()}).headers["Location"] == "/sign-in"
    assert not is_in(client)


def test_a_password_changed_in_between_ends_the_half_sign_in(officer, app, by_password):
    client = Client()
    by_password(officer.email, client=client)
    officer.set_password("another-long-password")
    officer.save()
    assert client.post("/sign-in/code", {"code": app.code()}).headers["Location"] == "/sign-in"


def test_the_code_page_is_nothing_without_a_password(client, db):
    assert client.get("/sign-in/code").headers["Location"] == "/sign-in"
    assert client.get("/sign-in/set-up").headers["Location"] == "/sign-in"


def test_unknown_wrong_and_not_active_get_the_same_answer_and_the_same_work(
    officer, by_password, monkeypatch
):
    gone = User.objects.create_user("gone@example.org", name="Gone", role=officer.role, password=PASSWORD)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *a, **k: hashed.append(1) or encode(*a, **k))
    answers, work = set(), set()
    for email, password in (("no@example.org", "x"), (officer.email, "x"), ("gone@example.org", PASSWORD)):
        hashed.clear()
        response = by_password(email, password)
        text = response.text.replace(email, "")
        answers.add(
            (
                response.status_code,
                text[text.index("<main") : text.index("</main")].split("csrfmiddlewaretoken")[0],
            )
        )
        work.add(len(hashed))
    assert len(answers) == 1
    assert work == {1}, "one hash each: the time says nothing"


def test_failures_are_logged_without_what_was_typed(officer, app, by_password):
    by_password(officer.email, "a-wrong-password")
    by_password("nobody@example.org", "a-wrong-password")
    rows = Entry.objects.filter(what="sign_in.failed").order_by("number")
    assert [row.details.get("user") for row in rows] == [officer.pk, None]
    text = str([(r.details, r.actor, r.reason) for r in rows])
    assert "example.org" not in text
    assert "wrong-password" not in text
    assert "127.0.0.1" not in text


def test_guessing_from_one_address_is_stopped_and_logged_once(officer, app, by_password, clock, logged):
    for _ in range(10):
        assert by_password(officer.email, "wrong").status_code == 200
    for _ in range(3):
        response = by_password(officer.email)
        assert response.status_code == 429, "even the right password is not looked at"
        assert "Try again in 15 minutes" in response.text
    assert [what for what, _ in logged()].count("sign_in.too_many") == 1
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert by_password(officer.email, client=elsewhere).status_code == 302, "the officer is not locked out"
    clock.forward(15 * 60)
    assert by_password(officer.email).status_code == 302, "nobody is locked out for good"


def test_one_account_guessed_from_everywhere_is_stopped_for_an_hour(officer, by_password, clock):
    for i in range(100):
        by_password(officer.email, "wrong", client=Client(REMOTE_ADDR=f"10.0.0.{i}"))
    assert by_password(officer.email, client=Client(REMOTE_ADDR="10.0.1.1")).status_code == 429
    clock.forward(3600)
    assert by_password(officer.email, client=Client(REMOTE_ADDR="10.0.1.1")).status_code == 302


def test_many_accounts_tried_from_one_address_are_stopped(officer, by_password):
    for i in range(100):
        by_password(f"u{i}@example.org", "wrong")
    assert by_password(officer.email).status_code == 429


def test_codes_cannot_be_guessed(officer, app, by_password, clock):
    client = Client()
    by_password(officer.email, client=client)
    for i in range(5):
        client.post("/sign-in/code", {"code": f"x{i}"})
    assert client.post("/sign-in/code", {"code": app.code()}).status_code == 429
    again = Client(REMOTE_ADDR="10.0.0.7")
    by_password(officer.email, client=again)
    assert again.post("/sign-in/code", {"code": app.code()}).status_code == 429, (
        "another session is no way round"
    )
    clock.forward(15 * 60)
    by_password(officer.email, client=again)
    assert again.post("/sign-in/code", {"code": app.code()}).status_code == 302


def test_limits_keep_no_address_and_no_name(officer, by_password):
    by_password(officer.email, "wrong")
    keys = " ".join(Attempts.objects.values_list("key", flat=True))
    assert "account:" in keys
    assert "example" not in keys
    assert "127" not in keys.split(":")[0]


def test_a_proxy_is_believed_only_where_there_is_one(officer, by_password, settings):
    for i in range(10):
        by_password(officer.email, "wrong", headers={"X-Forwarded-For": f"1.2.3.{i}"})
    assert by_password(officer.email, headers={"X-Forwarded-For": "9.9.9.9"}).status_code == 429
    settings.TRUST_PROXY = True
    last = {"X-Forwarded-For": "1.1.1.1, 9.9.9.9"}
    assert (
        Client(headers=last).post("/sign-in", {"email": officer.email, "password": PASSWORD}).status_code
        == 302
    )


@pytest.mark.parametrize(("onward", "expected"), [
    ("/users/", "/users/"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"),
    ("javascript:alert(1)", "/"), ("http:///evil.example", "/"), ("\x08//evil.example", "/"),
])  # fmt: skip
def test_after_signing_in_nobody_is_sent_elsewhere(officer, app, by_password, onward, expected):
    client = Client()
    by_password(officer.email, client=client, next=onward)
    assert client.post("/sign-in/code", {"code": app.code()}).headers["Location"] == expected


def test_the_page_one_came_for_is_remembered(officer, app, by_password):
    client = Client()
    assert client.get("/account/password").headers["Location"] == "/sign-in?next=/account/password"
    assert 'name="next" value="/account/password"' in client.get("/sign-in?next=/account/password").text


def test_a_session_key_known_before_is_worth_nothing_after(officer, app, by_password):
    client = Client()
    client.post("/sign-in", {})
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    client.cookies["milepost_session"] = planted
    by_password(officer.email, client=client)
    half = client.cookies["milepost_session"].value
    client.post("/sign-in/code", {"code": app.code()})
    whole = client.cookies["milepost_session"].value
    assert len({planted, half, whole}) == 3
    assert not Session.objects.filter(session_key__in=[planted, half]).exists()
    assert "planted" not in client.session


def test_signing_out_ends_the_session_on_the_server(officer, app, by_password, logged):
    client = Client()
    by_password(officer.email, client=client)
    client.post("/sign-in/code", {"code": app.code()})
    key = client.cookies["milepost_session"].value
    client.post("/sign-out")
    assert logged()[-1] == ("sign_out", f"user:{officer.pk}")
    thief = Client()
    thief.cookies["milepost_session"] = key
    assert not is_in(thief)


def test_a_secret_kept_under_an_old_key_is_still_read(officer, app, by_password, settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 60
    client = Client()
    by_password(officer.email, client=client)
    client.post("/sign-in/code", {"code": app.code()})
    assert is_in(client)


def test_passwords_are_kept_with_argon2(settings):
    from milepost.service import settings as service

    assert service.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
