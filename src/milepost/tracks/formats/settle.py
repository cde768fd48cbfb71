"""Rows in the record's units to the three tables: what every format has in common once it is parsed.

Checks what a row cannot do without, sets the flags that one row (or its file) shows, and builds Arrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from milepost.problems import ProblemList
from milepost.tracks.formats.plain_floats import plain_floats
from milepost.tracks.formats.rows import Mask, Rows, is_null
from milepost.tracks.formats.settle_clock import settle_clock, shown
from milepost.tracks.formats.settle_place import settle_numbers, settle_place
from milepost.tracks.limits import QualityLimits, default_limits
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, DeviceEventKind, Signals

KINDS = frozenset(kind.value for kind in DeviceEventKind)


@dataclass(slots=True)
class Context:
    """What readers are told beside the file. ``now_us``: nothing can be recorded after it (optional)."""

    problems: ProblemList
    limits: QualityLimits
    now_us: int | None = None

    @classmethod
    def of(
        cls,
        problems: ProblemList | None = None,
        limits: QualityLimits | None = None,
        now_us: int | None = None,
    ) -> Context:
        return cls(ProblemList() if problems is None else problems, limits or default_limits(), now_us)


def settle(rows: Rows, context: Context) -> Signals:
    """The tables of one batch. ``n_rows_read`` counts a row that says two things (a position and an
    event, say) as two, because two rows of the record come of it."""
    if rows.frame.height == 0:
        return Signals(problems=context.problems)
    met = rows.frame.height
    for name in ("device_id", "recorded_us"):
        if not rows.has(name):
            rows.put(
                pl.repeat(None, met, dtype=pl.String if name == "device_id" else pl.Int64, eager=True).alias(
                    name
                )
            )
    rows.reject(
        is_null(rows.frame["device_id"]), "device_id", "No device is named", "Say which device sent this."
    )
    rows.reject(
        is_null(rows.frame["recorded_us"]),
        "recorded_at_utc",
        "No time is given",
        "Say when it was recorded, as 2026-10-25T01:30:00Z.",
        shown(rows, "recorded"),
    )
    quality = np.zeros(met, dtype=np.uint16)
    if rows.has("quality"):
        given = rows.frame["quality"].cast(pl.Int64).fill_null(0).to_numpy()
        quality |= (given & 0xFFFF).astype(np.uint16)
    settle_clock(rows, quality, context.limits, context.now_us)
    rows.put(pl.Series("quality", quality))
    return _split(rows, context, met)


def _split(rows: Rows, context: Context, met: int) -> Signals:
    kept = ~rows.rejected
    places = _said(rows, "lat") | _said(rows, "lon")
    presences, events = _said(rows, "presence"), _said(rows, "event")
    nothing = ~places & ~presences & ~events
    only_place = not rows.has("presence") and not rows.has("event")
    rows.reject(
        nothing,
        "lat" if only_place else None,
        "The row has no position" if only_place else "The row has no position, no presence and no event",
        "Give lat and lon." if only_place else "Give lat and lon, or presence, or event.",
    )
    said = places.astype(np.int64) + presences + events
    fixes = (
        rows
        if (places & kept).all() and not presences.any() and not events.any()
        else rows.part(places & kept)
    )
    tables = Signals(problems=context.problems)
    tables.n_rows_read = met + int(np.maximum(said[kept] - 1, 0).sum())
    tables.fixes = _fixes(fixes, context)
    tables.presence = _presence(rows.part(presences & kept))
    tables.device_events = _events(rows.part(events & kept))
    return tables


def _said(rows: Rows, name: str) -> Mask:
    return ~is_null(rows.frame[name]) if rows.has(name) else np.zeros(rows.frame.height, dtype=bool)


def _fixes(rows: Rows, context: Context) -> pa.Table:
    if rows.frame.height == 0:
        return FIXES.empty_table()
    quality = rows.frame["quality"].to_numpy(writable=True)
    settle_place(rows, quality, context.limits)
    settle_numbers(rows, quality, context.limits)
    frame = rows.frame.with_columns(pl.Series("quality", quality))
    if rows.rejected.any():
        frame = frame.filter(~rows.rejected)
    for axis in ("lat", "lon"):
        # Rounding to 1e-7 degrees is the record's own resolution (about 1 cm). Halves as Python rounds them.
        frame = frame.with_columns(
            (pl.col(axis) * 1e7).round(mode="half_to_even").cast(pl.Int32).alias(f"{axis}_e7")
        )
    return to_table(frame, FIXES)


def _presence(rows: Rows) -> pa.Table:
    if rows.frame.height == 0:
        return PRESENCE.empty_table()
    frame = rows.frame.with_columns(pl.col("presence").alias("state"))
    if rows.has("heartbeat"):
        frame = frame.with_columns(pl.col("heartbeat").fill_null(False))
    else:
        frame = frame.with_columns(pl.lit(False).alias("heartbeat"))
    return to_table(frame, PRESENCE)


def _events(rows: Rows) -> pa.Table:
    if rows.frame.height == 0:
        return DEVICE_EVENTS.empty_table()
    frame = rows.frame
    if not rows.has("raw_code"):
        frame = frame.with_columns(pl.lit(None, pl.String).alias("raw_code"))
    plain = pl.col("event").str.to_lowercase().str.replace_all(r"[ -]", "_")
    known = plain.is_in(list(KINDS))
    frame = frame.with_columns(
        pl.when(known).then(plain).otherwise(pl.lit(DeviceEventKind.OTHER.value)).alias("kind"),
        # A name that is not one of ours is the device's own code: kept, never guessed at.
        pl.when(known | pl.col("raw_code").is_not_null())
        .then("raw_code")
        .otherwise("event")
        .alias("raw_code"),
    )
    return to_table(frame, DEVICE_EVENTS)


def to_table(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    """A frame with the record's names (times as ``*_us``) as an Arrow table of exactly ``schema``."""
    arrays = []
    for wanted in schema:
        name = wanted.name.replace("_at_utc", "_us") if wanted.name.endswith("_at_utc") else wanted.name
        if name not in frame.columns:
            arrays.append(pa.nulls(frame.height, wanted.type))
            continue
        array = frame[name].to_arrow()
        if pa.types.is_dictionary(wanted.type):
            array = array.cast(pa.string()).dictionary_encode()
        arrays.append(plain_floats(array if array.type == wanted.type else array.cast(wanted.type)))
    return pa.Table.from_arrays(arrays, schema=schema)
