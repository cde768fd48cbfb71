"""The three signal tables beside the record of ``milepost.tracks``: which column holds what, in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE

CELLS_ROUND = 36_000
"""Cells of 0.01 degrees around the globe."""
E7_PER_CELL = 100_000


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the three tables."""

    name: str
    """As in ``Delivery.first_ids``."""
    record: str
    """The field of ``Signals``."""
    schema: pa.Schema
    table: str
    """The database table."""
    columns: tuple[str, ...]
    """Its columns but ``id``, in the order of ``values_of``."""
    types: tuple[str, ...]
    """Their types in PostgreSQL."""
    key: tuple[str, ...]
    """What makes two rows the same: the columns of the unique constraint."""


_HEAD = ("sender_id", "recorded_us", "received_us", "sequence")
_HEAD_TYPES = ("bigint", "bigint", "bigint", "bigint")
FIX = Kind(
    "fix", "fixes", FIXES, "signals_fix",
    (*_HEAD, "source", "lon_e7", "lat_e7", "precision_m", "speed_mps", "heading_deg", "altitude_m", "battery_pct",
     "quality", "delivery", "cell"),
    (*_HEAD_TYPES, "smallint", "integer", "integer", *["double precision"] * 5, "integer", "bigint", "integer"),
    ("sender_id", "recorded_us", "sequence", "source", "lon_e7", "lat_e7"),
)  # fmt: skip
PRESENCES = Kind(
    "presence", "presence", PRESENCE, "signals_presence",
    (*_HEAD, "tag_id", "state", "heartbeat", "quality", "delivery"),
    (*_HEAD_TYPES, "text", "smallint", "boolean", "integer", "bigint"),
    ("sender_id", "recorded_us", "sequence", "tag_id", "state", "heartbeat"),
)  # fmt: skip
EVENT = Kind(
    "event", "device_events", DEVICE_EVENTS, "signals_deviceevent",
    (*_HEAD, "kind", "value", "unit", "raw_code", "quality", "delivery"),
    (*_HEAD_TYPES, "text", "double precision", "text", "text", "integer", "bigint"),
    ("sender_id", "recorded_us", "sequence", "kind", "raw_code"),
)  # fmt: skip
KINDS = (FIX, PRESENCES, EVENT)


def cell_of(lon_e7: np.ndarray, lat_e7: np.ndarray) -> np.ndarray:
    """The grid cell of each position; see ``models.Fix``. Whole numbers only, so both databases agree."""
    return (lat_e7.astype(np.int64) // E7_PER_CELL) * 100_000 + (
        lon_e7.astype(np.int64) + 1_800_000_000
    ) // E7_PER_CELL


def device_ids(table: pa.Table) -> list[str]:
    """The different device ids of a table, in no special order."""
    return sorted(set(pc.unique(table.column("device_id").cast(pa.string())).to_pylist()))


def values_of(
    kind: Kind, table: pa.Table, senders: Mapping[str, int], received_us: int, delivery: int
) -> list[list[object]]:
    """The values of each of ``kind.columns``, as lists of Python values with ``None`` for null.

    A row that says when it was received keeps that time, unless it is later than ours, which cannot be.
    """
    n = table.num_rows
    made: list[list[object]] = []
    for name in kind.columns:
        if name == "sender_id":
            coded = table.column("device_id").combine_chunks()
            coded = coded if pa.types.is_dictionary(coded.type) else coded.dictionary_encode()
            numbers = np.array([senders.get(d, 0) for d in coded.dictionary.to_pylist()], dtype=np.int64)
            made.append(numbers[coded.indices.to_numpy(zero_copy_only=False)].tolist())
        elif name == "delivery":
            made.append([delivery] * n)
        elif name == "cell":
            made.append(
                cell_of(table.column("lon_e7").to_numpy(), table.column("lat_e7").to_numpy()).tolist()
            )
        elif name == "recorded_us":
            made.append(table.column("recorded_at_utc").cast(pa.int64()).to_pylist())
        elif name == "received_us":
            said = table.column("received_at_utc").cast(pa.int64()).fill_null(received_us)
            made.append(pc.min_element_wise(said, received_us).to_pylist())
        elif name == "sequence":
            made.append(table.column("sequence").fill_null(-1).to_pylist())
        elif name in ("tag_id", "unit", "raw_code"):
            made.append(table.column(name).fill_null("").to_pylist())
        else:
            column = table.column(name)
            if pa.types.is_floating(column.type):  # SQLite has no NaN: it would come back as null
                column = pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
            made.append(column.to_pylist())
    return made
