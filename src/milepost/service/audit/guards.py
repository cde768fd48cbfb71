"""Triggers by which the database itself refuses to change or delete what was logged.

They stop mistakes and code that goes astray, on SQLite and PostgreSQL alike:

- an entry, a checkpoint and the index of who was shown are added and never changed, deleted or replaced;
- an entry follows the log's head: the number after it, and its seal;
- the head begins at nothing and only ever rises by one, to the entry that has just been added.

They do not stop whoever owns the database, who can drop them: against that stand the seals and the checkpoints
kept outside, and on PostgreSQL two users, one that migrates and one that serves (docs/explanation/audit.md has
the REVOKE).

A migration that alters one of these tables must call `install` again: SQLite then makes the table anew.
"""

from __future__ import annotations

from typing import Any

KEYS = {"audit_entry": "number", "audit_checkpoint": "number", "audit_shown": "id"}
"""Tables that only grow, with their primary keys."""
HEAD = "audit_head"
REFUSAL = "The audit log is append-only"
FOLLOWS = f"{REFUSAL}, and goes on from its last entry"
ACTS = ("update", "delete", "truncate", "replace", "insert", "follow")

# What may be, in the terms of a trigger. Both databases understand it.
_ENTRY_FOLLOWS = f"EXISTS (SELECT 1 FROM {HEAD} WHERE only_row = 1 AND number = NEW.number - 1 AND seal = NEW.previous_seal)"
_HEAD_BEGINS = "NEW.only_row = 1 AND NEW.number = 0 AND NOT EXISTS (SELECT 1 FROM audit_entry)"
_HEAD_RISES = (
    "NEW.only_row = OLD.only_row AND NEW.number = OLD.number + 1 "
    "AND EXISTS (SELECT 1 FROM audit_entry WHERE number = NEW.number AND seal = NEW.seal)"
)


def install(connection: Any) -> None:
    """Makes the triggers. ``connection`` is Django's, or a migration's schema editor's."""
    remove(connection)
    there = connection.introspection.table_names()  # a migration of the past has not made all of them yet
    with connection.cursor() as cursor:
        for statement in _functions(connection.vendor):
            cursor.execute(statement)
        for table in (*KEYS, HEAD):
            for statement in _triggers(connection.vendor, table) if table in there else ():
                cursor.execute(statement)


def remove(connection: Any) -> None:
    """Drops the triggers: for a migration that alters the tables, and for tests that play the intruder."""
    there = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in (*KEYS, HEAD):
            for act in ACTS if table in there else ():
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}{on}")


def _functions(vendor: str) -> list[str]:
    """PostgreSQL keeps what a trigger does in functions. The one for a new head fails as a doubled key would: of two
    who begin a log at once one is refused, and goes on with the other's."""
    if vendor != "postgresql":
        return []
    refuse = f"RAISE EXCEPTION '{REFUSAL}'"
    wrong = f"RAISE EXCEPTION '{FOLLOWS}' USING ERRCODE = 'unique_violation'"

    def function(name: str, body: str) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
        )

    return [
        function("audit_is_append_only", f"{refuse};"),
        function("audit_entry_follows", f"IF NOT ({_ENTRY_FOLLOWS}) THEN {wrong}; END IF; RETURN NEW;"),
        function("audit_head_begins", f"IF NOT ({_HEAD_BEGINS}) THEN {wrong}; END IF; RETURN NEW;"),
        function("audit_head_rises", f"IF NOT ({_HEAD_RISES}) THEN {refuse}; END IF; RETURN NEW;"),
    ]


def _triggers(vendor: str, table: str) -> list[str]:
    return _on_postgresql(table) if vendor == "postgresql" else _on_sqlite(table)


def _on_postgresql(table: str) -> list[str]:
    def trigger(act: str, when: str, function: str) -> str:
        return f"CREATE TRIGGER {table}_no_{act} BEFORE {when} ON {table} FOR EACH {function}()"

    never = "STATEMENT EXECUTE FUNCTION audit_is_append_only"
    made = [trigger(act, act.upper(), never) for act in ("delete", "truncate")]
    if table == HEAD:
        made.append(trigger("insert", "INSERT", "ROW EXECUTE FUNCTION audit_head_begins"))
        made.append(trigger("update", "UPDATE", "ROW EXECUTE FUNCTION audit_head_rises"))
    else:
        made.append(trigger("update", "UPDATE", never))
    if table == "audit_entry":
        made.append(trigger("follow", "INSERT", "ROW EXECUTE FUNCTION audit_entry_follows"))
    return made


def _on_sqlite(table: str) -> list[str]:
    def trigger(act: str, when: str, unless: str = "", said: str = REFUSAL) -> str:
        condition = f"WHEN NOT ({unless}) " if unless else ""
        return (
            f"CREATE TRIGGER {table}_no_{act} BEFORE {when} ON {table} {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )

    made = [trigger("delete", "DELETE")]
    if table == HEAD:
        first = f"{_HEAD_BEGINS} AND NOT EXISTS (SELECT 1 FROM {HEAD})"
        return [*made, trigger("insert", "INSERT", first), trigger("update", "UPDATE", _HEAD_RISES)]
    key = KEYS[table]
    # INSERT OR REPLACE deletes without asking the trigger above.
    kept = f"NOT EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
    made += [trigger("update", "UPDATE"), trigger("replace", "INSERT", kept)]
    if table == "audit_entry":
        made.append(trigger("follow", "INSERT", _ENTRY_FOLLOWS, FOLLOWS))
    return made
