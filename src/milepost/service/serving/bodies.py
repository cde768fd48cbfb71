"""The body of a request, whole or not at all: so large, in so much time, and all of them in so much memory."""

from __future__ import annotations

import asyncio
import threading

from milepost.service.serving.policy_data import limits
from milepost.service.serving.refusals import Receive, Scope, TurnedAway


class ClientGone(Exception):
    """The connection ended before the request was there."""


class Memory:
    """What the bodies and answers of this process hold just now, of all connections together. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.used = 0

    def has_room(self, size: int) -> bool:
        return self.used + size <= limits().memory.bytes_at_most

    def add(self, size: int) -> None:
        """Less than nothing gives back."""
        with self._lock:
            self.used += size


def header(scope: Scope, name: bytes) -> bytes | None:
    for key, value in scope["headers"]:
        if key == name:
            return value
    return None


def announced_length(scope: Scope) -> int | None:
    """What Content-Length says. None: nothing is announced, and a body may come in chunks all the same."""
    said = header(scope, b"content-length")
    return int(said) if said is not None and said.isdigit() else None


async def whole_body(scope: Scope, receive: Receive, memory: Memory, *, may_be_gzip: bool = False) -> bytes:
    """All of the body. Its bytes are counted in ``memory``, for the caller to give back.

    ``may_be_gzip``: whoever reads it unpacks gzip, within bounds of its own.

    Raises:
        TurnedAway: too large (413), too slow (408), compressed (415), or no room just now (503).
        ClientGone: the other side has gone away.
    """
    encoding = (header(scope, b"content-encoding") or b"identity").strip().lower()
    if encoding != b"identity" and not (may_be_gzip and encoding == b"gzip"):
        raise TurnedAway(415, "The message is compressed", "Send it as it is.")
    most = limits().bodies.bytes_at_most
    length = announced_length(scope)
    if length is not None and length > most:
        raise too_large(most)
    parts: list[bytes] = []
    have, within_s = 0, limits().bodies.time_s(most if length is None else length)
    try:
        async with asyncio.timeout(within_s):
            more = True
            while more:
                event = await receive()
                if event["type"] == "http.disconnect":
                    raise ClientGone
                part = event.get("body", b"")
                if have + len(part) > most:
                    raise too_large(most)
                if part:
                    if not memory.has_room(len(part)):
                        raise TurnedAway(
                            503, "Nothing was kept: too much is on its way in just now", "Send it again later.",
                            limits().threads.retry_after_s,
                        )  # fmt: skip
                    memory.add(len(part))
                    have += len(part)
                    parts.append(part)
                more = event.get("more_body", False)
    except TimeoutError:
        memory.add(-have)
        raise TurnedAway(
            408,
            "Nothing was kept: the message did not come in time",
            "Send it in one go, or in smaller parts.",
        ) from None
    except BaseException:
        memory.add(-have)
        raise
    return b"".join(parts)


def too_large(most: int) -> TurnedAway:
    return TurnedAway(413, f"The message is larger than {most} bytes", "Send it in parts.")
