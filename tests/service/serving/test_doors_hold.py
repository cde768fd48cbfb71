"""Clients that are slow or greedy, against the service's own doors: they cost a connection, and somebody else nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from milepost.service.serving import policy_data as numbers
from milepost.service.serving.relay import Relay
from tests.service.serving.small_service import Small, read_all, status_of

pytestmark = pytest.mark.any_database
MB = 1_000_000
THREADS = 2
SMALL = {
    "[heads]": {"at_most_s": 1.0, "bytes_at_most": 8_000},
    "[bodies]": {"bytes_at_most": 2 * MB, "at_least_s": 2.0, "bytes_per_s": 1e9, "at_most_s": 3.0},
    "[readers]": {"piece_at_most_s": 1.0, "ahead_bytes": 300_000, "threads_wait_at_most_s": 0.5},
    "[connections]": {"at_most": 60, "idle_at_most_s": 5},
    "[memory]": {"bytes_at_most": 8 * MB},
    "[threads]": {"wait_at_most_s": 1.0, "waiting_at_most": 3, "retry_after_s": 7},
}


@pytest.fixture(autouse=True)
def small_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    text = numbers.DEFAULT_FILE.read_text(encoding="utf-8")
    for table, values in SMALL.items():
        begin = text.index(table) + len(table)
        rest = text.find("\n[", begin)
        told = "".join(f"\n{name} = {value}" for name, value in values.items())
        text = text[:begin] + told + "\n" + text[rest:]
    (tmp_path / "limits.toml").write_text(text)
    monkeypatch.setenv("MILEPOST_SERVING_LIMITS", str(tmp_path / "limits.toml"))
    numbers.limits.cache_clear()
    yield
    numbers.limits.cache_clear()


class App:
    """Answers at once; ``/large`` with 20 MB; ``/wait`` when the test lets it; ``/until-over`` when its client goes."""

    def __init__(self) -> None:
        self.go_on, self.began, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.bodies: list[int] = []
        self.environ: dict[str, Any] = {}

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        self.environ = environ
        body = environ["wsgi.input"].read()
        path = environ["PATH_INFO"]
        if path == "/wait":
            self.began.set()
            self.go_on.wait(20)
        self.bodies.append(len(body))
        start("200 OK", [("Content-Type", "text/plain")])
        if path == "/large":
            for _ in range(200):
                yield b"x" * 100_000
        elif path == "/until-over":
            self.began.set()
            yield b"begun\n"
            while not environ["milepost.is_over"]():
                time.sleep(0.01)
            self.ended.set()
        else:
            yield b"done"


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def small(app: App) -> Iterator[Small]:
    with Small(app, THREADS).running() as one:
        yield one
        app.go_on.set()
    assert one.memory.used == 0, "what bodies and answers held is given back"


def test_forty_halves_of_a_head_keep_nobody_waiting_and_are_cut_off(small: Small) -> None:
    lines = [small.line() for _ in range(40)]
    for line in lines:
        line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
    began_s = time.monotonic()
    assert small.get().endswith(b"done\r\n0\r\n\r\n")
    assert time.monotonic() - began_s < SMALL["[heads]"]["at_most_s"] + 2
    for line in lines:
        with line:
            assert status_of(read_all(line)) == 408


def test_a_head_that_drips_is_cut_off_like_one_that_stops(small: Small) -> None:
    with small.line() as line:
        line.sendall(b"GET / HTTP/1.1\r\n")
        said = b""
        for n in range(500):
            try:
                line.sendall(b"X-%d: y\r\n" % n)
            except OSError:
                break
            time.sleep(0.01)
        said = read_all(line)
    assert not said or status_of(said) == 408
    assert n < 499, "it was cut off while it dripped"


def test_a_later_request_on_the_same_line_has_its_time_too(small: Small) -> None:
    with small.line() as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        said = b""
        while not said.endswith(b"0\r\n\r\n"):
            said += line.recv(65536)
        line.sendall(b"GET / HTTP/1.1\r\nHo")
        assert b"HTTP/1.1 408" in read_all(line)


def test_slow_bodies_hold_no_thread_and_are_cut_off(small: Small, app: App) -> None:
    lines = [small.line() for _ in range(20)]
    for line in lines:
        line.sendall(b"POST /ingest/osmand HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nid=1")
    assert status_of(small.get()) == 200
    for line in lines:
        with line:
            said = read_all(line)
            assert status_of(said) == 408
            assert json.loads(said.partition(b"\r\n\r\n")[2])["accepted"] == 0
    assert app.bodies == [0], "no half of a message came through"


def test_slow_readers_hold_no_thread_for_long_and_are_cut_off(small: Small, app: App) -> None:
    lines = [small.line() for _ in range(10)]
    for line in lines:
        line.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    until = time.monotonic() + 15
    while time.monotonic() < until and status_of(small.get()) != 200:
        time.sleep(0.05)
    assert time.monotonic() < until, "others are answered again"
    for line in lines:
        with line:
            assert not read_all(line).endswith(b"0\r\n\r\n"), "a part is never taken for the whole"


def test_a_head_that_is_too_long_is_refused(small: Small) -> None:
    said = small.ask(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n")
    assert status_of(said) == 431


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_and_its_sender_reads_why(
    small: Small, app: App, chunked: bool
) -> None:
    size = 3 * MB
    how = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size
    body = b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n" if chunked else b"x" * size
    said = small.ask(b"POST /api/v1/orders HTTP/1.1\r\nHost: a\r\n" + how + b"\r\n\r\n" + body)
    assert status_of(said) == 413
    assert json.loads(said.partition(b"\r\n\r\n")[2])["detail"].endswith("Send it in parts.")
    assert app.bodies == []


def test_a_body_that_is_packed_is_refused(small: Small, app: App) -> None:
    said = small.ask(
        b"POST /orders/import HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
    )
    assert status_of(said) == 415
    assert app.bodies == []
    ingest = small.ask(
        b"POST /ingest/osmand HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
    )
    assert status_of(ingest) != 415, "ingest unpacks gzip itself, within the bounds of a message"


def test_whoever_finds_every_thread_busy_is_told_to_come_again(small: Small, app: App) -> None:
    lines = []
    for _ in range(THREADS):
        lines.append(small.line())
        lines[-1].sendall(b"GET /wait HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert app.began.wait(10)
    said = small.get()
    assert status_of(said) == 503
    assert b"retry-after: 7" in said
    app.go_on.set()
    for line in lines:
        with line:
            assert status_of(read_all(line)) == 200


def test_one_connection_too_many_takes_the_place_of_one_that_says_nothing(small: Small) -> None:
    lines = [small.line() for _ in range(SMALL["[connections]"]["at_most"] + 20)]
    assert status_of(small.get()) == 200
    for line in lines:
        line.close()


def test_a_stream_ends_when_its_reader_goes_and_when_the_service_stops(app: App) -> None:
    with Small(app, THREADS).running() as small:
        with small.line() as line:
            line.sendall(b"GET /until-over HTTP/1.1\r\nHost: a\r\n\r\n")
            assert app.began.wait(10)
        assert app.ended.wait(10), "its reader is gone"
        app.began.clear(), app.ended.clear()
        line = small.line()
        line.sendall(b"GET /until-over HTTP/1.1\r\nHost: a\r\n\r\n")
        assert app.began.wait(10)
    assert app.ended.wait(1), "the service has stopped"
    with line:
        assert read_all(line).endswith(b"0\r\n\r\n"), "it came to its end"


def test_ingest_at_the_pages_address_is_answered_by_its_own_process(app: App, tmp_path: Path) -> None:
    other = App()
    with (
        Small(other, 1, file=str(tmp_path / "ingest")).running() as ingest,
        Small(app, 1, Relay(str(tmp_path / "ingest"))).running() as pages,
    ):
        body = b"x" * 500_000
        head = b"POST /ingest/a%20b?token=1 HTTP/1.1\r\nHost: a\r\nX-Milepost-Client: 6.6.6.6\r\nConnection: close\r\n"
        said = pages.ask(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert status_of(said) == 200
        assert other.bodies == [len(body)]
        assert app.bodies == []
        assert other.environ["PATH_INFO"] == "/ingest/a b"
        assert other.environ["QUERY_STRING"] == "token=1"
        assert other.environ["REMOTE_ADDR"] == "127.0.0.1", "who sends it cannot say that it is somebody else"
        assert status_of(pages.get()) == 200
        until = time.monotonic() + 5
        while ingest.memory.used and time.monotonic() < until:
            time.sleep(0.01)
        assert ingest.memory.used == pages.memory.used == 0
    with Small(app, 1, Relay(str(tmp_path / "ingest"))).running() as pages:
        said = pages.get("/ingest/osmand")
        assert status_of(said) == 503
        assert b"retry-after" in said


def test_the_way_to_ingest_is_kept_open_and_opened_again_where_ingest_was_started_again(
    app: App, tmp_path: Path
) -> None:
    path, body = str(tmp_path / "ingest"), b"x" * 10
    asked = b"POST /ingest/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10\r\n\r\n" + body
    relay = Relay(path)
    with Small(app, 1, relay).running() as pages:
        for _ in range(2):
            with Small(App(), 2, file=path).running() as ingest:
                for _ in range(3):
                    said = pages.ask(asked)
                    assert status_of(said) == 200
                    assert said.endswith(b"\r\n\r\ndone")
                assert len(ingest.server.server_state.connections) == 1
            Path(path).unlink()
        assert status_of(pages.ask(asked)) == 503


def test_a_head_alone_is_asked_for_and_nobody_waits_for_a_body(app: App, tmp_path: Path) -> None:
    path = str(tmp_path / "ingest")
    with Small(App(), 2, file=path).running(), Small(app, 1, Relay(path)).running() as pages:
        began_s = time.monotonic()
        said = pages.ask(b"HEAD /ingest/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert status_of(said) == 200
        assert time.monotonic() - began_s < 20
