"""What a client is told that is turned away at the door: a status, what is wrong and what to do, in its own form."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class TurnedAway(Exception):
    """The request is not taken. ``status``: 408, 413, 415, 421 or 503; the last with ``retry_after_s``."""

    status: int
    message: str
    remedy: str
    retry_after_s: int = 0


TITLES = {
    400: "Bad Request", 408: "Request Timeout", 413: "Content Too Large", 415: "Unsupported Media Type",
    431: "Request Header Fields Too Large", 503: "Service Unavailable",
}  # fmt: skip


def body_of(path: str, told: TurnedAway) -> tuple[bytes, bytes]:
    """(media type, body), as whoever asks for this address expects: ingest, API, or a person with a browser."""
    if path.startswith("/ingest/"):
        problem = {
            "row": None, "field": None, "message": told.message, "remedy": told.remedy, "severity": "error"
        }  # fmt: skip
        answer: dict[str, Any] = {"accepted": 0, "repeated": 0, "quarantined": 0, "problems": [problem]}
        return b"application/json", json.dumps(answer).encode()
    if path.startswith("/api/"):
        answer = {
            "type": "urn:milepost:problem:door", "title": TITLES[told.status], "status": told.status,
            "detail": f"{told.message}. {told.remedy}", "request_id": "", "errors": [],
        }  # fmt: skip
        return b"application/problem+json", json.dumps(answer).encode()
    return b"text/plain; charset=utf-8", f"{told.message}. {told.remedy}\n".encode()


def head_of(path: str, told: TurnedAway) -> tuple[MutableMapping[str, Any], bytes]:
    """The start of the answer, as ASGI has it, and its body. The connection ends with it."""
    kind, body = body_of(path, told)
    headers = [
        (b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"connection", b"close"),
        (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"),
    ]  # fmt: skip
    if told.retry_after_s:
        headers.append((b"retry-after", str(told.retry_after_s).encode()))
    return {"type": "http.response.start", "status": told.status, "headers": headers}, body


def raw(told: TurnedAway) -> bytes:
    """The same as it goes over the line, for a request whose head never came whole."""
    start, body = head_of("", told)
    lines = [f"HTTP/1.1 {told.status} {TITLES[told.status]}".encode()]
    lines += [name + b": " + value for name, value in start["headers"]]
    return b"\r\n".join([*lines, b"", body])
