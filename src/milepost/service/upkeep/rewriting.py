"""After an erasure, files of the database are made anew, so that no page of them still holds what was deleted.

SQLite: at the end of every erasure, whole. PostgreSQL: a deleted row's bytes stay in its page, and rewriting a table
locks it against everybody; so that is done by ``milepost upkeep rewrite``, in a quiet hour, and the status page asks
for it until then. What PostgreSQL wrote ahead (WAL), its replicas and its archives forget by their own rules.
"""

from __future__ import annotations

import logging

from django.apps import apps
from django.db import DatabaseError, connection, transaction

from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write
from milepost.service.upkeep.models import UpkeepRun

log = logging.getLogger("milepost.upkeep")


def after_an_erasure() -> None:
    """SQLite: the file is made anew and its log emptied. PostgreSQL: room is given back for new rows, no more."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def not_rewritten() -> bool:
    """Whether somebody was erased whose bytes the database's files may still hold."""
    if connection.vendor != "postgresql":
        return False
    kinds = (UpkeepRun.Kind.ERASURE, UpkeepRun.Kind.REWRITE)
    last = UpkeepRun.objects.filter(kind__in=kinds).order_by("-pk").values_list("kind", flat=True).first()
    return last == UpkeepRun.Kind.ERASURE


def rewrite(*, by: Actor) -> list[str]:
    """Makes every table anew but those of the audit log, one after the other; each is locked while it is done. Returns
    their names.

    On PostgreSQL the server is then asked to write everything down, so that recycled pages are the new ones on disk
    too; where this user may not ask, the server does so by itself within minutes (checkpoint_timeout).
    """
    tables = sorted(
        model._meta.db_table for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.app_label != "audit"
    )  # fmt: skip
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            for table in tables:
                cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table)}")
            try:
                cursor.execute("CHECKPOINT")
            except DatabaseError:
                log.warning("this user may not ask PostgreSQL for a checkpoint: it makes one within minutes")
    with transaction.atomic():
        facts = {"tables": len(tables)}
        entry = write(by=by, operation=Operation.ERASURE, what="upkeep.rewrite", details=facts)
        UpkeepRun.objects.create(kind=UpkeepRun.Kind.REWRITE, facts=facts, audit_number=entry.number)
    return tables
