"""One open alert board, as a browser has it: ``python -m benchmarks.service_watcher JSON``.

It holds the stream, asks for the rows when the stream says so, and notes when each person first stood in them.
``rows`` narrows the board, such as "&kind=strap_tamper". Ends when its standard input ends; prints one line of JSON.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time

from benchmarks.service_http import Door

PERSON = re.compile(rb"\bP\d{6}\b")


def watch(port: int, cookie: str, rows: str = "") -> dict[str, object]:
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    door = Door(port, cookie=cookie)
    seen: dict[str, float] = {}
    rows_ms: list[float] = []
    statuses: dict[str, int] = {}

    def look() -> None:
        start = time.perf_counter()
        try:
            # The newest alerts, due last, are on the last page.
            status, body = door.get(f"/monitoring/rows?page=100000{rows}")
        except OSError:
            status, body = 0, b""
        statuses[str(status)] = statuses.get(str(status), 0) + 1
        if status == 200:
            rows_ms.append((time.perf_counter() - start) * 1000)
            now = time.time()
            for person in set(PERSON.findall(body)):
                seen.setdefault(person.decode(), now)

    while not stop.is_set():
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=15) as stream:
                stream.sendall(
                    f"GET /monitoring/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: milepost_session={cookie}\r\n"
                    "X-Milepost-Background: yes\r\nConnection: close\r\n\r\n".encode()
                )
                while not stop.is_set():
                    said = stream.recv(65536)
                    if not said or b"event: end" in said:
                        break
                    if b"event: pulse" in said:
                        look()
        except OSError:
            time.sleep(0.2)
    look()
    return {"seen": seen, "rows_ms": rows_ms, "statuses": statuses, "cpu_s": time.process_time()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(watch(**json.loads(sys.argv[1]))) + "\n")
