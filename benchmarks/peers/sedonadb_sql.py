"""SedonaDB: spatial SQL on Arrow. Arithmetic for the circle, its own ST_Contains for the zone."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import sedonadb

from benchmarks.intervals import table_of
from benchmarks.peers.duckdb_sql import _wkt, rings_of
from benchmarks.peers.sql import intervals_sql
from benchmarks.workload import Work

NAME = "SedonaDB"
CANNOT = (
    "Probability, gaps and causes, home units, coverage and "
    "versions would be further queries; evidence and late data are out of reach of one query."
)
SIDES = """
    SELECT f.device, f.t,
        power((f.lon - r.lon0) * r.east_m, 2) + power((f.lat - r.lat0) * r.north_m, 2)
            > power(r.radius_m, 2) AS out,
        f.lon BETWEEN r.west AND r.east AND f.lat BETWEEN r.south AND r.north
            AND ST_Contains(r.shape, ST_Point(f.lon, f.lat)) AS entered
    FROM (SELECT device, t, lon_e7 * 1e-7 AS lon, lat_e7 * 1e-7 AS lat FROM fixes) AS f
    JOIN rings AS r ON f.device = r.device"""


def prepare(work: Work) -> Any:
    return sedonadb.connect(), work


def run(state: Any) -> pa.Table:
    connection, work = state
    column = work.fixes["device_id"].chunk(0)
    fixes = pa.table(
        {
            "device": column.indices,
            "t": work.fixes["recorded_at_utc"].cast(pa.int64()),
            "lon_e7": work.fixes["lon_e7"],
            "lat_e7": work.fixes["lat_e7"],
        }
    )
    wkt = pa.array([_wkt(r["lon"], r["lat"]) for r in work.polygons.to_pylist()])
    for name, table in (
        ("fixes", fixes), ("windows", work.windows), ("ring_text", rings_of(work).append_column("wkt", wkt)),
    ):  # fmt: skip
        connection.create_data_frame(table).to_view(name, overwrite=True)
    connection.sql("SELECT *, ST_GeomFromText(wkt) AS shape FROM ring_text").to_memtable().to_view(
        "rings", overwrite=True
    )
    found = pa.table(connection.sql(intervals_sql(SIDES)))
    return table_of(*(found[name].to_numpy() for name in found.column_names))
