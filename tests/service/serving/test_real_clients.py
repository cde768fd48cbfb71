"""Clients that others made, against a whole running service: curl speaks OsmAnd's and OwnTracks' formats, Eclipse Paho
publishes to a real Mosquitto; each tag's walk into a zone comes onto the alert board. Nothing of ours sends here.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.publish as publish
import pytest

from tests.service.demo.test_whole import Visitor, free_port, processes_of, wait_for

CURL, MOSQUITTO = shutil.which("curl"), shutil.which("mosquitto") or "/usr/sbin/mosquitto"
pytestmark = [
    pytest.mark.any_database,
    pytest.mark.slow,
    pytest.mark.skipif(CURL is None, reason="NO CURL: real clients are not tried"),
    pytest.mark.skipif(not Path("/proc").exists(), reason="looks for leftover processes in /proc"),
]
READY_S, ALERT_S = 240, 240
"""Generous: the machine may be busy with other tests."""
ZONE = (1.71, 53.71)
DEVICES = {"tag-1": "Osma Invented", "jane/phone": "Jane Invented", "sam/phone": "Sam Invented"}
"""Who wears what: one for each way in."""
SET_UP = """
import json, sys
from milepost.orders.model import OrderFile
from milepost.service.accounts.models import Team, User
from milepost.service.orders.load import Attested, load_order_file
from milepost.service.signals.models import IngestToken
from milepost.service.signals.tokens import new_secret
team = Team.objects.create(name="Centre")
user = User.objects.create_user("mo@example.org", name="Mo", role="monitoring_officer", team=team, is_demo=True)
load_order_file(OrderFile.model_validate(json.load(open(sys.argv[1]))), by=None,
                attested=Attested("Synthetic", "Made up for a measurement"), team=team, source="Test", audit_each=False)
prefix, whole, digest = new_secret()
IngestToken.objects.create(name="Clients", prefix=prefix, secret_sha256=digest, by=user,
                           why_any_device="Test")
print(whole)
"""


def orders() -> dict:
    """An exclusion zone for each of the three, at all times."""
    began = "2025-03-01T12:00:00Z"
    zone = {"lon": ZONE[0], "lat": ZONE[1], "radius_m": 300}
    return {
        "milepost": 1,
        "people": [{"id": f"P{n}", "name": name, "synthetic": True} for n, name in enumerate(DEVICES.values())],
        "activations": [
            {"id": f"A{n}", "device_id": device, "person_id": f"P{n}", "from_utc": began}
            for n, device in enumerate(DEVICES)
        ],
        "orders": [
            {"id": f"O{n}", "person_id": f"P{n}", "regime": "community_order", "versions": [{
                "version": 1, "effective_from_utc": began, "conditions": [
                    {"id": "Z", "kind": "exclusion_zone", "from": "2025-03-01", "circle": zone, "purpose": "Test"}
                ]}]}
            for n in range(len(DEVICES))
        ],
    }  # fmt: skip


def walk() -> list[tuple[int, float, float]]:
    """A quarter of an hour until now, a position a minute: (seconds since 1970, lat, lon). Outside, then inside."""
    now_s = int(time.time())
    return [(now_s - 60 * n, ZONE[1] + (0.02 if n > 11 else 0), ZONE[0]) for n in range(15, -1, -1)]


def owntracks(at_s: int, lat: float, lon: float) -> dict:
    return {"_type": "location", "tst": at_s, "lat": lat, "lon": lon, "acc": 8, "batt": 83}


def publish_walk(port: int) -> None:
    messages = [
        {"topic": "owntracks/sam/phone", "payload": json.dumps(owntracks(*step)), "qos": 1} for step in walk()
    ]
    publish.multiple(messages, hostname="127.0.0.1", port=port)


class Service:
    def __init__(self, folder: Path, broker: int | None) -> None:
        self.folder, self.port, self.broker = folder, free_port(), broker
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MILEPOST_") and k != "DATABASE_URL"}
        self.environment = kept | {
            "MILEPOST_DEMO": "yes", "MILEPOST_DATA": str(folder), "MILEPOST_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "milepost.service.settings",
        }  # fmt: skip
        if broker is not None:
            self.environment["MILEPOST_MQTT_URL"] = f"mqtt://127.0.0.1:{broker}"
        (folder / "orders.json").write_text(json.dumps(orders()))
        self.run("-m", "milepost", "manage", "migrate", "--verbosity", "0")
        self.token = self.run(
            "-c", f"import django; django.setup()\n{SET_UP}", str(folder / "orders.json")
        ).strip()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "milepost", "serve", "--port", str(self.port), "--workers", "1", "--threads", "8",
             "--with-workers", "1"], env=self.environment, start_new_session=True,
        )  # fmt: skip

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], env=self.environment, capture_output=True, text=True, timeout=READY_S
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def curl(self, path: str, *more: str) -> str:
        done = subprocess.run(
            [str(CURL), "-s", "--fail-with-body", "--noproxy", "*", *more, f"http://127.0.0.1:{self.port}{path}"],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def answers(self) -> bool:
        done = subprocess.run(
            [str(CURL), "-s", "--fail", "--noproxy", "*", f"http://127.0.0.1:{self.port}/health/ready"],
            capture_output=True,
            timeout=60,
        )
        return done.returncode == 0

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        wait_for("the end of every process", 30, lambda: not processes_of(self.folder))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int | None]:
    """A Mosquitto of our own; None where there is none."""
    if not Path(MOSQUITTO).exists():
        yield None
        return
    port = free_port()
    settings = tmp_path / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
    process = subprocess.Popen([MOSQUITTO, "-c", str(settings)], stderr=subprocess.DEVNULL)
    yield port
    process.terminate()
    process.wait(30)


def test_what_curl_and_paho_send_comes_onto_the_board(tmp_path, broker):
    folder = tmp_path / "data"
    folder.mkdir()
    service = Service(folder, broker)
    try:
        wait_for("the service", READY_S, service.answers)
        expected = ["Osma Invented", "Jane Invented"]
        for at_s, lat, lon in walk():
            osmand = f"id=tag-1&timestamp={at_s}&lat={lat}&lon={lon}&accuracy=8&speed=2.5&batt=83"
            said = service.curl(f"/ingest/osmand?{osmand}", "-H", f"Authorization: Bearer {service.token}")
            assert json.loads(said)["accepted"] == 1
            phone = json.dumps(owntracks(at_s, lat, lon) | {"topic": "owntracks/jane/phone"})
            said = service.curl("/ingest/owntracks", "-u", f"jane:{service.token}", "--json", phone)
            assert said.strip() == "[]"
        if broker is not None:
            expected.append("Sam Invented")
        visitor = Visitor(service.port)
        visitor.sign_in("monitoring_officer")

        def all_there() -> bool:
            board = visitor.get("/monitoring/")
            missing = [name for name in expected if name not in board]
            if "Sam Invented" in missing:  # until the subscriber is there the broker keeps nothing for it
                publish_walk(broker)
            return not missing

        wait_for("an alert for each", ALERT_S, all_there)
        board = visitor.get("/monitoring/")
        assert board.count("Went into an exclusion zone") >= len(expected)
        visitor.session.close()
    finally:
        service.stop()
    if broker is None:
        pytest.skip("NO MOSQUITTO: what curl sends was seen, MQTT was not tried")
