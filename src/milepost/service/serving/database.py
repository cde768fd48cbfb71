"""How long a request waits for the database before it says "come again", and over how many connections."""

from __future__ import annotations

from django.db import connections

from milepost.service.serving.policy_data import Database


def bound_waits(limits: Database) -> None:
    """For every connection that this process opens from now on. Call it before the first.

    On SQLite there is one lock to wait for; PostgreSQL bounds the wait and the statement. There a connection is a process
    of the server, which has only so many: the threads of this process share a few (``kit.database.give_back``).
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
            options["pool"] = {
                "min_size": 1, "max_size": limits.connections_at_most, "timeout": limits.lock_at_most_s,
            }  # fmt: skip
            connection.settings_dict["CONN_MAX_AGE"] = 0  # at the end of a request it goes back
