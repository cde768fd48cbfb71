"""Single messages of devices, answered in the loop of an ingest process without Django's threads.

Only what is plainly ordinary: one of the doors, a small message, a host that is ours, nothing twice. All else goes to
whoever answered before, Django, which knows every case. The answers are the same, headers and all: what Django's
middleware adds to one is asked of Django itself, once.
"""

from __future__ import annotations

import asyncio
import io
import sys
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from milepost.service.accounts.middleware import is_loopback
from milepost.service.serving.app import INGEST, Answers
from milepost.service.serving.refusals import Receive, Scope, Send
from milepost.service.serving.threads import Wsgi, environ_of
from milepost.service.signals.ingest_answers import DOORS, IngestDoor, Post
from milepost.service.signals.ingest_posts import Answered, Posts

IN_THE_LOOP = {INGEST + name: door for name, door in DOORS.items() if name != "arrow"}
"""Arrow brings batches, which are written each for itself."""
BYTES_AT_MOST = 65_536
QUERY_AT_MOST = 2_000
READ = frozenset(
    b"accept-language authorization content-encoding content-length host x-batch-id x-forwarded-proto x-limit-d "
    b"x-limit-u".split()
)
"""Headers that have a meaning here. One of them twice is out of the ordinary."""
NOT_ORDINARY = frozenset((b"cookie", b"transfer-encoding"))
LANGUAGES_REMEMBERED = 64
OWN = {"content-length", "www-authenticate", "x-request-id"}
"""Headers of one answer, not of all."""
Headers = tuple[tuple[bytes, bytes], ...]


class InTheLoop:
    """``others``: who answers what is out of the ordinary. ``application``: whose headers every answer has."""

    def __init__(self, others: Answers, application: Wsgi) -> None:
        self._others, self._application, self._posts = others, application, Posts()
        self._usual: dict[tuple[bool, str | None], Headers] = {}

    def end(self) -> None:
        self._others.end()

    async def answer(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        post = _ordinary(scope, body)
        if post is None:
            await self._others.answer(scope, body, receive, send)
            return
        said = await self._posts.take(post, len(body) + len(post.query))
        usual = await self._headers(_is_secure(scope, post.headers), post.headers.get("accept-language"))
        await send({
            "type": "http.response.start", "status": said.told.status, "headers": _headers_of(said, usual)
        })  # fmt: skip
        await send({"type": "http.response.body", "body": said.content})

    async def _headers(self, is_secure: bool, language: str | None) -> Headers:
        known = self._usual.get((is_secure, language))
        if known is None:
            known = await asyncio.to_thread(usual_headers, self._application, is_secure, language)
            if len(self._usual) >= LANGUAGES_REMEMBERED:
                self._usual.clear()
            self._usual[is_secure, language] = known
        return known


def _ordinary(scope: Scope, body: bytes) -> Post | None:
    """The post, or None for what goes to Django."""
    door = IN_THE_LOOP.get(scope["path"])
    if (
        door is None
        or scope["method"] not in door.methods
        or len(body) > BYTES_AT_MOST
        or len(scope["query_string"]) > QUERY_AT_MOST
        or scope["raw_path"] != scope["path"].encode()
    ):
        return None
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name in READ:
            key = name.decode()
            if key in headers:
                return None
            headers[key] = value.decode("latin-1")
        elif name in NOT_ORDINARY:
            return None
    if _belongs_to_django(scope, headers, door):
        return None
    headers["content-length"] = str(len(body))
    return Post(door, scope["method"], scope["query_string"], headers, lambda: body)


def _belongs_to_django(scope: Scope, headers: dict[str, str], door: IngestDoor) -> bool:
    """A batch with a name of its own; a host that is not ours; who has to come through TLS; strangers to a demo."""
    return (
        "x-batch-id" in headers
        or not _is_our_host(headers.get("host", ""))
        or (settings.SECURE_SSL_REDIRECT and not _is_secure(scope, headers))
        or (settings.DEMO and not is_loopback(scope["client"][0]))
    )


@lru_cache(100)
def _is_our_host(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _is_secure(scope: Scope, headers: dict[str, str] | Any) -> bool:
    return scope["scheme"] == "https" or (
        settings.TRUST_PROXY and headers.get("x-forwarded-proto") == "https"
    )


def _headers_of(said: Answered, usual: Headers) -> list[tuple[bytes, bytes]]:
    own = [(name.lower().encode(), value.encode()) for name, value in said.told.headers.items()]
    own += [(b"content-length", str(len(said.content)).encode()), (b"x-request-id", said.group.encode())]
    return [*own, *usual]


def usual_headers(application: Wsgi, is_secure: bool, language: str | None) -> Headers:
    """What Django puts on an answer of ingest, whatever it says. Asks it with a post that shows no token."""
    host = next((host for host in settings.ALLOWED_HOSTS if host != "*"), "localhost").lstrip(".")
    environ = environ_of({
        "method": "POST", "raw_path": b"/ingest/osmand", "query_string": b"", "http_version": "1.1",
        "scheme": "https" if is_secure else "http", "client": ("127.0.0.1", 0), "server": ("localhost", 80),
        "headers": [(b"host", host.encode())] + ([(b"accept-language", language.encode("latin-1"))] if language else []),
    }, b"")  # fmt: skip
    if is_secure and settings.TRUST_PROXY:
        environ["HTTP_X_FORWARDED_PROTO"] = "https"
    environ |= {"wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr}
    found: list[tuple[bytes, bytes]] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        assert status.startswith("401"), f"Django says {status} to a post without a token"
        found.extend(
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers
            if name.lower() not in OWN
        )

    pieces = application(environ, start)
    if (close := getattr(pieces, "close", None)) is not None:
        close()
    return tuple(found)
