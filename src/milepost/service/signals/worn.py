"""Signals wherever they are: in the recent tables and, for days that have left them, in the lake.

Nothing here decides who may see what. Times are microseconds UTC, intervals half-open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from milepost import times
from milepost.orders.clock import FAR_FUTURE_US
from milepost.service.signals import read
from milepost.service.signals.models import RolledDay, Sender
from milepost.service.signals.read import MISLEADING, first_recorded, signals_of
from milepost.times import DAY_US, day_of, start_of_day_us
from milepost.tracks.lake import NotALake, PositionLake
from milepost.tracks.lake_layout import drop_exact_duplicates, sort_rows
from milepost.tracks.record import FIXES, Signals

FIRST_STEP_BACK_US = 7 * DAY_US
TABLES = ("fixes", "presence", "device_events")


class LakeMissing(LookupError):
    """Days have left the recent tables, and the lake that has them is not there."""


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

    Raises:
        LakeMissing: some of it is in the lake alone, and there is no lake.
    """
    worn = [w for w in worn if w.from_us < until_us and w.until_us > from_us]
    found = signals_of({w.device_id for w in worn}, from_us, until_us)
    for name in TABLES:
        setattr(found, name, _while_worn(getattr(found, name), worn))
    intervals = [(w.device_id, max(w.from_us, from_us), min(w.until_us, until_us)) for w in worn]
    return _with_older(found, from_us, until_us, person=intervals) if worn else found


def all_signals_of(device_ids: Collection[str], from_us: int, until_us: int) -> Signals:
    """What these devices recorded in [from, until), whoever had them, each table by device, time, sequence.

    Raises:
        LakeMissing: some of it is in the lake alone, and there is no lake.
    """
    found = signals_of(device_ids, from_us, until_us)
    return _with_older(found, from_us, until_us, devices=device_ids) if device_ids else found


def signals_to_judge(device_ids: Collection[str], from_us: int, until_us: int) -> Signals:
    """As ``all_signals_of``, but of fixes at least what the engine reads, in no order.

    Raises:
        LakeMissing: as ``all_signals_of``.
    """
    found = read.signals_to_judge(device_ids, from_us, until_us)
    # Looked at afterwards: what leaves the recent tables meanwhile is then read from the lake, and not missed.
    return all_signals_of(device_ids, from_us, until_us) if gone_days(from_us, until_us) else found


def earliest(device_ids: Collection[str], since_us: int) -> dict[str, int]:
    """When the first signal that is kept of each device was recorded; ``since_us`` where it may have left the recent
    tables since then. Devices that have sent nothing are left out."""
    sent = dict(
        Sender.objects.filter(device_id__in=list(device_ids), last_received_us__gt=0).values_list(
            "device_id", "pk"
        )
    )
    if gone_days(since_us, 1 << 62):
        return dict.fromkeys(sent, since_us)
    first = first_recorded(list(sent.values()))
    return {device: first[number] for device, number in sent.items() if number in first}


def last_fix_before(held: Held) -> pa.Table:
    """The last fix, none that misleads, of a device that has none in the recent tables: from the lake; at most one row.

    Somebody may have been missing for months, and where they were last is what is asked first. Looks back in longer
    and longer steps, so that a device that fell silent lately is found soon.

    Raises:
        LakeMissing: as ``all_signals_of``.
    """
    days = gone_days(held.from_us, held.until_us)
    if not days:
        return FIXES.empty_table()
    lake, until_us, step_us = _lake(days), start_of_day_us(days[-1]) + DAY_US, FIRST_STEP_BACK_US
    while until_us > held.from_us:
        from_us = max(held.from_us, until_us - step_us)
        whose = [(held.device_id, from_us, until_us)]
        fixes = lake.read(
            person=whose, from_utc=times.from_us(from_us), until_utc=times.from_us(until_us)
        ).fixes
        good = pc.equal(pc.bit_wise_and(fixes.column("quality"), pa.scalar(int(MISLEADING), pa.uint16())), 0)
        fixes = fixes.filter(good)
        if fixes.num_rows:
            return fixes.slice(fixes.num_rows - 1)
        until_us, step_us = from_us, step_us * 4
    return FIXES.empty_table()


def _with_older(found: Signals, from_us: int, until_us: int, **whose: Any) -> Signals:
    """With what is in the lake alone.

    The recent tables are read first: what leaves them meanwhile is then found twice, never not at all. The same holds
    of late rows for a day that had left. A row that is in both is identical, and counts once.
    """
    days = gone_days(from_us, until_us)
    if not days:
        return found
    lake = _lake(days)
    until_us = min(until_us, start_of_day_us(days[-1]) + DAY_US)
    older = lake.read(
        **whose,
        from_utc=times.from_us(max(from_us, start_of_day_us(days[0]))),
        until_utc=times.from_us(until_us),
    )
    if not older.n_rows:
        return found
    for name in TABLES:
        both = pa.concat_tables([getattr(older, name), getattr(found, name)])
        setattr(found, name, sort_rows(drop_exact_duplicates(both.unify_dictionaries().combine_chunks())))
    found.n_rows_read = found.n_rows
    return found


def _lake(days: Sequence[dt.date]) -> PositionLake:
    try:
        return PositionLake(Path(settings.LAKE))
    except NotALake as error:
        raise LakeMissing(
            f"Signals of {days[0]} are in the position lake, and there is none at {settings.LAKE}. "
            "Put it back, or set MILEPOST_LAKE to where it is."
        ) from error


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


def gone_days(from_us: int, until_us: int) -> list[dt.date]:
    """Days of the time asked for that have left, or are leaving, the recent tables, in order."""
    days = RolledDay.objects.filter(removed_utc__isnull=False, day__gte=day_of(from_us))
    if until_us < FAR_FUTURE_US:
        days = days.filter(day__lte=day_of(until_us - 1))
    return list(days.order_by("day").values_list("day", flat=True))
