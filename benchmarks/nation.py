"""A day of national size: 28,000 people, a fix a minute each, about 39 million fixes.

Drawing 28,000 lives takes tens of minutes, so 1,000 are drawn by ``milepost.synth`` and copied 28 times
under ids of their own: each person has their own orders, zones and fixes, and an engine that judges
people one by one cannot tell. ``MILEPOST_BENCH_WHOLE_NATION=1`` draws all of them instead.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.machine import DATA
from milepost.orders.model import OrderFile
from milepost.synth.write import make_nation
from milepost.tracks.write import write_parquet

PEOPLE, DRAWN, MINUTES = 28_000, 1_000, 1_440
VERSION = 1
WHOLE = "MILEPOST_BENCH_WHOLE_NATION"
ID = re.compile(r"\b(S[A-Z])-(\d{5})\b")
"""Ids of synthetic people, orders, activations and devices."""


def ensure_nation(people: int = PEOPLE, minutes: int = MINUTES) -> Path:
    """The folder with ``fixes.parquet``, ``device_events.parquet`` and ``orders.json``; made once, then kept.

    Raises ``ValueError`` if ``people`` is not a multiple of the number drawn.
    """
    whole = bool(os.environ.get(WHOLE))
    drawn = people if whole else min(DRAWN, people)
    if people % drawn:
        raise ValueError(f"people must be a multiple of {drawn}")
    folder = DATA / f"nation-v{VERSION}-{people}x{minutes}{'-whole' if whole else ''}"
    if (folder / "orders.json").exists():
        return folder
    base = DATA / f"drawn-v{VERSION}-{drawn}x{minutes}"
    if not (base / "truth.csv").exists():
        make_nation(base, people=drawn, minutes=minutes)
    folder.mkdir(parents=True, exist_ok=True)
    copies = people // drawn
    for shape in ("fixes", "device_events"):
        table = pq.read_table(base / f"{shape}.parquet").combine_chunks()
        table = pa.concat_tables([_renamed(table, copy * drawn) for copy in range(copies)])
        write_parquet(table, folder / f"{shape}.parquet", shape)
    _write_orders(base, folder, [copy * drawn for copy in range(copies)])
    return folder


def ensure_orders(people: int, minutes: int = MINUTES) -> Path:
    """A folder with ``orders.json`` of so many, the first of whom are those of ``ensure_nation``, and nothing else."""
    folder = DATA / f"orders-v{VERSION}-{people}x{minutes}"
    if not (folder / "orders.json").exists():
        ensure_nation(DRAWN, minutes)
        folder.mkdir(parents=True, exist_ok=True)
        _write_orders(DATA / f"drawn-v{VERSION}-{DRAWN}x{minutes}", folder, list(range(0, people, DRAWN)))
    return folder


def _write_orders(base: Path, folder: Path, shifts: list[int]) -> None:
    """Those of ``base`` once for each number by which their ids are raised."""
    orders = (base / "orders.json").read_text()
    lists: dict[str, list[str]] = {"people": [], "activations": [], "orders": []}
    for shift in shifts:
        part = OrderFile.model_validate_json(_shifted(orders, shift))
        for name, texts in lists.items():
            one = OrderFile.model_validate({name: getattr(part, name)})
            text = one.model_dump_json(
                include={name}, by_alias=True, exclude_none=True, exclude_defaults=True
            )
            texts.append(text[len(f'{{"{name}":[') : -len("]}")])
    joined = ",".join(f'"{name}":[{",".join(filter(None, texts))}]' for name, texts in lists.items())
    (folder / "orders.json").write_text(f'{{"milepost":1,{joined}}}')


def _shifted(text: str, by: int) -> str:
    """Every id in a text with its number raised."""
    return ID.sub(lambda m: f"{m[1]}-{int(m[2]) + by:05d}", text)


def _renamed(table: pa.Table, by: int) -> pa.Table:
    """The same rows under other devices."""
    column = table["device_id"]
    dictionary = column.chunk(0).dictionary.to_pylist()
    names = pa.array([_shifted(name, by) for name in dictionary])
    chunks = [pa.DictionaryArray.from_arrays(chunk.indices, names) for chunk in column.chunks]
    return table.set_column(0, table.schema.field(0), pa.chunked_array(chunks))
