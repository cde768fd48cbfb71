"""What has been kept long enough goes, by the schedule. With ``dry_run`` nothing goes; the counts are the same."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from milepost.service import clock
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write
from milepost.service.kit.capabilities import named, retention_rules
from milepost.service.upkeep.models import UpkeepRun
from milepost.service.upkeep.policy_data import schedule


def retain(*, by: Actor, dry_run: bool, now_utc: dt.datetime | None = None) -> dict[str, int]:
    """Counts by rule of what went, or would go. Each kind in transactions of its own; repeating is harmless."""
    now = now_utc or clock.now_utc()
    counts = {}
    for rule in retention_rules():
        days = schedule().days(rule.what)
        if rule.rule and days >= 0:
            counts[rule.what] = named(rule.rule)(now - dt.timedelta(days=days), dry_run)
    if not dry_run:
        with transaction.atomic():
            entry = write(by=by, operation=Operation.ERASURE, what="upkeep.retention",
                          details={**counts, "schedule": schedule().table.name})  # fmt: skip
            UpkeepRun.objects.create(kind=UpkeepRun.Kind.RETENTION, facts=counts, audit_number=entry.number)
    return counts


def each_day(*, by: Actor) -> dict[str, int]:
    """The timer's turn."""
    return retain(by=by, dry_run=False)
