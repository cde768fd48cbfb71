"""Who may do what: each operation for nobody, each wrong role, a wrong scope, another team, a restricted record."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.api.models import ApiToken
from milepost.service.api.scopes import Scope, scopes_of
from milepost.service.audit.models import Entry
from tests.service.api.cases import CASES
from tests.service.api.conftest import Caller
from tests.service.naming import assert_all_are_logged, last_entry
from tests.service.walk.test_walk import VIEWS
from tests.service.world import World

NAMES = sorted(CASES)


def ask(caller: Caller, name: str, world: World, person):
    case = CASES[name]
    path = case.path(world, person)
    body = case.body(world, person) if case.body else None
    before = last_entry()
    response = caller.ask(case.method, path, body, **dict(case.headers))
    assert_all_are_logged(response, before, given=f"{path} {body}" if response.status_code >= 400 else "")
    return response


def may(user: User, name: str) -> bool:
    permission = CASES[name].permission
    return permission is None or user.may(permission)


def test_every_operation_has_a_case():
    assert {name for name in VIEWS if name.startswith("api:v1:")} == set(CASES)


@pytest.mark.by_sample
@pytest.mark.parametrize("name", NAMES)
def test_nobody_gets_in_without_a_token(name, world):
    case = CASES[name]
    path = "/api/v1" + case.path(world, world.ada)
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Bearer a.b"}):
        response = getattr(Client(), case.method)(path, headers=headers)
        assert response.status_code == 401
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.by_sample
@pytest.mark.parametrize("name", NAMES)
def test_the_role_decides_whatever_the_token_says(name, world):
    for role in Role:
        user = world.users[role]
        caller = Caller(user)
        caller.token.scopes = [str(s) for s in Scope]  # as if the role had been larger when it was made
        caller.token.save()
        if not may(user, name):
            response = ask(caller, name, world, world.ada)
            assert response.status_code == 403, f"{role} got {response.status_code}"
            assert Entry.objects.filter(what="api.denied", actor=user.audit_name).exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_right_role_with_the_scope_gets_in(name, world):
    role = next(r for r in (Role.SENIOR_PRACTITIONER, *Role) if may(world.users[r], name))
    response = ask(Caller(world.users[role]), name, world, world.ada)
    assert response.status_code == CASES[name].status, response.content


@pytest.mark.by_sample
@pytest.mark.parametrize("name", [n for n in NAMES if CASES[n].scope])
def test_a_token_without_the_scope_is_refused(name, world):
    role = next(r for r in (Role.SENIOR_PRACTITIONER, *Role) if may(world.users[r], name))
    user = world.users[role]
    others = [str(s) for s in scopes_of(user) if s != CASES[name].scope]
    response = ask(Caller(user, others), name, world, world.ada)
    assert response.status_code == 403
    assert str(CASES[name].scope) in response.json()["detail"]


@pytest.mark.by_sample
@pytest.mark.parametrize("name", [n for n in NAMES if CASES[n].of_person])
@pytest.mark.parametrize("whose", ["other team", "restricted"])
def test_what_you_may_not_see_is_not_there(name, whose, world):
    """Everybody who has the right but not the reach: 404, the same as for what does not exist."""
    person = world.ben if whose == "other team" else world.cy
    for role in Role:
        user = world.users[role]
        if not may(user, name) or (whose == "restricted" and user == world.nora):
            continue
        response = ask(Caller(user), name, world, person)
        assert response.status_code == 404, f"{role} got {response.status_code}: {response.content!r}"


def test_nobody_else_knows_a_restricted_person(world):
    named, senior = Caller(world.nora), Caller(world.users[Role.SENIOR_PRACTITIONER])
    assert "P000003" in {row["reference"] for row in named.get("/people").json()["items"]}
    assert senior.get("/people?text=Ashe").json()["items"] == []


def test_a_revoked_an_expired_and_an_idle_users_token_let_nobody_in(world):
    caller = Caller(world.nora)
    assert caller.get("/me").status_code == 200
    for change in (
        {"revoked_utc": timezone.now()},
        {"expires_utc": timezone.now() - dt.timedelta(seconds=1)},
    ):
        ApiToken.objects.filter(pk=caller.token.pk).update(**change)
        assert caller.get("/me").status_code == 401
        ApiToken.objects.filter(pk=caller.token.pk).update(
            revoked_utc=None, expires_utc=timezone.now() + dt.timedelta(days=1)
        )
    assert caller.get("/me").status_code == 200
    User.objects.filter(pk=world.nora.pk).update(is_active=False)
    assert caller.get("/me").status_code == 401


def test_a_prefix_alone_or_another_secret_is_no_token(world):
    caller = Caller(world.nora)
    for shown in (
        caller.token.prefix,
        caller.token.prefix + ".",
        caller.token.prefix + ".x",
        "." + caller.whole,
    ):
        response = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {shown}"})
        assert response.status_code == 401


def test_only_the_digest_of_a_secret_is_kept(world):
    caller = Caller(world.nora)
    secret = caller.whole.split(".")[1]
    assert secret not in str(ApiToken.objects.filter(pk=caller.token.pk).values().get())


def test_a_browser_session_needs_the_token_against_forgery(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.nora)
    assert client.get("/api/v1/me").json()["token"] is None
    path = "/api/v1" + CASES["api:v1:claim_incident"].path(world, world.ada)
    response = client.generic("POST", path)
    assert response.status_code == 403
    assert response.json()["type"].endswith("csrf")
    client.get("/api/tokens/new")  # sets the cookie
    csrf = client.cookies["csrftoken"].value
    assert client.generic("POST", path, headers={"X-CSRFToken": csrf}).status_code == 200


def test_a_good_token_needs_no_session_and_makes_none(world):
    response = Caller(world.nora).get("/me")
    assert "Set-Cookie" not in response.headers
    assert response.json()["name"] == world.nora.name
