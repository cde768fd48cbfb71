"""Which worker judges whom: the people on tag are divided into buckets, and a worker holds buckets for a while.

A worker that is killed lets its leases run out; another takes them. One that was only paused finds its epoch
gone and cannot write: what it would have said is said by the new holder. Leases run on real time, not the
demo's.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F

from milepost.service.monitoring.models import EngineWorker, Lease
from milepost.times import SECOND_US

LEASE_S = 10.0
"""How long a lease lasts unless renewed: the longest that alerts stand still after a kill."""


class LeaseLost(Exception):
    """Another worker has the bucket now. Forget it."""


def let_go_when_paused(connection: BaseDatabaseWrapper, **_: object) -> None:
    """For a new connection of a worker: PostgreSQL ends a transaction that stands idle as long as a lease.

    A worker that is paused between two statements would hold the locks on its leases, and nobody could take
    over. The embedded database has no such thing: there a paused writer stops all writing until it goes on.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET idle_in_transaction_session_timeout = {int(LEASE_S * 1000)}")


def real_us() -> int:
    return time.time_ns() // 1000


def bucket_of(person_pk: int) -> int:
    return person_pk % int(settings.ENGINE_BUCKETS)


def make_buckets() -> None:
    """As many buckets as the settings say. Idempotent."""
    wanted = int(settings.ENGINE_BUCKETS)
    Lease.objects.bulk_create([Lease(bucket=b) for b in range(wanted)], ignore_conflicts=True)
    Lease.objects.filter(bucket__gte=wanted).delete()


def hold(owner: str, held: Mapping[int, int]) -> dict[int, int]:
    """Renews what ``owner`` holds and takes its fair share of what is free. Returns bucket to epoch.

    ``held``: what the caller believes to hold; what is missing from the result was lost.
    """
    now = real_us()
    until = now + round(LEASE_S * SECOND_US)
    with transaction.atomic():
        EngineWorker.objects.update_or_create(name=owner, defaults={"seen_us": now})
        EngineWorker.objects.filter(seen_us__lt=now - round(10 * LEASE_S * SECOND_US)).delete()
        alive = EngineWorker.objects.filter(seen_us__gte=now - round(LEASE_S * SECOND_US)).count()
        leases = list(Lease.objects.select_for_update().order_by("bucket"))
        share = -(-len(leases) // max(alive, 1))
        kept: dict[int, int] = {}
        for lease in leases:
            if lease.owner == owner and held.get(lease.bucket) == lease.epoch:
                if len(kept) < share:
                    Lease.objects.filter(pk=lease.pk).update(until_us=until)
                    kept[lease.bucket] = lease.epoch
                else:  # another worker came: leave it some
                    Lease.objects.filter(pk=lease.pk).update(owner="", until_us=0)
        for lease in leases:
            if len(kept) >= share:
                break
            free = lease.owner in ("", owner) or lease.until_us < now
            if lease.bucket not in kept and free:
                Lease.objects.filter(pk=lease.pk).update(owner=owner, epoch=F("epoch") + 1, until_us=until)
                kept[lease.bucket] = lease.epoch + 1
    return kept


def renew(owner: str, held: Mapping[int, int]) -> None:
    """Makes what ``owner`` still holds last longer; takes and gives nothing."""
    now = real_us()
    for bucket, epoch in held.items():
        Lease.objects.filter(bucket=bucket, owner=owner, epoch=epoch).update(
            until_us=now + round(LEASE_S * SECOND_US)
        )
    EngineWorker.objects.filter(name=owner).update(seen_us=now)


def release(owner: str) -> None:
    """Gives everything back at once: the end of a worker that was asked to stop."""
    Lease.objects.filter(owner=owner).update(owner="", until_us=0)
    EngineWorker.objects.filter(name=owner).delete()


def check_held(owner: str, epochs: Mapping[int, int], buckets: Iterable[int]) -> None:
    """Locks the leases of ``buckets`` until the end of the transaction.

    Raises:
        LeaseLost: one of them is another's by now. Nothing may be written.
    """
    wanted = set(buckets)
    rows = Lease.objects.select_for_update().filter(bucket__in=wanted).values_list("bucket", "owner", "epoch")
    mine = {bucket for bucket, by, epoch in rows if by == owner and epochs.get(bucket) == epoch}
    if mine != wanted:
        raise LeaseLost(f"buckets {sorted(wanted - mine)} are judged by another worker")
