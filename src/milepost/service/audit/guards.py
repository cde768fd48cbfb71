"""Triggers by which the database itself refuses to change or delete what was logged.

They stop mistakes and code that goes astray, on SQLite and PostgreSQL alike. They do not stop whoever owns the
database, who can drop them: against that stand the seals and the checkpoints kept outside, and on PostgreSQL
two users, one that migrates and one that serves (docs/explanation/audit.md has the REVOKE).

A migration that alters one of these tables must call `install` again: SQLite then makes the table anew.
"""

from __future__ import annotations

from typing import Any

TABLES = ("audit_entry", "audit_checkpoint")
REFUSAL = "The audit log is append-only"
_POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
"""


def install(connection: Any) -> None:
    """Makes the triggers. ``connection`` is Django's, or a migration's schema editor's."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        for table in TABLES:
            for statement in _triggers(connection.vendor, table):
                cursor.execute(statement)


def remove(connection: Any) -> None:
    """Drops the triggers: for a migration that alters the tables, and for tests that play the intruder."""
    with connection.cursor() as cursor:
        for table in TABLES:
            for act in ("update", "delete", "truncate", "replace"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}{on}")


def _triggers(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
            for act in ("update", "delete", "truncate")
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    return [
        *(
            f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} {refuse}"
            for act in ("update", "delete")
        ),
        # INSERT OR REPLACE deletes without asking the trigger above.
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE number = NEW.number) {refuse}",
    ]
