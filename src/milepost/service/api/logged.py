"""Reads are logged too: one entry for each answer that says something of a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from milepost.service.api.doors import caller, token_of
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.people.models import Person


def consulted(
    request: HttpRequest,
    what: str,
    *,
    subject: str = "",
    shown: Iterable[str] = (),
    reason: str = "",
    **details: Any,
) -> None:
    """``what`` such as "api.person"; ``shown``: references of everybody in a list; ``details``: references, codes and
    numbers only. To be called before the answer is returned: where the entry cannot be written, there is no answer."""
    who = caller(request)
    with transaction.atomic():
        write(
            by=who.user, operation=Operation.CONSULTATION, what=what, subject=subject, reason=reason,
            details={**details, **token_of(who)}, shown=shown,
        )  # fmt: skip


def consulted_again(request: HttpRequest, response: HttpResponse, person: Person) -> None:
    """A create that was sent again shows what it made the first time: that is a look, for nothing is written again."""
    if "Idempotency-Replayed" in response.headers:
        consulted(request, "api.repeated", subject=person.reference)
