"""Quality of what was read: the flags that only a whole stream shows, and a summary for people.

For inspection. The engine decides on its own, by the same definitions
(docs/explanation/how-the-engine-decides.md, section 2), over each person's stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pyarrow as pa

from milepost.tracks.limits import QualityLimits, default_limits
from milepost.tracks.record import Quality, Signals, Source
from milepost.tracks.speed import impossible_speed

ORDER = ("device", "time", "sequence", "source", "lon_e7", "lat_e7", "precision_m")
NOT_A_CONTACT = (
    Quality.FUTURE | Quality.DUPLICATE | Quality.ZERO_ISLAND | Quality.NOT_VALID | Quality.SWAPPED_AXES
)


def flag(
    fixes: pa.Table,
    limits: QualityLimits | None = None,
    *,
    may_confirm: frozenset[Source] = frozenset({Source.GPS}),
    assumed_precision_m: Mapping[Source, float] | None = None,
) -> pa.Table:
    """``fixes`` with DUPLICATE and IMPOSSIBLE_SPEED set afresh, per device; rows and their order stay.

    ``may_confirm``: the sources whose fixes are held against a speed. ``assumed_precision_m``: the
    radius to allow for a fix of that source whose precision is not known (0 where not given).
    """
    if fixes.num_rows == 0:
        return fixes
    limits = limits or default_limits()
    frame = _order(fixes)
    quality = frame["quality"].to_numpy(writable=True)
    quality &= np.uint16(0xFFFF ^ (Quality.DUPLICATE | Quality.IMPOSSIBLE_SPEED).value)
    future = quality & np.uint16(Quality.FUTURE.value) > 0
    duplicate = _duplicates(frame, future)
    quality[duplicate] |= np.uint16(Quality.DUPLICATE.value)
    trusted = np.isin(frame["source"].to_numpy(), [source.value for source in may_confirm])
    held = trusted & (quality & np.uint16((NOT_A_CONTACT | Quality.MOCK).value) == 0)
    assumed = {source.value: metres for source, metres in (assumed_precision_m or {}).items()}
    precision = frame["precision_m"].to_numpy().astype(np.float64)
    unknown = np.isnan(precision)
    precision[unknown] = [assumed.get(int(s), 0.0) for s in frame["source"].to_numpy()[unknown]]
    refused = np.zeros(frame.height, dtype=bool)
    at = np.flatnonzero(held)
    refused[at] = impossible_speed(
        frame["device"].to_numpy()[at],
        frame["time"].to_numpy()[at],
        frame["lon_e7"].to_numpy()[at],
        frame["lat_e7"].to_numpy()[at],
        precision[at],
        limits.max_speed_mps,
        limits.speed_escape_fixes,
    )
    quality[refused] |= np.uint16(Quality.IMPOSSIBLE_SPEED.value)
    result = np.empty_like(quality)
    result[frame["row"].to_numpy()] = quality
    index = fixes.schema.get_field_index("quality")
    return fixes.set_column(index, fixes.schema.field(index), pa.array(result, pa.uint16()))


def _order(fixes: pa.Table) -> pl.DataFrame:
    """The columns that decide, in the engine's total order within each device; nulls first."""
    names = ("lon_e7", "lat_e7", "precision_m", "sequence", "source", "quality")
    frame = pl.DataFrame({name: pl.from_arrow(fixes.column(name)) for name in names}).with_columns(
        pl.Series("device", pl.from_arrow(fixes.column("device_id").cast(pa.string()))).rank("dense"),
        pl.Series("time", pl.from_arrow(fixes.column("recorded_at_utc").cast(pa.int64()))),
    )
    return frame.with_row_index("row").sort(ORDER, nulls_last=False, maintain_order=True)


def _duplicates(frame: pl.DataFrame, future: np.ndarray) -> np.ndarray:
    """All but the first with the same device, time, sequence and source. Fixes from the future take no
    part, as the engine looks at them before it looks for duplicates."""
    # Rows are in order of these very fields, so equal ones are neighbours.
    taking_part = frame.with_columns(pl.Series("part", ~future)).with_row_index("at").filter("part")
    keys = ("device", "time", "sequence", "source")
    again = taking_part.select(
        pl.all_horizontal(pl.col(key).eq_missing(pl.col(key).shift(1)) for key in keys)
    ).to_series()
    if len(again):
        again[0] = False
    result = np.zeros(frame.height, dtype=bool)
    result[taking_part["at"].to_numpy()] = again.to_numpy()
    return result


def summary(signals: Signals, limits: QualityLimits | None = None) -> dict[str, object]:
    """Counts and shapes that tell at a glance whether a file is what somebody thinks it is.

    Times are ISO 8601 UTC; ``extent`` is west, south, east, north in degrees; gaps are silences longer
    than the limits' ``gap_s`` between two fixes of one device.
    """
    limits = limits or default_limits()
    fixes = signals.fixes
    result: dict[str, object] = {
        "rows_read": signals.n_rows_read,
        "fixes": fixes.num_rows,
        "presence": signals.presence.num_rows,
        "device_events": signals.device_events.num_rows,
        "errors": signals.problems.n_errors,
        "warnings": signals.problems.n_warnings,
        "devices": _devices(signals),
    }
    if not fixes.num_rows:
        return result | {"flags": {}, "sources": {}, "extent": None, "interval_median_s": None, "gaps": 0}
    frame = _order(fixes)
    quality = frame["quality"].to_numpy()
    sources = dict(frame["source"].value_counts().sort("source").iter_rows())
    known = {source.value: source.name for source in Source}
    steps = frame.select(pl.col("time").diff().over("device") / 1e6).to_series().drop_nulls()
    moving = steps.filter(steps > 0)
    placed = frame.filter(~pl.Series(quality & np.uint16(Quality.ZERO_ISLAND.value) > 0))
    edges = [placed[name].min() for name in ("lon_e7", "lat_e7")] + [
        placed[name].max() for name in ("lon_e7", "lat_e7")
    ]
    return result | {
        "flags": {
            f.name: n for f in Quality if f and (n := int(np.count_nonzero(quality & np.uint16(f.value))))
        },
        "sources": {known.get(code, f"code {code}"): n for code, n in sources.items()},
        "extent": [int(e) / 1e7 for e in edges] if placed.height else None,  # type: ignore[arg-type]
        "interval_median_s": moving.median() if len(moving) else None,
        "gaps": int((steps > limits.gap_s).sum()),
        "longest_gap_s": steps.max() if len(steps) else None,
    }


def _devices(signals: Signals) -> dict[str, dict[str, object]]:
    parts = []
    for name, table in (
        ("fixes", signals.fixes),
        ("presence", signals.presence),
        ("device_events", signals.device_events),
    ):
        if not table.num_rows:
            continue
        frame = pl.DataFrame(
            {
                "device": pl.from_arrow(table.column("device_id").cast(pa.string())),
                "time": pl.from_arrow(table.column("recorded_at_utc").cast(pa.int64())),
            }
        )
        parts.append(
            frame.group_by("device")
            .agg(pl.len(), pl.col("time").min().alias("low"), pl.col("time").max().alias("high"))
            .with_columns(table=pl.lit(name))
        )
    if not parts:
        return {}
    devices: dict[str, dict[str, object]] = {}
    for device, group in pl.concat(parts).sort("device", "table").group_by("device", maintain_order=True):
        counts = dict(zip(group["table"], group["len"], strict=True))
        devices[str(device[0])] = counts | {
            "first_utc": _iso(group["low"].min()),
            "last_utc": _iso(group["high"].max()),
        }
    return devices


def _iso(us: object) -> str:
    try:
        moment = datetime.fromtimestamp(int(us) / 1e6, UTC)  # type: ignore[call-overload]
        return moment.isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return str(us)
