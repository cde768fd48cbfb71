"""Writes a synthetic town, or a nation of towns, by blocks of people: memory does not grow with size."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from milepost.synth.block import Block, make_block
from milepost.synth.life import Period, town_of
from milepost.synth.noise import Noise, read_noise
from milepost.synth.tables import FIX_SCHEMA
from milepost.synth.town import streets_geojson
from milepost.synth.truth import TRUTH
from milepost.tracks.record import DEVICE_EVENTS, PRESENCE, UTC_US

BLOCK_PEOPLE = 64
"""Even, so that the two people of a passed-on tag are in one block."""
POSITIONS = pa.schema(
    [("person_id", pa.string()), ("at_utc", UTC_US), ("lon_e7", pa.int32()), ("lat_e7", pa.int32())]
)
Progress = Callable[[int], None]


def make_town(
    out_dir: Path | str,
    *,
    people: int = 50,
    days: int = 7,
    seed: int = 1,
    start: dt.date = dt.date(2026, 3, 2),
    noise: Noise | None = None,
    sample_s: float | None = None,
    csv: bool = False,
    true_positions: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Writes a synthetic town into ``out_dir`` and returns the number of rows of each table.

    ``start`` is the first local day (Europe/London) and ``sample_s`` overrides the seconds between
    fixes. ``csv`` adds fixes.csv in the order of upload, so late rows come out of order;
    ``true_positions`` adds where everyone truly was each minute. The same arguments give the same
    bytes, whatever the number of ``workers`` (processes; by default one for each core).
    ``progress`` is called with the number of people done.
    Raises ``ValueError`` for a size that is not positive.
    """
    period = Period(seed=seed, first_day=start, days=days)
    noise = _with_sampling(noise or read_noise(), sample_s)
    return _write(out_dir, period, noise, people, workers, progress, csv=csv, true_positions=true_positions)


def make_nation(
    out_dir: Path | str,
    *,
    people: int = 28_000,
    minutes: int = 1_440,
    seed: int = 1,
    start: dt.date = dt.date(2026, 3, 2),
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Writes one day of a nation for the benchmark: everyone wears a GPS tag, two or three conditions each.

    About ``people`` x ``minutes`` fixes, in the same files as a town. Returns the number of rows.
    """
    days = -(-minutes // 1_440)
    period = Period(seed=seed, first_day=start, days=days, minutes=minutes, lean=True)
    return _write(out_dir, period, read_noise(), people, workers, progress, csv=False, true_positions=False)


def _with_sampling(noise: Noise, sample_s: float | None) -> Noise:
    if sample_s is None:
        return noise
    if sample_s < 1:
        raise ValueError("the seconds between fixes must be 1 or more")
    return Noise(**{name: getattr(noise, name) for name in Noise.__slots__} | {"sample_s": sample_s})


def _write(
    out_dir: Path | str,
    period: Period,
    noise: Noise,
    people: int,
    workers: int | None,
    progress: Progress | None,
    *,
    csv: bool,
    true_positions: bool,
) -> dict[str, int]:
    if people < 1 or period.days < 1:
        raise ValueError("people and days must be 1 or more")
    out_dir = Path(out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    orders: dict[str, list[str]] = {"people": [], "activations": [], "orders": []}
    counts = {"people": 0, "fixes": 0, "presence": 0, "device_events": 0, "truth": 0}
    truth: list[dict[str, Any]] = []
    small: dict[str, list[pa.Table]] = {"presence": [], "device_events": []}
    writers = {"fixes": _writer(out_dir / "fixes.parquet", FIX_SCHEMA)}
    if true_positions:
        writers["positions"] = _writer(out_dir / "true_positions.parquet", POSITIONS)
    try:
        for block in _blocks(period, noise, people, workers, true_positions):
            for name, parts in orders.items():
                parts += getattr(block, name)
            truth += block.truth
            for name in small:
                small[name].append(getattr(block, name))
            if block.fixes is not None:
                writers["fixes"].write_table(block.fixes, row_group_size=max(block.fixes.num_rows, 1))
                counts["fixes"] += block.fixes.num_rows
            if true_positions:
                writers["positions"].write_table(_positions(block))
            counts["people"] += len(block.people)
            if progress:
                progress(counts["people"])
    finally:
        for writer in writers.values():
            writer.close()
    for name, schema in (("presence", PRESENCE), ("device_events", DEVICE_EVENTS)):
        table = pa.concat_tables([schema.empty_table(), *small[name]])
        pq.write_table(table, out_dir / f"{name}.parquet", compression="zstd")
        counts[name] = table.num_rows
    table = pa.Table.from_pylist(truth, schema=TRUTH)
    counts["truth"] = table.num_rows
    pq.write_table(table, out_dir / "truth.parquet", compression="zstd")
    pa_csv.write_csv(table, out_dir / "truth.csv")
    _write_orders(out_dir / "orders.json", orders)
    _write_streets(out_dir, period, people)
    if csv:
        fixes = pq.read_table(out_dir / "fixes.parquet").sort_by("received_at_utc")
        pa_csv.write_csv(
            fixes.set_column(0, "device_id", fixes["device_id"].cast(pa.string())), out_dir / "fixes.csv"
        )
    (out_dir / "README.md").write_text(_readme(period, noise, people, counts))
    return counts


def _blocks(
    period: Period, noise: Noise, people: int, workers: int | None, with_positions: bool
) -> Iterator[Block]:
    """Blocks in order. With several workers, a few blocks ahead and no more."""
    parts = [range(i, min(i + BLOCK_PEOPLE, people)) for i in range(0, people, BLOCK_PEOPLE)]
    workers = min(workers or os.cpu_count() or 1, len(parts))
    if workers == 1:
        for part in parts:
            yield make_block(period, noise, part, with_positions=with_positions)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: list[Future[Block]] = []
        for part in parts:
            waiting.append(pool.submit(make_block, period, noise, part, with_positions=with_positions))
            if len(waiting) > 2 * workers:
                yield waiting.pop(0).result()
        while waiting:
            yield waiting.pop(0).result()


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    if path.stem in ("fixes", "presence", "device_events"):
        schema = schema.with_metadata({b"milepost_table": path.stem.encode()})  # rows sound by making
    steady = ("recorded_at_utc", "received_at_utc", "sequence", "lon_e7", "lat_e7", "at_utc")
    encoding = {field.name: "DELTA_BINARY_PACKED" for field in schema if field.name in steady}
    others = [field.name for field in schema if field.name not in encoding]
    return pq.ParquetWriter(
        path, schema, compression="zstd", use_dictionary=others, column_encoding=encoding, store_schema=True
    )


def _positions(block: Block) -> pa.Table:
    tables = [
        pa.table(
            {
                "person_id": pa.array([person] * len(at_s)),
                "at_utc": pa.array((at_s * 1e6).astype("int64")).cast(UTC_US),
                "lon_e7": lon,
                "lat_e7": lat,
            },
            schema=POSITIONS,
        )
        for person, at_s, lon, lat in block.positions
    ]
    return pa.concat_tables(tables)


def _write_orders(path: Path, orders: dict[str, list[str]]) -> None:
    """The order file, one person, activation or order a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"milepost":1')
        for name, parts in orders.items():
            file.write(f',\n"{name}":[\n')
            file.writelines(",\n" * (i > 0) + part for i, part in enumerate(parts))
            file.write("\n]")
        file.write("}\n")


def _write_streets(out_dir: Path, period: Period, people: int) -> None:
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": []}
    for index in range(-(-people // period.people_per_town)):
        collection["features"] += streets_geojson(town_of(period.seed, index))["features"]
    (out_dir / "streets.geojson").write_text(json.dumps(collection) + "\n")


def _readme(period: Period, noise: Noise, people: int, counts: dict[str, int]) -> str:
    levels = "\n".join(f"- {name}: {getattr(noise, name):g}" for name in Noise.__slots__)
    rows = "\n".join(f"- {name}: {count}" for name, count in counts.items())
    length = f"{period.minutes} minutes" if period.minutes is not None else f"{period.days} days"
    return f"""# Synthetic data

Every person, order, device, street and position here is invented. Nobody lives here: the towns lie in
open water in the North Sea. Made by `milepost synth`; the same parameters give the same files.

- seed: {period.seed}
- first day (Europe/London): {period.first_day}
- length: {length}
- people: {people}

## Rows
{rows}

## Noise
Synthetic assumptions; `noise.toml` in the package says what each rests on.

{levels}
"""
