"""What an action came to, said at the top of the next page."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest

from milepost.service.kit.refusals import Refused


def show_refusal(request: HttpRequest, refused: Refused) -> None:
    messages.error(request, str(refused))


def act_and_show(request: HttpRequest, act: Callable[[], object], done: str = "") -> bool:
    """Acts, and shows ``done`` (nothing if empty) or why it was refused. Returns whether it was done."""
    try:
        act()
    except Refused as refused:
        show_refusal(request, refused)
        return False
    if done:
        messages.success(request, done)
    return True
