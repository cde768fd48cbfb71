"""What a tag would send: a fix a minute at a place, for the worker's tests."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from milepost.service.monitoring.models import EngineWorker, Lease
from milepost.tracks.record import DEVICE_EVENTS, FIXES, Quality, Signals, Source
from tests.service.world import HOME

MINUTE_US = 60_000_000
AWAY = (HOME[0] + 0.02, HOME[1] + 0.02)
"""Some 2.6 km from home, outside every zone of the world."""
MARKET = (1.71, 53.71)


def us(text: str) -> int:
    """ "2025-03-03 19:05" UTC as microseconds."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp() * 1e6)


def fixes(
    from_us: int, until_us: int, at: tuple[float, float], *, device: str = "tag-1", every_us: int = MINUTE_US
) -> Signals:
    times = list(range(from_us, until_us, every_us))
    rows = {
        "device_id": [device] * len(times),
        "recorded_at_utc": times,
        "received_at_utc": times,
        "sequence": [t // every_us for t in times],
        "source": [int(Source.GPS)] * len(times),
        "lon_e7": [round(at[0] * 1e7)] * len(times),
        "lat_e7": [round(at[1] * 1e7)] * len(times),
        "precision_m": [8.0] * len(times),
        "speed_mps": [None] * len(times),
        "heading_deg": [None] * len(times),
        "altitude_m": [None] * len(times),
        "battery_pct": [80.0] * len(times),
        "quality": [int(Quality.NONE)] * len(times),
        "payload_ref": [None] * len(times),
    }
    return Signals(
        fixes=pa.Table.from_arrays(
            [pa.array(rows[f.name], _plain(f.type)).cast(f.type) for f in FIXES], schema=FIXES
        )
    )


def event(at_us: int, kind: str, *, device: str = "tag-1") -> Signals:
    row = {
        "device_id": device, "recorded_at_utc": at_us, "received_at_utc": at_us, "sequence": None, "kind": kind,
        "value": None, "unit": None, "raw_code": None, "quality": 0, "payload_ref": None,
    }  # fmt: skip
    arrays = [pa.array([row[f.name]], _plain(f.type)).cast(f.type) for f in DEVICE_EVENTS]
    return Signals(device_events=pa.Table.from_arrays(arrays, schema=DEVICE_EVENTS))


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(kind):
        return pa.int64()
    return pa.string() if pa.types.is_dictionary(kind) else kind


def killed_long_ago() -> None:
    """As if the worker before had been dead for a while: it holds nothing and takes no share of the buckets."""
    Lease.objects.update(until_us=0)
    EngineWorker.objects.all().delete()
