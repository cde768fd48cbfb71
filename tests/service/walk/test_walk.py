"""Walks the URLconf: every view is tested for anonymous, wrong role, right role, another team's record and its
number of queries. A view without a case fails here."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import tests.service.walk as cases_package
from milepost.service.accounts.roles import Role
from tests.service.naming import assert_all_are_logged, last_entry
from tests.service.walk.cases import USUAL_QUERIES, View
from tests.service.world import World, make_person

TESTS = Path(__file__).parents[1]


def all_views(resolver=None, prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            found |= all_views(pattern, inner)
        elif isinstance(pattern, URLPattern):
            found[f"{prefix}{pattern.name}" if pattern.name else f"{prefix}{pattern.pattern}"] = (
                pattern.callback
            )
    return found


def all_cases() -> dict[str, View]:
    cases: dict[str, View] = {}
    for module in pkgutil.iter_modules(cases_package.__path__):
        if module.name.startswith("test_") or module.name == "cases":
            continue
        views = importlib.import_module(f"{cases_package.__name__}.{module.name}").VIEWS
        assert not cases.keys() & views.keys(), f"twice: {cases.keys() & views.keys()}"
        cases |= views
    for file in sorted(TESTS.glob("*/walk.py")):  # an app may keep its cases beside its other tests
        views = importlib.import_module(f"tests.service.{file.parent.name}.walk").VIEWS
        assert not cases.keys() & views.keys(), f"twice: {cases.keys() & views.keys()}"
        cases |= views
    return cases


VIEWS, CASES = all_views(), all_cases()
GUARDED = sorted(name for name, case in CASES.items() if not case.public and not case.own_tests)


def test_every_view_has_a_case_and_every_case_a_view():
    assert VIEWS.keys() - CASES.keys() == set(), "views without a case in tests/service/walk"
    assert CASES.keys() - VIEWS.keys() == set(), "cases without a view"


@pytest.mark.any_database
@pytest.mark.parametrize("name", sorted(VIEWS))
def test_every_view_says_who_may_open_it(name):
    view, case = VIEWS[name], CASES[name]
    if case.own_tests:
        source = (TESTS / case.own_tests).read_text()
        assert name in source, f"{case.own_tests} does not name {name}"
        return
    assert getattr(view, "milepost_public", False) == case.public
    assert case.public or hasattr(view, "milepost_permissions"), "decorate it with @requires or @public"


def ask(client: Client, name: str, case: View, kwargs: dict, data: dict):
    """Whoever asks: everybody whom the answer names has an entry of this very request."""
    before = last_entry()
    response = send(client, name, case, kwargs, data)
    assert_all_are_logged(response, before, given=f"{kwargs} {data}" if response.status_code >= 400 else "")
    return response


def send(client: Client, name: str, case: View, kwargs: dict, data: dict):
    return getattr(client, case.method)(reverse(name, kwargs=kwargs), data, headers=case.headers)


@pytest.mark.by_sample
@pytest.mark.parametrize("name", GUARDED)
def test_anonymous_people_are_sent_to_sign_in(name, world: World):
    case = CASES[name]
    response = ask(Client(), name, case, case.args(world), case.data(world))
    assert response.status_code == case.anonymous_status
    if response.status_code == 302:
        assert response.headers["Location"].startswith(reverse("accounts:sign-in"))


def written_in_full(names: list[str]) -> list:
    """What a request writes depends on the database: on a second one those that write run in full, others by sample."""
    return [pytest.param(n, marks=[pytest.mark.by_sample] if CASES[n].method == "get" else []) for n in names]


@pytest.mark.parametrize("name", written_in_full(GUARDED))
def test_the_right_roles_get_in_and_no_others(name, world: World, signed_in):
    case = CASES[name]
    assert case.right, "name at least one role"
    kwargs, data = case.args(world), case.data(world)
    for role in Role:
        if role not in case.right:
            response = ask(signed_in(world.users[role]), name, case, kwargs, data)
            assert response.status_code in {403, 404}, f"{role} got {response.status_code}"
    # What is sent once changes the record: only the first may send it.
    for role in case.right if case.method == "get" else case.right[:1]:
        response = ask(signed_in(world.users[role]), name, case, kwargs, data)
        assert response.status_code == case.status, f"{role} got {response.status_code}"


@pytest.mark.by_sample
@pytest.mark.parametrize("name", [n for n in GUARDED if CASES[n].other_team])
def test_what_you_may_not_see_is_not_there(name, world: World, signed_in):
    case = CASES[name]
    kwargs, data = case.other_team(world), case.data(world)
    for role in case.right:
        response = ask(signed_in(world.users[role]), name, case, kwargs, data)
        assert response.status_code == 404, f"{role} got {response.status_code}"


def add_people(world: World) -> None:
    for i in range(8):
        make_person(f"P9{i:05d}", f"More {i}", world.north, practitioner=world.nora,
                    monitored_until_utc=world.ada.monitored_until_utc)  # fmt: skip


def test_a_page_that_asks_more_often_than_usual_says_why():
    for name, case in CASES.items():
        assert bool(case.queries.because) == (case.queries.most > USUAL_QUERIES), name


def most_often(queries: CaptureQueriesContext) -> str:
    """The statements that were sent, the most frequent first, each without its values."""
    said = Counter(re.sub(r"'[^']*'|\b\d+\b", "?", query["sql"])[:200] for query in queries)
    return "\n".join(f"{times} x {sql}" for sql, times in said.most_common(12))


@pytest.mark.parametrize("name", [n for n in GUARDED if CASES[n].method == "get"])
def test_queries_are_few_and_do_not_grow_with_the_data(name, world: World, signed_in):
    case = CASES[name]
    kwargs, data = case.args(world), case.data(world)
    client = signed_in(world.users[case.right[0]])
    send(client, name, case, kwargs, data)  # what is cached once is not counted
    with CaptureQueriesContext(connection) as few:
        send(client, name, case, kwargs, data)
    assert len(few) <= case.queries.most, (
        f"{len(few)} queries, at most {case.queries.most} (see cases.py):\n{most_often(few)}"
    )
    (case.more or add_people)(world)
    with CaptureQueriesContext(connection) as more:
        send(client, name, case, kwargs, data)
    assert len(more) <= len(few), f"{len(few)} queries became {len(more)} with more data:\n{most_often(more)}"
