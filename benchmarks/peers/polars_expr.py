"""Polars expressions only; the polygon by the even-odd rule over a join with its edges."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from benchmarks.intervals import ABSENCE, SCHEMA, ZONE_ENTRY
from benchmarks.workload import Work, metres_per_degree

NAME = "Polars"
CANNOT = (
    "No polygons of its own (the even-odd rule is written out here). Probability, gaps and causes, home "
    "units, coverage, versions would be further joins; evidence and late data are out of reach of one query."
)


def prepare(work: Work) -> Work:
    return work


def _edges(work: Work) -> pl.DataFrame:
    rings = pl.DataFrame(work.polygons).select(
        "device",
        xa="lon",
        ya="lat",
        xb=pl.concat_list(pl.col("lon").list.slice(1), pl.col("lon").list.head(1)),
        yb=pl.concat_list(pl.col("lat").list.slice(1), pl.col("lat").list.head(1)),
    )
    return rings.explode("xa", "ya", "xb", "yb").filter(pl.col("ya") != pl.col("yb"))


def run(work: Work) -> pa.Table:
    column = work.fixes["device_id"].chunk(0)
    fixes = pl.DataFrame(
        {
            "device": pl.Series(column.indices.to_numpy()),
            "t": pl.Series(work.fixes["recorded_at_utc"].cast(pa.int64()).to_numpy()),
            "lon": pl.Series(work.fixes["lon_e7"].to_numpy()),
            "lat": pl.Series(work.fixes["lat_e7"].to_numpy()),
        }
    ).with_row_index("row")
    edges = _edges(work)
    boxes = edges.group_by("device").agg(
        west=pl.min("xa"), east=pl.max("xa"), south=pl.min("ya"), north=pl.max("ya")
    )
    scales = [metres_per_degree(v) for v in work.circles["lat"].to_pylist()]
    circles = pl.DataFrame(work.circles).with_columns(
        pl.Series("east_m", [s[0] for s in scales]), pl.Series("north_m", [s[1] for s in scales])
    ).rename({"lon": "lon0", "lat": "lat0"})  # fmt: skip
    sides = (
        fixes.lazy()
        .with_columns(pl.col("lon") * 1e-7, pl.col("lat") * 1e-7)
        .join(circles.lazy(), on="device", maintain_order="left")
        .join(boxes.lazy(), on="device", maintain_order="left")
        .select(
            "row",
            "device",
            "t",
            "lon",
            "lat",
            out=((pl.col("lon") - pl.col("lon0")) * pl.col("east_m")) ** 2
            + ((pl.col("lat") - pl.col("lat0")) * pl.col("north_m")) ** 2
            > pl.col("radius_m") ** 2,
            near=pl.col("lon").is_between("west", "east") & pl.col("lat").is_between("south", "north"),
        )
        .collect()
    )
    inside = (
        sides.lazy()
        .filter("near")
        .select("row", "device", "lon", "lat")
        .join(edges.lazy(), on="device")
        .filter(
            ((pl.col("ya") > pl.col("lat")) != (pl.col("yb") > pl.col("lat")))
            & (
                pl.col("lon")
                < (pl.col("xb") - pl.col("xa"))
                * (pl.col("lat") - pl.col("ya"))
                / (pl.col("yb") - pl.col("ya"))
                + pl.col("xa")
            )
        )
        .group_by("row")
        .agg(odd=pl.len() % 2 == 1)
        .filter("odd")
        .select("row", entered=True)
    )
    sides = (
        sides.lazy()
        .select("row", "device", "t", "out")
        .join(inside, on="row", how="left", maintain_order="left")
        .with_columns(pl.col("entered").fill_null(False))
        .collect()
    )
    windows = pl.DataFrame(work.windows).rename({"start_us": "window_us", "end_us": "window_end"})
    absences = _runs(sides, "out").join(windows.lazy(), on="device").select(
        "device", "group", "window_us",
        start_us=pl.max_horizontal("first", "window_us"), end_us=pl.min_horizontal("last", "window_end"),
    ).filter(pl.col("start_us") < pl.col("end_us"))  # fmt: skip
    entries = _runs(sides, "entered").select(
        "device", "group", pl.lit(0, pl.Int64).alias("window_us"), start_us="first", end_us="last"
    )
    found = pl.concat([_joined(absences, ABSENCE), _joined(entries, ZONE_ENTRY)]).collect()
    return found.sort(SCHEMA.names).to_arrow().cast(SCHEMA)


def _runs(sides: pl.DataFrame, breach: str) -> pl.LazyFrame:
    """Runs of two fixes or more on the breach side; ``group`` is shared where no kept run lies between."""
    return (
        sides.lazy()
        .select("device", "t", side=breach, run=pl.struct("device", breach).rle_id())
        .group_by("run", maintain_order=True)
        .agg(pl.first("device", "side"), first=pl.first("t"), last=pl.last("t"), n=pl.len())
        .filter(pl.col("n") >= 2)
        .with_columns(group=pl.struct("device", "side").rle_id())
        .filter("side")
    )


def _joined(runs: pl.LazyFrame, kind: int) -> pl.LazyFrame:
    return (
        runs.group_by("device", "window_us", "group")
        .agg(pl.min("start_us"), pl.max("end_us"))
        .select("device", pl.lit(kind, pl.Int8).alias("kind"), "window_us", "start_us", "end_us")
    )
