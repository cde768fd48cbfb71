"""Times that cannot be: after the clock of the machine that reads, or a year after all else the device sent.

One position dated 2057 among the good ones of an evening would stretch what is judged by 31 years. A file
need not say when its rows were received, so this looks at a whole batch: the flag is ``Quality.FUTURE``, the
row stays, and each is named.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from milepost.problems import Problem, Severity
from milepost.tracks.limits import QualityLimits, default_limits
from milepost.tracks.record import Quality, Signals

TABLES = ("fixes", "presence", "device_events")
DAY_US = 86_400_000_000
FUTURE = np.uint16(Quality.FUTURE.value)


def flag_ahead(
    signals: Signals,
    clock_us: int | None = None,
    limits: QualityLimits | None = None,
    severity: Severity = "warning",
) -> Signals:
    """``signals`` with FUTURE set on rows whose time cannot be; each new one becomes a problem in its list.

    Args:
        clock_us: the clock of this machine, microseconds UTC. It is not held against a batch of which most
            lies after it: then the clock is wrong, or the data are made up. None: it is not known.
        severity: "error" where such a row is left out of what is made of the signals.
    """
    limits = limits or default_limits()
    latest_us = None if clock_us is None else int(clock_us + limits.future_tolerance_s * 1e6)
    first, last = _reach(signals)
    long_us = limits.alone_after_days * DAY_US
    if last - first <= long_us and (latest_us is None or last <= latest_us):
        return signals  # nearly every batch: nothing more is looked at
    frame = _times(signals)
    ahead = np.zeros(frame.height, dtype=bool)
    if latest_us is not None:
        after = (frame["time"] > latest_us).to_numpy()
        if 2 * int(after.sum()) <= len(after):
            ahead |= after
    ahead |= _alone(frame, limits)
    return _with_flags(signals, frame, ahead, severity) if ahead.any() else signals


def _reach(signals: Signals) -> tuple[int, int]:
    """First and last time of all rows, microseconds UTC; 0 and 0 where there are none."""
    times = [getattr(signals, name).column("recorded_at_utc").cast(pa.int64()) for name in TABLES]
    ends = [pc.min_max(column) for column in times if len(column)]
    if not ends:
        return 0, 0
    return min(end["min"].as_py() for end in ends), max(end["max"].as_py() for end in ends)


def _times(signals: Signals) -> pl.DataFrame:
    """Device, time and flags of every row of the three tables that is not flagged FUTURE yet."""
    parts = []
    for number, name in enumerate(TABLES):
        table: pa.Table = getattr(signals, name)
        if not table.num_rows:
            continue
        part = pl.DataFrame(
            {
                "device": pl.from_arrow(table.column("device_id").cast(pa.string())),
                "time": pl.from_arrow(table.column("recorded_at_utc").cast(pa.int64())),
                "quality": pl.from_arrow(table.column("quality")),
            }
        ).with_row_index("row")
        known = part.filter((pl.col("quality") & int(FUTURE)) == 0)
        parts.append(known.with_columns(table=pl.lit(number, pl.Int8)))
    return pl.concat(parts)


def _alone(frame: pl.DataFrame, limits: QualityLimits) -> np.ndarray:
    """Rows that follow a silence of ``alone_after_days`` of their device and are few beside those before it."""
    limit_us = int(limits.alone_after_days * DAY_US)
    seen = frame.with_row_index("at").sort("device", "time").with_columns(
        gap=pl.col("time").diff().over("device"),
        before=pl.int_range(pl.len()).over("device"),
        count=pl.len().over("device"),
    )  # fmt: skip
    # The first silence after which so few follow; all that follow it are as far from the rest.
    few = (pl.col("gap") > limit_us) & (
        (pl.col("count") - pl.col("before")) <= pl.col("count") * limits.alone_share_at_most
    )
    starts = seen.filter(few).group_by("device").agg(pl.col("time").min().alias("start"))
    late = seen.join(starts, on="device").filter(pl.col("time") >= pl.col("start"))
    ahead = np.zeros(frame.height, dtype=bool)
    ahead[late["at"].to_numpy()] = True
    return ahead


def _with_flags(signals: Signals, frame: pl.DataFrame, ahead: np.ndarray, severity: Severity) -> Signals:
    found = frame.filter(pl.Series(ahead))
    flagged = replace(signals)
    for number, name in enumerate(TABLES):
        rows = found.filter(pl.col("table") == number)["row"].to_numpy()
        if not len(rows):
            continue
        table: pa.Table = getattr(signals, name)
        quality = table.column("quality").to_numpy().copy()
        quality[rows] |= FUTURE
        index = table.schema.get_field_index("quality")
        setattr(
            flagged, name, table.set_column(index, table.schema.field(index), pa.array(quality, pa.uint16()))
        )
        for row in rows.tolist():
            signals.problems.add(_problem(table, row, severity))
    return flagged


def _problem(table: pa.Table, row: int, severity: Severity) -> Problem:
    reference = table.column("payload_ref")[row].as_py() if "payload_ref" in table.column_names else None
    source, _, line = (reference or "").rpartition(":")
    device = table.column("device_id")[row].as_py()
    micros = table.column("recorded_at_utc").cast(pa.int64())[row].as_py()
    shown = str(np.datetime64(micros, "us"))[:19] + "Z"
    return Problem(
        source or f"device {device}",
        int(line) if line.isdigit() else (line or None),
        "recorded_at_utc",
        "The time lies in the future, or a year after all else this device sent: its clock was wrong. The row "
        "is kept, and nothing is judged by it",
        "Correct the time if it is known, or take the row out",
        shown,
        severity,
    )
