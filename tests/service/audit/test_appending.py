"""Entries written at the same time by many: no gap, no fork, none lost; and none without its transaction."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from milepost.service.audit import store
from milepost.service.audit.chain import verify
from milepost.service.audit.models import Entry
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write

ROOT = Path(__file__).parents[3]


def one(n: int) -> None:
    write(by=None, operation=Operation.ALTERATION, what="sign_in", details={"n": n})


def test_many_processes_on_a_database_file_make_one_chain(tmp_path):
    """The same with processes, on the embedded database as it is in service."""
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"MILEPOST_DATA": str(tmp_path)}
    run = {"cwd": ROOT, "env": env, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}

    def command(name: str, count: int) -> list[str]:
        return [sys.executable, "-m", "tests.service.audit.appender", name, str(count)]

    made = subprocess.run(command("migrate", 0), timeout=120, check=False, **run)
    assert made.returncode == 0, made.stderr[-2000:]
    writers = [subprocess.Popen(command(f"writer{i}", 25), **run) for i in range(4)]
    for writer in writers:
        _, said = writer.communicate(timeout=120)
        assert writer.returncode == 0, said[-2000:]
    with closing(sqlite3.connect(tmp_path / "milepost.sqlite3")) as database:
        rows = database.execute(
            f"SELECT {', '.join(store.FIELDS)} FROM audit_entry ORDER BY number"
        ).fetchall()
    entries = [dict(zip(store.FIELDS, row, strict=True)) for row in rows]
    for entry in entries:
        entry["details"] = json.loads(entry["details"])
    outcome = verify(entries)
    assert (outcome.broken, outcome.checked) == (None, 100)
    assert len({(e["details"]["by"], e["details"]["n"]) for e in entries}) == 100


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain():
    if connection.vendor == "sqlite":
        pytest.skip("an embedded database in memory has one writer; the file is tested above")
    writers, each, failed = 6, 15, []

    def work(writer: int) -> None:
        try:
            for i in range(each):
                with transaction.atomic():
                    one(writer * each + i)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(w,)) for w in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(e["n"] for e in Entry.objects.values_list("details", flat=True)) == list(
        range(writers * each)
    )
    outcome = store.check()
    assert (outcome.broken, outcome.checked) == (None, writers * each)


@pytest.mark.django_db(transaction=True)
def test_no_entry_without_a_transaction_and_none_left_by_one_that_failed():
    with pytest.raises(TransactionManagementError):
        one(1)
    with transaction.atomic():
        one(2)
    with transaction.atomic():
        one(3)
        transaction.set_rollback(True)
    with transaction.atomic():
        one(4)
    assert list(Entry.objects.order_by("number").values_list("number", "details")) == [
        (1, {"n": 2}),
        (2, {"n": 4}),
    ]
