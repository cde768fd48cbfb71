"""Django in threads behind the loop: a thread gets a request that is all there, and never waits for a client.

A WSGI server of the usual kind reads and writes the client's socket in the thread that runs the view.
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote_to_bytes

from milepost.service.serving.bodies import Memory
from milepost.service.serving.connections import ABORT
from milepost.service.serving.policy_data import limits
from milepost.service.serving.refusals import Receive, Scope, Send, TurnedAway

IS_OVER = "milepost.is_over"
"""In the environment of a request: a function that says whether its client is gone, or the service stops."""
PIECE_BYTES = 65_536
log = logging.getLogger("milepost.serving")
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class ReaderTooSlow(Exception):
    """The answer ran as far ahead of its reader as it may, and the reader did not follow."""


class Answer:
    """What a thread says and the loop sends: pieces in order, so far ahead of the reader and no further.

    ``gone``: nobody reads this any more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, memory: Memory) -> None:
        self.gone = threading.Event()
        self._loop, self._memory = loop, memory
        self._pieces: deque[bytes | MutableMapping[str, Any] | None] = deque()
        self._ahead, self._waited_s = 0, 0.0
        self._room = threading.Condition()
        self._something = asyncio.Event()

    def put(self, piece: bytes | MutableMapping[str, Any] | None) -> None:
        """In the thread. None ends the answer. What nobody reads is dropped. Raises ReaderTooSlow."""
        with self._room:
            if isinstance(piece, bytes):
                self._wait_for_room(len(piece))
                if self.gone.is_set():
                    return
                self._ahead += len(piece)
                self._memory.add(len(piece))
            self._pieces.append(piece)
        self._loop.call_soon_threadsafe(self._something.set)

    def _wait_for_room(self, size: int) -> None:
        if self.gone.is_set() or self._has_room(size):
            return
        began_s = time.monotonic()
        left_s = limits().readers.threads_wait_at_most_s - self._waited_s
        if not self._room.wait_for(lambda: self.gone.is_set() or self._has_room(size), left_s):
            raise ReaderTooSlow
        self._waited_s += time.monotonic() - began_s

    def _has_room(self, size: int) -> bool:
        if not self._ahead:
            return True  # one piece always may, whatever its size
        return self._ahead + size <= limits().readers.ahead_bytes and self._memory.has_room(size)

    async def next(self) -> bytes | MutableMapping[str, Any] | None:
        """In the loop."""
        while not self._pieces:
            self._something.clear()
            if not self._pieces:
                await self._something.wait()
        return self._pieces.popleft()

    def is_sent(self, size: int) -> None:
        with self._room:
            if self.gone.is_set():
                return  # given back already
            self._ahead -= size
            self._memory.add(-size)
            self._room.notify()

    def lose_reader(self) -> None:
        with self._room:
            self.gone.set()
            self._room.notify()

    def forget(self) -> None:
        """The loop is done with it: what was not sent is given back."""
        with self._room:
            self.gone.set()
            self._memory.add(-self._ahead)
            self._ahead = 0
            self._pieces.clear()
            self._room.notify()


class Threads:
    """So many threads of one process, with a bounded queue before them."""

    def __init__(self, app: Wsgi, count: int, memory: Memory) -> None:
        self._app, self._memory = app, memory
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="request")
        self._free = asyncio.Semaphore(count)
        self._waiting = 0
        self._ending = False

    def end(self) -> None:
        """Streams end at their next look; other requests finish."""
        self._ending = True

    async def answer(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        """Runs the request in a thread and sends what it says. Raises TurnedAway where no thread comes free."""
        await self._take_a_thread()
        loop = asyncio.get_running_loop()
        answer = Answer(loop, self._memory)
        environ = environ_of(scope, body) | {IS_OVER: lambda: answer.gone.is_set() or self._ending}
        listening = loop.create_task(_until_gone(receive, answer))
        running = loop.run_in_executor(self._pool, _run, self._app, environ, answer)
        running.add_done_callback(lambda done: self._free.release())
        try:
            await _pass_on(answer, scope, send)
        finally:
            listening.cancel()
            answer.forget()

    async def _take_a_thread(self) -> None:
        busy = TurnedAway(
            503,
            "The service is busy",
            "Nothing was done. Try again in a moment.",
            limits().threads.retry_after_s,
        )
        if self._waiting >= limits().threads.waiting_at_most:
            raise busy
        self._waiting += 1
        try:
            async with asyncio.timeout(limits().threads.wait_at_most_s):
                await self._free.acquire()
        except TimeoutError:
            raise busy from None
        finally:
            self._waiting -= 1


async def _until_gone(receive: Receive, answer: Answer) -> None:
    """The body is read: the next that comes is that the client has gone, or that it has its answer."""
    while (await receive())["type"] != "http.disconnect":
        pass
    answer.lose_reader()


async def _pass_on(answer: Answer, scope: Scope, send: Send) -> None:
    """``send`` waits for the reader; the watch over connections ends it where the reader does not come."""
    while (piece := await answer.next()) is not None:
        if not isinstance(piece, bytes):
            if piece["type"] == "milepost.cut":
                scope[ABORT]()
                return
            await send(piece)
            continue
        for start in range(0, len(piece), PIECE_BYTES):
            part = piece[start : start + PIECE_BYTES]
            await send({"type": "http.response.body", "body": part, "more_body": True})
            answer.is_sent(len(part))
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _run(app: Wsgi, environ: dict[str, Any], answer: Answer) -> None:
    """In a thread. An answer that breaks off is cut, so that nobody takes a part for the whole."""
    pieces: Iterable[bytes] = ()
    begun = False

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        nonlocal begun
        said = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        answer.put({"type": "http.response.start", "status": int(status[:3]), "headers": said})
        begun = True
        return answer.put

    try:
        try:
            pieces = app(environ, start)
            for piece in pieces:
                if answer.gone.is_set():
                    break
                if piece:
                    answer.put(piece)
        finally:
            if (close := getattr(pieces, "close", None)) is not None:
                close()
        answer.put(None)
    except ReaderTooSlow:
        log.warning("an answer was cut: its reader is too slow")
        answer.put({"type": "milepost.cut"})
    except BaseException:
        log.exception("a request failed outside its view")
        if not begun:
            answer.put({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"0")]})
            answer.put(None)
        else:
            answer.put({"type": "milepost.cut"})


def environ_of(scope: Scope, body: bytes) -> dict[str, Any]:
    """The request as WSGI has it (PEP 3333). A header that is there twice is joined; one with an underscore, which
    could pose as another, is left out."""
    server = scope.get("server") or ("localhost", None)
    client = scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1] or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            continue
        key, text = name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")
        if key == "CONTENT_LENGTH":
            continue
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = environ[key] + joint + text if key in environ else text
    return environ
