"""The service under load, its processes killed again and again: nothing promised is lost, nothing said twice.

``MILEPOST_SERVICE_KILLS=50`` kills that often on each database.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from benchmarks.service_lab import Lab, lab
from tests.faults.service.feeder import Feeder, broker_answers
from tests.faults.service.stories import messages

KILLS = int(os.environ.get("MILEPOST_SERVICE_KILLS", "5"))
PEOPLE = 10
SUBSCRIBER = """
import sys, django
django.setup()
from milepost.service.signals.mqtt import Subscriber
Subscriber("mqtt://127.0.0.1:1883", client_id=sys.argv[1], prefix=sys.argv[2]).run()
"""


def proof(service: Lab, name: str, **values: Any) -> Any:
    said = service.run("-m", "tests.faults.service.proof", name, json.dumps(values))
    return json.loads(said.splitlines()[-1])


class Town:
    """The processes of a service; ``keep_alive`` starts again what is dead, as a supervisor does."""

    def __init__(self, service: Lab, prefix: str) -> None:
        self.service, self.prefix = service, prefix

    def keep_alive(self) -> None:
        for name, start in {
            "web": lambda: self.service.start("web", *self.service.web_command(2, 8)),
            "worker-1": lambda: self.service.start("worker-1", "-m", "milepost", "work"),
            "worker-2": lambda: self.service.start("worker-2", "-m", "milepost", "work"),
            **({"mqtt": self._subscriber} if self.prefix else {}),
        }.items():  # fmt: skip
            process = self.service.processes.get(name)
            if process is None or process.poll() is not None:
                start()

    def _subscriber(self) -> object:
        return self.service.start("mqtt", "-c", SUBSCRIBER, self.service.name, self.prefix)

    def kill_one(self, chance: random.Random) -> str:
        victims = {name: process.pid for name, process in self.service.processes.items()}
        answering = {kind: pid for pid, kind in self.service.web_pids().items() if kind != "front"}
        victims |= {f"{kind} process": pid for kind, pid in answering.items()}
        name = chance.choice(sorted(victims))
        try:
            os.kill(victims[name], signal.SIGKILL)
        except ProcessLookupError:
            return "already dead"
        return name


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_killed_at_any_instant_nothing_is_lost_and_nothing_doubled(database: str, tmp_path: Path) -> None:
    end = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
    chance = random.Random(int(os.environ.get("MILEPOST_SERVICE_SEED", "11")))
    prefix = f"test-{uuid.uuid4().hex}/" if broker_answers() else ""
    with lab(database, env={"MILEPOST_LOG_LEVEL": "ERROR"}) as service:
        loaded = proof(service, "load", people=PEOPLE, end=end.isoformat())
        assert loaded["problems"] == []
        town = Town(service, prefix)
        town.keep_alive()
        service.wait_until_ready()
        feeder = Feeder(service.port, loaded["token"], messages(PEOPLE, end, seed=3), prefix)
        killed: Counter[str] = Counter()
        feeder.start()
        try:
            for n in range(KILLS):
                feeder.allowed = (n + 1) / (KILLS + 1)
                time.sleep(chance.uniform(0.5, 6.0))
                killed[town.kill_one(chance)] += 1
                time.sleep(chance.uniform(0.0, 0.5))
                town.keep_alive()
        finally:
            all_sent = feeder.finish(180)
        assert all_sent, f"not all could be sent: {feeder.refusals}"
        town.keep_alive()
        assert proof(service, "wait_until_judged", seconds=120), "the engine did not catch up"
        promised = tmp_path / "acknowledged.json"
        promised.write_text(json.dumps(sorted(feeder.acknowledged)))
        done = proof(service, "check", end=end.isoformat(), people=PEOPLE, acknowledged=str(promised))
        service.run("-m", "milepost", "audit", "verify")
    summary = {k: v for k, v in done.items() if k != "wrong"}
    print(f"{database}: killed {dict(killed)}; {summary}; refused meanwhile {feeder.refusals}")  # noqa: T201
    assert done["wrong"] == []
    assert {"late_return", "left_during", "zone_entry", "strap_tamper"} <= set(done["kinds"])
    assert done["incidents"] >= 8
