"""How long a request waits for the database before it says "come again"."""

from __future__ import annotations

from django.db import connections

from milepost.service.serving.policy_data import Database


def bound_waits(limits: Database) -> None:
    """For every connection that this process opens from now on. Call it before the first.

    On SQLite there is one lock to wait for; PostgreSQL bounds the wait and the statement.
    """
    for connection in connections.all():
        options = connection.settings_dict.setdefault("OPTIONS", {})
        if connection.vendor == "sqlite":
            options["timeout"] = limits.lock_at_most_s
        elif connection.vendor == "postgresql":
            said = (
                f"-c lock_timeout={limits.lock_at_most_s}s -c statement_timeout={limits.statement_at_most_s}s"
            )
            options["options"] = " ".join(filter(None, [options.get("options", ""), said]))
