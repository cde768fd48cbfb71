"""Closed days of the recent tables into the lake, and old days out of the recent tables.

1. ``plan``: in one transaction, a pass for each day that has closed and each rolled day that got late rows.
2. ``carry_out``: a pass is appended to the lake part by part, each under its own batch id, then marked done.
3. ``trim``: a day that is old, and wholly in the lake, leaves the recent tables.

The process may be killed between any two steps, or within one: run it again. A day's rows are those with ids in
the pass's bounds, which the ids of later rows cannot enter, so a part that is appended again is the same part.
"""

from __future__ import annotations

import datetime as dt
import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from milepost.service.accounts.actors import Machine
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.signals.columns import KINDS
from milepost.service.signals.models import RolledDay, RollPass, Sender
from milepost.service.signals.policy_data import limits
from milepost.service.signals.read import Ids, highest_ids, signals_of_senders
from milepost.times import DAY_US, day_of, start_of_day_us
from milepost.tracks.lake import BatchDiffers, NotALake, PositionLake

ROLLER = Machine("worker", "roll")
Step = Callable[[str], None]


class AlreadyRolling(Exception):
    """Another process rolls days into this lake just now."""


@dataclass(slots=True)
class Rolled:
    """What a run did."""

    passes: int = 0
    rows: int = 0
    days_removed: list[dt.date] = field(default_factory=list)
    rows_removed: int = 0


def open_lake(path: Path) -> PositionLake:
    """The lake at ``path``, created if there is none."""
    try:
        return PositionLake(path)
    except NotALake:
        return PositionLake.create(path)


@contextmanager
def rolling_alone(folder: Path) -> Iterator[None]:
    """Nobody else rolls meanwhile. The kernel lets go of the lock when a process dies.

    Raises:
        AlreadyRolling: somebody else does.
    """
    with (folder / "_rolling.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRolling("Another process rolls days just now. Nothing was done.") from None
        yield


def roll(lake: PositionLake, now_utc: dt.datetime, *, step: Step = lambda name: None) -> Rolled:
    """One run. What an earlier run left undone comes first. ``step`` is called between any two steps."""
    done = Rolled()
    _carry_out_all(lake, done, step)
    plan(now_utc)
    step("planned")
    _carry_out_all(lake, done, step)
    trim(now_utc, done, step)
    return done


def plan(now_utc: dt.datetime) -> list[RollPass]:
    """Notes what is to be moved. Rows that arrive while it is carried out belong to a later pass."""
    settings = limits().roll
    closed_until = (now_utc - dt.timedelta(hours=settings.closed_after_h)).astimezone(dt.UTC).date()
    with transaction.atomic():
        upto = highest_ids()
        known = RollPass.objects.aggregate(
            fix=Max("fix_upto"),
            presence=Max("presence_upto"),
            event=Max("event_upto"),
            closed=Max("closed_until"),
        )
        before = Ids(known["fix"] or 0, known["presence"] or 0, known["event"] or 0)
        days = _days_of_new_rows(before, upto, closed_until)
        if known["closed"] is not None:
            # Days that have closed since: their rows may all have been here when last we looked.
            newly = (closed_until - known["closed"]).days
            days |= {known["closed"] + dt.timedelta(days=n) for n in range(newly)}
        senders = Sender.objects.aggregate(last=Max("id"))["last"] or 0
        return [_plan_day(day, upto, senders, closed_until) for day in sorted(days)]


def _plan_day(day: dt.date, upto: Ids, senders: int, closed_until: dt.date) -> RollPass:
    last = RollPass.objects.filter(day=day).order_by("-number").first()
    return RollPass.objects.create(
        day=day, number=last.number + 1 if last else 1, closed_until=closed_until,
        fix_after=last.fix_upto if last else 0, fix_upto=upto.fix,
        presence_after=last.presence_upto if last else 0, presence_upto=upto.presence,
        event_after=last.event_upto if last else 0, event_upto=upto.event,
        senders_upto=senders, senders_per_part=limits().roll.senders_per_part,
    )  # fmt: skip


def _days_of_new_rows(after: Ids, upto: Ids, closed_until: dt.date) -> set[dt.date]:
    """UTC days before ``closed_until`` of the rows with ids in (after, upto]: only what is new is read."""
    day = f"CASE WHEN recorded_us >= 0 THEN recorded_us / {DAY_US} ELSE (recorded_us - {DAY_US - 1}) / {DAY_US} END"
    days: set[dt.date] = set()
    with connection.cursor() as cursor:
        for kind, low, high in zip(KINDS, after, upto, strict=True):
            cursor.execute(
                f"SELECT DISTINCT {day} FROM {kind.table} WHERE id > %s AND id <= %s AND recorded_us < %s",
                [low, high, start_of_day_us(closed_until)],
            )
            days |= {day_of(int(row[0]) * DAY_US) for row in cursor.fetchall()}
    return days


def _carry_out_all(lake: PositionLake, done: Rolled, step: Step) -> None:
    for waiting in RollPass.objects.filter(done_utc=None).order_by("day", "number"):
        done.rows += carry_out(waiting, lake, step=step)
        done.passes += 1


def carry_out(waiting: RollPass, lake: PositionLake, *, step: Step = lambda name: None) -> int:
    """Appends the rows of a pass and marks it done; how many rows it has."""
    start = start_of_day_us(waiting.day)
    after = Ids(waiting.fix_after, waiting.presence_after, waiting.event_after)
    upto = Ids(waiting.fix_upto, waiting.presence_upto, waiting.event_upto)
    rows = 0
    for part, first in enumerate(range(0, waiting.senders_upto + 1, waiting.senders_per_part)):
        senders = range(first, min(first + waiting.senders_per_part, waiting.senders_upto + 1))
        signals = signals_of_senders(senders, start, start + DAY_US, after=after, upto=upto)
        if not signals.n_rows:
            continue
        rows += signals.n_rows
        batch = f"{waiting.day}/{waiting.number}/{part}"
        try:
            lake.append(signals, batch_id=batch)
        except BatchDiffers:
            # The first try was cut off and some of its rows were erased since. What is there stays; what is
            # left goes in once more under another name, and compaction drops what is there twice.
            left = f"{signals.fixes.num_rows}-{signals.presence.num_rows}-{signals.device_events.num_rows}"
            lake.append(signals, batch_id=f"{batch}/left-{left}")
        step("appended")
    with transaction.atomic():
        waiting.rows, waiting.done_utc = rows, timezone.now()
        waiting.save(update_fields=["rows", "done_utc"])
        day, _ = RolledDay.objects.get_or_create(day=waiting.day, defaults={"rows": 0})
        day.rows += rows
        day.recent = day.recent or bool(rows)  # late rows came for a day that had left
        day.save(update_fields=["rows", "recent"])
        write(
            by=ROLLER, operation=Operation.ALTERATION, what="signals.roll",
            details={"day": str(waiting.day), "pass": waiting.number, "rows": rows},
        )  # fmt: skip
    step("done")
    return rows


def trim(now_utc: dt.datetime, done: Rolled, step: Step = lambda name: None) -> None:
    """Removes days older than ``recent_days`` from the recent tables, as far as the lake has them."""
    before = now_utc.astimezone(dt.UTC).date() - dt.timedelta(days=limits().roll.recent_days)
    waiting = set(RollPass.objects.filter(done_utc=None).values_list("day", flat=True))
    for day in RolledDay.objects.filter(day__lt=before, recent=True).order_by("day"):
        if day.day in waiting:
            continue
        if day.removed_utc is None:
            # Before the first row goes: whoever reads meanwhile finds it in the lake.
            RolledDay.objects.filter(day=day.day).update(removed_utc=timezone.now())
            step("leaving")
        newest = RollPass.objects.filter(day=day.day).order_by("-number")[0]
        upto = (newest.fix_upto, newest.presence_upto, newest.event_upto)
        removed = 0
        size = limits().roll.senders_per_part
        for first in range(0, newest.senders_upto + 1, size):
            removed += _delete(day.day, first, first + size, upto)
            step("part removed")
        with transaction.atomic():
            day.recent = False
            day.save(update_fields=["recent"])
            write(
                by=ROLLER, operation=Operation.ALTERATION, what="signals.trim",
                details={"day": str(day.day), "rows": removed},
            )  # fmt: skip
        done.days_removed.append(day.day)
        done.rows_removed += removed
        step("day removed")


def _delete(day: dt.date, first: int, end: int, upto: tuple[int, int, int]) -> int:
    start, removed = start_of_day_us(day), 0
    with transaction.atomic(), connection.cursor() as cursor:
        for kind, last in zip(KINDS, upto, strict=True):
            # A range of devices by the index that begins with the device, a transaction that ends soon.
            cursor.execute(
                f"DELETE FROM {kind.table} WHERE sender_id >= %s AND sender_id < %s AND recorded_us >= %s "
                "AND recorded_us < %s AND id <= %s",
                [first, end, start, start + DAY_US, last],
            )
            removed += cursor.rowcount
    return removed
