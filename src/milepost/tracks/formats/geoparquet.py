"""GeoParquet 1.0 and 1.1: a Parquet table whose positions are points in a geometry column, WKB or x and y.

Longitude comes first, as everywhere in GeoParquet. Without a ``crs`` the positions are OGC:CRS84; any other
reference system than that and EPSG:4326 is refused, for it would be read as another place.
Source: the GeoParquet specification 1.1.0, "Column metadata".
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from milepost.problems import Problem, UnreadableFile

KEY = b"geo"
GEOMETRY = "geometry"
DEGREES = {("OGC", "CRS84"), ("EPSG", "4326")}
E7 = 10_000_000


def with_places(table: pa.Table, source: str) -> pa.Table:
    """The table with ``lon`` and ``lat`` (degrees) in place of the geometry that its metadata names, if it names
    one. What is no point has neither. Raises ``UnreadableFile`` if the positions are not WGS 84."""
    name, encoding = _primary(table.schema, source)
    if name is None or name not in table.column_names:
        return table
    column = table.column(name).combine_chunks()
    if encoding == "point" and pa.types.is_struct(column.type):
        lon, lat = pc.struct_field(column, "x"), pc.struct_field(column, "y")
    else:
        lon, lat = _points(column, source, name)
    table = table.drop_columns([name])
    for axis, values in (("lon", lon), ("lat", lat)):
        if axis not in table.column_names:
            table = table.append_column(axis, values)
    return table


def _primary(schema: pa.Schema, source: str) -> tuple[str | None, str]:
    text = (schema.metadata or {}).get(KEY)
    if text is None:
        return None, ""
    try:
        said = json.loads(text)
        name = said["primary_column"]
        column = said["columns"][name]
        crs, encoding = column.get("crs"), str(column.get("encoding", "WKB")).lower()
    except (ValueError, KeyError, TypeError, AttributeError):
        problem = Problem(
            source, None, "geo", "The GeoParquet metadata cannot be read", "Write the file again."
        )
        raise UnreadableFile(problem) from None
    if crs is not None and not _is_wgs84(crs):
        shown = str(crs.get("name") if isinstance(crs, dict) else crs)
        raise UnreadableFile(
            Problem(
                source, None, name, "The positions are not WGS 84", "Export longitude and latitude.", shown
            )
        )
    return name, encoding


def _is_wgs84(crs: object) -> bool:
    found = crs.get("id") if isinstance(crs, dict) else None
    return isinstance(found, dict) and (str(found.get("authority")), str(found.get("code"))) in DEGREES


def _points(column: pa.Array, source: str, name: str) -> tuple[pa.Array, pa.Array]:
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        raise UnreadableFile(
            Problem(source, None, name, "This geometry is neither WKB nor points of x and y",
                    "Write points, encoded as WKB.", str(column.type))
        )  # fmt: skip
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    lon, lat = shapely.get_x(shapes), shapely.get_y(shapes)  # NaN for what is no point
    unknown = np.isnan(lon) | np.isnan(lat)
    return pa.array(lon, mask=unknown), pa.array(lat, mask=unknown)


def write_geoparquet(fixes: pa.Table, path: Path) -> None:
    """The record's columns with a point (WKB, OGC:CRS84) for ``lon_e7`` and ``lat_e7``.

    A double holds seven decimals exactly enough: what is read back is the same position.
    """
    lon = fixes.column("lon_e7").to_numpy() / E7
    lat = fixes.column("lat_e7").to_numpy() / E7
    points = pa.array(shapely.to_wkb(shapely.points(lon, lat)), pa.binary())
    table = fixes.unify_dictionaries().drop_columns(["lon_e7", "lat_e7"]).append_column(GEOMETRY, points)
    bounds = [float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())] if len(lon) else None
    column = {"encoding": "WKB", "geometry_types": ["Point"], **({"bbox": bounds} if bounds else {})}
    said = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    table = table.replace_schema_metadata({KEY: json.dumps(said).encode()})
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)
