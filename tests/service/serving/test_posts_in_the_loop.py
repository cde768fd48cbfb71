"""Single posts of devices: answered in the loop, never before they are written, and nobody slow is waited for."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from milepost.service.serving.posts import InTheLoop
from milepost.service.signals import ingest_posts
from milepost.service.signals.ingest_answers import Post, Told
from milepost.service.signals.ingest_posts import Answered, Posts
from milepost.service.signals.policy_data import limits
from tests.service.serving.small_service import Small, read_all, status_of

pytestmark = pytest.mark.any_database
BODY = b"id=tag-1&timestamp=1773500000&lat=53.7&lon=1.7"
DJANGO = b"by Django"


class Writer:
    """Stands for the database: writes each group when the test lets it."""

    def __init__(self) -> None:
        self.groups: list[list[Post]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.fault: Exception | None = None

    def __call__(self, group: list[Post]) -> list[Answered]:
        self.groups.append(group)
        assert self.may_go_on.wait(20)
        if self.fault is not None:
            raise self.fault
        told = Told(200, {"accepted": 1})
        return [Answered(told, told.content(), "group-number") for _ in group]

    @property
    def written(self) -> int:
        return sum(len(group) for group in self.groups)


def django(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
    """Stands for Django: refuses as it does, and adds a header as its middleware does."""
    environ["wsgi.input"].read()
    start(
        "401 Unauthorized",
        [("Content-Type", "application/json"), ("X-Usual", "yes"), ("Content-Length", "9")],
    )
    yield DJANGO


@pytest.fixture
def writer() -> Writer:
    return Writer()


@pytest.fixture
def small(writer: Writer) -> Iterator[Small]:
    made = Small(django, 2)
    made.door._ingest = in_the_loop = InTheLoop(made.door._pages, django)
    in_the_loop.posts = Posts(writer)
    with made.running():
        yield made
        writer.may_go_on.set()
    in_the_loop.posts.close()
    assert made.memory.used == 0, "what bodies held is given back"


def post(path: str = "/ingest/osmand", *lines: bytes, body: bytes = BODY, method: bytes = b"POST") -> bytes:
    head = [method + b" " + path.encode() + b" HTTP/1.1", b"Content-Length: %d" % len(body), *lines]
    if not any(line.startswith(b"Host:") for line in lines):
        head.append(b"Host: localhost")
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def close(*lines: bytes) -> tuple[bytes, ...]:
    return (b"Connection: close", *lines)


def test_an_answer_has_what_django_adds_and_what_the_message_is_told(small: Small) -> None:
    head, _, body = small.ask(post("/ingest/osmand", *close())).partition(b"\r\n\r\n")
    assert status_of(head) == 200
    assert json.loads(body) == {"accepted": 1}
    lines = head.lower().split(b"\r\n")
    for line in (b"content-type: application/json", b"x-usual: yes", b"x-request-id: group-number",
                 b"content-length: %d" % len(body), b"connection: close"):  # fmt: skip
        assert lines.count(line) == 1, line


IN_THE_LOOP = {
    "a post": post("/ingest/osmand", *close()),
    "a query": post("/ingest/osmand?" + BODY.decode(), *close(), body=b"", method=b"GET"),
    "own tracks": post("/ingest/owntracks", *close()),
    "lines without a name": post("/ingest/ndjson", *close()),
    "in chunks": b"POST /ingest/osmand HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked"
                 b"\r\n\r\n%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n",
}  # fmt: skip
NOT_IN_THE_LOOP = {
    "a batch with a name": post("/ingest/ndjson", *close(b"X-Batch-Id: 7")),
    "a packed message": post("/ingest/osmand", *close(b"Content-Encoding: gzip")),
    "Arrow": post("/ingest/arrow", *close()),
    "a large message": post("/ingest/traccar", *close(), body=b"x" * 70_000),
    "another method": post("/ingest/traccar", *close(), method=b"GET"),
    "a host that is not ours": post("/ingest/osmand", *close(b"Host: elsewhere.example")),
    "a header twice": post(
        "/ingest/osmand", *close(b"Authorization: Bearer a.b", b"Authorization: Bearer c.d")
    ),
    "a cookie": post("/ingest/osmand", *close(b"Cookie: a=b")),
    "no door": post("/ingest/other", *close()),
    "an address in other letters": post("/ingest/osm%61nd", *close()),
    "a query of a thousand fields": post("/ingest/osmand?" + "&" * 1001, *close()),
    "a long query": post("/ingest/osmand?" + "a=b&" * 1000, *close()),
}


@pytest.mark.parametrize("name", IN_THE_LOOP)
def test_what_is_ordinary_is_answered_in_the_loop(name: str, small: Small, writer: Writer) -> None:
    assert b'{"accepted": 1}' in small.ask(IN_THE_LOOP[name])
    assert writer.written == 1


@pytest.mark.parametrize("name", NOT_IN_THE_LOOP)
def test_what_is_out_of_the_ordinary_goes_to_django(name: str, small: Small, writer: Writer) -> None:
    assert DJANGO in small.ask(NOT_IN_THE_LOOP[name])
    assert writer.written == 0


@pytest.mark.parametrize(
    ("said", "goes_to_django"), [(b"http", True), (b"https", False), (b"https, http", True), (b"", True)]
)
def test_who_has_to_come_through_tls_is_left_to_django(
    said: bytes, goes_to_django: bool, writer: Writer, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT, settings.TRUST_PROXY = True, True
    made = Small(django, 2)
    made.door._ingest = in_the_loop = InTheLoop(made.door._pages, django)
    in_the_loop.posts = Posts(writer)
    with made.running():
        answer = made.ask(post("/ingest/osmand", *close(b"X-Forwarded-Proto: " + said)))
    in_the_loop.posts.close()
    assert (DJANGO in answer) == goes_to_django


def test_nothing_is_said_before_it_is_written_and_many_share_a_commit(small: Small, writer: Writer) -> None:
    writer.may_go_on.clear()
    lines = [small.line() for _ in range(20)]
    for line in lines:
        line.sendall(post())
    time.sleep(0.3)
    for line in lines:
        line.setblocking(False)
        with pytest.raises(BlockingIOError):
            line.recv(1)
        line.settimeout(20)
    writer.may_go_on.set()
    for line in lines:
        with line:
            assert status_of(line.recv(65536)) == 200
    assert writer.written == 20
    assert len(writer.groups) <= 3


def test_slow_clients_and_a_writer_that_waits_keep_nobody_else_waiting(small: Small, writer: Writer) -> None:
    """Half heads, half bodies, and posts that wait for the database: pages are answered all the same."""
    writer.may_go_on.clear()
    slow = [small.line() for _ in range(60)]
    for n, line in enumerate(slow):
        line.sendall([b"POST /ingest/osmand HTTP/1.1\r\nHost: a\r\nX-Slow: ", post()[:-3], post()][n % 3])
    began_s = time.monotonic()
    for _ in range(5):
        assert DJANGO in small.get()
    assert time.monotonic() - began_s < 3
    writer.may_go_on.set()
    assert status_of(small.ask(post("/ingest/osmand", *close()))) == 200
    for line in slow:
        line.close()


def test_too_many_that_wait_are_told_to_come_again(small: Small, writer: Writer, monkeypatch: Any) -> None:
    few = limits().model_copy(
        update={"group": limits().group.model_copy(update={"posts_waiting_at_most": 3})}
    )
    monkeypatch.setattr(ingest_posts, "limits", lambda: few)
    writer.may_go_on.clear()
    lines = [small.line() for _ in range(4)]
    lines[0].sendall(post())  # the writer has this one
    until = time.monotonic() + 20
    while not writer.groups and time.monotonic() < until:
        time.sleep(0.01)
    for line in lines[1:]:
        line.sendall(post())
    time.sleep(0.3)
    said = small.ask(post("/ingest/osmand", *close()))
    assert status_of(said) == 503
    assert b"retry-after: %d" % few.group.retry_after_s in said
    assert json.loads(said.partition(b"\r\n\r\n")[2])["accepted"] == 0
    writer.may_go_on.set()
    for line in lines:
        with line:
            assert status_of(line.recv(65536)) == 200
    assert writer.written == 4


def test_who_waits_too_long_is_told_that_nothing_was_kept_and_nothing_is(
    small: Small, writer: Writer, monkeypatch: Any
) -> None:
    soon = limits().model_copy(update={"group": limits().group.model_copy(update={"wait_at_most_s": 0.1})})
    monkeypatch.setattr(ingest_posts, "limits", lambda: soon)
    writer.may_go_on.clear()
    with small.line() as first, small.line() as second:
        first.sendall(post())
        until = time.monotonic() + 20
        while not writer.groups and time.monotonic() < until:
            time.sleep(0.01)
        second.sendall(post())
        assert status_of(second.recv(65536)) == 503
        writer.may_go_on.set()
        first.recv(65536)
    time.sleep(0.2)
    assert writer.written == 1, "what was refused is not written afterwards"


def test_a_fault_of_ours_is_never_taken_for_kept(small: Small, writer: Writer) -> None:
    writer.fault = RuntimeError("a mistake of ours")
    assert status_of(small.ask(post("/ingest/osmand", *close()))) == 503
    writer.fault = None
    assert status_of(small.ask(post("/ingest/osmand", *close()))) == 200


def test_one_line_carries_many_posts_one_after_the_other_or_at_once(small: Small, writer: Writer) -> None:
    with small.line() as line:
        for _ in range(3):
            line.sendall(post())
            assert status_of(line.recv(65536)) == 200
        line.sendall(post() + post() + post("/ingest/osmand", *close()))
        assert read_all(line).count(b"HTTP/1.1 200") == 3
    assert writer.written == 6


def test_a_service_that_stops_answers_what_it_has_taken_in(writer: Writer) -> None:
    made = Small(django, 2)
    made.door._ingest = in_the_loop = InTheLoop(made.door._pages, django)
    in_the_loop.posts = Posts(writer)
    said: list[bytes] = []
    with made.running():
        line = made.line()
        assert status_of(made.ask(post("/ingest/osmand", *close()))) == 200
        writer.may_go_on.clear()
        line.sendall(post())
        until = time.monotonic() + 20
        while len(writer.groups) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        made.server.should_exit = True
        time.sleep(0.3)
        writer.may_go_on.set()
        said.append(read_all(line))
    line.close()
    in_the_loop.posts.close()
    assert status_of(said[0]) == 200


def test_who_hangs_up_before_the_answer_hurts_nobody(small: Small, writer: Writer) -> None:
    writer.may_go_on.clear()
    for _ in range(5):
        line = small.line()
        line.sendall(post())
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        line.close()
    time.sleep(0.2)
    writer.may_go_on.set()
    assert status_of(small.ask(post("/ingest/osmand", *close()))) == 200
