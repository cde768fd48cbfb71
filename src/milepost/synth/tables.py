"""The record's tables (``milepost.tracks.record``) from what the signal model made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from milepost.synth.fixes import Fixes
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, DeviceEventKind

PresenceRow = tuple[str, float, str | None, int, bool]
"""Home unit, seconds since the epoch, tag, state, heartbeat."""
DeviceEventRow = tuple[str, float, DeviceEventKind, float | None, str | None]
"""Device, seconds since the epoch, kind, value, unit."""

LEFT_OUT = ("altitude_m", "payload_ref")
FIX_SCHEMA = pa.schema([f for f in FIXES if f.name not in LEFT_OUT])
"""The columns that are written: the canonical ones without those that synthetic tags do not give."""
FIX_COLUMNS = (
    "recorded_us",
    "received_us",
    *(name for name in FIX_SCHEMA.names if name not in ("device_id", "recorded_at_utc", "received_at_utc")),
)
"""The same columns, without the device, as ``Fixes`` names them."""
PRESENCE_DELAY_S, EVENT_DELAY_S = 4.0, 6.0


@dataclass(slots=True)
class FixChunk:
    """The fixes of one device on one person."""

    device_id: str
    fixes: Fixes
    rows: NDArray[np.int64]


def fix_table(chunks: list[FixChunk]) -> pa.Table:
    """All chunks, sorted by device and time; a duplicate follows its original."""
    chunks = sorted(chunks, key=lambda c: (c.device_id, int(c.fixes.recorded_us[c.rows[0]])))
    if not chunks:
        return FIX_SCHEMA.empty_table()
    devices = list(dict.fromkeys(chunk.device_id for chunk in chunks))
    number = {device: i for i, device in enumerate(devices)}
    code = np.concatenate([np.full(len(c.rows), number[c.device_id], np.int32) for c in chunks])
    columns = {name: np.concatenate([getattr(c.fixes, name)[c.rows] for c in chunks]) for name in FIX_COLUMNS}
    recorded = columns["recorded_us"]
    if bool(((np.diff(code) == 0) & (np.diff(recorded) < 0)).any()):
        order = np.lexsort((recorded, code))
        code, columns = code[order], {name: values[order] for name, values in columns.items()}
    arrays = [pa.DictionaryArray.from_arrays(pa.array(code), pa.array(devices))]
    for field, values in zip(list(FIX_SCHEMA)[1:], columns.values(), strict=True):
        mask = np.isnan(values) if values.dtype == np.float32 else None
        arrays.append(
            pa.array(values, mask=mask).cast(field.type) if mask is None else pa.array(values, mask=mask)
        )
    return pa.Table.from_arrays(arrays, schema=FIX_SCHEMA)


def presence_table(rows: list[PresenceRow]) -> pa.Table:
    """Sorted by home unit and time."""
    rows = sorted(rows, key=lambda row: row[:2])
    n = len(rows)
    return pa.table(
        {
            "device_id": pa.array([r[0] for r in rows], pa.string()).dictionary_encode(),
            "recorded_at_utc": _times([r[1] for r in rows], 0.0),
            "received_at_utc": _times([r[1] for r in rows], PRESENCE_DELAY_S),
            "sequence": pa.array(range(n), pa.int64()),
            "tag_id": pa.array([r[2] for r in rows], pa.string()),
            "state": pa.array([r[3] for r in rows], pa.uint8()),
            "heartbeat": pa.array([r[4] for r in rows], pa.bool_()),
            "quality": pa.array([0] * n, pa.uint16()),
            "payload_ref": pa.nulls(n, pa.string()),
        },
        schema=PRESENCE,
    )


def event_table(rows: list[DeviceEventRow]) -> pa.Table:
    """Sorted by device and time."""
    rows = sorted(rows, key=lambda row: (row[0], row[1], row[2].value))
    n = len(rows)
    return pa.table(
        {
            "device_id": pa.array([r[0] for r in rows], pa.string()).dictionary_encode(),
            "recorded_at_utc": _times([r[1] for r in rows], 0.0),
            "received_at_utc": _times([r[1] for r in rows], EVENT_DELAY_S),
            "sequence": pa.array(range(n), pa.int64()),
            "kind": pa.array([r[2].value for r in rows], pa.string()),
            "value": pa.array([r[3] for r in rows], pa.float64()),
            "unit": pa.array([r[4] for r in rows], pa.string()),
            "raw_code": pa.array([f"SYN-{r[2].name}" for r in rows], pa.string()),
            "quality": pa.array([0] * n, pa.uint16()),
            "payload_ref": pa.nulls(n, pa.string()),
        },
        schema=DEVICE_EVENTS,
    )


def _times(seconds: list[float], delay_s: float) -> pa.Array:
    # Devices report whole seconds.
    whole = (np.floor(np.array(seconds, np.float64)) + delay_s).astype(np.int64) * 1_000_000
    return pa.array(whole, pa.timestamp("us", tz="UTC"))
