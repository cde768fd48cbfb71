"""The connection of a thread to the database."""

from __future__ import annotations

from django.db import connection


def give_back() -> None:
    """For a thread that is about to wait for something else: where connections are shared, others may have its own.

    Within a transaction, and where each thread has a connection of its own, nothing happens.
    """
    if connection.settings_dict.get("OPTIONS", {}).get("pool") and not connection.in_atomic_block:
        connection.close()
