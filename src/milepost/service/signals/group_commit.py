"""One commit for all who wait: a disk that syncs 100 times a second can still take thousands of positions.

Each request brings one message and waits until it is written and durable. There is no thread of its own: the
first to come writes; who comes meanwhile waits; when the commit is done the first of those writes all that
wait in the next transaction. With nobody else there, nobody waits for anything.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from django.db import connection

from milepost.service.signals.incoming import Incoming, Outcome
from milepost.service.signals.limits import limits
from milepost.service.signals.writing import NotNow, Result, write_all


class _Ticket:
    __slots__ = ("called", "incoming", "leads", "result", "taken")

    def __init__(self, incoming: Incoming) -> None:
        self.incoming = incoming
        self.called = threading.Event()
        self.leads = False
        self.taken = False
        self.result: Result | None = None


class GroupCommit:
    """Gathers messages of the threads of one process. ``write`` gives one result for each, in order."""

    def __init__(self, write: Callable[[Sequence[Incoming]], list[Result]] = write_all) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._somebody_writes = False

    def submit(self, incoming: Incoming) -> Outcome:
        """Returns when the message is durable.

        Raises:
            NotNow: nothing was kept, or it took too long to say; the sender must come again.
            BatchDiffers: see ``inbox.take_in``.
        """
        ticket = _Ticket(incoming)
        with self._lock:
            self._waiting.append(ticket)
            if not self._somebody_writes:
                self._somebody_writes = ticket.leads = True
        if not ticket.leads:
            ticket.called.wait(limits().group.wait_at_most_s)
            with self._lock:
                if not ticket.leads and not ticket.taken:
                    self._waiting.remove(ticket)
                    raise NotNow("too many wait")
            if ticket.taken and not ticket.leads and not ticket.called.wait(limits().group.wait_at_most_s):
                raise NotNow("the commit takes too long")
        if ticket.leads:
            self._lead()
        if isinstance(ticket.result, Exception):
            raise ticket.result
        assert ticket.result is not None
        return ticket.result

    def _lead(self) -> None:
        """Writes what waits, once, and calls the next to lead."""
        group = self._take()
        results: list[Result] = [NotNow("the writer was stopped")] * len(group)
        try:
            results = self._write([ticket.incoming for ticket in group])
        finally:  # whatever happened, nobody is left waiting
            for ticket, result in zip(group, results, strict=True):
                ticket.result = result
            with self._lock:
                if self._waiting:
                    self._waiting[0].leads = True
                    self._waiting[0].called.set()
                else:
                    self._somebody_writes = False
            for ticket in group:
                ticket.called.set()

    def _take(self) -> list[_Ticket]:
        most, bytes_left = limits().group.messages_at_most, limits().group.bytes_at_most
        group: list[_Ticket] = []
        with self._lock:
            while self._waiting and len(group) < most:
                bytes_left -= len(self._waiting[0].incoming.raw)
                if group and bytes_left < 0:
                    break
                ticket = self._waiting.popleft()
                ticket.taken = True
                group.append(ticket)
        return group


_of_this_process = GroupCommit()


def submit(incoming: Incoming) -> Outcome:
    """As ``GroupCommit.submit``. Within a transaction of the caller, that transaction is the group."""
    if connection.in_atomic_block:
        result = write_all([incoming])[0]
        if isinstance(result, Exception):
            raise result
        return result
    return _of_this_process.submit(incoming)


def now_us() -> int:
    return time.time_ns() // 1000
