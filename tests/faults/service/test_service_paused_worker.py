"""An engine worker that sleeps past its lease and wakes up: what it still believes is not written."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from benchmarks.service_lab import Lab, lab
from tests.faults.service.feeder import Feeder
from tests.faults.service.stories import messages
from tests.faults.service.test_service_kills import proof

from milepost.service.monitoring.lease import LEASE_S

PEOPLE = 8


def pause(pid: int, service: Lab) -> None:
    """Stops the process; in the embedded database not while it holds the one write lock, which nobody can take."""
    for _ in range(200):
        os.kill(pid, signal.SIGSTOP)
        if service.database != "sqlite":
            return
        with contextlib.closing(
            sqlite3.connect(service.folder / "milepost.sqlite3", timeout=2, isolation_level=None)
        ) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
                return
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
                time.sleep(0.05)
    raise AssertionError("it always held the lock")


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_worker_that_slept_past_its_lease_writes_nothing_stale(database: str, tmp_path: Path) -> None:
    end = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
    with lab(database, env={"MILEPOST_LOG_LEVEL": "ERROR"}) as service:
        token = proof(service, "load", people=PEOPLE, end=end.isoformat())["token"]
        service.start_web(processes=1)
        service.start_worker(1)
        service.start_worker(2)
        by_http = [m for m in messages(PEOPLE, end, seed=9) if m.path]
        feeder = Feeder(service.port, token, by_http)
        feeder.allowed = 0.5
        feeder.start()
        try:
            assert proof(service, "wait_for_owners", owners=["worker-1", "worker-2"], seconds=120)
            sleeper = service.processes["worker-1"].pid
            pause(sleeper, service)
            feeder.allowed = 0.8
            time.sleep(LEASE_S)
            assert proof(service, "wait_for_owners", owners=["worker-2"], seconds=120), "nobody took over"
            feeder.allowed = 0.9
            os.kill(sleeper, signal.SIGCONT)
        finally:
            os.kill(service.processes["worker-1"].pid, signal.SIGCONT)
            all_sent = feeder.finish(120)
        assert all_sent, f"not all could be sent: {feeder.refusals}"
        assert service.processes["worker-1"].poll() is None, "it should go on, with what it is given anew"
        assert proof(service, "wait_until_judged", seconds=120), "the engine did not catch up"
        promised = tmp_path / "acknowledged.json"
        promised.write_text(json.dumps(sorted(feeder.acknowledged)))
        done = proof(service, "check", end=end.isoformat(), people=PEOPLE, acknowledged=str(promised))
        service.run("-m", "milepost", "audit", "verify")
    assert done["wrong"] == []
    assert done["findings"] >= 6
