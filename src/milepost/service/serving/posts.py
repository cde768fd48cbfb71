"""Single messages of devices, answered in the loop of an ingest process without Django's threads.

Only what is plainly ordinary: one of the doors, a small message, a host that is ours, nothing twice. All else goes to
whoever answered before, Django, which knows every case. The answers are the same, headers and all: what Django's
middleware adds to one is asked of Django itself, once.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http.request import HttpRequest, split_domain_port, validate_host
from django.utils.translation import get_language_from_request

from milepost.service.accounts.middleware import is_loopback
from milepost.service.serving.app import INGEST, Answers
from milepost.service.serving.connections import AT_ONCE
from milepost.service.serving.refusals import Receive, Scope, Send
from milepost.service.serving.threads import Wsgi, environ_of
from milepost.service.signals.ingest_answers import DOORS, Post
from milepost.service.signals.ingest_posts import Posts

IN_THE_LOOP = {(INGEST + name).encode(): door for name, door in DOORS.items() if name != "arrow"}
"""Arrow brings batches, which are written each for itself."""
BYTES_AT_MOST = 65_536
QUERY_AT_MOST = 2_000
FIELDS_AT_MOST = 100
"""Of a query. Django refuses a thousand, and says so by itself."""
READ = frozenset(
    b"accept-language authorization content-encoding content-length host x-batch-id x-forwarded-proto x-limit-d "
    b"x-limit-u".split()
)
"""Headers that have a meaning here. One of them twice is out of the ordinary."""
OWN = {"content-length", "www-authenticate", "x-request-id"}
"""Headers of one answer, not of all."""


class InTheLoop:
    """``others``: who answers what is out of the ordinary. ``application``: whose headers every answer has; it is asked
    for them at once, so that no device waits while it loads its addresses."""

    def __init__(self, others: Answers, application: Wsgi) -> None:
        self._others, self._application, self.posts = others, application, Posts()
        usual = settings.BEHIND_TLS, settings.LANGUAGE_CODE
        self._usual: dict[tuple[bool, str], bytes] = {usual: usual_headers(application, *usual)}
        self._ordinary = Ordinary()
        self._asking = asyncio.Lock()

    def end(self) -> None:
        self._others.end()

    async def answer(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        post = self._ordinary.post(scope, body)
        if post is None:
            await self._others.answer(scope, body, receive, send)
            return
        key = self._ordinary.is_secure(scope, post.headers), language_of(post.headers.get("accept-language"))
        usual = self._usual.get(key) or await self._ask_for_headers(*key)
        said = await self.posts.take(post, len(body) + len(post.query))
        own = "".join(f"{name.lower()}: {value}\r\n" for name, value in said.told.headers.items())
        own += f"content-length: {len(said.content)}\r\nx-request-id: {said.group}\r\n"
        await scope[AT_ONCE](said.told.status, own.encode("latin-1") + usual, said.content)

    async def _ask_for_headers(self, is_secure: bool, language: str) -> bytes:
        key = (is_secure, language)
        async with self._asking:
            if key not in self._usual:
                self._usual[key] = await asyncio.to_thread(
                    usual_headers, self._application, is_secure, language
                )
            return self._usual[key]


class Ordinary:
    """Which requests the loop answers by itself. Django's settings are read once: asking them is slow."""

    def __init__(self) -> None:
        self._hosts = list(settings.ALLOWED_HOSTS)
        self._trusts_proxy = settings.TRUST_PROXY
        self._redirects = settings.SECURE_SSL_REDIRECT
        self._is_demo = settings.DEMO
        self._is_our_host = lru_cache(100)(self._has_our_host)
        self._is_near = lru_cache(1000)(is_loopback)

    def post(self, scope: Scope, body: bytes) -> Post | None:
        """The post, or None for what goes to Django."""
        door = IN_THE_LOOP.get(scope["raw_path"])
        if (
            door is None
            or scope["method"] not in door.methods
            or len(body) > BYTES_AT_MOST
            or len(scope["query_string"]) > QUERY_AT_MOST
            or scope["query_string"].count(b"&") > FIELDS_AT_MOST
        ):
            return None
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            if name in READ:
                key = name.decode()
                if key in headers:
                    return None
                headers[key] = value.decode("latin-1")
            elif name == b"cookie":
                return None
        if self._belongs_to_django(scope, headers):
            return None
        headers["content-length"] = str(len(body))
        return Post(door, scope["method"], scope["query_string"], headers, lambda: body)

    def is_secure(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """As Django tells it."""
        said = headers.get("x-forwarded-proto") if self._trusts_proxy else None
        return scope["scheme"] == "https" if said is None else said == "https"

    def _belongs_to_django(self, scope: Scope, headers: dict[str, str]) -> bool:
        """What comes packed (threads bound what is unpacked at once); a batch with a name of its own; a host that is not
        ours; who has to come through TLS; a stranger to a demo."""
        return (
            "content-encoding" in headers
            or "x-batch-id" in headers
            or not self._is_our_host(headers.get("host", ""))
            or headers.get("x-forwarded-proto", "http") not in {"http", "https"}
            or (self._redirects and not self.is_secure(scope, headers))
            or (self._is_demo and not self._is_near(scope["client"][0]))
        )

    def _has_our_host(self, host: str) -> bool:
        domain, _ = split_domain_port(host)
        return bool(domain) and validate_host(domain, self._hosts)


def language_of(said: str | None) -> str:
    """Which of our languages Django answers in. ``said``: the header Accept-Language."""
    if said is None:
        return settings.LANGUAGE_CODE
    asked = HttpRequest()
    asked.META["HTTP_ACCEPT_LANGUAGE"] = said
    return get_language_from_request(asked)


def usual_headers(application: Wsgi, is_secure: bool, language: str) -> bytes:
    """What Django puts on an answer of ingest, whatever it says. Asks it with a post that shows no token."""
    host = next((host for host in settings.ALLOWED_HOSTS if host != "*"), "localhost").lstrip(".")
    environ = environ_of({
        "method": "POST", "raw_path": b"/ingest/osmand", "query_string": b"", "http_version": "1.1",
        "scheme": "https" if is_secure else "http", "client": ("127.0.0.1", 0), "server": ("localhost", 80),
        "headers": [(b"host", host.encode()), (b"accept-language", language.encode())],
    }, b"")  # fmt: skip
    if is_secure and settings.TRUST_PROXY:
        environ["HTTP_X_FORWARDED_PROTO"] = "https"
    environ |= {"wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr}
    lines: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        assert status.startswith("401"), f"Django says {status} to a post without a token"
        lines.extend(f"{name.lower()}: {value}\r\n" for name, value in headers if name.lower() not in OWN)

    pieces = application(environ, start)
    for _ in pieces:
        pass
    if (close := getattr(pieces, "close", None)) is not None:
        close()
    return "".join(lines).encode("latin-1")
