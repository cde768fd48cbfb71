"""What happened, told within the transaction in which it happened.

An app that is lower on the list announces; one that is higher (webhooks) listens, registered in its
``AppConfig.ready``. A listener writes rows only: it never sends anything from inside a transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from milepost.service.kit.capabilities import events, named

Listener = Callable[[str, dict[str, Any]], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    if listener not in _listeners:
        _listeners.append(listener)


def announce(event: str, body: dict[str, Any]) -> None:
    """Tells listeners. ``body`` holds references and codes, as the API would give them.

    Raises:
        ValueError: no app declares the event, or its body has another shape.
        TransactionManagementError: there is no transaction.
    """
    declared = events().get(event)
    if declared is None:
        raise ValueError(f"[{event}] is not an event that an app declares: {', '.join(events())}")
    named(declared.body).model_validate(body)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event belongs to a transaction: open one first.")
    for listener in _listeners:
        listener(event, body)
