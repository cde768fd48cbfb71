"""Writes fixes: CSV, GPX, GeoJSON, Parquet, GeoParquet and Arrow. What was read back is what was written.

GPX and GeoJSON carry what their standard has no word for in extensions and properties named as in the
record. Only fixes are written: presence and device events have their own tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from milepost.problems import Problem, UnreadableFile
from milepost.tracks.formats.arrow import MARK
from milepost.tracks.formats.geoparquet import write_geoparquet
from milepost.tracks.record import Source

ROW_GROUP = 1 << 20
DELTA = ("recorded_at_utc", "received_at_utc", "sequence", "lon_e7", "lat_e7")
"""Fields whose neighbours differ little once rows are in order of device and time."""


def write_fixes(fixes: pa.Table, path: Path, format: str | None = None, *, sort: bool = False) -> None:
    """Writes ``fixes`` in ``format``, or the one its suffix names. ``sort``: by device, then time.

    Raises ``UnreadableFile`` for a suffix that names no format.
    """
    kind = format or path.suffix.lower().lstrip(".")
    kind = {"pq": "parquet", "ipc": "arrow", "feather": "arrow", "json": "geojson"}.get(kind, kind)
    if kind not in WRITERS:
        raise UnreadableFile(
            Problem(
                str(path), None, None, "No format of this name can be written", f"Use {', '.join(WRITERS)}."
            )
        )
    if sort:
        fixes = sort_by_device_and_time(fixes)
    WRITERS[kind](fixes, path)


def sort_by_device_and_time(table: pa.Table) -> pa.Table:
    """The rows in order of device name, then time; equal ones stay in the order they were in."""
    frame = pl.DataFrame(
        {
            "device": pl.from_arrow(table.column("device_id").cast(pa.string())),
            "time": pl.from_arrow(table.column("recorded_at_utc").cast(pa.int64())),
        }
    )
    order = frame.with_row_index("i").sort("device", "time", maintain_order=True)["i"].to_arrow()
    return table.unify_dictionaries().combine_chunks().take(order)


def write_parquet(table: pa.Table, path: Path, shape: str = "fixes") -> None:
    """Canonical Parquet: dictionary devices, delta-packed integers, zstd, statistics, and the mark by
    which the reader knows that rows were checked."""
    table = table.unify_dictionaries().replace_schema_metadata({MARK: shape.encode()})
    names = set(table.column_names)
    pq.write_table(
        table,
        path,
        compression="zstd",
        use_dictionary=[
            name for name in ("device_id", "kind", "unit", "raw_code", "tag_id") if name in names
        ],
        column_encoding={name: "DELTA_BINARY_PACKED" for name in DELTA if name in names},
        row_group_size=ROW_GROUP,
        write_statistics=True,
        write_page_checksum=True,
    )


def write_arrow(table: pa.Table, path: Path, shape: str = "fixes") -> None:
    """An Arrow IPC file with one dictionary of devices."""
    table = table.unify_dictionaries().replace_schema_metadata({MARK: shape.encode()})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def write_csv(table: pa.Table, path: Path) -> None:
    """The canonical header; degrees with seven decimals, which is exactly what the record holds."""
    _as_text(table).write_csv(path)


def _as_text(table: pa.Table) -> pl.DataFrame:
    frame = pl.DataFrame({name: pl.from_arrow(_plain(table.column(name))) for name in table.column_names})
    times = [
        pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ") for name in ("recorded_at_utc", "received_at_utc")
    ]
    names = {str(source.value): source.name for source in Source}
    return frame.with_columns(
        *times,
        pl.col("source").cast(pl.String).replace(names),
        degrees("lon_e7").alias("lon"),
        degrees("lat_e7").alias("lat"),
    ).select(
        "device_id", "recorded_at_utc", "lon", "lat", "precision_m", "source", "received_at_utc", "sequence",
        "speed_mps", "heading_deg", "altitude_m", "battery_pct", "quality", "payload_ref",
    )  # fmt: skip


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def degrees(name: str) -> pl.Expr:
    """Fixed-point text of a 1e-7 degree integer, with no float in between."""
    size = pl.col(name).cast(pl.Int64).abs()
    whole = (size // 10_000_000).cast(pl.String)
    part = (size % 10_000_000).cast(pl.String).str.zfill(7)
    sign = pl.when(pl.col(name) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, whole, pl.lit("."), part)


def write_geojson(table: pa.Table, path: Path) -> None:
    """A FeatureCollection of Points (RFC 7946), properties named as in the record."""
    with path.open("w", encoding="utf-8") as out:
        out.write('{"type":"FeatureCollection","features":[\n')
        for n, row in enumerate(_rows(table)):
            lon, lat = float(row.pop("lon")), float(row.pop("lat"))  # type: ignore[arg-type]
            feature = {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [lon, lat]},
                "properties": row,
            }
            out.write((",\n" if n else "") + json.dumps(feature, ensure_ascii=False))
        out.write("\n]}\n")


def write_gpx(table: pa.Table, path: Path) -> None:
    """GPX 1.1: one track per device in order of first appearance, the rest in extensions."""
    devices = pc.unique(table.column("device_id").cast(pa.string())).to_pylist()
    with path.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write('<gpx version="1.1" creator="milepost" xmlns="http://www.topografix.com/GPX/1/1"')
        out.write(' xmlns:milepost="urn:milepost:record">\n')
        for device in devices:
            of_device = table.filter(pc.equal(table.column("device_id").cast(pa.string()), device))
            out.write(f"<trk><name>{_xml(device)}</name><trkseg>\n")
            for row in _rows(of_device):
                _write_point(row, out)
            out.write("</trkseg></trk>\n")
        out.write("</gpx>\n")


def _write_point(row: dict[str, object], out: TextIO) -> None:
    where = f"lat={quoteattr(str(row['lat']))} lon={quoteattr(str(row['lon']))}"
    out.write(f"<trkpt {where}>")
    if row["altitude_m"] is not None:
        out.write(f"<ele>{row['altitude_m']}</ele>")
    out.write(f"<time>{row['recorded_at_utc']}</time><extensions>")
    for name in (
        "precision_m",
        "source",
        "received_at_utc",
        "sequence",
        "speed_mps",
        "heading_deg",
        "battery_pct",
        "quality",
        "payload_ref",
    ):
        if row[name] is not None:
            out.write(f"<milepost:{name}>{_xml(str(row[name]))}</milepost:{name}>")
    out.write("</extensions></trkpt>\n")


def _xml(text: str) -> str:
    # Characters that XML 1.0 cannot hold at all are replaced rather than written broken.
    return escape(
        "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in text)
    )


def _rows(table: pa.Table) -> Iterator[dict[str, object]]:
    for offset in range(0, table.num_rows, 100_000):
        yield from _as_text(table.slice(offset, 100_000)).iter_rows(named=True)


WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    "csv": write_csv,
    "parquet": write_parquet,
    "arrow": write_arrow,
    "gpx": write_gpx,
    "geojson": write_geojson,
    "geoparquet": write_geoparquet,
}
