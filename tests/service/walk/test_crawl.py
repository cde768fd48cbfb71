"""Every role asks every address, in every format; the table says whom the answers name and what the log says of it.

pytest tests/service/walk/test_crawl.py -m slow -s
"""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import transaction
from django.test import Client

from milepost.service.accounts.about import shown_lately
from milepost.service.accounts.roles import Role
from tests.service.api.cases import CASES as API_CASES
from tests.service.api.conftest import Caller
from tests.service.naming import last_entry, logged_since, named_in, text_of
from tests.service.walk.test_walk import CASES, GUARDED, send
from tests.service.world import World

pytestmark = [pytest.mark.slow, pytest.mark.any_database]


class Undo(Exception):
    """Takes back what one question changed, so that the next role finds the same world."""


def kind_of(response) -> str:
    """The format of an answer, as the table calls it."""
    if response.status_code >= 300:
        return "refused or sent on"
    kind = response.headers.get("Content-Type", "").split(";")[0]
    disposition = response.headers.get("Content-Disposition", "")
    if disposition.startswith("attachment"):
        return "download"
    return {"text/html": "page", "text/event-stream": "stream", "application/json": "API"}.get(
        kind, kind or "empty"
    )


def test_no_role_gets_a_name_that_the_log_does_not_know(world: World, capsys):
    answers: Counter[tuple[str, str]] = Counter()
    naming: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []

    def look(role: Role, name: str, ask, given: str) -> None:
        shown_lately.forget()  # what an earlier question remembered was taken back
        before = last_entry()
        response = ask()
        cell = (str(role), kind_of(response))
        answers[cell] += 1
        if cell[1] == "stream":
            response.close()
            return
        known = named_in(given) if response.status_code >= 300 else set()
        named = named_in(text_of(response)) - known
        naming[cell] += bool(named)
        if missing := named - logged_since(before):
            wrong.append(f"{role} {name}: {sorted(missing)}")

    for name in GUARDED:
        case = CASES[name]
        for role in Role:
            try:
                with transaction.atomic():
                    kwargs, data = case.args(world), case.data(world)
                    client = Client()
                    client.force_login(world.users[role])
                    look(role, name, lambda: send(client, name, case, kwargs, data), f"{kwargs} {data}")  # noqa: B023
                    raise Undo
            except Undo:
                pass
    for name, case in API_CASES.items():
        for role in Role:
            try:
                with transaction.atomic():
                    path = case.path(world, world.ada)
                    body = case.body(world, world.ada) if case.body else None
                    caller = Caller(world.users[role])
                    headers = dict(case.headers)
                    look(role, name, lambda: caller.ask(case.method, path, body, **headers), f"{path} {body}")  # noqa: B023
                    raise Undo
            except Undo:
                pass
    with capsys.disabled():
        print_table(answers, naming, wrong)
    assert not wrong


def print_table(answers: Counter, naming: Counter, wrong: list[str]) -> None:
    kinds = sorted({kind for _, kind in answers})
    lines = ["", f"{'role':24}" + "".join(f"{kind:>24}" for kind in kinds)]
    for role in Role:
        cells = [f"{answers[str(role), kind]} ({naming[str(role), kind]} name people)" for kind in kinds]
        lines.append(f"{role!s:24}" + "".join(f"{cell:>24}" for cell in cells))
    lines.append(
        f"{sum(answers.values())} answers, {sum(naming.values())} name people, {len(wrong)} without an entry"
    )
    print("\n".join(lines))  # noqa: T201 - the table is what this test is run for
