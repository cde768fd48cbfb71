"""Finding a place: the national postcodes, and an area's addresses, of synthetic streets.

Each search is one call of ``Gazetteer.find``, as a page makes it, without the page. Memory is what a process holds of its
own after a thousand searches: what is mapped from the files is shared by all.
"""

from __future__ import annotations

import random
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.report import Report, Table
from milepost.gazetteer.address_store import import_addresses
from milepost.gazetteer.postcode import spaced
from milepost.gazetteer.search import Gazetteer

ADDRESSES, SEARCHES, TARGET_MS = 500_000, 1000, 50
FIRST = [
    "Acacia",
    "Beech",
    "Cedar",
    "Church",
    "Commercial",
    "Dale",
    "East",
    "Garden",
    "Green",
    "High",
    "Hill",
    "King",
    "Lake",
    "Mill",
    "North",
    "Park",
    "Queen",
    "Station",
]
SECOND = [
    "Road",
    "Street",
    "Lane",
    "Way",
    "Close",
    "Avenue",
    "Terrace",
    "Drive",
    "Court",
    "Place",
    "Grove",
    "View",
]
TOWNS = [f"Exampletown {n}" for n in range(40)]


def _file(path: Path, rows: int, gazetteer: Gazetteer, draw: random.Random) -> None:
    """Houses around real postcodes, in streets and towns that do not exist."""
    codes = gazetteer.postcodes
    with path.open("w", encoding="utf-8") as out:
        out.write("address,street,town,postcode,latitude,longitude\n")
        written = 0
        while written < rows:
            found = codes.at(draw.randrange(len(codes)))
            if found.lon is None or found.lat is None:
                continue
            street, town = f"{draw.choice(FIRST)} {draw.choice(SECOND)}", draw.choice(TOWNS)
            for house in range(1, 31):
                out.write(
                    f"{house} {street},{street},{town},{spaced(found.code)},{found.lat + house / 1e5:.6f},{found.lon:.6f}\n"
                )
            written += 30


def _measure(name: str, find: Callable[[str], object], texts: list[str]) -> list[str]:
    wall, cpu = [], []
    for text in texts:
        start, used = time.perf_counter(), time.thread_time()
        find(text)
        wall.append((time.perf_counter() - start) * 1000)
        cpu.append((time.thread_time() - used) * 1000)
    shown = [" / ".join(f"{ms:.2f}" for ms in np.percentile(times, [50, 95, 99])) for times in (wall, cpu)]
    met = np.percentile(cpu, 95) < TARGET_MS
    return [name, str(len(texts)), *shown, f"{TARGET_MS}: {'met' if met else 'MISSED'}"]


def run(quick: bool) -> Report:
    rows, draw = (ADDRESSES // 10 if quick else ADDRESSES), random.Random(1)
    report = Report(title="Finding a place")
    folder = Path(tempfile.mkdtemp(prefix="milepost-gazetteer-"))
    try:
        gazetteer = Gazetteer(folder)
        used = time.process_time()
        postcodes = gazetteer.postcodes
        made_s = time.process_time() - used
        _file(folder / "area.csv", rows, gazetteer, draw)
        used = time.process_time()
        done = import_addresses(folder / "area.csv", folder, postcodes.find)
        report.notes.append(
            f"{len(postcodes):,} postcodes made ready in {made_s:.1f} s of processor; {done.taken:,} addresses taken in, "
            f"in {time.process_time() - used:.1f} s, {(folder / 'addresses.sqlite3').stat().st_size / 1e6:.0f} MB."
        )
        if done.problems.n_errors:
            report.wrong.append(str(done.problems.problems[0]))
        codes = [postcodes.at(draw.randrange(len(postcodes))).code for _ in range(SEARCHES)]
        house = [
            f"{draw.randrange(1, 31)} {draw.choice(FIRST)} {draw.choice(SECOND)[:3]}" for _ in range(SEARCHES)
        ]
        streets = [f"{draw.choice(FIRST)} {draw.choice(SECOND)}" for _ in range(SEARCHES)]
        table = Table(
            "Searches",
            ["what", "searches", "ms: p50 / p95 / p99", "processor ms: p50 / p95 / p99", "target at p95"],
        )
        for name, texts in (
            ("a postcode", codes), ("the beginning of a postcode", [code[:-2] for code in codes]),
            ("a house and a street", house),
            ("the beginning of a street", [street[:3] for street in streets]),
            ("street and town", [f"{street} {draw.choice(TOWNS)}" for street in streets]),
            ("one letter", [draw.choice(FIRST)[0] for _ in range(SEARCHES)]),
            ("nothing there", [f"{text} zzz" for text in house]),
        ):  # fmt: skip
            table.rows.append(_measure(name, gazetteer.find, texts))
        report.tables.append(table)
        report.notes.append(
            f"Peak of this process, making both: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB."
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report
