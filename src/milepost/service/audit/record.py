"""Writing an entry, in the transaction of what it records."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any, Protocol

from django.db import connection, transaction

from milepost.service.audit.models import Entry, Head, Shown
from milepost.service.audit.operations import Operation
from milepost.service.audit.seal import SEALED, seal_of
from milepost.service.kit import looks
from milepost.service.kit.capabilities import audit_words


class Actor(Protocol):
    """Whoever acts: a user, a device, a worker."""

    @property
    def audit_name(self) -> str: ...
    @property
    def audit_role(self) -> str: ...


def write(
    *,
    by: Actor | None,
    operation: Operation,
    what: str,
    subject: str = "",
    recipient: str = "",
    reason: str = "",
    request_id: str = "",
    details: dict[str, Any] | None = None,
    shown: Iterable[str] = (),
) -> Entry:
    """Appends one entry. ``shown``: references of everybody whom a list or a table showed.

    Must be called inside the transaction that does what is recorded: both happen or neither. The log's head
    stays locked until that transaction ends, so call it late in the transaction: who writes next waits.

    Raises:
        ValueError: no app declares ``what`` among its audit codes.
        TransactionManagementError: there is no transaction.
    """
    if what not in audit_words():
        raise ValueError(
            f"[{what}] is not an audit code: declare it, with its words, in the app's capability.py."
        )
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "An audit entry belongs to a transaction: open one first."
        )
    if not request_id:
        from milepost.service.audit.request import current_request_id

        request_id = current_request_id()
    people = sorted(set(shown))
    head = Head.objects.select_for_update().filter(only_row=1).first()
    if head is None:  # the very first entry
        Head.objects.get_or_create(only_row=1)
        head = Head.objects.select_for_update().get(only_row=1)
    entry = Entry(
        number=head.number + 1,
        at_us=time.time_ns() // 1000,
        actor=by.audit_name if by is not None else "nobody",
        role=by.audit_role if by is not None else "",
        operation=str(operation),
        what=what,
        subject=subject,
        recipient=recipient,
        reason=reason,
        request_id=request_id,
        # Through JSON and back, so that what is sealed is what is read again.
        details=json.loads(json.dumps({**(details or {}), **({"shown": people} if people else {})})),
        previous_seal=head.seal,
    )
    entry.seal = seal_of({name: getattr(entry, name) for name in SEALED})
    entry.save(force_insert=True)
    Shown.objects.bulk_create([Shown(entry=entry, reference=one) for one in people], batch_size=1000)
    Head.objects.filter(only_row=1).update(number=entry.number, seal=entry.seal)
    looks.logged([*people, subject], (entry.number, entry.seal))
    return entry
