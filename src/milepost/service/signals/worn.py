"""What devices recorded while they were somebody's: from the recent tables and, for days that have left them, the lake.

Nothing here decides who may see what. Times are microseconds UTC, intervals half-open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from milepost.service.signals.models import RolledDay
from milepost.service.signals.read import signals_of
from milepost.tracks.lake import NotALake, PositionLake
from milepost.tracks.record import Signals

TABLES = ("fixes", "presence", "device_events")


class Held(Protocol):
    """A device that was somebody's in [from, until)."""

    @property
    def device_id(self) -> str: ...
    @property
    def from_us(self) -> int: ...
    @property
    def until_us(self) -> int: ...


def signals_while_worn(worn: Sequence[Held], from_us: int, until_us: int) -> Signals:
    """What the devices recorded in [from, until) while they were this person's; of other times nothing.

    Days that have gone to the lake and are not in the recent tables any more come from there.
    """
    worn = [w for w in worn if w.from_us < until_us and w.until_us > from_us]
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


def _while_worn(table: pa.Table, worn: Sequence[Held]) -> pa.Table:
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


def _from_lake(worn: Sequence[Held], from_us: int, until_us: int) -> Signals | None:
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
