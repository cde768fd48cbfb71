"""Checkpoints of the audit log are made and handed out by upkeep, and a place that did not take one is seen."""

from __future__ import annotations

import json
import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection

from milepost.service.accounts.roles import Role
from milepost.service.audit import guards, kept
from milepost.service.audit.models import Checkpoint, HandedOut
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.audit.signing import read_checkpoint
from milepost.service.upkeep import checkpoints
from milepost.times import HOUR_US

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.CHECKPOINT_FOLDER = tmp_path / "elsewhere"


def one() -> None:
    write(by=None, operation=Operation.CONSULTATION, what="person.page")


def turn(hours: float) -> list[str]:
    """The timer comes round so many hours after the first checkpoint. The troubles that the status page then tells."""
    first = Checkpoint.objects.order_by("number").first()
    now_us = (first.at_us if first else 0) + round(hours * HOUR_US)
    found = checkpoints.make_and_hand_out(now_us=now_us if first else None)
    return checkpoints.troubles(found, now_us if first else found[0].taken_us or 0)


def numbers(settings) -> list[int]:
    return [signed.number for signed in kept.read_all(settings.CHECKPOINT_FOLDER)]


def test_one_is_made_when_it_is_due_and_lies_in_the_folder(settings):
    one()
    assert turn(0) == []
    one()
    assert turn(0.5) == []
    assert numbers(settings) == [1], "not yet due"
    assert turn(0.95) == []
    assert numbers(settings) == [1, 2]
    assert all(signed.is_good() for signed in kept.read_all(settings.CHECKPOINT_FOLDER))


def test_a_place_that_fails_is_seen_and_gets_it_later(settings, tmp_path):
    one()
    in_the_way = tmp_path / "elsewhere"
    in_the_way.write_text("not a folder")
    assert turn(0) == ["checkpoint_failed", "checkpoint_late"]
    assert turn(0.1) == ["checkpoint_failed", "checkpoint_late"]
    in_the_way.unlink()
    assert turn(0.2) == []
    assert numbers(settings) == [1]
    assert [row.failed == "" for row in HandedOut.objects.order_by("pk")] == [False, False, True]


def test_a_timer_that_stopped_and_a_folder_beside_the_log_are_told(settings):
    one()
    turn(0)
    late = Checkpoint.objects.get().at_us + 3 * HOUR_US
    assert "checkpoint_late" in checkpoints.troubles(checkpoints.places_now(), late)
    settings.CHECKPOINT_FOLDER = settings.DATA / "checkpoints"
    assert "checkpoint_beside_log" in checkpoints.troubles(checkpoints.places_now(), late)
    settings.CHECKPOINT_WEBHOOK = "https://example.org/"
    assert "checkpoint_beside_log" not in checkpoints.troubles(checkpoints.places_now(), late)


def test_nothing_is_signed_over_a_log_that_was_changed_and_the_page_says_so(settings, world, signed_in):
    one()
    turn(0)
    guards.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET subject = 'P99' WHERE number = 1")
    before = Checkpoint.objects.count()
    assert "log_not_sound" in turn(2)
    assert Checkpoint.objects.count() == before
    page = signed_in(world.users[Role.ADMINISTRATOR]).get("/upkeep/").content.decode()
    assert "The audit log is not intact" in page
    assert str(settings.CHECKPOINT_FOLDER) in page


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_webhook_and_a_log_server_get_the_signed_line(settings):
    posted, lines, answer = [], [], [503]
    came = threading.Event()

    class Web(BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answer[0])
            self.end_headers()

        def log_message(self, *told):
            pass

    class Lines(socketserver.StreamRequestHandler):
        def handle(self):
            lines.append(self.rfile.readline().decode())
            came.set()

    one()
    with (
        serving(HTTPServer(("127.0.0.1", 0), Web)) as web,
        serving(socketserver.TCPServer(("127.0.0.1", 0), Lines)) as logs,
    ):
        settings.CHECKPOINT_WEBHOOK = f"http://127.0.0.1:{web}/checkpoints?key=secret"
        settings.CHECKPOINT_SYSLOG = f"tcp://127.0.0.1:{logs}"
        assert "checkpoint_failed" in turn(0)
        assert came.wait(10)
        answer[0] = 204
        assert turn(0.1) == []
    (signed,) = kept.read_all(settings.CHECKPOINT_FOLDER)
    assert read_checkpoint(json.dumps(posted[-1]["milepost_checkpoint"])) == signed
    assert lines[0].endswith("\n")
    told = json.loads(lines[0].partition("milepost: ")[2])
    assert read_checkpoint(json.dumps(told["milepost_checkpoint"])) == signed
    assert len(lines) == 1, "who has it is not told again"
    assert not HandedOut.objects.filter(to__contains="secret").exists()
    one()
    assert "checkpoint_failed" in turn(2), "nobody answers any more"
    assert {row.way for row in HandedOut.objects.filter(number=2).exclude(failed="")} == {"webhook", "syslog"}
