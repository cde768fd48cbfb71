from __future__ import annotations

import re
import time
from types import SimpleNamespace

import pytest
from django.test import Client

from milepost.service.accounts import totp
from milepost.service.accounts.actions import own
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry

PASSWORD = "horse-battery-staple"


@pytest.fixture
def officer(world, settings):
    """A monitoring officer with a password and no app yet, where a second factor is required."""
    settings.DEMO = False  # so that it answers more addresses than loopback
    settings.SECOND_FACTOR_REQUIRED = True
    user = world.users[Role.MONITORING_OFFICER]
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def app(officer, clock):
    """The officer's authenticator app: ``app.code()`` is fresh each time; ``app.recovery`` are the codes."""
    secret = totp.new_secret()
    codes = own.set_up_second_factor(by=officer, secret=secret, code=totp.code_at(secret, clock.step()))

    def code() -> str:
        clock.forward(30)
        return totp.code_at(secret, clock.step())

    return SimpleNamespace(secret=secret, code=code, recovery=codes)


@pytest.fixture
def clock(monkeypatch):
    """``time.time()`` that a test moves."""
    real, ahead = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + ahead[0])

    def forward(seconds: float) -> None:
        ahead[0] += seconds

    return SimpleNamespace(forward=forward, step=lambda: int(time.time()) // 30)


@pytest.fixture
def by_password():
    def sign_in(email: str, password: str = PASSWORD, client: Client | None = None, **more):
        return (client or Client()).post("/sign-in", {"email": email, "password": password, **more})

    return sign_in


@pytest.fixture
def logged():
    """What the audit log has of signing in, oldest first: (what, actor)."""

    def rows(operation: str = "sign_in") -> list[tuple[str, str]]:
        found = Entry.objects.filter(operation=operation).order_by("number")
        return list(found.values_list("what", "actor"))

    return rows


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def typed_key(page: str) -> str:
    """The key that a set-up page shows for typing."""
    return re.search(r'<strong translate="no">([A-Z2-7 ]+)</strong>', page)[1].replace(" ", "")
