"""One process of the service as an ASGI application: what is asked goes, whole and within bounds, to whom it is for."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Protocol

from milepost.service.serving.bodies import ClientGone, Memory, header, whole_body
from milepost.service.serving.policy_data import limits
from milepost.service.serving.refusals import Receive, Scope, Send, TurnedAway, head_of
from milepost.service.serving.relay import CLIENT

INGEST = "/ingest/"
LINGER_S = 5.0
"""Who is turned away while still sending is heard so much longer: a client that writes on meets a closed door and
never reads why."""


class Answers(Protocol):
    """Whoever answers a request whose body is all there."""

    def end(self) -> None: ...

    async def answer(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None: ...


class Door:
    """``for_ingest``: who answers below ``/ingest/``; ``for_pages``: who answers everything else.

    ``behind_tls``: a proxy on this machine may say that the client came through TLS. ``relayed``: who comes over a
    socket file is one of our own processes, which says for whom it comes.
    """

    def __init__(
        self,
        for_pages: Answers,
        for_ingest: Answers,
        memory: Memory,
        *,
        behind_tls: bool,
        relayed: bool = False,
    ) -> None:
        self._pages, self._ingest, self._memory = for_pages, for_ingest, memory
        self._behind_tls, self._relayed = behind_tls, relayed

    def end(self) -> None:
        self._pages.end()
        self._ingest.end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self._settle_client(scope)
        is_ingest = scope["path"].startswith(INGEST)
        answers = self._ingest if is_ingest else self._pages
        try:
            body = await whole_body(scope, receive, self._memory, may_be_gzip=is_ingest)
            try:
                await answers.answer(scope, body, receive, send)
            finally:
                self._memory.add(-len(body))
        except TurnedAway as told:
            await _turn_away(scope, receive, send, told)
        except ClientGone:
            pass

    def _settle_client(self, scope: Scope) -> None:
        if not scope.get("client"):  # a socket file: one of our own processes, or a proxy on this machine
            told = header(scope, CLIENT) if self._relayed else None
            scope["client"] = (told.decode("latin-1") if told else "127.0.0.1", 0)
        if (
            self._behind_tls
            and header(scope, b"x-forwarded-proto") == b"https"
            and _is_near(scope["client"][0])
        ):
            scope["scheme"] = "https"


def _is_near(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


async def _turn_away(scope: Scope, receive: Receive, send: Send, told: TurnedAway) -> None:
    start, body = head_of(scope["path"], told)
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": True})
    heard, most = 0, 2 * limits().bodies.bytes_at_most
    try:
        async with asyncio.timeout(LINGER_S if told.status != 408 else 0):
            while heard < most:
                event = await receive()
                heard += len(event.get("body", b""))
                if event["type"] == "http.disconnect" or not event.get("more_body", False):
                    break
    except TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})
