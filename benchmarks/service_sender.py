"""Many tags that post single positions at once, from one process that leaves the processors to the service.

``python -m benchmarks.service_sender JSON``: connections that are kept alive, each with its next post as soon as it has
the answer to the last. Posts go round all tags, each at the time it is sent; prints one line of JSON.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.service_town import device_of, home_of


class Tags:
    """The posts of ``count`` tags, in turn. ``tokens``: one for each tag, or one for all. ``by_django``: with a cookie,
    which no device sends: so Django answers and not the loop."""

    def __init__(self, count: int, tokens: list[str], *, by_django: bool = False) -> None:
        more = "Cookie: to=django\r\n" if by_django else ""
        self._next, self._parts = 0, []
        for i in range(count):
            lon, lat = home_of(i)
            after = f"&lat={lat:.6f}&lon={lon:.6f}&accuracy=4&batt=80".encode()
            before = f"id={device_of(i)}&timestamp=".encode()
            token = tokens[i % len(tokens)]
            head = (
                f"POST /ingest/osmand HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}Authorization: Bearer {token}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(before) + 13 + len(after)}\r\n\r\n"
            ).encode()
            self._parts.append((head + before, after))

    def post(self) -> tuple[bytes, tuple[str, int]]:
        """The next request, and its position: device and time in milliseconds."""
        number = self._next % len(self._parts)
        before, after = self._parts[number]
        self._next += 1
        at_ms = time.time_ns() // 1_000_000
        return before + b"%013d" % at_ms + after, (device_of(number), at_ms)


class Line:
    """One connection: what it asked, when, and what it has heard of the answer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.heard = b""

    def ask(self, tags: Tags) -> None:
        request, self.position = tags.post()
        self.asked_s = time.perf_counter()
        with suppress(OSError):  # reading says that it is closed
            self.socket.send(request)  # far less than a socket's buffer holds

    def hear(self) -> bytes | None:
        """The whole answer; None: not all of it is there; empty: the connection is closed."""
        try:
            more = self.socket.recv(65_536)
        except OSError:
            more = b""
        self.heard += more
        if more and not _is_whole(self.heard):
            return None
        said, self.heard = self.heard if more else b"", b""
        return said


def _is_whole(said: bytes) -> bool:
    head, found, body = said.partition(b"\r\n\r\n")
    _, _, length = head.lower().partition(b"content-length: ")
    return bool(found) and len(body) >= int(length.split(b"\r", 1)[0])


def blast(
    port: int, tags: Tags, connections: int, seconds: float, acknowledged: list[tuple[str, int]] | None = None
) -> dict[str, Any]:
    """``acknowledged``: gets the position of each post that was answered 200. Closed connections are opened again."""
    chosen = selectors.DefaultSelector()
    took_ms: list[float] = []
    statuses: Counter[str] = Counter()
    lines = [Line(port) for _ in range(connections)]
    start, spent_s = time.perf_counter(), time.process_time()
    until = start + seconds
    for line in lines:
        chosen.register(line.socket, selectors.EVENT_READ, line)
        line.ask(tags)
    while chosen.get_map() and time.perf_counter() < until + 60:
        for key, _ in chosen.select(1):
            line = key.data
            said = line.hear()
            if said is None:
                continue
            now_s, status = time.perf_counter(), said[9:12].decode() or "closed"
            statuses[status] += 1
            if status == "200":
                took_ms.append((now_s - line.asked_s) * 1000)
                if acknowledged is not None:
                    acknowledged.append(line.position)
            if not said:
                chosen.unregister(line.socket)
                line.socket.close()
                if now_s >= until or (line := _again(port, until)) is None:  # type: ignore[assignment]
                    continue
                chosen.register(line.socket, selectors.EVENT_READ, line)
            if now_s < until:
                line.ask(tags)
            else:
                chosen.unregister(line.socket)
    return {
        "acknowledged": statuses["200"], "seconds": time.perf_counter() - start,
        "cpu_s": time.process_time() - spent_s, "unanswered": len(chosen.get_map()),
        "errors": {status: n for status, n in statuses.items() if status != "200"},
        "took_ms": np.percentile(took_ms or [np.nan], [50, 99]).tolist(),
    }  # fmt: skip


def _again(port: int, until_s: float) -> Line | None:
    while time.perf_counter() < until_s:
        try:
            return Line(port)
        except OSError:
            time.sleep(0.1)
    return None


def main() -> None:
    asked = json.loads(sys.argv[1])
    tokens = Path(asked["tokens"]).read_text(encoding="utf-8").split()
    tags = Tags(asked["tags"], tokens, by_django=asked.get("by_django", False))
    kept: list[tuple[str, int]] = []
    done = blast(asked["port"], tags, asked["connections"], asked["seconds"], kept)
    if asked.get("acknowledged"):
        Path(asked["acknowledged"]).write_text(json.dumps(kept), encoding="utf-8")
    sys.stdout.write(json.dumps(done) + "\n")


if __name__ == "__main__":
    main()
