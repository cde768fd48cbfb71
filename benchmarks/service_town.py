"""The people and messages of the service's benchmarks: homes on a grid at sea, a curfew and one zone each.

Nothing here knows of Django or of the network: numbers in, an order file or bytes out. All is synthetic.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import numpy as np
import pyarrow as pa

from milepost.orders.model import OrderFile
from milepost.tracks.record import FIXES

HOME = (1.5, 53.6)
STEP_LON, STEP_LAT = 0.004, 0.003
ZONE_EAST = 0.02
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def home_of(i: int) -> tuple[float, float]:
    return HOME[0] + (i % 200) * STEP_LON, HOME[1] + (i // 200) * STEP_LAT


def zone_of(i: int) -> tuple[float, float]:
    lon, lat = home_of(i)
    return lon + ZONE_EAST, lat


def device_of(i: int) -> str:
    return f"D{i:06d}"


def person_of(i: int) -> str:
    return f"P{i:06d}"


def order_file(people: range, *, worn_since: dt.datetime) -> OrderFile:
    """A curfew every night and an exclusion zone of 300 m, 1.3 km from home; tags worn since a moment."""
    since = (worn_since - dt.timedelta(days=30)).isoformat()
    first_day = (worn_since - dt.timedelta(days=30)).date().isoformat()
    persons: list[dict[str, Any]] = []
    activations: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    for i in people:
        lon, lat = home_of(i)
        begins = f"{19 + i % 2}:00"
        nights = [
            {"from_day": day, "from_time": begins, "until_day": DAYS[(n + 1) % 7], "until_time": "07:00"}
            for n, day in enumerate(DAYS)
        ]
        persons.append({"id": person_of(i), "name": f"Synthetic {i}", "synthetic": True})
        activations.append(
            {
                "id": f"A{i:06d}", "device_id": device_of(i), "person_id": person_of(i),
                "from_utc": worn_since.isoformat(),
            }
        )  # fmt: skip
        east = zone_of(i)[0]
        version = {
            "version": 1,
            "effective_from_utc": since,
            "places": [{"id": "home", "circle": {"lon": lon, "lat": lat, "radius_m": 60}}],
            "conditions": [
                {"id": "curfew", "kind": "curfew", "from": first_day, "place": "home", "schedule": nights},
                {
                    "id": "zone", "kind": "exclusion_zone", "from": first_day,
                    "circle": {"lon": east, "lat": lat, "radius_m": 300},
                },
            ],
        }  # fmt: skip
        orders.append(
            {
                "id": f"O{i:06d}", "person_id": person_of(i), "regime": "community_order",
                "versions": [version],
            }
        )  # fmt: skip
    return OrderFile.model_validate(
        {"milepost": 1, "people": persons, "activations": activations, "orders": orders}
    )


def osmand(i: int, at_us: int, place: tuple[float, float], *, alarm: str = "", jitter: bool = True) -> bytes:
    """One position as a phone or a tag sends it: the query of a request."""
    lon, lat = _shaken(place) if jitter else place
    said = (
        f"id={device_of(i)}&timestamp={at_us // 1000}&lat={lat:.6f}&lon={lon:.6f}&accuracy=4&batt=80"
        f"{'&alarm=' + alarm if alarm else ''}"
    )
    return said.encode()


def ndjson_line(i: int, at_us: int, place: tuple[float, float]) -> bytes:
    lon, lat = _shaken(place)
    return (
        f'{{"type":"fix","device_id":"{device_of(i)}","recorded_at_epoch_us":{at_us},"lat":{lat:.6f},'
        f'"lon":{lon:.6f},"source":"GPS","precision_m":10,"battery_pct":80}}'
    ).encode()


def _shaken(place: tuple[float, float]) -> tuple[float, float]:
    return place[0] + random.gauss(0, 4e-5), place[1] + random.gauss(0, 3e-5)


def fixes_table(tags: np.ndarray, times_us: np.ndarray, *, seed: int = 1, away: float = 0.0) -> pa.Table:
    """Fixes at home, one row for each pair; ``away``: the share of tags that are 2 km off all the time."""
    generator = np.random.default_rng(seed)
    n = len(tags)
    out = (tags * 2_654_435_761 % 1000) < away * 1000
    lon = HOME[0] + (tags % 200) * STEP_LON + np.where(out, -0.03, 0) + generator.normal(0, 4e-5, n)
    lat = HOME[1] + (tags // 200) * STEP_LAT + generator.normal(0, 3e-5, n)
    names, codes = np.unique(tags, return_inverse=True)
    columns = {
        "device_id": pa.DictionaryArray.from_arrays(
            pa.array(codes.astype(np.int32)), pa.array([device_of(int(i)) for i in names])
        ),
        "recorded_at_utc": pa.array(times_us.astype(np.int64)).cast(FIXES.field("recorded_at_utc").type),
        "source": pa.array(np.ones(n, np.uint8)),
        "lon_e7": pa.array(np.rint(lon * 1e7).astype(np.int32)),
        "lat_e7": pa.array(np.rint(lat * 1e7).astype(np.int32)),
        "precision_m": pa.array(np.full(n, 10, np.float32)),
        "battery_pct": pa.array(np.full(n, 80, np.float32)),
        "quality": pa.array(np.zeros(n, np.uint16)),
    }
    arrays = [columns[f.name].cast(f.type) if f.name in columns else pa.nulls(n, f.type) for f in FIXES]
    return pa.Table.from_arrays(arrays, schema=FIXES)


def arrow_message(table: pa.Table) -> bytes:
    """One Arrow IPC stream, as ``/ingest/arrow`` takes it."""
    wanted = table.select(
        ["device_id", "recorded_at_utc", "source", "lon_e7", "lat_e7", "precision_m", "battery_pct"]
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, wanted.schema) as writer:
        writer.write_table(wanted)
    return bytes(sink.getvalue())
