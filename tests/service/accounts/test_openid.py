"""accounts:openid and accounts:openid-return, against a provider on loopback."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from milepost.service.accounts import openid
from milepost.service.accounts.models import User
from milepost.service.accounts.openid_settings import OpenIdSettings, read
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.environment import SettingError
from tests.service.accounts.conftest import is_in
from tests.service.accounts.issuer import CLIENT, SECRET, Issuer

pytestmark = pytest.mark.django_db


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
    world.nora.email = "nora@provider.example"
    world.nora.save()
    return running


def come(issuer: Issuer, client: Client | None = None, **changes: str):
    """Signs in; ``changes`` bend what the browser brings back."""
    client = client or Client()
    sent = client.get("/sign-in/openid", {"next": "/account/"})
    assert sent.status_code == 302, sent.text
    answer = {**issuer.say_yes(sent.headers["Location"]), **changes}
    return client, client.get("/sign-in/openid/return", answer)


def why_not(response) -> str:
    assert response.status_code == 403
    entry = Entry.objects.latest("number")
    assert (entry.what, entry.details["stage"]) == ("sign_in.failed", "openid")
    return entry.details["code"]


def test_a_known_user_comes_in_and_is_then_known_by_subject(issuer, world):
    client, response = come(issuer)
    assert response.headers["Location"] == "/account/"
    assert is_in(client)
    world.nora.refresh_from_db()
    assert world.nora.openid_subject == f"{issuer.url} s-1"
    assert Entry.objects.latest("number").details == {"how": "openid", "second_factor": "none"}
    issuer.claims["email"] = "changed@provider.example"
    assert is_in(come(issuer)[0]), "the subject counts, not the address"
    issuer.claims = {"sub": "s-2", "email": "nora@provider.example", "email_verified": True}
    assert why_not(come(issuer)[1]) == "not_known", "the account belongs to another subject"


@pytest.mark.parametrize(("claims", "code"), [
    ({"nonce": "another"}, "wrong_nonce"),
    ({"nonce": ""}, "wrong_nonce"),
    ({"aud": "another-client"}, "wrong_audience"),
    ({"aud": [CLIENT, "another-client"]}, "wrong_audience"),
    ({"aud": [CLIENT, "another-client"], "azp": "another-client"}, "wrong_audience"),
    ({"exp": int(time.time()) - 120, "iat": int(time.time()) - 500}, "token_expired"),
    ({"iat": int(time.time()) + 600}, "token_refused"),
    ({"nbf": int(time.time()) + 600}, "token_refused"),
    ({"iss": "https://evil.example"}, "another_issuer"),
    ({"email_verified": False}, "not_known"),
    ({"email_verified": "true"}, "not_known"),
    ({"email": "stranger@provider.example"}, "not_known"),
])  # fmt: skip
def test_a_token_that_says_something_else_is_refused(issuer, claims, code):
    issuer.claims |= claims
    client, response = come(issuer)
    assert why_not(response) == code
    assert not is_in(client)


@pytest.mark.parametrize("claim", ["sub", "exp", "iat", "aud", "iss", "nonce"])
def test_a_token_that_leaves_something_out_is_refused(issuer, claim):
    issuer.leave_out = {claim}
    client, response = come(issuer)
    assert why_not(response) in {"token_refused", "wrong_audience", "another_issuer", "wrong_nonce"}
    assert not is_in(client)


def test_several_audiences_are_good_if_it_was_issued_to_us(issuer):
    issuer.claims |= {"aud": [CLIENT, "another-client"], "azp": CLIENT}
    assert is_in(come(issuer)[0])


def test_elliptic_curves_are_good_too(issuer):
    issuer.key, issuer.algorithm, issuer.header = issuer.ec_key, "ES256", {"kid": "ec-1"}
    assert is_in(come(issuer)[0])


def unsigned(issuer: Issuer, nonce: str) -> str:
    def part(value: dict) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    now = int(time.time())
    claims = {"iss": issuer.url, "aud": CLIENT, "iat": now, "exp": now + 99, "nonce": nonce, **issuer.claims}
    return f"{part({'alg': 'none', 'kid': 'rsa-1'})}.{part(claims)}."


def test_an_unsigned_token_is_refused(issuer):
    client = Client()
    sent = client.get("/sign-in/openid")
    answer = issuer.say_yes(sent.headers["Location"])
    issuer.token = unsigned(issuer, issuer.asked[answer["code"]]["nonce"])
    assert why_not(client.get("/sign-in/openid/return", answer)) == "algorithm_refused"


def test_a_token_signed_with_the_public_key_as_a_shared_secret_is_refused(issuer):
    issuer.key, issuer.algorithm = "x" * 64, "HS256"
    assert why_not(come(issuer)[1]) == "algorithm_refused"


def test_a_token_of_another_key_is_refused(issuer):
    issuer.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert why_not(come(issuer)[1]) == "wrong_signature"
    issuer.header = {"kid": "unknown"}
    assert why_not(come(issuer)[1]) == "key_unknown"
    assert issuer.requests.count("/keys") >= 2, "keys that are not known are asked for anew"
    issuer.reset()
    issuer.header = {"kid": "ec-1"}
    assert why_not(come(issuer)[1]) in {"key_unusable", "token_refused"}


def test_nonsense_instead_of_a_token_is_refused(issuer):
    issuer.token = "nonsense"
    assert why_not(come(issuer)[1]) == "token_unreadable"


def test_state_must_be_that_of_this_browser_and_counts_once(issuer):
    assert why_not(come(issuer, state="another")[1]) == "wrong_state"
    client, response = come(issuer)
    assert response.status_code == 302
    client = Client()
    sent = client.get("/sign-in/openid")
    answer = issuer.say_yes(sent.headers["Location"])
    assert why_not(Client().get("/sign-in/openid/return", answer)) == "not_begun", "somebody else's browser"
    client.get("/sign-in/openid/return", answer)
    assert why_not(Client().get("/sign-in/openid/return", answer)) == "not_begun"


def test_it_may_not_take_longer_than_allowed(issuer, clock):
    client = Client()
    answer = issuer.say_yes(client.get("/sign-in/openid").headers["Location"])
    clock.forward(601)
    assert why_not(client.get("/sign-in/openid/return", answer)) == "not_begun"


def test_a_code_the_provider_does_not_know_and_its_refusal(issuer):
    assert why_not(come(issuer, code="stolen")[1]) == "provider_said_400"
    assert why_not(come(issuer, error="access_denied")[1]) == "provider_refused"
    assert why_not(come(issuer, iss="https://evil.example")[1]) == "another_issuer"


def test_a_provider_that_describes_another_or_is_away(issuer, settings):
    issuer.description = {"issuer": "https://evil.example"}
    assert Client().get("/sign-in/openid").status_code == 503
    openid.forget()
    issuer.description = {"jwks_uri": None}
    assert Client().get("/sign-in/openid").status_code == 503
    settings.OPENID = replace(settings.OPENID, issuer="http://127.0.0.1:1")
    assert Client().get("/sign-in/openid").status_code == 503
    codes = [e.details["code"] for e in Entry.objects.filter(operation="sign_in").order_by("number")]
    assert codes == ["another_issuer", "incomplete_description", "provider_not_reached"]


def test_an_account_put_out_of_use_stays_out(issuer, world):
    User.objects.filter(pk=world.nora.pk).update(is_active=False)
    assert why_not(come(issuer)[1]) == "not_active"


def test_the_second_factor_is_asked_unless_the_provider_asked(issuer, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client, response = come(issuer)
    assert response.headers["Location"] == "/sign-in/set-up"
    assert not is_in(client)
    issuer.claims["amr"] = ["pwd", "mfa"]
    assert is_in(come(issuer)[0])


def test_roles_are_the_providers_where_a_table_says_so(issuer, settings, world):
    settings.OPENID = replace(
        settings.OPENID, roles={"po": Role.PRACTITIONER, "spo": Role.SENIOR_PRACTITIONER}
    )
    issuer.claims["roles"] = ["unrelated", "spo"]
    assert is_in(come(issuer)[0])
    world.nora.refresh_from_db()
    assert world.nora.role == Role.SENIOR_PRACTITIONER
    assert Entry.objects.get(what="user.change").details["before"] == {"role": "practitioner"}
    refused = (
        ([], "no_role"),
        (["other"], "no_role"),
        (["po", "spo"], "several_roles"),
        ({"po": 1}, "no_role"),
    )
    for roles, code in refused:
        issuer.claims["roles"] = roles
        assert why_not(come(issuer)[1]) == code


def test_strangers_get_an_account_only_where_that_is_set(issuer, settings):
    issuer.claims |= {"sub": "s-9", "email": "Stranger@provider.example", "name": "Stranger", "roles": "aud"}
    settings.OPENID = replace(settings.OPENID, roles={"aud": Role.AUDITOR})
    assert why_not(come(issuer)[1]) == "not_known"
    settings.OPENID = replace(settings.OPENID, create=True)
    assert is_in(come(issuer)[0])
    user = User.objects.get(openid_subject=f"{issuer.url} s-9")
    assert (user.email, user.role, user.has_usable_password()) == (
        "stranger@provider.example",
        "auditor",
        False,
    )
    issuer.claims["sub"] = "s-10"
    assert why_not(come(issuer)[1]) == "not_known", "the address belongs to another"


def test_without_a_provider_there_are_no_such_pages(world, settings):
    settings.OPENID = None
    assert Client().get("/sign-in/openid").status_code == 404
    assert Client().get("/sign-in/openid/return").status_code == 404
    assert "openid" not in Client().get("/sign-in").text


def test_the_sign_in_page_names_the_provider(issuer):
    assert "Sign in with Area sign-in" in Client().get("/sign-in").text


GOOD = {
    "MILEPOST_OIDC_ISSUER": "https://id.example",
    "MILEPOST_OIDC_CLIENT_ID": "a",
    "MILEPOST_OIDC_CLIENT_SECRET": "b",
}


@pytest.mark.parametrize(("changes", "message"), [
    ({"MILEPOST_OIDC_ISSUER": "http://id.example"}, "begins with https"),
    ({"MILEPOST_OIDC_CLIENT_ID": None}, "MILEPOST_OIDC_CLIENT_ID is not set"),
    ({"MILEPOST_OIDC_CLIENT_SECRET": ""}, "MILEPOST_OIDC_CLIENT_SECRET is empty"),
    ({"MILEPOST_OIDC_CREATE": "yes"}, "needs MILEPOST_OIDC_ROLES"),
    ({"MILEPOST_OIDC_ROLES": "/nowhere"}, "cannot be used"),
    ({"MILEPOST_OIDC_ROLES": '[roles]\nx = "king"'}, "cannot be used"),
    ({"MILEPOST_OIDC_ROLES": "roles = 1"}, "cannot be used"),
])  # fmt: skip
def test_settings_fail_loudly(monkeypatch, tmp_path, changes, message):
    for name, value in {**GOOD, **changes}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
            continue
        if "roles" in value:
            (tmp_path / "roles.toml").write_text(value)
            value = str(tmp_path / "roles.toml")
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=message):
        read()


def test_settings_are_read(monkeypatch, tmp_path):
    assert read() is None
    file = tmp_path / "roles.toml"
    file.write_text('[roles]\n"grp-auditors" = "auditor"\n')
    for name, value in {**GOOD, "MILEPOST_OIDC_ROLES": str(file), "MILEPOST_OIDC_CREATE": "yes"}.items():
        monkeypatch.setenv(name, value)
    found = read()
    assert (found.name, found.create, found.roles) == ("id.example", True, {"grp-auditors": Role.AUDITOR})


def test_only_signatures_by_a_key_pair_are_accepted(issuer):
    """The list of accepted algorithms has no shared-secret ones, whatever the library would take."""
    assert not [a for a in openid.ALGORITHMS if a.startswith("HS") or a == "none"]
    assert set(openid.ALGORITHMS) <= set(jwt.algorithms.get_default_algorithms())
