"""Taking signals in: one transaction, each row once, ids that become visible in order.

Whoever has read up to an ``id`` has missed nothing: rows get their ids under one lock that is held until the
commit (on PostgreSQL an advisory lock, on SQLite the write lock that its transactions begin with).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import connection, transaction

from milepost.service.audit import record as audit
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor
from milepost.service.signals.columns import KINDS, Kind, device_ids, values_of
from milepost.service.signals.models import Delivery
from milepost.service.signals.senders import numbers_of
from milepost.tracks.record import Signals

INBOX_LOCK = 0x4D50_0001
"""PostgreSQL advisory lock of whoever gives rows their ids. Any number that nobody else uses."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one transaction did. ``new`` says of each row of each table whether it went in (True) or was there
    already (False): arrays under the names of the fields of ``Signals``."""

    delivery: Delivery
    rows_new: int
    rows_repeated: int
    new: dict[str, np.ndarray] = field(default_factory=dict)
    seen_before: bool = False
    """This batch key has been taken in before; nothing was done and ``delivery`` is the earlier one."""


class BatchDiffers(Exception):
    """The batch key was used before, for other content."""


def take_in(
    parsed: Signals,
    *,
    received_us: int,
    digest: str,
    messages: int,
    batch_key: str | None = None,
    by: Actor,
    details: dict[str, Any] | None = None,
) -> Taken:
    """Keeps the signals, with a ``Delivery`` and one audit entry, all or nothing.

    Rows already there (same device, time, sequence, and position or state) are counted, not doubled: the
    same time with another position is another row, for both are evidence.

    Args:
        received_us: microseconds UTC, for rows that do not say when they were received.
        digest: SHA-256 (hexadecimal) over the messages as they came; it is sealed in the audit log.
        messages: how many messages these rows came in.
        batch_key: the sender's own name for the batch. The same again does nothing.
        details: more for the audit entry: codes and numbers.

    Raises:
        BatchDiffers: ``batch_key`` is known with another digest.
    """
    with transaction.atomic(savepoint=False):  # all or nothing: a caller's transaction goes back too
        lock_inbox()
        if batch_key is not None:
            known = Delivery.objects.filter(batch_key=batch_key).first()
            if known is not None:
                if known.digest != digest:
                    raise BatchDiffers(f"batch key used before, by delivery {known.pk}")
                return Taken(known, known.rows_new, known.rows_repeated, seen_before=True)
        tables = {kind: getattr(parsed, kind.record) for kind in KINDS}
        senders = numbers_of(
            sorted({device for table in tables.values() if table.num_rows for device in device_ids(table)}),
            received_us=received_us,
        )
        delivery = Delivery.objects.create(
            received_us=received_us, messages=messages, rows_new=0, rows_repeated=0, digest=digest,
            batch_key=batch_key,
        )  # fmt: skip
        new = {}
        for kind, table in tables.items():
            rows = values_of(kind, table, senders, received_us, delivery.pk) if table.num_rows else []
            new[kind.record], ids = _insert(kind, rows, table.num_rows)
            if ids is not None:
                delivery.first_ids[kind.name] = ids
        delivery.rows_new = int(sum(mask.sum() for mask in new.values()))
        delivery.rows_repeated = parsed.n_rows - delivery.rows_new
        delivery.save(update_fields=["rows_new", "rows_repeated", "first_ids"])
        audit.write(
            by=by,
            operation=Operation.COLLECTION,
            what="signals.batch",
            details={
                "delivery": delivery.pk, "digest": digest, "messages": messages, "rows_new": delivery.rows_new,
                "rows_repeated": delivery.rows_repeated, "ids": delivery.first_ids, **(details or {}),
            },
        )  # fmt: skip
        return Taken(delivery, delivery.rows_new, delivery.rows_repeated, new)


def lock_inbox() -> None:
    """From here to the end of the transaction nobody else gives rows their ids."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INBOX_LOCK])


def _insert(kind: Kind, rows: list[list[object]], n: int) -> tuple[np.ndarray, list[int] | None]:
    """Inserts what is not there; which rows were new, and the range of their ids."""
    if not n:
        return np.zeros(0, dtype=bool), None
    with connection.cursor() as cursor:
        insert = _insert_on_postgresql if connection.vendor == "postgresql" else _insert_on_sqlite
        n_new, ids = insert(cursor, kind, rows)
        if ids is None:
            return np.zeros(n, dtype=bool), None
        if n_new == n:
            return np.ones(n, dtype=bool), ids
        cursor.execute(f"SELECT {', '.join(kind.key)} FROM {kind.table} WHERE id >= %s", [ids[0]])
        went_in = {tuple(row) for row in cursor.fetchall()}
    mask = np.zeros(n, dtype=bool)
    at = [kind.columns.index(name) for name in kind.key]
    for i, key in enumerate(zip(*(rows[c] for c in at), strict=True)):
        if key in went_in:  # the first row of a key went in; the same again is a repeat
            went_in.discard(key)
            mask[i] = True
    return mask, ids


def _insert_on_postgresql(cursor: Any, kind: Kind, rows: list[list[object]]) -> tuple[int, list[int] | None]:
    """How many went in and the range of their ids, in one round trip."""
    arrays = ", ".join(f"%s::{kind_of}[]" for kind_of in kind.types)
    cursor.execute(
        f"INSERT INTO {kind.table} ({', '.join(kind.columns)}) SELECT * FROM unnest({arrays}) "
        "ON CONFLICT DO NOTHING RETURNING id",
        rows,
    )
    ids = [row[0] for row in cursor.fetchall()]
    return len(ids), [min(ids), max(ids)] if ids else None


def _insert_on_sqlite(cursor: Any, kind: Kind, rows: list[list[object]]) -> tuple[int, list[int] | None]:
    """As on PostgreSQL. The ids of this table only ever grow, and only we give them now: what is above is ours."""
    cursor.execute(f"SELECT coalesce(max(id), 0) FROM {kind.table}")
    before = cursor.fetchone()[0]
    marks = ", ".join(["%s"] * len(kind.columns))
    cursor.executemany(
        f"INSERT INTO {kind.table} ({', '.join(kind.columns)}) VALUES ({marks}) ON CONFLICT DO NOTHING",
        list(zip(*rows, strict=True)),
    )
    n_new = cursor.rowcount
    if n_new <= 0:
        return 0, None
    cursor.execute(f"SELECT min(id), max(id) FROM {kind.table} WHERE id > %s", [before])
    return n_new, list(cursor.fetchone())
