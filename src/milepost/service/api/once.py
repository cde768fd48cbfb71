"""``Idempotency-Key``: a create whose answer was lost on the way can be sent again and is done once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Annotated

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header
from pydantic import StringConstraints

from milepost.service.api.doors import caller
from milepost.service.api.models import Repeat
from milepost.service.api.policy_data import numbers
from milepost.service.api.problems import ApiProblem

RepeatKey = Annotated[
    Annotated[str, StringConstraints(min_length=8, max_length=100, pattern=r"^[A-Za-z0-9._:-]+$")] | None,
    Header(
        alias="Idempotency-Key",
        description="Your own name for this request. Sent again with the same key and the same body, it is not "
        "done again: what was made is shown.",
    ),
]


def once(request: HttpRequest, response: HttpResponse, key: str | None, make: Callable[[], str]) -> str:
    """Makes something, or finds what was made under this key. Returns its reference.

    Raises:
        ApiProblem: 422, the key was used for another request.
    """
    if key is None:
        return make()
    asked = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()
    user = caller(request).user
    _forget_old()
    known = Repeat.objects.filter(user=user, key=key).first()
    if known is None:
        try:
            with transaction.atomic():
                # First, so that of two at once one waits for the other, and then finds what it made.
                row = Repeat.objects.create(user=user, key=key, asked_sha256=asked, made="")
                row.made = make()
                row.save(update_fields=["made"])
                return row.made
        except IntegrityError:
            known = Repeat.objects.filter(user=user, key=key).first()
            if known is None:
                raise
    if known.asked_sha256 != asked:
        raise ApiProblem(
            422, "key-used", "This Idempotency-Key was used for another request. Take a new one."
        )
    response.headers["Idempotency-Replayed"] = "true"
    return known.made


def _forget_old() -> None:
    Repeat.objects.filter(
        at_utc__lt=timezone.now() - dt.timedelta(hours=numbers().repeats.kept_hours)
    ).delete()
