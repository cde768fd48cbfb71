"""numpy for the circle and the runs, shapely (GEOS) for the polygon: what a careful analyst would write."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely

from benchmarks.peers.runs import intervals
from benchmarks.workload import Work, metres_per_degree

NAME = "numpy + shapely"
CANNOT = (
    "Nothing is there but geometry: probability from precision, gaps and their causes, home units, coverage, "
    "late and repeated data, order versions, evidence would each be written by hand. Rows must come sorted."
)


def prepare(work: Work) -> Work:
    return work


def run(work: Work) -> pa.Table:
    column = work.fixes["device_id"].chunk(0)
    device = column.indices.to_numpy()
    t = work.fixes["recorded_at_utc"].cast(pa.int64()).to_numpy()
    lon = work.fixes["lon_e7"].to_numpy() * 1e-7
    lat = work.fixes["lat_e7"].to_numpy() * 1e-7
    lon0, lat0, radius = (work.circles[c].to_numpy() for c in ("lon", "lat", "radius_m"))
    east, north = np.array([metres_per_degree(v) for v in lat0]).T
    dx = (lon - lon0[device]) * east[device]
    dy = (lat - lat0[device]) * north[device]
    in_circle = dx * dx + dy * dy <= (radius * radius)[device]
    in_polygon = np.zeros(len(t), bool)
    starts = np.searchsorted(device, np.arange(work.devices + 1))
    for d, (ring_lon, ring_lat) in enumerate(
        zip(work.polygons["lon"].to_pylist(), work.polygons["lat"].to_pylist(), strict=True)
    ):
        rows = slice(starts[d], starts[d + 1])
        x, y = lon[rows], lat[rows]
        near = (x >= min(ring_lon)) & (x <= max(ring_lon)) & (y >= min(ring_lat)) & (y <= max(ring_lat))
        if near.any():
            polygon = shapely.Polygon(np.column_stack([ring_lon, ring_lat]))
            shapely.prepare(polygon)
            in_polygon[rows][near] = shapely.contains_xy(polygon, x[near], y[near])
    return intervals(device, t, in_circle, in_polygon, work.windows)
