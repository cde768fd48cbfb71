"""What has been kept long enough goes, by the schedule. With ``dry_run`` nothing goes; the counts are the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from milepost.service import clock
from milepost.service.accounts.models import Attempts, UserSession
from milepost.service.algorithms.models import Outcome
from milepost.service.api.models import Repeat, WebhookDelivery
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write
from milepost.service.caseload.models import Snooze
from milepost.service.monitoring.models import Finding
from milepost.service.orders.models import Activation, Order, Upload
from milepost.service.people.models import Person
from milepost.service.signals.models import QuarantinedMessage
from milepost.service.upkeep.models import UpkeepRun
from milepost.service.upkeep.policy_data import schedule
from milepost.times import to_us
from milepost.tracks.lake import NotALake, PositionLake

ROWS_AT_ONCE = 5_000


def retain(*, by: Actor, dry_run: bool, now_utc: dt.datetime | None = None) -> dict[str, int]:
    """Counts by rule of what went, or would go. Each kind in transactions of its own; repeating is harmless."""
    now = now_utc or clock.now_utc()
    counts = {}
    for what, rule in RULES.items():
        days = schedule().days(what)
        if days >= 0:
            counts[what] = rule(now - dt.timedelta(days=days), dry_run)
    if not dry_run:
        with transaction.atomic():
            entry = write(by=by, operation=Operation.ERASURE, what="upkeep.retention",
                          details={**counts, "schedule": schedule().table.name})  # fmt: skip
            UpkeepRun.objects.create(kind=UpkeepRun.Kind.RETENTION, facts=counts, audit_number=entry.number)
    return counts


def _delete(rows: Any, dry_run: bool) -> int:
    """Deletes a query's rows, some at a time, so that nobody waits long for a lock."""
    if dry_run:
        count: int = rows.count()
        return count
    total = 0
    while pks := list(rows.values_list("pk", flat=True)[:ROWS_AT_ONCE]):
        with transaction.atomic():
            rows.model._default_manager.filter(pk__in=pks).delete()
        total += len(pks)
    return total


def _lake(before: dt.datetime, dry_run: bool) -> int:
    try:
        lake = PositionLake(Path(settings.LAKE))
    except NotALake:
        return 0
    return sum(lake.expire(before.date(), dry_run=dry_run).n_rows.values())


def _findings(before: dt.datetime, dry_run: bool) -> int:
    rows = Finding.objects.filter(current=False, ended_us__lt=to_us(before))
    return _delete(rows, dry_run)


def people_past_their_period(before: dt.datetime) -> list[str]:
    """References of people whose last order and last device ended before: for somebody to look at."""
    going_on = Order.objects.filter(person=OuterRef("pk")).filter(Q(ends_utc=None) | Q(ends_utc__gte=before))
    worn = Activation.objects.filter(person=OuterRef("pk")).filter(
        Q(until_utc=None) | Q(until_utc__gte=before)
    )
    found = Person.objects.annotate(last_order=Max("orders__ends_utc")).filter(
        ~Exists(going_on), ~Exists(worn), last_order__lt=before
    )
    return list(found.order_by("reference").values_list("reference", flat=True))


def _people(before: dt.datetime, dry_run: bool) -> int:
    """Counted, never deleted here: erasing a person takes a person."""
    return len(people_past_their_period(before))


def _quarantine(before: dt.datetime, dry_run: bool) -> int:
    rows = QuarantinedMessage.objects.exclude(state=QuarantinedMessage.State.WAITING)
    return _delete(rows.filter(handled_utc__lt=before), dry_run)


def _sessions(before: dt.datetime, dry_run: bool) -> int:
    n = _delete(Session.objects.filter(expire_date__lt=before), dry_run)
    if not dry_run:
        alive = Session.objects.filter(session_key=OuterRef("session_key"))
        UserSession.objects.filter(~Exists(alive), began_utc__lt=before).delete()
    return n


RULES: dict[str, Callable[[dt.datetime, bool], int]] = {
    "lake": _lake,
    "superseded_findings": _findings,
    "people": _people,
    "quarantine": _quarantine,
    "put_off": lambda before, dry: _delete(Snooze.objects.filter(until_utc__lt=before), dry),
    "uploads": lambda before, dry: _delete(Upload.objects.filter(at_utc__lt=before), dry),
    "webhook_deliveries": lambda before, dry: _delete(
        WebhookDelivery.objects.exclude(state=WebhookDelivery.State.WAITING).filter(created_utc__lt=before),
        dry,
    ),
    "outcomes": lambda before, dry: _delete(Outcome.objects.filter(followed_until__lt=before.date()), dry),
    "api_repeats": lambda before, dry: _delete(Repeat.objects.filter(at_utc__lt=before), dry),
    "sessions": _sessions,
    "sign_in_attempts": lambda before, dry: _delete(
        Attempts.objects.filter(window_from_s__lt=int(before.timestamp())), dry
    ),
}
