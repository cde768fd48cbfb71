"""Signals for tests, in a few words."""

from __future__ import annotations

import pyarrow as pa

from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, Signals, Source

T0_US = 1_773_500_400_000_000
"""2026-03-14 15:00 UTC."""
MINUTE_US = 60_000_000
_EMPTY = {"device_id": "tag-1", "source": int(Source.GPS), "quality": 0, "heartbeat": False, "state": 1}


def table(schema: pa.Schema, rows: list[dict]) -> pa.Table:
    """Rows as dictionaries; times as ``recorded_us`` and ``received_us``; what is left out is null."""
    full = []
    for row in rows:
        values = {**{k: v for k, v in _EMPTY.items() if k in schema.names}, **row}
        for name in ("recorded", "received"):
            if f"{name}_us" in values:
                values[f"{name}_at_utc"] = values.pop(f"{name}_us")
        full.append(values)
    columns = [
        pa.array([row.get(f.name) for row in full], _plain(f.type)).cast(_middle(f.type)) for f in schema
    ]
    return pa.Table.from_arrays(
        [
            c.dictionary_encode() if pa.types.is_dictionary(f.type) else c
            for c, f in zip(columns, schema, strict=True)
        ],
        schema=schema,
    )


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_timestamp(kind) else _middle(kind)


def _middle(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def signals(
    fixes: list[dict] | None = None, presence: list[dict] | None = None, events: list[dict] | None = None
) -> Signals:
    made = Signals(
        table(FIXES, fixes or []), table(PRESENCE, presence or []), table(DEVICE_EVENTS, events or [])
    )
    made.n_rows_read = made.n_rows
    return made


def fix(minute: float = 0, device_id: str = "tag-1", lon: float = 1.7, lat: float = 53.7, **more) -> dict:
    return {
        "device_id": device_id, "recorded_us": T0_US + round(minute * MINUTE_US), "lon_e7": round(lon * 1e7),
        "lat_e7": round(lat * 1e7), **more,
    }  # fmt: skip
