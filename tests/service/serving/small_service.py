"""A process of the service in a thread of the test: its own doors, with small limits, and a plain application behind."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from milepost.service.serving.__main__ import Served
from milepost.service.serving.app import Answers, Door
from milepost.service.serving.bodies import Memory
from milepost.service.serving.connections import HeldConnection
from milepost.service.serving.policy_data import limits
from milepost.service.serving.threads import Threads, Wsgi


class Small:
    """``port``: where it answers. ``memory``: what it holds."""

    def __init__(self, app: Wsgi, threads: int, ingest: Any = None, file: str | None = None) -> None:
        self.memory = Memory()
        here = Threads(app, threads, self.memory)
        other: Answers = ingest or here
        self.door = Door(here, other, self.memory, behind_tls=False, relayed=file is not None)
        config = uvicorn.Config(
            self.door, http=HeldConnection, ws="none", lifespan="off", loop="asyncio", interface="asgi3",
            log_config=None, access_log=False, proxy_headers=False, server_header=False,
            timeout_keep_alive=limits().connections.idle_at_most_s, timeout_graceful_shutdown=2,
        )  # fmt: skip
        self.server = Served(config)
        if file is None:
            self.listening = socket.socket()
            self.listening.bind(("127.0.0.1", 0))
            self.port = int(self.listening.getsockname()[1])
        else:
            self.listening = socket.socket(socket.AF_UNIX)
            self.listening.bind(file)
        self.listening.listen(256)

    @contextmanager
    def running(self) -> Iterator[Small]:
        thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]})
        thread.start()
        try:
            until = time.monotonic() + 20
            while not self.server.started and time.monotonic() < until:
                time.sleep(0.01)
            yield self
        finally:
            self.server.should_exit = True
            thread.join(30)

    def ask(self, request: bytes, timeout_s: float = 20) -> bytes:
        """Everything that is answered until the other side closes."""
        with self.line(timeout_s) as line:
            line.sendall(request)
            return read_all(line)

    def line(self, timeout_s: float = 20) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout_s)

    def get(self, path: str = "/") -> bytes:
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())


def read_all(line: socket.socket) -> bytes:
    said = b""
    try:
        while piece := line.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


def status_of(said: bytes) -> int:
    return int(said.split(b" ", 2)[1]) if said.startswith(b"HTTP/1.1 ") else 0
