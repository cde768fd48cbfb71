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
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.service_town import device_of, home_of


class Tags:
    """The posts of ``count`` tags, in turn. ``tokens``: one for each tag, or one for all."""

    def __init__(self, count: int, tokens: list[str]) -> None:
        self._next, self._parts = 0, []
        for i in range(count):
            lon, lat = home_of(i)
            after = f"&lat={lat:.6f}&lon={lon:.6f}&accuracy=4&batt=80".encode()
            before = f"id={device_of(i)}&timestamp=".encode()
            head = (
                f"POST /ingest/osmand HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {tokens[i % len(tokens)]}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(before) + 13 + len(after)}\r\n\r\n"
            ).encode()
            self._parts.append((head + before, after))

    def post(self) -> bytes:
        before, after = self._parts[self._next % len(self._parts)]
        self._next += 1
        return before + b"%013d" % (time.time_ns() // 1_000_000) + after


def blast(port: int, tags: Tags, connections: int, seconds: float) -> dict[str, Any]:
    chosen = selectors.DefaultSelector()
    asked_s: dict[socket.socket, float] = {}
    heard: dict[socket.socket, bytes] = {}
    took_ms: list[float] = []
    statuses: Counter[str] = Counter()

    def ask(line: socket.socket) -> None:
        asked_s[line] = time.perf_counter()
        line.send(tags.post())  # far less than a socket's buffer holds

    for _ in range(connections):
        line = socket.create_connection(("127.0.0.1", port), timeout=30)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setblocking(False)
        chosen.register(line, selectors.EVENT_READ)
    lines = [key.fileobj for key in chosen.get_map().values()]
    start, spent_s = time.perf_counter(), time.process_time()
    for line in lines:
        ask(line)  # type: ignore[arg-type]
    while asked_s and time.perf_counter() < start + seconds + 60:
        for key, _ in chosen.select(1):
            line = key.fileobj  # type: ignore[assignment]
            try:
                more = line.recv(65_536)  # type: ignore[union-attr]
            except OSError:
                more = b""
            said = heard.pop(line, b"") + more  # type: ignore[arg-type]
            if more and not _is_whole(said):
                heard[line] = said  # type: ignore[index]
                continue
            now_s = time.perf_counter()
            took_ms.append((now_s - asked_s.pop(line)) * 1000)  # type: ignore[arg-type]
            statuses[said[9:12].decode() or "closed"] += 1
            if said and now_s < start + seconds:
                ask(line)  # type: ignore[arg-type]
            else:
                chosen.unregister(line)
    return {
        "acknowledged": statuses["200"], "seconds": time.perf_counter() - start,
        "cpu_s": time.process_time() - spent_s, "unanswered": len(asked_s),
        "errors": {status: n for status, n in statuses.items() if status != "200"},
        "took_ms": np.percentile(took_ms or [np.nan], [50, 99]).tolist(),
    }  # fmt: skip


def _is_whole(said: bytes) -> bool:
    head, found, body = said.partition(b"\r\n\r\n")
    _, _, length = head.lower().partition(b"content-length: ")
    return bool(found) and len(body) >= int(length.split(b"\r", 1)[0])


def main() -> None:
    asked = json.loads(sys.argv[1])
    tokens = Path(asked["tokens"]).read_text(encoding="utf-8").split()
    done = blast(asked["port"], Tags(asked["tags"], tokens), asked["connections"], asked["seconds"])
    sys.stdout.write(json.dumps(done) + "\n")


if __name__ == "__main__":
    main()
