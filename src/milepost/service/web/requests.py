"""A number for each request, in its log lines, its audit entries and the page that reports an error."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

request_id: ContextVar[str] = ContextVar("request_id", default="")
log = logging.getLogger("milepost.requests")


class RequestIdMiddleware:
    """Logs one line a request: route name, status, time. Never the address itself: it may name a person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = request_id.set(secrets.token_hex(8))
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            match = request.resolver_match
            if match is not None:
                log.info(
                    "request",
                    extra={
                        "route": match.view_name or match.route,
                        "method": request.method,
                        "status": response.status_code,
                        "ms": round((time.perf_counter() - started) * 1000, 1),
                    },
                )
            response.headers["X-Request-Id"] = request_id.get()
            return response
        finally:
            request_id.reset(token)
