"""The synthetic town of the demo as files, and its signals in the order in which they came in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from milepost.compliance.finding_kinds import FindingKind
from milepost.orders.model import OrderFile
from milepost.orders.read import read_orders
from milepost.service.demo.names import name_of
from milepost.service.demo.policy_data import numbers
from milepost.synth.write import make_town
from milepost.times import MINUTE_US, to_us
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, Signals

LONDON = ZoneInfo("Europe/London")
TABLES = (("fixes", FIXES), ("presence", PRESENCE), ("device_events", DEVICE_EVENTS))


def prepare(folder: Path, *, people: int, seed: int, progress: Callable[[int], None] | None = None) -> None:
    """Makes the files of the town, unless they are there."""
    if (folder / "orders.json").exists() and (folder / "made").exists():
        return
    town = numbers().town
    make_town(
        folder, people=people, days=town.past_days + town.live_days, seed=seed, start=town.first_day,
        progress=progress,
    )  # fmt: skip
    (folder / "made").touch()


def read_town_orders(folder: Path) -> OrderFile:
    """The orders, each person under a name that nobody can take for real."""
    order_file, _ = read_orders(folder / "orders.json")
    for number, person in enumerate(order_file.people):
        person.name = name_of(number)
    return order_file


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds UTC."""

    begin_us: int
    """The first prepared moment."""
    visit_us: int
    """When the visitor comes: until then it is the past."""
    end_us: int
    """When what is prepared has been played."""
    late_person: str
    """Reference of somebody who is late soon after."""
    late_us: int


def times_of(folder: Path) -> Times:
    """From the truth of the town: the visitor comes shortly before somebody is late for their curfew."""
    town, start = numbers().town, numbers().start
    first_live = town.first_day + dt.timedelta(days=town.past_days)
    evening_us = _local_us(first_live, start.from_local_hour)
    truth = pq.read_table(folder / "truth.parquet").to_pylist()
    late = sorted(
        (row["start_utc"], row["person_id"]) for row in truth
        if row["kind"] in (FindingKind.LATE_RETURN, FindingKind.ABSENT_ENTIRE)
        and row["seconds"] >= start.late_minutes * 60
        and (row["observed_share"] or 0) >= start.seen_share
        and to_us(row["start_utc"]) >= evening_us + start.before_minutes * MINUTE_US
    )  # fmt: skip
    late_us, person = (to_us(late[0][0]), late[0][1]) if late else (evening_us, "")
    return Times(
        begin_us=_local_us(town.first_day, 0),
        visit_us=late_us - int(start.before_minutes * MINUTE_US),
        end_us=_local_us(first_live + dt.timedelta(days=town.live_days), 0),
        late_person=person,
        late_us=late_us,
    )


class TownSignals:
    """All signals of the town, each table in the order in which it was received."""

    def __init__(self, folder: Path) -> None:
        self.tables: dict[str, pa.Table] = {}
        self._received: dict[str, np.ndarray] = {}
        for name, schema in TABLES:
            table = pq.read_table(folder / f"{name}.parquet")
            for missing in [field for field in schema if field.name not in table.column_names]:
                table = table.append_column(missing, pa.nulls(table.num_rows, missing.type))
            table = table.select(schema.names).cast(schema).combine_chunks()
            received = table.column("received_at_utc").cast(pa.int64()).to_numpy()
            order = np.argsort(received, kind="stable")
            self.tables[name] = table.take(pa.array(order))
            self._received[name] = received[order]

    def received_in(self, after_us: int, upto_us: int) -> Signals:
        """What came in after one moment and up to another."""
        parts = []
        for name, _ in TABLES:
            low, high = np.searchsorted(self._received[name], [after_us, upto_us], side="right")
            parts.append(self.tables[name].slice(int(low), int(high - low)))
        return Signals(parts[0], parts[1], parts[2], n_rows_read=sum(part.num_rows for part in parts))


def _local_us(day: dt.date, hour: int) -> int:
    return to_us(dt.datetime.combine(day, dt.time(hour), LONDON))
