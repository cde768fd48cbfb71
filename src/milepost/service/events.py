"""What happened, told within the transaction in which it happened.

An app that is lower on the list announces; one that is higher (webhooks) listens, registered in its
``AppConfig.ready``. A listener writes rows only: it never sends anything from inside a transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

Listener = Callable[[str, dict[str, Any]], None]
EVENTS = (
    "incident.opened", "incident.changed", "incident.decided", "incident.closed", "order.approved",
    "device.fitted", "device.removed", "absence.authorised",
)  # fmt: skip
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    if listener not in _listeners:
        _listeners.append(listener)


def announce(event: str, body: dict[str, Any]) -> None:
    """Tells listeners. ``body`` holds references and codes, as the API would give them.

    Raises:
        ValueError: the event is not on the list.
        TransactionManagementError: there is no transaction.
    """
    if event not in EVENTS:
        raise ValueError(f"{event} is not an event: {', '.join(EVENTS)}")
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event belongs to a transaction: open one first.")
    for listener in _listeners:
        listener(event, body)
