from __future__ import annotations

import threading
import uuid
from pathlib import Path

import pytest
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.transaction import Atomic
from django.test import Client
from django.utils import translation

from milepost.service.accounts.about import shown_lately
from milepost.service.accounts.models import User
from milepost.service.api import calls
from milepost.service.audit import guards
from tests.service.confirming import confirm_now
from tests.service.world import World, make_world


@pytest.fixture
def world(db) -> World:
    return make_world()


@pytest.fixture
def signed_in():
    """A function: a client in which a user is signed in, and has just confirmed who they are, as grave acts ask.

    ``confirmed=False`` is what a stolen cookie is worth.
    """

    def sign_in(user: User, *, confirmed: bool = True) -> Client:
        client = Client()
        client.force_login(user)
        if confirmed:
            confirm_now(client, user)
        return client

    return sign_in


@pytest.fixture(autouse=True)
def checkpoints_of_this_test_alone(settings):
    """What one test signed is nothing that the log of the next has to answer for. The folder is made when it is used."""
    settings.CHECKPOINT_FOLDER = str(Path(settings.DATA) / f"checkpoints-{uuid.uuid4().hex}")


@pytest.fixture(autouse=True)
def nobody_was_shown_lately():
    """What a page remembers of whom it named was taken back with the test before."""
    shown_lately.forget()


@pytest.fixture(autouse=True)
def no_language_is_left_on():
    """A page that was asked for in Welsh leaves its thread in Welsh: the next test begins in English all the same."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def calls_of_the_api_are_not_counted(monkeypatch):
    """Tests call far more often than a program may. What counts them is tested in ``security/test_bounds``."""
    monkeypatch.setattr(calls, "must_wait_s", lambda token: 0.0)


@pytest.fixture(autouse=True)
def one_transaction_at_a_time(request, monkeypatch):
    """The threads of a live server share one connection to an SQLite in memory, and Django's transactions are not made
    for that: of 1,600 in four threads six failed ("cannot start a transaction within a transaction", "no such
    savepoint"), and the page was a 500. The service gives each thread its own connection."""
    if "live_server" not in request.fixturenames or connection.vendor != "sqlite":
        return
    lock, enter, leave = threading.RLock(), Atomic.__enter__, Atomic.__exit__

    def wait(self):
        lock.acquire()
        try:
            return enter(self)
        except BaseException:
            lock.release()
            raise

    def end(self, *error):
        try:
            return leave(self, *error)
        finally:
            lock.release()

    monkeypatch.setattr(Atomic, "__enter__", wait)
    monkeypatch.setattr(Atomic, "__exit__", end)


@pytest.fixture(scope="session", autouse=True)
def flush_only_empties():
    """After emptying the database Django would write the content types and rights of every app anew, which was half
    of what a test with transactions of its own cost. Nothing of ours reads either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "emit_post_migrate_signal", lambda *args, **more: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def flush_may_empty_the_audit_log():
    """Between tests with transactions of their own the database is emptied, which the log's triggers refuse."""
    empty = BaseDatabaseOperations.execute_sql_flush

    def unguarded(self, sql_list):
        guards.remove(self.connection)
        try:
            empty(self, sql_list)
        finally:
            guards.install(self.connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", unguarded)
        yield
