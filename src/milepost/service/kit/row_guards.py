"""Rules that the database itself keeps of its rows, where a CHECK cannot say them: they look at the row as it was, at
another table, or into a list.

They stop code that goes astray, ours included, on SQLite and PostgreSQL alike. They do not stop whoever owns the
database, who can drop them.

An app gives its guards to `keep` in its ``AppConfig.ready``. They are taken away before a migration and made anew
after it: SQLite alters a table by making another, and would lose them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

BOTH = ("insert", "update")


@dataclass(frozen=True, slots=True)
class RowGuard:
    """Refuses a row of ``table``. ``when`` is SQL that is true of what may not be; NEW and OLD are the row."""

    name: str
    """Unique in the database; at most 55 characters."""
    table: str
    when: str
    said: str
    """What the refusal says. No quote signs."""
    on: tuple[str, ...] = BOTH
    when_postgresql: str = ""
    """Where PostgreSQL says it otherwise (JSON)."""


def in_list(value: str, column: str) -> tuple[str, str]:
    """SQL for "the whole number ``value`` is in the JSON list ``column``": of SQLite, of PostgreSQL."""
    return (
        f"EXISTS (SELECT 1 FROM json_each({column}) AS part WHERE part.value = {value})",
        f"({column}::jsonb @> to_jsonb({value}))",
    )


def stays(table: str, *columns: str, when: str = "") -> RowGuard:
    """Each of these columns keeps its first value; one that is null may be filled once. ``when``: only of such rows."""
    changed = " OR ".join(f"(OLD.{c} IS NOT NULL AND NEW.{c} IS DISTINCT FROM OLD.{c})" for c in columns)
    condition = f"({when}) AND ({changed})" if when else changed
    return RowGuard(
        f"{table}_stays", table, condition.replace("IS DISTINCT FROM", "IS NOT"),
        f"{table}: {columns[0]} never changes", ("update",), condition,
    )  # fmt: skip


def keep(app: Any, guards: Iterable[RowGuard]) -> None:
    """Makes these guards after every migration of the ``AppConfig``. Call it in ``ready``."""
    kept = tuple(guards)

    def take_away(using: str, **_more: Any) -> None:
        remove(connections[using], kept)

    def put_back(using: str, **_more: Any) -> None:
        install(connections[using], kept)

    pre_migrate.connect(take_away, sender=app, weak=False, dispatch_uid=f"{app.label} guards away")
    post_migrate.connect(put_back, sender=app, weak=False, dispatch_uid=f"{app.label} guards back")


def install(connection: Any, guards: Iterable[RowGuard]) -> None:
    """Makes the triggers of those tables that are there, as far as they are migrated."""
    guards = tuple(guards)
    remove(connection, guards)
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        for guard in guards:
            if guard.table in there and _columns(guard) <= _columns_there(connection, cursor, guard.table):
                for statement in _triggers(connection.vendor, guard):
                    cursor.execute(statement)


def _columns(guard: RowGuard) -> set[str]:
    return set(re.findall(r"\b(?:NEW|OLD)\.(\w+)", guard.when))


def _columns_there(connection: Any, cursor: Any, table: str) -> set[str]:
    return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def remove(connection: Any, guards: Iterable[RowGuard]) -> None:
    """Drops them: for migrations, and for tests that play somebody who can."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        for guard in guards:
            if connection.vendor != "postgresql":
                for act in BOTH:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}_{act}")
            elif guard.table in there:
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}")


def _triggers(vendor: str, guard: RowGuard) -> list[str]:
    if vendor == "postgresql":
        acts = " OR ".join(act.upper() for act in guard.on)
        condition = guard.when_postgresql or guard.when
        # In a function, not in WHEN: there PostgreSQL allows no question to another table.
        return [
            f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF ({condition}) THEN "
            f"RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = '{guard.said}'; END IF; "
            "RETURN NEW; END $$",
            f"CREATE TRIGGER {guard.name} BEFORE {acts} ON {guard.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {guard.name}()",
        ]
    return [
        f"CREATE TRIGGER {guard.name}_{act} BEFORE {act.upper()} ON {guard.table} FOR EACH ROW WHEN ({guard.when}) "
        f"BEGIN SELECT RAISE(ABORT, '{guard.said}'); END"
        for act in guard.on
    ]
