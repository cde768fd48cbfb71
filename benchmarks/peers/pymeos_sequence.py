"""PyMEOS (the core of MobilityDB): each device a discrete sequence, tested against its circle and polygon.

Discrete, so that nothing is interpolated between fixes; runs and windows are then numpy's.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely
from pymeos import TBool, TGeomPointSeq, pymeos_initialize

from benchmarks.peers.runs import intervals
from benchmarks.workload import Work

NAME = "PyMEOS"
SUBSET = 20
CANNOT = (
    "Its own rules (at, tcontains, tDwithin) interpolate between fixes; a change of state after two fixes, "
    "windows of one's own, probability, gaps and causes, home units, coverage, versions would be written by "
    "hand."
)
PLANE = 32631


def prepare(work: Work) -> Work:
    pymeos_initialize("UTC")
    return work


def _sides(answer: TBool) -> np.ndarray:
    return np.array(answer.values(), bool)


def run(work: Work) -> pa.Table:
    device = work.fixes["device_id"].chunk(0).indices.to_numpy()
    t = work.fixes["recorded_at_utc"].cast(pa.int64()).to_numpy()
    lon, lat = work.fixes["lon_e7"].to_numpy() * 1e-7, work.fixes["lat_e7"].to_numpy() * 1e-7
    in_circle, in_polygon = np.zeros(len(t), bool), np.zeros(len(t), bool)
    starts = np.searchsorted(device, np.arange(work.devices + 1))
    for d, (home, ring) in enumerate(zip(work.circles.to_pylist(), work.polygons.to_pylist(), strict=True)):
        rows = slice(int(starts[d]), int(starts[d + 1]))
        when = np.datetime_as_string(t[rows].astype("datetime64[us]"), unit="s")
        points = (
            f"Point({x!r} {y!r})@{w}+00"
            for x, y, w in zip(lon[rows].tolist(), lat[rows].tolist(), when, strict=True)
        )
        track = TGeomPointSeq(f"SRID=4326;{{{','.join(points)}}}")
        polygon = shapely.set_srid(shapely.Polygon(np.column_stack([ring["lon"], ring["lat"]])), 4326)
        in_polygon[rows] = _sides(track.intersects(polygon))
        centre = TGeomPointSeq(f"SRID=4326;{{Point({home['lon']!r} {home['lat']!r})@2000-01-01 00:00:00+00}}")
        there = centre.transform(PLANE).start_value()
        near = track.transform(PLANE).within_distance(there, home["radius_m"])
        in_circle[rows] = _sides(near)
    return intervals(device, t, in_circle, in_polygon, work.windows)
