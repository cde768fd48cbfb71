"""A view that met a database with no time answers 503."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from milepost.service.web import errors
from milepost.service.web.busy import is_busy


class BusyMiddleware:
    """A view that met a database with no time answers 503. What fails before or after a view: ``errors.server_error``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if not is_busy(exception):
            return None
        return errors.busy(request)
