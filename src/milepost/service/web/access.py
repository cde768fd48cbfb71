"""Who may open a view: every view says so, with one of these two. A test refuses a view that says neither."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


def public(view: View) -> View:
    """No sign-in is needed. The reason belongs beside the view."""

    @wraps(view)
    def open_to_all(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    open_to_all.milepost_public = True  # type: ignore[attr-defined]
    return open_to_all
