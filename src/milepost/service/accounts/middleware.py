"""Nobody gets further than a public view without signing in, and sessions end."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponseNotFound
from django.http.response import HttpResponseBase

from milepost.service.accounts.models import User
from milepost.service.accounts.sessions import BEGAN, SEEN
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write

REFRESH_AFTER_S = 60
"""A session is written again at most this often: a write at every request would be a lock at every request."""


class SessionEndMiddleware:
    """Ends a session after ``SESSION_IDLE_S`` without use, and after ``SESSION_COOKIE_AGE`` in any case.

    A page that refreshes itself is not use: such requests carry ``X-Milepost-Background``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = time.time()
            began, seen = request.session.get(BEGAN, now), request.session.get(SEEN, now)
            too_long = now - began > settings.SESSION_COOKIE_AGE
            if too_long or now - seen > settings.SESSION_IDLE_S:
                _end(request, "longest" if too_long else "idle")
            else:
                background = "X-Milepost-Background" in request.headers
                if BEGAN not in request.session:
                    request.session[BEGAN] = now
                if SEEN not in request.session or (not background and now - seen > REFRESH_AFTER_S):
                    request.session[SEEN] = now
        return self.get_response(request)


def _end(request: HttpRequest, why: str) -> None:
    user = request.user
    with transaction.atomic():
        logout(request)
        if isinstance(user, User):
            write(by=user, operation=Operation.SIGN_IN, what="session.end", details={"why": why})


class SignedInMiddleware:
    """Sends anonymous people to the sign-in page, unless the view is public. The default is closed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if getattr(view, "milepost_public", False) or request.user.is_authenticated:
            return None
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)


class DemoStaysHomeMiddleware:
    """In demo mode, where one click signs in, nobody but this machine is answered, whatever host they name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.DEMO and not is_loopback(request.META.get("REMOTE_ADDR", "")):
            return HttpResponseNotFound(
                "This is a demonstration. It answers only on the machine it runs on.\n",
                content_type="text/plain",
            )
        return self.get_response(request)


def is_loopback(address: str) -> bool:
    """Whether the other end is this machine; an empty address is a socket in its file system."""
    try:
        return not address or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
