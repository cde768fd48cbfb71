"""The tags of a live run, in one process: ``python -m benchmarks.service_feeder JSON``, one line of JSON at the end.

Every tag reports once a minute, spread evenly: so many single positions by keep-alive connections, the rest in
batches once a second from a few gateways. Some tags are set aside: each gives a signal that decides something
(a cut strap, or the third position inside a zone), at a known moment, and the time of its acknowledgement is kept.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

from benchmarks.service_http import Door
from benchmarks.service_town import home_of, ndjson_line, osmand, person_of, zone_of


class Feeder:
    def __init__(
        self, *, port: int, token: str, tags: int, seconds: float, single_share: float, connections: int,
        gateways: int, breaches: int, speed: float = 1.0,
    ) -> None:  # fmt: skip
        self.port, self.token = port, token
        self.tags, self.seconds, self.speed = tags, seconds, speed
        self.connections, self.gateways = connections, gateways
        self.breaches = list(range(tags - breaches, tags))
        quiet = tags - breaches
        self.singles = range(int(quiet * single_share))
        self.batched = range(len(self.singles), quiet)
        self.sent = {"single": 0, "batched": 0, "late_s": 0.0}
        self.errors: dict[str, int] = {}
        self.took_ms: dict[str, list[float]] = {"single": [], "batch": []}
        self.acknowledged: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self.begin = time.time() + 1.0

    def run(self) -> dict[str, Any]:
        work: list[tuple[Any, int]] = [
            *((self._singles, n) for n in range(self.connections)),
            *((self._batches, n) for n in range(self.gateways)),
            (self._breaches, 0),
        ]
        threads = [threading.Thread(target=f, args=(n,)) for f, n in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {
            "sent": self.sent, "errors": self.errors, "took_ms": self.took_ms, "acknowledged": self.acknowledged,
            "cpu_s": time.process_time(), "seconds": self.seconds,
        }  # fmt: skip

    def _post(self, door: Door, path: str, body: bytes, kind: str) -> bool:
        start = time.perf_counter()
        try:
            status = str(door.post(path, body))
        except OSError as error:
            status = type(error).__name__
        with self._lock:
            self.took_ms[kind].append((time.perf_counter() - start) * 1000)
            if status != "200":
                self.errors[status] = self.errors.get(status, 0) + 1
        return status == "200"

    def _wait(self, when: float) -> None:
        late = time.time() - when
        if late < 0:
            time.sleep(-late)
        else:
            self.sent["late_s"] = max(self.sent["late_s"], late)

    def _singles(self, number: int) -> None:
        door = Door(self.port, self.token)
        mine = self.singles[number :: self.connections]
        if not mine:
            return
        gap = 60.0 / self.speed / len(mine)
        k = 0
        while (when := self.begin + k * gap) < self.begin + self.seconds:
            i = mine[k % len(mine)]
            self._wait(when)
            if self._post(door, "/ingest/osmand", osmand(i, int(time.time() * 1e6), home_of(i)), "single"):
                with self._lock:
                    self.sent["single"] += 1
            k += 1

    def _batches(self, number: int) -> None:
        door = Door(self.port, self.token)
        mine = self.batched[number :: self.gateways]
        each = len(mine) * self.speed / 60.0
        for k in range(int(self.seconds)):
            self._wait(self.begin + k + number / self.gateways)
            now_us = int(time.time() * 1e6)
            chosen = [mine[n % len(mine)] for n in range(int(k * each), int((k + 1) * each))]
            lines = [ndjson_line(i, now_us - 1000 * n, home_of(i)) for n, i in enumerate(chosen)]
            if self._post(door, "/ingest/ndjson", b"\n".join(lines), "batch"):
                with self._lock:
                    self.sent["batched"] += len(lines)

    def _breaches(self, number: int) -> None:
        """Alternately a cut strap and the third position in a zone, the first two of which came before."""
        door = Door(self.port, self.token)
        if not self.breaches:
            return
        now_us = int(time.time() * 1e6)
        before = [
            ndjson_line(i, now_us - back * 1_000_000, zone_of(i) if n % 2 else home_of(i))
            for n, i in enumerate(self.breaches)
            for back in (210, 105)
        ]
        assert self._post(door, "/ingest/ndjson", b"\n".join(before), "batch")
        first, last = self.begin + 10, self.begin + self.seconds - 5
        for n, i in enumerate(self.breaches):
            self._wait(first + (last - first) * n / len(self.breaches))
            in_zone = n % 2
            place = zone_of(i) if in_zone else home_of(i)
            body = osmand(i, int(time.time() * 1e6), place, alarm="" if in_zone else "removing")
            if self._post(door, "/ingest/osmand", body, "single"):
                self.acknowledged[person_of(i)] = ("zone_entry" if in_zone else "strap_tamper", time.time())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(Feeder(**json.loads(sys.argv[1])).run()) + "\n")
