"""Is the process there (live), can it do its work (ready)? For the machine that restarts it or routes to it."""

from __future__ import annotations

import shutil

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse


def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and is migrated; 503 with the reason otherwise. Tells no secret."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"status": "not ready", "reason": "the database does not answer"}, status=503)
    if waiting:
        reason = "the database has to be migrated: milepost manage migrate"
        return JsonResponse({"status": "not ready", "reason": reason}, status=503)
    if disk_is_full():
        reason = "the disk is full: nothing more is taken in. What was acknowledged is safe. Make room."
        return JsonResponse({"status": "not ready", "reason": reason}, status=503)
    return JsonResponse({"status": "ok"})


def disk_is_full() -> bool:
    """Whether the embedded database has hardly room to write. A PostgreSQL server's disk is for it to watch."""
    if connection.vendor != "sqlite":
        return False
    try:
        return shutil.disk_usage(settings.DATA).free < settings.LEAST_FREE_BYTES
    except OSError:
        return False
