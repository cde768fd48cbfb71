"""Pages for what went wrong: what happened, what to do, and the number to quote. No stack, no value."""

from __future__ import annotations

import logging
import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from milepost.service.web.busy import is_busy, retry_after
from milepost.service.web.requests import request_id

log = logging.getLogger("milepost.requests")


def _page(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith(("/api/", "/ingest/", "/health/")):
        return JsonResponse({"error": str(status), "request_id": request_id.get()}, status=status)
    return render(request, f"errors/{status}.html", {"request_number": request_id.get()}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403)


def no_such_page(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404)


def busy(request: HttpRequest) -> HttpResponse:
    """The database takes nothing just now. It is not asked for this page, not even who is signed in."""
    log.warning("the database takes nothing just now")
    if request.path.startswith(("/api/", "/ingest/", "/health/")):
        answer: HttpResponse = JsonResponse({"error": "503", "request_id": request_id.get()}, status=503)
    else:
        answer = HttpResponse(
            render_to_string("errors/503.html", {"request_number": request_id.get()}), status=503
        )
    for name, value in retry_after().items():
        answer.headers[name] = value
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    # Called while what went wrong is being handled: it may be that nothing did.
    return busy(request) if is_busy(sys.exc_info()[1]) else _page(request, 500)
