"""Connections held to time and size: half a head, a reader that does not read, one connection too many.

uvicorn's own protocol waits for a request's head, and for a reader, as long as the client likes.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from milepost.service.serving.policy_data import limits
from milepost.service.serving.refusals import TurnedAway, raw

ABORT = "milepost.abort"
"""In the scope of a request: ends its connection at once, whatever waits to be sent."""
AT_ONCE = "milepost.at_once"
"""In the scope of a request: answers it with a status, ready lines of the head, and the body, in one piece. uvicorn's
``send`` looks through each header with two expressions and writes twice: more than a post costs in all else."""
TOO_SLOW = TurnedAway(408, "The request did not come in time", "Send it in one go.")
TOO_LONG = TurnedAway(431, "The head of the request is too long", "Send fewer or shorter headers.")


class HeldConnection(HttpToolsProtocol):
    """One client. From its first moment, and from the first byte of each later request, a head has its time."""

    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _has_begun = False
    _full_since_s = 0.0
    _was_full = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > limits().connections.at_most:
            self._make_room()
        self._await_head()

    def _make_room(self) -> None:
        """Who has not yet said what they want gives place to who comes: the longest silent first."""
        silent = [one for one in self.connections if one._is_waiting and one is not self]  # type: ignore[union-attr]
        oldest = min(silent, key=lambda one: one._head_timer.when() if one._head_timer else 0.0, default=self)  # type: ignore[union-attr]
        oldest.transport.abort()

    @property
    def _is_waiting(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        self._end_timer()
        self._head_timer = self.loop.call_later(limits().heads.at_most_s, self._too_slow)

    def _end_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _turn_away(self, told: TurnedAway) -> None:
        self._end_timer()
        if not self.transport.is_closing():
            self.transport.write(raw(told))
            self.transport.close()

    def _too_slow(self) -> None:
        if self._has_begun:
            self._turn_away(TOO_SLOW)
        elif not self.transport.is_closing():
            self.transport.close()  # it never asked for anything: nothing to answer

    def data_received(self, data: bytes) -> None:
        self._has_begun = True
        super().data_received(data)
        if self._has_begun and self._head_timer is None and self._is_waiting:  # not all of the head is there
            self._await_head()

    def on_message_begin(self) -> None:
        self._head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(name + value)
        super().on_header(name, value)

    def _count(self, said: bytes) -> None:
        self._head_bytes += len(said) + 4
        if self._head_bytes > limits().heads.bytes_at_most:
            raise ValueError("the head is too long")  # ends the parsing, which asks for the answer below

    def send_400_response(self, msg: str) -> None:
        if self._head_bytes > limits().heads.bytes_at_most:
            self._turn_away(TOO_LONG)
        elif not self.transport.is_closing():
            super().send_400_response(msg)

    def on_headers_complete(self) -> None:
        self._has_begun = False
        self._end_timer()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope[ABORT] = self.transport.abort
        super().on_headers_complete()
        is_begun = self.cycle is not None and self.cycle.scope is self.scope
        if is_begun:  # no change of protocols was asked for
            scope[AT_ONCE] = partial(_answer_at_once, self.cycle)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_timer()
        super().connection_lost(exc)

    def look_after_reader(self, now_s: float) -> None:
        """Ends the connection when what waits to be sent has waited too long. New words begin the time anew."""
        full = self.transport.get_write_buffer_size()
        if full > self._was_full or not full:
            self._full_since_s = now_s
        elif now_s - self._full_since_s > limits().readers.piece_at_most_s:
            self.transport.abort()
        self._was_full = full


async def _answer_at_once(cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> None:
    """``head``: lines of headers, each with its end, and among them the length."""
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected:
        return
    usual = b"".join(name + b": " + value + b"\r\n" for name, value in cycle.default_headers)
    if not cycle.keep_alive:
        usual += b"connection: close\r\n"
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(STATUS_LINE[status] + usual + head + b"\r\n" + body)
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


async def look_after_readers(connections: set[Any]) -> None:
    """For as long as the process lives."""
    while True:
        await asyncio.sleep(1)
        now_s = time.monotonic()
        for one in list(connections):
            one.look_after_reader(now_s)
