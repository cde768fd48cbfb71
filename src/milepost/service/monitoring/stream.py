"""The stream behind an open board: it says the pulse's number, again each time it rises.

A stream holds one thread of the server. So it ends by itself after half a minute or so, each at another moment, and
only a few are held at once; a browser that finds no room asks again later. All streams of a process share one look
at the database.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Generator, Iterator

from milepost.service.monitoring import pulse
from milepost.service.monitoring.codes import StreamNumbers


class NoRoom(Exception):
    """As many streams as one process may hold are open."""


class Watch:
    """The pulse as this process last saw it. Asks the database at most once in ``every_s``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number, self._looked = 0, float("-inf")

    def number(self, every_s: float) -> int:
        with self._lock:
            if time.monotonic() - self._looked >= every_s:
                self._number = pulse.current()
                self._looked = time.monotonic()
            return self._number


watch = Watch()


class Stream:
    """An iterator of server-sent events, as bytes. Django closes it at the end of the answer, whoever ends it.

    Raises NoRoom where too many are running.
    """

    def __init__(self, numbers: StreamNumbers) -> None:
        if _running.count >= numbers.most_at_once:
            raise NoRoom
        self._events = _run(numbers)

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        self._events.close()


class _Running:
    """How many streams of this process are being sent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def change(self, by: int) -> None:
        with self._lock:
            self.count += by


_running = _Running()


def _run(numbers: StreamNumbers) -> Generator[bytes]:
    _running.change(1)
    try:
        # Only spreads the ends of streams over time; nothing secret about it.
        ends = time.monotonic() + random.uniform(numbers.shortest_s, numbers.longest_s)
        every_s = numbers.look_every_ms / 1000
        told, spoke = None, time.monotonic()
        while time.monotonic() < ends:
            number = watch.number(every_s)
            if number != told:
                told, spoke = number, time.monotonic()
                yield f"event: pulse\ndata: {number}\n\n".encode()
            elif time.monotonic() - spoke > numbers.silent_at_most_s:
                spoke = time.monotonic()
                yield b": still here\n\n"
            time.sleep(every_s)
        yield b"event: end\ndata: ask again\n\n"
    finally:
        _running.change(-1)
