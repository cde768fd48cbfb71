"""The whole demo, as a visitor starts it: made, played, an alert comes by itself, Ctrl-C ends every process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from milepost.service.accounts.roles import Role
from milepost.service.demo.tour import STEPS

ROOT = Path(__file__).parents[3]
READY_S, ALERT_S = 240, 120
"""Generous: the machine may be busy with other tests."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(folder: Path, port: int, *more: str) -> subprocess.Popen[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MILEPOST_") and k != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-m", "milepost", "demo", "--data", str(folder), "--port", str(port), "--no-open", *more],
        cwd=ROOT, env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


STEP_OF = {step.role: step.number for step in STEPS}


class Visitor:
    def __init__(self, port: int, folder: Path | None = None) -> None:
        """``folder``: of a demo, which writes its logs there."""
        self.web_log = folder and folder / "logs" / "web.log"
        self.base = f"http://127.0.0.1:{port}"
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str) -> str:
        answer = self.session.get(self.base + path, timeout=60)
        assert answer.status_code == 200, f"{path}: {answer.status_code}\n{self.errors()}"
        return answer.text

    def errors(self) -> str:
        """What the pages' processes complained of."""
        lines = self.web_log.read_text().splitlines() if self.web_log else []
        return "\n".join(line for line in lines if '"level": "INFO"' not in line)[-4000:]

    def go_to_step(self, number: int) -> str:
        return self._press("/demo/tour", "/demo/tour/step", step=str(number))

    def sign_in(self, role: str) -> str:
        return self._press("/demo/", "/demo/sign-in", role=role)

    def _press(self, page: str, address: str, **data: str) -> str:
        """Sends a form of a page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page))
        assert token is not None
        data["csrfmiddlewaretoken"] = token[1]
        answer = self.session.post(self.base + address, data=data, timeout=60)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        return answer.text

    def excuse(self, incident: str) -> bool:
        """Decides an alert by its form. False where later signals changed it meanwhile: then look and decide again."""
        address = f"/monitoring/incident/{incident}"
        html = self.get(address)
        told = {
            name: value
            for name in ("d-revision", "d-shown_us")
            for value in re.findall(rf'name="{name}" value="([^"]*)"', html)
        }
        page = self._press(
            address, f"{address}/decide",
            **{**told, "d-kind": "excused", "d-reason_excused": "medical_emergency", "d-explanation": "Seen to.",
               "d-evidence": "Letter of the hospital"},
        )  # fmt: skip
        return "The decision is recorded." in page

    def alerts(self) -> set[str]:
        return set(re.findall(r"/monitoring/incident/(\d+)", self.get("/monitoring/")))


ABSENCES = ("Came back late", "Not in when the curfew began", "Away for all of the curfew")


def absence_of(visitor: Visitor, person: str) -> str | None:
    """The open alert that the person is not where the curfew says."""
    page = visitor.get(f"/person/{person}/")
    told = re.findall(r'href="/monitoring/incident/(\d+)"[^>]*>\s*([^<]+?)\s*<', page)
    return next((incident for incident, what in told if what in ABSENCES), None)


def absent_minutes(visitor: Visitor, person: str) -> tuple[int, int]:
    """The running total of absence on the person's page: minutes that count, minutes excused."""
    page = visitor.get(f"/person/{person}/")
    cell = re.search(r"Minutes absent from curfew.*?<td[^>]*>(.*?)</td>", page, re.S)
    assert cell is not None
    counted, _, excused = cell[1].partition("<br>")
    return minutes_of(counted), minutes_of(excused)


def minutes_of(words: str) -> int:
    """ "1 hour 4 minutes" is 64; "no time" is 0."""
    each = {"day": 1440, "hour": 60, "minute": 1}
    return sum(int(n) * each[unit] for n, unit in re.findall(r"(\d+) (day|hour|minute)", words))


def processes_of(folder: Path) -> list[int]:
    """Processes whose environment names the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if f"MILEPOST_DATA={folder}".encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def wait_for(what: str, seconds: float, look) -> object:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.5)
    pytest.fail(f"{what} did not come within {seconds} s")


@pytest.mark.whole_process
@pytest.mark.any_database
@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for leftover processes in /proc")
def test_the_demo_from_start_to_end(tmp_path):
    folder, port = tmp_path / "demo", free_port()
    demo = start(folder, port, "--speed", "30", "--people", "60")
    visitor = Visitor(port, folder)
    try:
        assert demo.stdout is not None
        line = demo.stdout.readline()
        assert f"http://127.0.0.1:{port}/demo/" in line, line + demo.stdout.read()
        visitor.go_to_step(1)
        there = visitor.alerts()
        assert there, "the past left nothing to decide"
        wait_for("an alert", ALERT_S, lambda: visitor.alerts() - there)
        late = json.loads((folder / "ready.json").read_text())["late_person"]
        incident = wait_for("an alert about who is late", ALERT_S, lambda: absence_of(visitor, late))
        assert incident not in there, "it came by itself, while the visitor was there"
        counted, excused = absent_minutes(visitor, late)
        wait_for("a decision", 60, lambda: visitor.excuse(str(incident)))
        less, more = absent_minutes(visitor, late)
        assert more > excused, "the excuse is shown beside the total"
        assert less < counted, "and its minutes have left the total"
        assert "Kept" in visitor.get(f"/person/{late}/week?from=2026-03-02"), "the first days are in the lake"
        assert "/monitoring/second/" in visitor.go_to_step(STEP_OF[Role.MONITORING_SUPERVISOR]), (
            "something waits for a second person"
        )
        visitor.go_to_step(STEP_OF[Role.AUDITOR])
        assert "SP-" in visitor.get("/audit/") or "sign_in" in visitor.get("/audit/")
        assert len(processes_of(folder)) >= 5
        demo.send_signal(signal.SIGINT)
        demo.wait(60)
        demo.stdout.close()
        visitor.session.close()
        wait_for("the end of every process", 30, lambda: not processes_of(folder))

        demo = start(folder, port, "--speed", "30")
        began = time.monotonic()
        assert demo.stdout is not None
        assert str(port) in demo.stdout.readline()
        assert time.monotonic() - began < 60, "going on is quicker than beginning"
        visitor = Visitor(port, folder)
        visitor.go_to_step(1)
        assert visitor.alerts()
        demo.kill()  # SIGKILL: nothing can be said to the children
        demo.wait(30)
        wait_for("the end of the children of a killed parent", 40, lambda: not processes_of(folder))
    finally:
        for pid in processes_of(folder):
            os.kill(pid, signal.SIGKILL)
        demo.wait(30)
        if demo.stdout is not None:
            demo.stdout.close()
        visitor.session.close()


def test_a_folder_with_other_things_in_it_is_never_touched(tmp_path):
    (tmp_path / "thesis.txt").write_text("three years of work")
    done = subprocess.run(
        [sys.executable, "-m", "milepost", "demo", "--data", str(tmp_path), "--fresh", "--no-open"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "holds other things" in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "three years of work"
