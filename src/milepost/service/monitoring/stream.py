"""The stream behind an open board: it says the pulse's number, again each time it rises.

A stream holds one thread of the server. So it ends by itself after half a minute or so, each at another moment; it
ends as soon as its reader is gone; and only a few are held at once, fewer of one user. Who goes from page to page
leaves streams behind that nobody reads, so a page that is newly opened takes the place of its own user's oldest
stream, never that of somebody else's. All streams of a process share one look at the database.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Generator, Iterator

from milepost.service.kit.database import give_back
from milepost.service.monitoring import pulse
from milepost.service.monitoring.policy_data import StreamNumbers

GRACE_S = 5
"""A stream that nobody closed by so long after its end no longer counts."""


class NoRoom(Exception):
    """As many streams as one process may hold are open, or as one user may hold."""


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

    ``patient``: it takes a free place only, as a page asks that lost its place before. ``is_over`` says, where the
    server can tell, that the other side has closed the connection, or that the service stops: the stream ends then.
    Raises NoRoom.
    """

    def __init__(
        self, numbers: StreamNumbers, user: int, *, patient: bool = False,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self.user = user
        # Only spreads the ends of streams over time; nothing secret about it.
        self.ends_s = time.monotonic() + random.uniform(numbers.shortest_s, numbers.longest_s)
        self.displaced = threading.Event()
        self._numbers, self._is_over = numbers, is_over
        places.enter(self, numbers, patient=patient)
        self._events = self._run()

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        """Also of one that never began: nothing else would give its place back."""
        self._events.close()
        places.leave(self)

    def _run(self) -> Generator[bytes]:
        every_s = self._numbers.look_every_ms / 1000
        told, spoke = None, time.monotonic()
        try:
            while time.monotonic() < self.ends_s and not self.displaced.is_set():
                if self._is_over():
                    return
                number = watch.number(every_s)
                if number != told:
                    told, spoke = number, time.monotonic()
                    yield f"event: pulse\ndata: {number}\n\n".encode()
                elif time.monotonic() - spoke > self._numbers.silent_at_most_s:
                    spoke = time.monotonic()
                    yield b": still here\n\n"
                give_back()
                self.displaced.wait(every_s)
        finally:
            places.leave(self)  # before the last words: whoever reads them may ask for the place
        yield wait_words(self._numbers) if self.displaced.is_set() else b"event: end\ndata: ask again\n\n"


def wait_words(numbers: StreamNumbers) -> bytes:
    """The event that says: there is no place, look at the rows yourself and ask again after so many seconds."""
    return f"event: wait\ndata: {numbers.ask_again_s}\n\n".encode()


class Places:
    """The streams of this process that are open, the oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[Stream] = []

    @property
    def taken(self) -> int:
        return len(self._open)

    def enter(self, stream: Stream, numbers: StreamNumbers, *, patient: bool) -> None:
        """Raises NoRoom. Whose place is taken is told at once; its thread is free a moment later."""
        with self._lock:
            late_s = time.monotonic() - GRACE_S
            self._open = [one for one in self._open if one.ends_s > late_s]
            own = [one for one in self._open if one.user == stream.user]
            if len(own) >= numbers.most_of_one_user or len(self._open) >= numbers.most_at_once:
                if patient or not own:
                    raise NoRoom
                self._open.remove(own[0])
                own[0].displaced.set()
            self._open.append(stream)

    def leave(self, stream: Stream) -> None:
        with self._lock:
            if stream in self._open:
                self._open.remove(stream)


places = Places()
