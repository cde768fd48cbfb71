"""One number that rises whenever the alert board may look different. Open boards watch it; nobody locks for it."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import F

from milepost.service import clock
from milepost.service.monitoring.models import Pulse


def beat() -> None:
    """Raises the number. Call it once, last, in the transaction that changed the board: the row is locked until then.

    Raises:
        TransactionManagementError: there is no transaction, so a board could look before the change is there.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A beat belongs to the transaction of the change: open one first."
        )
    now_us = clock.now_us()
    if not Pulse.objects.filter(only_row=1).update(number=F("number") + 1, at_us=now_us):
        Pulse.objects.get_or_create(only_row=1)
        Pulse.objects.filter(only_row=1).update(number=F("number") + 1, at_us=now_us)


def current() -> int:
    """The number now; 0 before the first beat."""
    return Pulse.objects.filter(only_row=1).values_list("number", flat=True).first() or 0
