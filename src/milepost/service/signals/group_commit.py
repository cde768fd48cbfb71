"""One commit for all who wait: a disk that syncs 50 times a second can still take thousands of positions.

What is handed in waits until it is written and durable. One thread writes: all that waits goes into one transaction,
and what arrives meanwhile goes into the next. Transactions keep a small distance, so that more share one when many
come; who comes alone after a pause waits for nothing. The thread keeps one connection to the database open (on SQLite,
closing the last one costs more than a commit) and goes away when nothing has come for a while.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from django.db import close_old_connections, connection, connections

from milepost.service import clock
from milepost.service.kit.database import give_back
from milepost.service.signals.incoming import Incoming, Outcome
from milepost.service.signals.policy_data import limits
from milepost.service.signals.writing import NotNow, Result, write_all


class Ticket[T, R]:
    """``item``: what waits to be written, of ``size`` bytes. ``waiter``: what wakes whoever waits for it. ``result``: what
    became of it, once its group has been written."""

    __slots__ = ("item", "result", "size", "taken", "waiter")

    def __init__(self, item: T, size: int, waiter: Any) -> None:
        self.item, self.size, self.waiter = item, size, waiter
        self.taken = False
        self.result: R | Exception = NotNow("the writer was stopped")


class Groups[T, R]:
    """What many bring, written together by one thread.

    ``write`` gives one result for each item, in order. ``written`` hears of each group, in the thread that wrote it, when
    its tickets have their results.
    """

    def __init__(
        self, write: Callable[[list[T]], Sequence[R]], written: Callable[[list[Ticket[T, R]]], None]
    ) -> None:
        self._write, self._written = write, written
        self._something_waits = threading.Condition()
        self._waiting: deque[Ticket[T, R]] = deque()
        self._writer: threading.Thread | None = None
        self._closing = False
        self._began_s = -math.inf
        """When the last transaction began."""

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def add(self, ticket: Ticket[T, R]) -> None:
        """Returns at once."""
        with self._something_waits:
            self._waiting.append(ticket)
            if self._writer is None or not self._writer.is_alive():
                writer = threading.Thread(target=self._run, name="signals-writer", daemon=True)
                writer.start()
                self._writer = writer
            if len(self._waiting) in (1, limits().group.messages_at_most):  # between, it has nothing to do
                self._something_waits.notify()

    def take_back(self, ticket: Ticket[T, R]) -> bool:
        """False: it is too late, the ticket's group is being written."""
        with self._something_waits:
            if ticket.taken:
                return False
            self._waiting.remove(ticket)
            return True

    def close(self) -> None:
        """Writes what waits and ends the thread and its connection. ``add`` begins anew."""
        with self._something_waits:
            writer, self._closing = self._writer, True
            self._something_waits.notify()
        if writer is not None:
            writer.join()
        self._closing = False

    def _run(self) -> None:
        try:
            while group := self._take():
                try:
                    close_old_connections()
                    results = self._write([ticket.item for ticket in group])
                    for ticket, result in zip(group, results, strict=True):
                        ticket.result = result
                except Exception as error:  # nobody may be left waiting, and the next group has its chance
                    for ticket in group:
                        ticket.result = error
                finally:
                    self._written(group)
        finally:
            connections.close_all()

    def _take(self) -> list[Ticket[T, R]]:
        """All that waits, up to the limits of a group; nothing when it is time to go."""
        most, bytes_left = limits().group.messages_at_most, limits().group.bytes_at_most
        group: list[Ticket[T, R]] = []
        with self._something_waits:
            until = time.monotonic() + limits().group.idle_at_most_s
            while not self._waiting or not self._keep_apart(most):
                left_s = until - time.monotonic()
                if self._closing or left_s <= 0:
                    self._writer = None  # under the lock: who comes now starts another
                    return []
                self._something_waits.wait(left_s)
            while self._waiting and len(group) < most:
                bytes_left -= self._waiting[0].size
                if group and bytes_left < 0:
                    break
                ticket = self._waiting.popleft()
                ticket.taken = True
                group.append(ticket)
            self._began_s = time.monotonic()
        return group

    def _keep_apart(self, most: int) -> bool:
        """Waits, under the lock, until the next transaction may begin or a full group is there. False: nothing waits any
        more; meanwhile somebody took back the only one."""
        next_s = self._began_s + limits().group.apart_s
        while not self._closing and len(self._waiting) < most and (left_s := next_s - time.monotonic()) > 0:
            self._something_waits.wait(left_s)
        return bool(self._waiting)


class GroupCommit(Groups[Incoming, Result]):
    """Gathers messages of the threads of one process."""

    def __init__(self, write: Callable[[Sequence[Incoming]], list[Result]] = write_all) -> None:
        super().__init__(write, _wake)

    def submit(self, incoming: Incoming) -> Outcome:
        """Returns when the message is durable.

        Raises:
            NotNow: nothing was kept, or it took too long to say; the sender must come again.
            BatchDiffers: see ``inbox.take_in``.
        """
        done = threading.Event()
        ticket: Ticket[Incoming, Result] = Ticket(incoming, len(incoming.raw), done)
        self.add(ticket)
        give_back()
        if not done.wait(limits().group.wait_at_most_s):
            if self.take_back(ticket):
                raise NotNow("too many wait")
            if not done.wait(limits().group.wait_at_most_s):
                raise NotNow("the commit takes too long")
        if isinstance(ticket.result, Exception):
            raise ticket.result
        return ticket.result


def _wake(group: Sequence[Ticket[Incoming, Result]]) -> None:
    for ticket in group:
        ticket.waiter.set()


_of_this_process = GroupCommit()


def _begin_anew() -> None:
    """A forked process has none of the threads of its parent."""
    global _of_this_process
    _of_this_process = GroupCommit()


os.register_at_fork(after_in_child=_begin_anew)


def submit(incoming: Incoming) -> Outcome:
    """As ``GroupCommit.submit``. Within a transaction of the caller, that transaction is the group."""
    if connection.in_atomic_block:
        result = write_all([incoming])[0]
        if isinstance(result, Exception):
            raise result
        return result
    return _of_this_process.submit(incoming)


def now_us() -> int:
    """When something was received, by the service's clock: in a demo the town's, so that it is never in the future."""
    return clock.now_us()
