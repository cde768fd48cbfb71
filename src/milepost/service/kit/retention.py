"""Letting go of rows that were kept long enough."""

from __future__ import annotations

from typing import Any

from django.db import transaction

ROWS_AT_ONCE = 5_000


def delete_rows(rows: Any, dry_run: bool) -> int:
    """Deletes a query's rows, some at a time, so that nobody waits long for a lock. How many went, or would go."""
    if dry_run:
        count: int = rows.count()
        return count
    total = 0
    while pks := list(rows.values_list("pk", flat=True)[:ROWS_AT_ONCE]):
        with transaction.atomic():
            rows.model._default_manager.filter(pk__in=pks).delete()
        total += len(pks)
    return total
