"""Streams of the alert board from a real server: who goes fast from page to page finds a place, at nobody else's cost."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from milepost.service.monitoring.policy_data import board_numbers
from tests.service.demo.test_whole import Visitor, free_port, processes_of, wait_for

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc").exists(), reason="looks for leftover processes in /proc"),
]
NUMBERS = board_numbers().stream
READY_S = 240
"""Generous: the machine may be busy with other tests."""
SOON_S = 3
"""Far less than a stream lasts, and than a silent one waits before it says a word."""
ROLES = ("monitoring_officer", "monitoring_supervisor", "practitioner")
SET_UP = f"""
from milepost.service.accounts.models import Team, User
team = Team.objects.create(name="Centre")
for role in {ROLES!r}:
    User.objects.create_user(f"{{role}}@example.org", name=role, role=role, team=team, is_demo=True)
"""
BEAT = """
from django.db import transaction
from milepost.service.monitoring import pulse
with transaction.atomic():
    pulse.beat()
"""


class Server:
    """One process that answers, so that every stream asks for the same places."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MILEPOST_") and k != "DATABASE_URL"}
        self.environment = kept | {
            "MILEPOST_DEMO": "yes", "MILEPOST_DATA": str(folder), "MILEPOST_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "milepost.service.settings",
        }  # fmt: skip
        self.run("-m", "milepost", "manage", "migrate", "--verbosity", "0")
        self.django(SET_UP)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "milepost", "serve", "--port", str(self.port), "--workers", "1"],
            env=self.environment,
            start_new_session=True,
        )

    def run(self, *command: str) -> None:
        subprocess.run([sys.executable, *command], env=self.environment, check=True, timeout=READY_S)

    def django(self, script: str) -> None:
        self.run("-c", f"import django; django.setup()\n{script}")

    def is_ready(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/health/ready", timeout=5).ok
        except requests.RequestException:
            return False


class Reader:
    """An open stream, read as far as it came."""

    def __init__(self, visitor: Visitor, port: int, query: str = "") -> None:
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.session.cookies.items())
        self.said, self.ended = b"", False
        self.line = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.line.sendall(
            f"GET /monitoring/stream{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n"
            "X-Milepost-Background: board\r\n\r\n".encode()
        )

    def read_until(self, text: bytes, seconds: float = 30) -> bool:
        """Whether it was said in time. The end of a stream is the last piece of its answer."""
        until = time.monotonic() + seconds
        while text not in self.said and time.monotonic() < until:
            self.line.settimeout(max(0.01, until - time.monotonic()))
            try:
                piece = self.line.recv(65536)
            except TimeoutError:
                break
            if not piece:
                break
            self.said += piece
        return text in self.said

    @property
    def status(self) -> int:
        found = re.match(rb"HTTP/1\.1 (\d+)", self.said)
        return int(found[1]) if found else 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("data"))
    try:
        wait_for("the server", READY_S, server.is_ready)
        yield server
    finally:
        server.process.send_signal(signal.SIGINT)
        server.process.wait(60)
        wait_for("the end of every process", 30, lambda: not processes_of(server.folder))


def visitor_of(server: Server, role: str) -> Visitor:
    visitor = Visitor(server.port)
    visitor.sign_in(role)
    return visitor


def settled(server: Server, readers: list[Reader]) -> None:
    for reader in readers:
        reader.line.close()
    time.sleep(5 * NUMBERS.look_every_ms / 1000)  # each is noticed at its next look


def test_twenty_pages_of_one_user_each_find_a_place_while_anothers_stream_lives_on(server: Server) -> None:
    """The lines are left open, as behind a proxy that has not yet heard that the browser went away."""
    fast, calm = visitor_of(server, ROLES[0]), visitor_of(server, ROLES[1])
    other = Reader(calm, server.port)
    assert other.read_until(b"event: pulse")
    pages: list[Reader] = []
    for _ in range(20):
        fast.get("/monitoring/")
        pages.append(Reader(fast, server.port))
        assert pages[-1].read_until(b"event: pulse"), pages[-1].said
        assert pages[-1].status == 200
    for old in pages[: -NUMBERS.most_of_one_user]:
        assert old.read_until(b"event: wait", SOON_S), (
            "whoever lost the place was told, and the thread is free"
        )
    assert not any(b"event: wait" in page.said for page in pages[-NUMBERS.most_of_one_user :])
    other.said = b""
    server.django(BEAT)
    # On a slow machine it may have come to its own end, which is not the loss of its place.
    assert other.read_until(b"event: pulse") or b"event: end" in other.said, (
        "it lives on and tells the next change"
    )
    assert b"event: wait" not in other.said
    settled(server, [other, *pages])


def test_a_full_server_says_so_in_the_stream_and_a_line_that_broke_gives_its_place_back(
    server: Server,
) -> None:
    officer, supervisor, late = (visitor_of(server, role) for role in ROLES)
    held = [Reader(who, server.port) for who in (officer, officer, supervisor, supervisor)]
    assert len(held) == NUMBERS.most_at_once
    assert all(one.read_until(b"event: pulse") for one in held)
    refused = Reader(late, server.port)
    assert refused.read_until(b"event: wait\ndata: %d\n\n" % NUMBERS.ask_again_s, SOON_S)
    assert refused.status == 200, "no fault, nothing red in the browser"
    patient = Reader(officer, server.port, "?patient")
    assert patient.read_until(b"event: wait", SOON_S), "it takes no place from a page of its own user"
    held[0].line.close()
    started = time.monotonic()
    tried = [refused]
    while b"event: pulse" not in tried[-1].said and time.monotonic() - started < SOON_S:
        tried.append(Reader(late, server.port))
        tried[-1].read_until(b"event: ")
    assert b"event: pulse" in tried[-1].said, "no need to wait for a word that cannot be sent"
    settled(server, [*held[1:], patient, *tried])
