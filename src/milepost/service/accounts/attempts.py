"""Limits on guessing, counted in the database so that every process knows of every attempt.

An attempt is counted *before* it is judged, so that a hundred at the same moment are a hundred. A success gives
back what it took. Keys are keyed digests: the table says nobody's address.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from milepost.service.accounts.models import Attempts
from milepost.service.accounts.policy_data import limits
from milepost.service.accounts.secrets_kept import pseudonym


@dataclass(frozen=True, slots=True)
class TooMany(Exception):
    """There were too many attempts; the next may be made after ``wait_s`` seconds."""

    kind: str
    wait_s: int
    first: bool
    """Whether this is the attempt that went over the limit: it is logged once, not a thousand times."""

    @property
    def wait_minutes(self) -> int:
        return math.ceil(self.wait_s / 60)


def client_address(request: HttpRequest) -> str:
    """Where the request comes from; behind a proxy that we trust, what the proxy (the last one) says."""
    if settings.TRUST_PROXY:
        last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if last:
            return last
    return str(request.META.get("REMOTE_ADDR", ""))


def password_keys(email: str, address: str) -> dict[str, str]:
    """Kind of limit to what is counted, for one attempt with a password."""
    email = email.strip().lower()
    return {
        "account_from_address": f"{email} {address}",
        "account": email,
        "address": address,
    }


def count(keys: dict[str, str], *, now_s: float | None = None) -> None:
    """Counts one attempt on every one of ``keys`` (kind to thing).

    Raises:
        TooMany: one of them is over its limit; the attempt must not be judged.
    """
    now = int(time.time() if now_s is None else now_s)
    over: TooMany | None = None
    with transaction.atomic():
        for kind, thing in sorted(keys.items()):  # always in one order: no two can wait for each other
            limit = limits().attempts[kind]
            row, _ = Attempts.objects.select_for_update().get_or_create(
                key=f"{kind}:{pseudonym(thing)}", defaults={"window_from_s": now}
            )
            if now - row.window_from_s >= limit.window_s:
                row.window_from_s, row.count = now, 0
            row.count += 1
            row.save()
            if row.count > limit.at_most and over is None:
                left_s = row.window_from_s + limit.window_s - now
                over = TooMany(kind, left_s, first=row.count == limit.at_most + 1)
    if over is not None:
        raise over


def give_back(keys: dict[str, str]) -> None:
    """A success: what is counted for the account begins anew, and the address gets its one attempt back."""
    with transaction.atomic():
        for kind, thing in sorted(keys.items()):
            row = Attempts.objects.select_for_update().filter(key=f"{kind}:{pseudonym(thing)}").first()
            if row is None:
                continue
            row.count = max(0, row.count - 1) if kind in {"address", "link"} else 0
            row.save(update_fields=["count"])
