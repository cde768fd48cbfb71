"""Grave acts ask again who somebody is: a session cookie alone, which can be stolen, is not enough for them.

    @requires(Permission.MANAGE_USERS)
    @asks_again(Because.WAY_IN)
    def add_user(request): ...

An act is grave if a thief who has the cookie for ten minutes could gain something that lasts longer than the session:
see ``Because``. To take a way in away (end a session, revoke a token, deactivate an account) never asks: a thief gains
nothing by it, and whoever is under attack must be quick. Signing in does not count as an answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from milepost.service.accounts import sessions
from milepost.service.accounts.access import View, signed_in_user
from milepost.service.accounts.models import User
from milepost.service.accounts.policy_data import limits
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write

CONFIRMED = "confirmed"
"""Where a session keeps when somebody last confirmed who they are, and in which round of their credentials."""


class Because(StrEnum):
    """Why an act is grave. A test compares the views of each reason with the list in the documentation."""

    WAY_IN = "way_in"
    """It makes or changes a way in, for oneself, for another, for a program or a device."""
    CLOSED_RECORD = "closed_record"
    """It decides who may see a restricted record."""
    LEAVES = "leaves"
    """What is known of people, or of who looked at them, leaves the house."""


WORDS: dict[Because, str | Promise] = {
    Because.WAY_IN: _("It makes or changes a way into this service."),
    Because.CLOSED_RECORD: _("It decides who may see a restricted record."),
    Because.LEAVES: _("Data leaves this service."),
}


def is_confirmed(request: HttpRequest, *, for_a_form: bool = False) -> bool:
    """Whether this session's user confirmed of late who they are. ``for_a_form``: with time left to fill it in."""
    kept = request.session.get(CONFIRMED)
    user = request.user
    if not isinstance(kept, dict) or not isinstance(user, User):
        return False
    lasts = limits().lasts
    left_s = kept["at_s"] + lasts.confirmed_s - time.time()
    least_s = lasts.confirmed_left_for_a_form_s if for_a_form else 0
    return kept["round"] == user.credentials_round and least_s < left_s <= lasts.confirmed_s


@transaction.atomic
def confirm(request: HttpRequest, user: User, *, how: str) -> None:
    """Remembers that ``user`` confirmed who they are.

    The session gets a new key: whoever knew the old one has nothing of it. ``how`` is for the log: "passkey",
    "password app", "openid recovery_code", "demo" and so on.
    """
    before = request.session.session_key
    request.session.cycle_key()
    sessions.moved(before, request.session.session_key)
    request.session[CONFIRMED] = {"at_s": time.time(), "round": user.credentials_round}
    write(by=user, operation=Operation.SIGN_IN, what="identity.confirm", details={"how": how})


def asks_again(because: Because, *, unless: Callable[..., bool] | None = None) -> Callable[[View], View]:
    """Sends whoever has not confirmed of late who they are to a page that asks, and back again.

    Stands under ``requires``: whoever may not do it is not asked. ``unless``: of the parts of the address, whether
    this one is not grave. What a form had sent is not kept: it is filled in again, after an answer.
    """

    def door(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **address: Any) -> HttpResponseBase:
            signed_in_user(request)
            sent = request.method == "POST"
            grave = unless is None or not unless(**address)
            if grave and not is_confirmed(request, for_a_form=not sent):
                if sent:
                    messages.warning(
                        request, _now("Nothing was done yet: confirm that it is you, then do it again.")
                    )
                query = urlencode({"next": request.get_full_path(), "because": str(because)})
                return redirect(f"{reverse('accounts:confirm')}?{query}")
            return view(request, *args, **address)

        guarded.milepost_asks_again = because  # type: ignore[attr-defined]
        return guarded

    return door
