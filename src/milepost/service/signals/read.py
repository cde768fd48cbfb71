"""Recent signals as the record's own tables: for the engine, the map, exports, the lake.

Nothing here decides who may see what. Times are microseconds UTC, intervals half-open.
``payload_ref`` of a row is its table and id, such as "fix:123".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from django.db import connection

from milepost.compliance.columns import FIELDS_READ
from milepost.service.signals.columns import CELLS_ROUND, FIX, KINDS
from milepost.service.signals.fetch import Query, fetch, fetch_fields
from milepost.service.signals.senders import chosen_numbers, known_numbers
from milepost.tracks.record import Quality, Signals

EARTH_M = 6_371_008.8
"""Mean radius (IUGG)."""
METRES_PER_DEGREE = EARTH_M * np.pi / 180
MISLEADING = Quality.FUTURE | Quality.ZERO_ISLAND | Quality.NOT_VALID | Quality.SWAPPED_AXES


class Ids(NamedTuple):
    """How far somebody has read: an id in each table. Rows up to it will never appear later."""

    fix: int = 0
    presence: int = 0
    event: int = 0


def highest_ids() -> Ids:
    """The newest id of each table (0 for an empty one)."""
    with connection.cursor() as cursor:
        parts = ", ".join(f"(SELECT coalesce(max(id), 0) FROM {kind.table})" for kind in KINDS)
        cursor.execute(f"SELECT {parts}")
        return Ids(*cursor.fetchone())


def signals_since(fix_id: int, presence_id: int, event_id: int, limit: int) -> tuple[Signals, Ids]:
    """What came in after these ids, in the order in which it came; at most ``limit`` rows of each table.

    Returns the signals and the ids to ask with next time.
    """
    after = Ids(fix_id, presence_id, event_id)
    signals, reached = Signals(), []
    for kind, since in zip(KINDS, after, strict=True):
        ids, table = fetch(
            kind,
            Query(f"FROM {kind.table} t", "t.id > %s", [since], f"t.id LIMIT {int(limit)}"),
            with_ids=True,
        )
        setattr(signals, kind.record, table)
        reached.append(int(ids[-1]) if len(ids) else since)
    signals.n_rows_read = signals.n_rows
    return signals, Ids(*reached)


def signals_of(device_ids: Collection[str], from_us: int, until_us: int) -> Signals:
    """What these devices recorded in [from, until), each table by device (number), time, sequence."""
    return signals_of_senders(sorted(known_numbers(device_ids).values()), from_us, until_us)


def signals_of_senders(
    senders: Collection[int],
    from_us: int,
    until_us: int,
    *,
    after: Ids | None = None,
    upto: Ids | None = None,
    fix_fields: Sequence[str] | None = None,
) -> Signals:
    """As ``signals_of`` by the devices' numbers; with ``after`` and ``upto``, only rows with ids in (after, upto].

    ``fix_fields``: only these fields of fixes, which then come in no order.
    """
    signals = Signals()
    if not senders or from_us >= until_us:
        return signals
    chosen, given = chosen_numbers(senders)
    for n, kind in enumerate(KINDS):
        where, values = "t.recorded_us >= %s AND t.recorded_us < %s", [given, from_us, until_us]
        for bound, sign in ((after, ">"), (upto, "<=")):
            if bound is not None:
                where += f" AND t.id {sign} %s"
                values.append(bound[n])
        source = f"FROM {chosen} chosen JOIN {kind.table} t ON t.sender_id = chosen.value"
        query = Query(source, where, values)
        if kind is FIX and fix_fields is not None:
            table = fetch_fields(kind, query, fix_fields)
        else:
            _, table = fetch(kind, query)
        setattr(signals, kind.record, table)
    signals.n_rows_read = signals.n_rows
    return signals


def signals_to_judge(device_ids: Collection[str], from_us: int, until_us: int) -> Signals:
    """As ``signals_of``, but of fixes only what the engine reads, in no order."""
    senders = known_numbers(device_ids).values()
    return signals_of_senders(sorted(senders), from_us, until_us, fix_fields=FIELDS_READ)


def latest_fix(device_ids: Collection[str], *, without: Quality = MISLEADING) -> pa.Table:
    """The last recorded fix of each device that has one, leaving out fixes with any flag of ``without``."""
    numbers = list(known_numbers(device_ids).values())
    if not numbers:
        return FIX.schema.empty_table()
    chosen, given = chosen_numbers(numbers)
    # One short walk down the index for each device, however long its history. "< 1" and not "= 0": PostgreSQL
    # takes the latter to be rare, and reads and sorts the whole history instead.
    last = (
        f"SELECT (SELECT f.id FROM {FIX.table} f WHERE f.sender_id = chosen.value AND (f.quality & %s) < 1 "
        f"ORDER BY f.recorded_us DESC, f.sequence DESC LIMIT 1) AS id FROM {chosen} chosen"
    )
    source = f"FROM ({last}) newest JOIN {FIX.table} t ON t.id = newest.id"
    return fetch(FIX, Query(source, "1 = 1", [int(without), given]))[1]


def first_recorded(senders: Collection[int]) -> dict[int, int]:
    """When the first signal of each sender that has one in the recent tables was recorded, by the sender's number."""
    if not senders:
        return {}
    chosen, given = chosen_numbers(senders)
    found: dict[int, int] = {}
    for kind in KINDS:
        first = (
            f"SELECT chosen.value, (SELECT t.recorded_us FROM {kind.table} t WHERE t.sender_id = chosen.value "
            f"ORDER BY t.recorded_us LIMIT 1) FROM {chosen} chosen"
        )
        with connection.cursor() as cursor:
            cursor.execute(first, [given])
            for sender, us in cursor.fetchall():
                if us is not None:
                    found[sender] = min(us, found.get(sender, us))
    return found


def near(lon: float, lat: float, radius_m: float, from_us: int, until_us: int) -> pa.Table:
    """Fixes recorded in [from, until) at most ``radius_m`` from a point (degrees, WGS 84), by device and time.

    The distance is that of the reported positions: for fixes that may be some way off, ask for a larger
    radius. Meant for a few kilometres; a radius of 50 km looks into some 10,000 cells.
    """
    cells = cells_around(lon, lat, radius_m)
    chosen, given = chosen_numbers(cells)
    source = f"FROM {chosen} chosen JOIN {FIX.table} t ON t.cell = chosen.value"
    where = "t.recorded_us >= %s AND t.recorded_us < %s"
    table = fetch(FIX, Query(source, where, [given, from_us, until_us]))[1]
    away_m = distance_m(
        table.column("lon_e7").to_numpy() / 1e7, table.column("lat_e7").to_numpy() / 1e7, lon, lat
    )
    return table.filter(pa.array(away_m <= radius_m))


def cells_around(lon: float, lat: float, radius_m: float) -> list[int]:
    """The grid cells that a circle can touch, across the date line and over a pole too."""
    reach = radius_m / METRES_PER_DEGREE * 1.001
    south, north = max(lat - reach, -90.0), min(lat + reach, 90.0)
    narrowest = np.cos(np.radians(max(abs(south), abs(north))))
    wide = reach / narrowest if narrowest > 1e-9 else 180.0
    rows = range(int(np.floor(south * 100)), int(np.floor(north * 100)) + 1)
    if wide >= 180:
        columns = range(CELLS_ROUND + 1)
    else:
        columns = range(int(np.floor((lon - wide + 180) * 100)), int(np.floor((lon + wide + 180) * 100)) + 1)
    # Exactly 180 degrees east is a column of its own beyond the last.
    wrapped = {c % CELLS_ROUND for c in columns} | (
        {CELLS_ROUND} if any(c % CELLS_ROUND == 0 for c in columns) else set()
    )
    return [row * 100_000 + column for row in rows for column in sorted(wrapped)]


def distance_m(lon: np.ndarray, lat: np.ndarray, to_lon: float, to_lat: float) -> np.ndarray:
    """Great-circle distance, degrees to metres (haversine)."""
    lon1, lat1, lon2, lat2 = np.radians(lon), np.radians(lat), np.radians(to_lon), np.radians(to_lat)
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
