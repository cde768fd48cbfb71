"""A person's own signals over a time, from the recent tables and, for days that have left them, from the lake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import connection

from milepost.service.person_page.subject import Subject, Worn
from milepost.service.signals.models import RolledDay
from milepost.service.signals.read import signals_of
from milepost.service.signals.senders import chosen_numbers, known_numbers
from milepost.tracks.lake import NotALake, PositionLake
from milepost.tracks.record import Signals

TABLES = ("fixes", "presence", "device_events")
SIGNAL_TABLES = ("signals_fix", "signals_presence", "signals_deviceevent")


def own_signals(subject: Subject, from_us: int, until_us: int) -> Signals:
    """What the person's devices recorded in [from, until) while they were theirs.

    Days that have gone to the lake and are not in the recent tables any more come from there.
    """
    worn = subject.worn_between(from_us, until_us)
    found = signals_of({w.device_id for w in worn}, from_us, until_us)
    for name in TABLES:
        setattr(found, name, _while_worn(getattr(found, name), worn))
    stored = _from_lake(worn, from_us, until_us)
    if stored is not None:
        for name in TABLES:
            both = pa.concat_tables([getattr(stored, name), getattr(found, name)])
            setattr(found, name, both.unify_dictionaries().combine_chunks())
    found.n_rows_read = found.n_rows
    return found


def _while_worn(table: pa.Table, worn: Sequence[Worn]) -> pa.Table:
    """A device goes from one person to the next: what it said for others is not this person's."""
    if not table.num_rows:
        return table
    device = table.column("device_id").cast(pa.string())
    at_us = table.column("recorded_at_utc").cast(pa.int64())
    keep: pa.ChunkedArray | None = None
    for w in worn:
        own = pc.and_(
            pc.equal(device, w.device_id),
            pc.and_(pc.greater_equal(at_us, w.from_us), pc.less(at_us, w.until_us)),
        )
        keep = own if keep is None else pc.or_(keep, own)
    return table.filter(keep)


def _from_lake(worn: Sequence[Worn], from_us: int, until_us: int) -> Signals | None:
    if not worn or not gone_days(from_us, until_us):
        return None
    try:
        lake = PositionLake(Path(settings.LAKE))
    except NotALake:
        return None
    intervals = [(w.device_id, max(w.from_us, from_us), min(w.until_us, until_us)) for w in worn]
    return lake.read(person=intervals, from_utc=utc_of(from_us), until_utc=utc_of(until_us))


def gone_days(from_us: int, until_us: int) -> list[dt.date]:
    """Days of the time asked for that are in the lake alone."""
    first, last = utc_of(from_us).date(), utc_of(until_us - 1).date()
    days = RolledDay.objects.filter(day__gte=first, day__lte=last, removed_utc__isnull=False)
    return list(days.values_list("day", flat=True))


def utc_of(us: int) -> dt.datetime:
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=us)


def how_many(subject: Subject, from_us: int, until_us: int) -> tuple[int, ...]:
    """Rows of each signal table in a time. Signals are only ever added, so a count tells whether any were."""
    worn = subject.worn_between(from_us, until_us)
    numbers = list(known_numbers({w.device_id for w in worn}).values())
    if not numbers:
        return (0, 0, 0)
    chosen, given = chosen_numbers(numbers)
    parts = ", ".join(
        f"(SELECT count(*) FROM {chosen} chosen JOIN {table} t ON t.sender_id = chosen.value "
        "WHERE t.recorded_us >= %s AND t.recorded_us < %s)"
        for table in SIGNAL_TABLES
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {parts}", [given, from_us, until_us] * len(SIGNAL_TABLES))
        counts = tuple(cursor.fetchone())
    return (*counts, len(gone_days(from_us, until_us)))
