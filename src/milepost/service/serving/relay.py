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
ANSWER_BYTES_AT_MOST = 4_194_304


class Relay:
    """``path``: the socket file of ingest."""

    def __init__(self, path: str) -> None:
        self._path = path

    def end(self) -> None:
        """Nothing of its own goes on."""

    async def answer(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        """Raises TurnedAway where ingest does not answer: it may have kept the message, and a repeat counts once."""
        try:
            async with asyncio.timeout(limits().bodies.at_most_s):
                reader, writer = await asyncio.open_unix_connection(self._path)
                try:
                    writer.write(_head(scope, len(body)) + body)
                    await writer.drain()
                    said = await reader.read(ANSWER_BYTES_AT_MOST)
                    while not reader.at_eof() and len(said) < ANSWER_BYTES_AT_MOST:
                        said += await reader.read(ANSWER_BYTES_AT_MOST)
                finally:
                    writer.close()
            status, headers, rest = _parsed(said)
        except (OSError, TimeoutError, ValueError):
            raise TurnedAway(
                503, "The service does not take signals just now", "Send it again later: a repeat counts once.",
                limits().threads.retry_after_s,
            ) from None  # fmt: skip
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": rest})


def _head(scope: Scope, length: int) -> bytes:
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    lines = [scope["method"].encode() + b" " + target + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in scope["headers"] if name not in NOT_PASSED_ON]
    client = scope.get("client") or ("", 0)
    lines += [
        CLIENT + b": " + str(client[0]).encode(),
        b"content-length: " + str(length).encode(),
        b"connection: close",
    ]
    return b"\r\n".join([*lines, b"", b""])


def _parsed(said: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers, body. Raises ValueError for an answer that is not whole."""
    head, found, rest = said.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    status = int(first.split(b" ", 2)[1]) if found and first.count(b" ") >= 2 else 0
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    lengths = [value for name, value in headers if name == b"content-length"]
    if not status or (lengths and int(lengths[0]) != len(rest)):
        raise ValueError("the answer is not whole")
    kept = [
        (name, value) for name, value in headers if name not in (b"connection", b"content-length", b"date")
    ]
    return status, [*kept, (b"content-length", str(len(rest)).encode())], rest
