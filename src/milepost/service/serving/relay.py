"""What comes for ingest to the pages' address is handed on to the processes of ingest, whole, over their socket file.

So one address does for everything, and no page's process ever reads a message. A proxy in front may send
``/ingest/`` straight to the address of ingest instead.
"""

from __future__ import annotations

import asyncio

from milepost.service.serving.policy_data import limits
from milepost.service.serving.refusals import Receive, Scope, Send, TurnedAway

CLIENT = b"x-milepost-client"
"""Who sent it. Believed over the socket file alone, which only this service's own processes reach."""
NOT_PASSED_ON = {
    b"connection",
    b"keep-alive",
    b"transfer-encoding",
    b"content-length",
    b"expect",
    b"upgrade",
    CLIENT,
}
NOT_ANSWERED = {b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"date"}
ANSWER_BYTES_AT_MOST = 4_194_304
KEPT_AT_MOST = 256
"""Idle connections to ingest that wait for the next message: opening one for each costs more than the message."""
Kept = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Relay:
    """``path``: the socket file of ingest."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._kept: list[Kept] = []

    def end(self) -> None:
        for _, writer in self._kept:
            writer.close()
        self._kept.clear()

    async def answer(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        """Raises TurnedAway where ingest does not answer: it may have kept the message, and a repeat counts once."""
        try:
            async with asyncio.timeout(limits().bodies.at_most_s):
                status, headers, said = await self._ask(_head(scope, len(body)) + body)
        except (OSError, EOFError, TimeoutError, ValueError, asyncio.LimitOverrunError):
            raise TurnedAway(
                503, "The service does not take signals just now", "Send it again later: a repeat counts once.",
                limits().threads.retry_after_s,
            ) from None  # fmt: skip
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": said})

    async def _ask(self, request: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Over a connection that was kept, if there is one; ingest may have closed it meanwhile: then over a new one."""
        kept = self._one_that_is_open()
        if kept is not None:
            try:
                return await self._ask_over(kept, request)
            except ConnectionError:
                pass  # closed meanwhile
            except asyncio.IncompleteReadError as error:
                if error.partial:
                    raise  # it had begun to answer: who sent it decides whether to send it again
            finally:
                if kept not in self._kept:
                    kept[1].close()
        fresh = await asyncio.open_unix_connection(self._path)
        try:
            return await self._ask_over(fresh, request)
        finally:
            if fresh not in self._kept:
                fresh[1].close()

    def _one_that_is_open(self) -> Kept | None:
        while self._kept:
            kept = self._kept.pop()
            if not kept[0].at_eof():
                return kept
            kept[1].close()
        return None

    async def _ask_over(self, line: Kept, request: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        reader, writer = line
        writer.write(request)
        await writer.drain()
        status, headers = _parsed(await reader.readuntil(b"\r\n\r\n"))
        given = dict(headers)
        has_body = not request.startswith(b"HEAD ") and status not in (204, 304)
        body = await _body(reader, given) if has_body else b""
        if b"close" not in given.get(b"connection", b"") and len(self._kept) < KEPT_AT_MOST:
            self._kept.append(line)
        kept = [one for one in headers if one[0] not in NOT_ANSWERED]
        return status, [*kept, (b"content-length", str(len(body)).encode())], body


def _head(scope: Scope, length: int) -> bytes:
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    lines = [scope["method"].encode() + b" " + target + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in scope["headers"] if name not in NOT_PASSED_ON]
    client = scope.get("client") or ("", 0)
    lines += [
        CLIENT + b": " + str(client[0]).encode(),
        b"content-length: " + str(length).encode(),
    ]
    return b"\r\n".join([*lines, b"", b""])


def _parsed(head: bytes) -> tuple[int, list[tuple[bytes, bytes]]]:
    """Status and headers. Raises ValueError for what is no answer."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    status = int(first.split(b" ", 2)[1]) if first.count(b" ") >= 2 else 0
    if not status:
        raise ValueError("this is no answer")
    return status, [
        (name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)
    ]


async def _body(reader: asyncio.StreamReader, headers: dict[bytes, bytes]) -> bytes:
    """The whole body. Raises ValueError where it is larger than any answer of ingest."""
    if b"content-length" in headers:
        length = int(headers[b"content-length"])
        if length > ANSWER_BYTES_AT_MOST:
            raise ValueError("the answer is too large")
        return await reader.readexactly(length)
    body = b""
    while (size := int(await reader.readuntil(b"\r\n"), 16)) and len(body) + size <= ANSWER_BYTES_AT_MOST:
        body += (await reader.readexactly(size + 2))[:-2]
    if size:
        raise ValueError("the answer is too large")
    await reader.readuntil(b"\r\n")
    return body
