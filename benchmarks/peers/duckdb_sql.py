"""DuckDB from Arrow tables. With its spatial extension where that is installed, else plain SQL geometry."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.intervals import table_of
from benchmarks.peers.sql import intervals_sql
from benchmarks.workload import Work, metres_per_degree

NAME = "DuckDB"
CANNOT = (
    "Polygons need the spatial extension, for which version 2.0 had no wheel (here: the even-odd rule in "
    "SQL). Probability, gaps and causes, home units, coverage and versions would be further queries."
)

NEAR = """
    located AS (
        SELECT f.device, f.t, f.lon_e7 * 1e-7 AS lon, f.lat_e7 * 1e-7 AS lat, r.*  EXCLUDE (device),
            ((f.lon_e7 * 1e-7 - lon0) * east_m) ** 2 + ((f.lat_e7 * 1e-7 - lat0) * north_m) ** 2
                > radius_m ** 2 AS out
        FROM fixes AS f JOIN rings AS r USING (device)
    ),"""
CROSSED = """
    crossed AS (
        SELECT l.device, l.t, count(*) % 2 = 1 AS entered
        FROM located AS l JOIN edges AS e ON l.device = e.device
        WHERE lon BETWEEN west AND east AND lat BETWEEN south AND north
          AND ((e.ya > lat) <> (e.yb > lat)) AND lon < (e.xb - e.xa) * (lat - e.ya) / (e.yb - e.ya) + e.xa
        GROUP BY l.device, l.t
    ),"""
SIDES_BY_JOIN = """
    SELECT l.device, l.t, out, coalesce(c.entered, false) AS entered
    FROM located AS l LEFT JOIN crossed AS c ON l.device = c.device AND l.t = c.t"""
SIDES_BY_EXTENSION = """
    SELECT device, t, out, lon BETWEEN west AND east AND lat BETWEEN south AND north
        AND ST_Contains(shape, ST_Point(lon, lat)) AS entered
    FROM located"""


def prepare(work: Work) -> Any:
    connection = duckdb.connect()
    try:
        connection.load_extension("spatial")
        spatial = True
    except duckdb.Error:
        spatial = False
    return connection, work, spatial


def run(state: Any) -> pa.Table:
    connection, work, spatial = state
    cursor = connection.cursor()
    column = work.fixes["device_id"].chunk(0)
    fixes = pa.table(
        {
            "device": column.indices,
            "t": work.fixes["recorded_at_utc"].cast(pa.int64()),
            "lon_e7": work.fixes["lon_e7"],
            "lat_e7": work.fixes["lat_e7"],
        }
    )
    cursor.register("fixes", fixes)
    cursor.register("windows", work.windows)
    cursor.register("edges", edges_of(work))
    rings = rings_of(work)
    if spatial:
        wkt = pa.array([_wkt(r["lon"], r["lat"]) for r in work.polygons.to_pylist()])
        cursor.register("wkt", rings.append_column("wkt", wkt))
        cursor.execute(
            "CREATE TEMP TABLE rings AS SELECT * EXCLUDE (wkt), ST_GeomFromText(wkt) AS shape FROM wkt"
        )
        query = intervals_sql(SIDES_BY_EXTENSION, before=NEAR)
    else:
        cursor.register("rings", rings)
        query = intervals_sql(SIDES_BY_JOIN, before=NEAR + CROSSED)
    found = cursor.sql(query).to_arrow_table()
    return table_of(*(found[name].to_numpy() for name in found.column_names))


def rings_of(work: Work) -> pa.Table:
    """Circle, scale and box of each device."""
    scales = np.array([metres_per_degree(v) for v in work.circles["lat"].to_pylist()])
    lons, lats = work.polygons["lon"].to_pylist(), work.polygons["lat"].to_pylist()
    return pa.table(
        {
            "device": work.circles["device"],
            "lon0": work.circles["lon"],
            "lat0": work.circles["lat"],
            "radius_m": work.circles["radius_m"],
            "east_m": scales[:, 0],
            "north_m": scales[:, 1],
            "west": [min(v) for v in lons],
            "east": [max(v) for v in lons],
            "south": [min(v) for v in lats],
            "north": [max(v) for v in lats],
        }
    )


def edges_of(work: Work) -> pa.Table:
    """Edges of each polygon, without those that no ray to the east can cross."""
    parts = []
    for r in work.polygons.to_pylist():
        x, y = np.array(r["lon"]), np.array(r["lat"])
        parts.append((np.full(len(x), r["device"], np.int32), x, y, np.roll(x, -1), np.roll(y, -1)))
    columns = [np.concatenate(c) for c in zip(*parts, strict=True)]
    crossing = columns[2] != columns[4]
    return pa.table(
        {k: c[crossing] for k, c in zip(("device", "xa", "ya", "xb", "yb"), columns, strict=True)}
    )


def _wkt(lon: list[float], lat: list[float]) -> str:
    points = [f"{x!r} {y!r}" for x, y in zip([*lon, lon[0]], [*lat, lat[0]], strict=True)]
    return f"POLYGON(({', '.join(points)}))"
