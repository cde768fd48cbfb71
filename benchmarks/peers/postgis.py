"""PostGIS: geodesic distance for the circle, ST_Contains for the zone, all on the server.

Loading (COPY, geometry, primary key, ANALYZE) is not in the time of a run; the report states it apart. Uses
``MILEPOST_POSTGRES_URL`` or a server on this computer that trusts the user ``postgres``. It makes a
schema of its own and drops it. The extension must be there (Debian: ``postgresql-15-postgis-3``).
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import psycopg
import pyarrow as pa

from benchmarks.intervals import table_of_rows
from benchmarks.peers import Unavailable
from benchmarks.peers.sql import intervals_sql
from benchmarks.workload import Work

NAME = "PostGIS"
CANNOT = (
    "The polygon's edges, the windows and the runs are one query; probability, gaps and causes, home units, "
    "coverage and versions would be more. No parallel plan for window functions. Fixes must be loaded first."
)
URL = "postgresql://postgres@127.0.0.1:5432/postgres"
SCHEMA = "milepost_benchmark"
SIDES = """
    SELECT f.device, f.t,
        NOT ST_DWithin(f.at::geography, r.home::geography, r.radius_m) AS out,
        ST_Contains(r.zone, f.at) AS entered
    FROM fixes AS f JOIN rings AS r ON f.device = r.device"""


@dataclass
class Server:
    connection: psycopg.Connection
    notes: dict[str, float]


def prepare(work: Work) -> Server:
    url = os.environ.get("MILEPOST_POSTGRES_URL", URL)
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=3)
    except psycopg.Error as error:
        raise Unavailable(f"no PostgreSQL server answers ({str(error).splitlines()[0]})") from None
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    except psycopg.Error as error:
        raise Unavailable(
            f"the server has no PostGIS ({str(error).splitlines()[0]}); on Debian: postgresql-15-postgis-3"
        ) from None
    connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    connection.execute(f"CREATE SCHEMA {SCHEMA}")
    connection.execute(f"SET search_path TO {SCHEMA}, public")
    connection.execute("SET work_mem = '1GB'")
    start = time.perf_counter()
    _load(connection, work)
    return Server(connection, {"load_s": time.perf_counter() - start})


def _load(connection: psycopg.Connection, work: Work) -> None:
    execute = connection.execute
    execute("CREATE UNLOGGED TABLE raw (device integer, t bigint, lon_e7 integer, lat_e7 integer)")
    execute("CREATE TABLE windows (device integer, start_us bigint, end_us bigint)")
    execute("CREATE TABLE ring_text (device integer, lon float8, lat float8, radius_m float8, wkt text)")
    codes = work.fixes["device_id"].chunk(0).indices
    t = work.fixes["recorded_at_utc"].cast(pa.int64())
    columns = [c.to_numpy().tolist() for c in (codes, t, work.fixes["lon_e7"], work.fixes["lat_e7"])]
    with connection.cursor() as cursor:
        with cursor.copy("COPY raw FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "int8", "int4", "int4"])
            for row in zip(*columns, strict=True):
                copy.write_row(row)
        with cursor.copy("COPY windows FROM STDIN") as copy:
            for row in work.windows.to_pylist():
                copy.write_row(tuple(row.values()))
        with cursor.copy("COPY ring_text FROM STDIN") as copy:
            for home, ring in zip(work.circles.to_pylist(), work.polygons.to_pylist(), strict=True):
                lon, lat = ring["lon"], ring["lat"]
                points = [f"{x!r} {y!r}" for x, y in zip([*lon, lon[0]], [*lat, lat[0]], strict=True)]
                copy.write_row((*home.values(), f"POLYGON(({','.join(points)}))"))
    execute(
        "CREATE UNLOGGED TABLE fixes AS SELECT device, t, "
        "ST_SetSRID(ST_MakePoint(lon_e7 * 1e-7, lat_e7 * 1e-7), 4326) AS at FROM raw"
    )
    execute("ALTER TABLE fixes ADD PRIMARY KEY (device, t)")
    execute(
        "CREATE TABLE rings AS SELECT device, radius_m, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS home, "
        "ST_GeomFromText(wkt, 4326) AS zone FROM ring_text"
    )
    execute("ALTER TABLE rings ADD PRIMARY KEY (device)")
    execute("DROP TABLE raw, ring_text")
    execute("VACUUM ANALYZE fixes")
    execute("VACUUM ANALYZE rings")
    execute("VACUUM ANALYZE windows")


def run(server: Server) -> pa.Table:
    return table_of_rows(server.connection.execute(intervals_sql(SIDES)).fetchall())


def close(server: Server) -> None:
    server.connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    server.connection.close()
