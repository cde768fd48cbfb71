"""The net under the doors: an answer that names a person of whom the log says nothing is a fault.

The running service says so in its own log, as an error with the name of the view; tests fail. The entry itself is
written all the same, so that the log is whole while somebody mends the view.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.looks import Looks, watched

log = logging.getLogger("milepost.naming")
TEXT = ("text/", "application/json", "application/problem+json", "application/geo+json", "image/svg+xml")


MOST_ASKED = 1 << 20


class NamedWithoutEntry(AssertionError):
    """In tests: a view named somebody and left no entry. Give it one of the doors of ``accounts.about``."""


class NamingMiddleware:
    """Compares who was read with who was logged, in every answer that is text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with watched() as looks:
            response = self.get_response(request)
            if not response.headers.get("Content-Type", "").startswith(TEXT):
                return response
            if response.streaming:
                stream = cast(StreamingHttpResponse, response)
                if not stream.is_async:
                    parts = cast(Iterator[bytes], stream.streaming_content)
                    stream.streaming_content = _watch(request, looks, parts)
                return response
            content = cast(HttpResponse, response).content
            check(request, looks, content.decode("utf-8", "replace"), response.status_code)
            return response


def _watch(request: HttpRequest, looks: Looks, parts: Iterable[Any]) -> Iterator[Any]:
    for part in parts:
        text = part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part)
        check(request, looks, text, HTTPStatus.OK)
        yield part


def check(request: HttpRequest, looks: Looks, text: str, status: int) -> None:
    named = looks.not_logged(text)
    if named and status >= HTTPStatus.BAD_REQUEST:  # a refusal that repeats what was asked tells nothing new
        asked = f"{request.get_full_path()} {request.body[:MOST_ASKED].decode('utf-8', 'replace')}"
        named = [one for one in named if one not in asked]
    if not named:
        return
    match = request.resolver_match
    view = match.view_name if match else ""
    asks = getattr(request, "user", None)
    user = asks if isinstance(asks, User) else None
    if settings.NAMING_FAILS:
        raise NamedWithoutEntry(f"{view} names {', '.join(named)} and leaves no entry")
    log.error("an answer names people and its view left no entry", extra={"route": view, "count": len(named)})
    with transaction.atomic():
        write(
            by=user, operation=Operation.CONSULTATION, what="view.named", details={"view": view}, shown=named,
        )  # fmt: skip
    looks.logged.update(named)
