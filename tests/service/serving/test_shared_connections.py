"""PostgreSQL serves so many connections and no more: the threads of a process share a few."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import psycopg
import pytest

SERVER = os.environ.get("MILEPOST_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/milepost").rsplit(
    "/", 1
)[0]
THREADS, SHARED = 24, 3
CODE = f"""
import json, threading, time
import django; django.setup()
from django.db import connection
from milepost.service.kit.database import give_back
from milepost.service.serving.database import bound_waits
from milepost.service.serving.policy_data import Database
from milepost.service.web.busy import is_busy

bound_waits(Database(lock_at_most_s=2, statement_at_most_s=20, connections_at_most={SHARED}))
ended = []

def ask(waits_for_something_else):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shared'")
            most = cursor.fetchone()[0]
            if not waits_for_something_else:
                cursor.execute("SELECT pg_sleep(6)")
        if waits_for_something_else:
            give_back()
            time.sleep(3)
        ended.append(most)
    except Exception as error:
        ended.append("busy" if is_busy(error) else repr(error))
    finally:
        connection.close()

for waits in (True, False):
    threads = [threading.Thread(target=ask, args=(waits,)) for _ in range({THREADS})]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    print(json.dumps(ended)); ended.clear()
"""


@pytest.fixture
def server() -> str:
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        pytest.skip(f"PostgreSQL does not answer at {SERVER.rsplit('@', 1)[-1]}")
    return f"{SERVER}/postgres?application_name=shared"


@pytest.mark.postgres
@pytest.mark.any_database
def test_many_threads_share_a_few_connections(server):
    """Who waits for something else holds none; who finds none in time is told to come again. (Before, a process of
    ingest alone took 64, and a server with its usual 100 refused the pages.)"""
    env = {**os.environ, "DATABASE_URL": server, "DJANGO_SETTINGS_MODULE": "tests.service.settings"}
    done = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    waited, held = (json.loads(line) for line in done.stdout.splitlines())
    assert len(waited) == THREADS
    assert max(waited) <= SHARED, "as many connections as are shared, and every thread had its turn"
    assert sorted(set(held) - {"busy"}) != [], held
    assert all(one == "busy" or one <= SHARED for one in held), held
    assert held.count("busy") == THREADS - SHARED, "3 hold what there is for 6 s; the others wait 2 s for one"
