"""The past's signals where a service would have them: the last days in the recent tables, older days in the lake."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction

from milepost.service import clock
from milepost.service.accounts.actors import Machine
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.demo.policy_data import numbers
from milepost.service.demo.town import Times, TownSignals
from milepost.service.signals.inbox import take_in
from milepost.service.signals.models import RolledDay
from milepost.service.signals.roll import ROLLER, open_lake
from milepost.times import DAY_US, HOUR_US
from milepost.tracks.record import Signals

GATEWAY = Machine("ingest", "demo")
HOURS_A_DELIVERY = 6


def keep(signals: TownSignals, times: Times, progress: Callable[[float], None]) -> None:
    """Everything that came in before the visit. ``progress`` is told the share that is done, 0 to 1."""
    # A day is in the lake or in the recent tables, as after a roll, so they part at a midnight UTC.
    recent_us = (times.visit_us - numbers().town.recent_days * DAY_US) // DAY_US * DAY_US
    _into_lake(signals.received_in(0, times.visit_us), recent_us)
    progress(0.1)
    step = HOURS_A_DELIVERY * HOUR_US
    at = recent_us
    while at < times.visit_us:
        upto = min(at + step, times.visit_us)
        part = _recorded_from(signals.received_in(at, upto), recent_us)
        if part.n_rows:
            digest = hashlib.sha256(f"demo {at} {upto} {part.n_rows}".encode()).hexdigest()
            take_in(
                part, received_us=upto, digest=digest, messages=1, batch_key=f"demo:{at}:{upto}", by=GATEWAY,
                details={"door": "demo"},
            )  # fmt: skip
        at = upto
        progress(0.1 + 0.9 * (at - recent_us) / (times.visit_us - recent_us))


def _into_lake(signals: Signals, before_us: int) -> None:
    """The days before ``before_us``, noted as days that have left the recent tables."""
    old = _where(signals, lambda recorded_us: pc.less(recorded_us, before_us))
    if not old.n_rows:
        return
    open_lake(Path(settings.LAKE)).append(old, batch_id="demo/past")
    rows: dict[dt.date, int] = {}
    for table in (old.fixes, old.presence, old.device_events):
        days = pc.value_counts(table.column("recorded_at_utc").cast(pa.date32())).to_pylist()
        for counted in days:
            rows[counted["values"]] = rows.get(counted["values"], 0) + counted["counts"]
    with transaction.atomic():
        RolledDay.objects.bulk_create(
            RolledDay(day=day, rows=n, rolled_utc=clock.now_utc(), removed_utc=clock.now_utc(), recent=False)
            for day, n in sorted(rows.items())
        )
        write(by=ROLLER, operation=Operation.ALTERATION, what="signals.roll",
              details={"days": len(rows), "rows": old.n_rows})  # fmt: skip


def _recorded_from(signals: Signals, from_us: int) -> Signals:
    return _where(signals, lambda recorded_us: pc.greater_equal(recorded_us, from_us))


def _where(signals: Signals, choose: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> Signals:
    parts = []
    for table in (signals.fixes, signals.presence, signals.device_events):
        chosen = choose(table.column("recorded_at_utc").cast(pa.int64()))
        parts.append(table.filter(chosen).combine_chunks())
    return Signals(parts[0], parts[1], parts[2], n_rows_read=sum(part.num_rows for part in parts))
