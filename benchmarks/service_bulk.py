"""Millions of rows into the service's database, past the ORM: COPY on PostgreSQL, one prepared INSERT on SQLite.

For benchmarks on an empty database alone. Nothing is checked: what goes in must be right.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction


@contextmanager
def in_bulk() -> Iterator[None]:
    """Within, a loss of power loses everything, and keys are not looked up. What is made can be made again."""
    if connection.vendor == "sqlite":
        pragmas = "synchronous=OFF foreign_keys=OFF cache_size=-1000000"
        _pragmas(pragmas)
        with transaction.atomic():
            yield
        _pragmas("synchronous=FULL foreign_keys=ON cache_size=-65536")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _pragmas(text: str) -> None:
    with connection.cursor() as cursor:
        for one in text.split():
            cursor.execute(f"PRAGMA {one}")


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """``names``: column names; the other columns get the model's defaults. Ids are given in the rows."""
    fields = [f for f in model._meta.concrete_fields if f.column not in names and not f.primary_key]
    constant = [f.get_db_prep_save(f.get_default(), connection) for f in fields]
    constant = [json.dumps(c.obj) if hasattr(c, "obj") else c for c in constant]
    columns = ", ".join(f'"{name}"' for name in [*names, *(f.column for f in fields)])
    table = f'"{model._meta.db_table}"'
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            copy = cursor.connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN")
            with copy as out:
                for row in rows:
                    out.write_row([*row, *constant])
            for reset in connection.ops.sequence_reset_sql(no_style(), [model]):
                cursor.execute(reset)
        return
    marks = ", ".join(["?"] * (len(names) + len(fields)))
    connection.ensure_connection()
    connection.connection.executemany(  # Django's own cursor would look at every statement
        f"INSERT INTO {table} ({columns}) VALUES ({marks})", ([*row, *constant] for row in rows)
    )


def moment(us: int) -> Any:
    """Microseconds UTC as this database keeps a date and time."""
    when = dt.datetime.fromtimestamp(us / 1e6, dt.UTC)
    return connection.ops.adapt_datetimefield_value(when)
