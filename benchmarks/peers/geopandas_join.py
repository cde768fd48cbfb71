"""GeoPandas: points in the national projection, a spatial join for the zones, pandas for the runs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from benchmarks.peers.runs import intervals
from benchmarks.workload import Work

NAME = "GeoPandas"
CANNOT = (
    "A spatial join meets everybody's zones and is filtered to one's own afterwards. Probability, gaps and "
    "causes, home units, coverage, late data, versions, evidence would each be written by hand."
)
PLANE = "EPSG:32631"
"""UTM zone 31: its scale is within 0.1 % here, centimetres at the size of a curfew's circle."""


def prepare(work: Work) -> Work:
    return work


def run(work: Work) -> pa.Table:
    column = work.fixes["device_id"].chunk(0)
    frame = pd.DataFrame(
        {
            "device": column.indices.to_numpy(),
            "t": work.fixes["recorded_at_utc"].cast(pa.int64()).to_numpy(),
        }
    )
    lon, lat = work.fixes["lon_e7"].to_numpy() * 1e-7, work.fixes["lat_e7"].to_numpy() * 1e-7
    fixes = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326"))
    homes = gpd.GeoSeries.from_xy(work.circles["lon"], work.circles["lat"], crs="EPSG:4326").to_crs(PLANE)
    theirs = homes.values[frame["device"].to_numpy()]
    distance = fixes.geometry.to_crs(PLANE).distance(gpd.GeoSeries(theirs, crs=PLANE), align=False)
    in_circle = distance.to_numpy() <= work.circles["radius_m"].to_numpy()[frame["device"].to_numpy()]
    zones = gpd.GeoDataFrame(
        {"zone_of": work.polygons["device"].to_numpy()},
        geometry=[shapely.Polygon(np.column_stack([r["lon"], r["lat"]])) for r in work.polygons.to_pylist()],
        crs="EPSG:4326",
    )
    joined = fixes.sjoin(zones, predicate="within")
    in_polygon = np.zeros(len(fixes), bool)
    in_polygon[joined.index[joined["device"] == joined["zone_of"]]] = True
    return intervals(frame["device"].to_numpy(), frame["t"].to_numpy(), in_circle, in_polygon, work.windows)
