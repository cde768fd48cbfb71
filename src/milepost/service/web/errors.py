"""Pages for what went wrong: what happened, what to do, and the number to quote. No stack, no value."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from milepost.service.web.requests import request_id


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


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500)
