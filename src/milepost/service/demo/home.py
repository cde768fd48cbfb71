"""The demo's doors open only to whoever sits at this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_HOST", "HTTP_VIA")


def is_at_home(request: HttpRequest) -> bool:
    """Demo mode, asked from this machine, by a name of this machine, and not through a proxy.

    Only the address of the connection counts: what a header says of it can be written by anyone. A request that
    says it was forwarded came from elsewhere, whatever else it says.
    """
    if not settings.DEMO or any(request.META.get(name) for name in FORWARDED):
        return False
    host = split_domain_port(request.META.get("HTTP_HOST", ""))[0]
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and (host == "localhost" or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def at_home(view: View) -> View:
    """404 for everybody else: the page is not there."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_at_home(request):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
