"""Processes of ingest killed while hundreds of tags post, each with a token of its own: no acknowledged post is lost.

``MILEPOST_SERVICE_KILLS=50`` kills that often on each database.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from benchmarks.service_lab import Lab, lab

KILLS = int(os.environ.get("MILEPOST_SERVICE_KILLS", "5"))
TAGS, CONNECTIONS = 500, 200
EACH_S = 4.0
"""Between two kills, at most."""


def kill_now_and_then(service: Lab, killed: Counter[str], until_s: float) -> None:
    chance = random.Random(int(os.environ.get("MILEPOST_SERVICE_SEED", "11")))
    for _ in range(KILLS):
        while time.monotonic() < until_s and not answers(service):
            time.sleep(0.1)
        time.sleep(chance.uniform(0.5, EACH_S))
        victims = [pid for pid, kind in service.web_pids().items() if kind == "ingest"]
        if victims and time.monotonic() < until_s:
            os.kill(chance.choice(victims), signal.SIGKILL)
            killed["ingest"] += 1


def answers(service: Lab) -> bool:
    """Whether a process of ingest answers just now: who is killed before it has started loses nothing."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{service.ingest_port}/health/live", timeout=5):
            return True
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_what_was_acknowledged_is_there_whenever_its_process_was_killed(
    database: str, tmp_path: Path
) -> None:
    """The service's own supervisor starts the killed process again; the other takes what comes meanwhile."""
    promised, seconds = tmp_path / "acknowledged.json", KILLS * EACH_S
    with lab(database, env={"MILEPOST_LOG_LEVEL": "ERROR"}) as service:
        service.step("tokens", tags=TAGS, file=str(tmp_path / "tokens"))
        service.start_web(processes=1, threads=4)
        killed: Counter[str] = Counter()
        killer = threading.Thread(
            target=kill_now_and_then, args=(service, killed, time.monotonic() + seconds + 60)
        )
        killer.start()
        said = json.loads(service.run("-m", "benchmarks.service_sender", json.dumps({
            "port": service.ingest_port, "tokens": str(tmp_path / "tokens"), "tags": TAGS,
            "connections": CONNECTIONS, "seconds": seconds, "acknowledged": str(promised),
        })))  # fmt: skip
        killer.join()
        asked = json.dumps({"acknowledged": str(promised)})
        done = json.loads(service.run("-m", "tests.faults.service.proof", "posted", asked).splitlines()[-1])
        service.run("-m", "milepost", "audit", "verify")
    print(f"{database}: killed {dict(killed)}; {done}; {said}")  # noqa: T201
    assert done["wrong"] == []
    assert killed["ingest"] >= 1
    assert said["errors"].get("closed", 0) >= 1, "some were cut off: they are the ones that could be lost"
    assert done["promised"] > 500
    assert done["groups"] < done["promised"] / 2, "posts share a commit"
