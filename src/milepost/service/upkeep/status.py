"""How the service is: versions, how far the engine has come, what waits, sizes, the last backup."""

from __future__ import annotations

import datetime as dt
import platform
import sqlite3
import time
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection

from milepost.service.kit.capabilities import named, queues
from milepost.service.monitoring.models import EngineWorker, Lease
from milepost.service.signals.models import RolledDay
from milepost.service.signals.read import highest_ids
from milepost.service.upkeep.models import UpkeepRun
from milepost.times import SECOND_US

ALIVE_S = 30.0


@dataclass(slots=True)
class Part:
    """One part of the people, and how far behind its engine is."""

    bucket: int
    owner: str
    signals_behind: int
    seconds_ago: float | None
    """Since the engine last finished a step; None: never."""


@dataclass(slots=True)
class Status:
    versions: dict[str, str]
    parts: list[Part]
    workers: int
    queues: dict[str, int]
    database_bytes: int
    last: dict[str, dt.datetime | None]
    rolled_until: dt.date | None
    troubles: list[str] = field(default_factory=list)
    """Codes of what needs somebody; words are the page's."""

    def as_plain(self) -> dict[str, Any]:
        return asdict(self)


def status_now() -> Status:
    """A snapshot, in a number of queries that does not grow."""
    now_us = time.time_ns() // 1000
    newest = highest_ids()
    parts = [
        Part(
            lease.bucket,
            lease.owner,
            max(newest.fix - lease.fix_id, 0) + max(newest.presence - lease.presence_id, 0)
            + max(newest.event - lease.device_event_id, 0),
            (now_us - lease.judged_us) / SECOND_US if lease.judged_us else None,
        )
        for lease in Lease.objects.order_by("bucket")
    ]  # fmt: skip
    kinds = (UpkeepRun.Kind.BACKUP, UpkeepRun.Kind.ROLL, UpkeepRun.Kind.RETENTION, UpkeepRun.Kind.WATCH)
    last = {
        str(kind): UpkeepRun.objects.filter(kind=kind)
        .order_by("-at_utc")
        .values_list("at_utc", flat=True)
        .first()
        for kind in kinds
    }
    done = Status(
        versions={
            "milepost": version("milepost"), "python": platform.python_version(), "django": django.get_version(),
            "database": f"{connection.vendor} {'.'.join(map(str, _database_version()))}",
        },
        parts=parts,
        workers=EngineWorker.objects.filter(seen_us__gte=now_us - round(ALIVE_S * SECOND_US)).count(),
        queues={queue.name: named(queue.count)() for queue in queues()},
        database_bytes=_database_bytes(),
        last=last,
        rolled_until=RolledDay.objects.order_by("-day").values_list("day", flat=True).first(),
    )  # fmt: skip
    _find_troubles(done)
    return done


def _find_troubles(status: Status) -> None:
    if not status.workers:
        status.troubles.append("no_worker")
    elif any(p.seconds_ago is None or p.seconds_ago > ALIVE_S for p in status.parts):
        status.troubles.append("behind")
    if status.last["backup"] is None:
        status.troubles.append("no_backup")


def _database_version() -> tuple[int, ...]:
    if connection.vendor == "sqlite":
        return tuple(sqlite3.sqlite_version_info)
    number = int(connection.pg_version)  # type: ignore[attr-defined]
    return (number // 10_000, number % 10_000)


def _database_bytes() -> int:
    if connection.vendor == "sqlite":
        name = Path(str(settings.DATABASES["default"]["NAME"] or ""))
        return sum(p.stat().st_size for p in name.parent.glob(f"{name.name}*")) if name.name else 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size: int = cursor.fetchone()[0]
        return size
