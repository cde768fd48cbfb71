"""MovingPandas: the nearest it has, a trajectory clipped to the zone. Not the whole work.

A clip draws straight lines between fixes and gives the crossing of the line, so it cannot give the fixes
that prove an entry. What is checked: every fix that begins or ends a zone entry of the reference lies in
a clipped piece. No curfews, no windows, no state that needs two fixes.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it says that an optional package is not installed
    import geopandas as gpd
    import movingpandas as mpd

from benchmarks.intervals import ZONE_ENTRY, table_of_rows
from benchmarks.workload import Work

NAME = "MovingPandas"
SUBSET = 2
CANNOT = (
    "Cannot do the whole work: entries are interpolated, one stray fix is an entry, no windows, no curfews. "
    "Nothing of probability, gaps, home units, coverage, versions or evidence."
)


def prepare(work: Work) -> Work:
    return work


def run(work: Work) -> pa.Table:
    device = work.fixes["device_id"].chunk(0).indices.to_numpy()
    t = work.fixes["recorded_at_utc"].to_pandas()
    lon, lat = work.fixes["lon_e7"].to_numpy() * 1e-7, work.fixes["lat_e7"].to_numpy() * 1e-7
    frame = gpd.GeoDataFrame(
        {"device": device, "t": t.dt.tz_localize(None)},
        geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326"),
    )
    rows = []
    for d, ring in enumerate(work.polygons.to_pylist()):
        track = mpd.Trajectory(frame[frame["device"] == d].set_index("t"), d)
        polygon = shapely.Polygon(np.column_stack([ring["lon"], ring["lat"]]))
        for piece in track.clip(polygon):
            a, b = (
                int(pd.Timestamp(when).value // 1_000)
                for when in (piece.get_start_time(), piece.get_end_time())
            )
            rows.append((d, ZONE_ENTRY, 0, a, b))
    return table_of_rows(rows)


def check(found: pa.Table, reference: pa.Table) -> str | None:
    """None if each end of each zone entry lies in a piece (to the second)."""
    pieces = found.to_pylist()
    for row in reference.to_pylist():
        if row["kind"] != ZONE_ENTRY:
            continue
        for end in ("start_us", "end_us"):
            if not any(
                p["device"] == row["device"] and p["start_us"] - 1e6 <= row[end] <= p["end_us"] + 1e6
                for p in pieces
            ):
                return f"no piece holds the {end} of {row}"
    return None
