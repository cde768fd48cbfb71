"""Milepost and its peers on the same work, interleaved, every answer compared with plain Python.

The engines take turns (A B C A B C), so that a busy minute of the machine falls on all of them; ratios
are formed within a turn. The first run of each (imports, compilation, caches) is shown apart.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import noise_probe
from benchmarks.report import Report, Table, spread
from benchmarks.workload import MINUTES, ensure

OURS = "milepost_engine"
FAST = (OURS, "numpy_shapely", "polars_expr", "duckdb_sql")
SLOW = ("geopandas_join", "sedonadb_sql", "postgis", "pymeos_sequence", "movingpandas_clip")
SIZES = {"all engines": 700, "fast engines": 3_500}
"""Devices, each with 2,880 fixes: 2.0 and 10.1 million."""
QUICK_DEVICES = 100


@dataclass
class Engine:
    """A worker process and what it has said."""

    module: str
    process: subprocess.Popen[str]
    name: str = ""
    cannot: str = ""
    fixes: int = 0
    data_mb: float = 0.0
    notes: dict[str, float] = field(default_factory=dict)
    unavailable: str = ""
    wrong: list[str] = field(default_factory=list)
    first: dict[str, Any] = field(default_factory=dict)
    turns: dict[int, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def start(cls, module: str, folder: Path) -> Engine:
        command = [sys.executable, "-m", "benchmarks.worker", module, str(folder)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        engine = cls(module, process)
        said = engine._hear()
        engine.name = said.get("ready", module)
        engine.unavailable = said.get("unavailable", "")
        if not engine.unavailable:
            engine.cannot, engine.fixes, engine.data_mb = said["cannot"], said["fixes"], said["data_mb"]
            engine.notes = said["notes"]
        return engine

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            return {"unavailable": f"ended with exit code {self.process.wait()} (its error is above)"}
        said: dict[str, Any] = json.loads(line)
        return said

    def turn(self, number: int | None) -> None:
        """One run; ``None`` is the first, which is kept apart. A wrong answer is never a measurement."""
        assert self.process.stdin is not None
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        said = self._hear()
        if "unavailable" in said:
            self.unavailable = said["unavailable"]
            self.wrong.append(f"{self.name}: {self.unavailable}")
        elif said["wrong"]:
            self.wrong.append(f"{self.name}, turn {number}: {said['wrong']}")
        elif number is None:
            self.first = said
        else:
            self.turns[number] = said

    def stop(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(timeout=60)


def run(quick: bool) -> Report:
    report = Report("Side by side")
    sizes = {"all engines": QUICK_DEVICES} if quick else SIZES
    for label, devices in sizes.items():
        modules = (*FAST, *SLOW) if label == "all engines" else FAST
        _measure(report, label, devices, modules, fast_turns=3 if quick else 5, slow_turns=2 if quick else 3)
    return report


def _measure(
    report: Report, label: str, devices: int, modules: tuple[str, ...], fast_turns: int, slow_turns: int
) -> None:
    folder = ensure(devices)
    engines = [Engine.start(module, folder) for module in modules]
    noise: list[float] = []
    try:
        for engine in engines:
            if not engine.unavailable:
                engine.turn(None)
        for number in range(fast_turns):
            noise.append(noise_probe())
            for engine in engines:
                if not engine.unavailable and (engine.module in FAST or number < slow_turns):
                    engine.turn(number)
    finally:
        for engine in engines:
            engine.stop()
    report.wrong += [line for engine in engines for line in engine.wrong]
    report.tables += _tables(label, devices, engines)
    report.notes += [
        f"{engine.name} was SKIPPED: {engine.unavailable}" for engine in engines if engine.unavailable
    ]
    report.notes.append(
        f"Machine noise ({label}): the same command {len(noise)} times, {spread(noise, 3)} s."
    )
    report.data[label] = {
        "devices": devices,
        "noise_s": noise,
        "engines": {e.module: {"first": e.first, "turns": e.turns, "notes": e.notes} for e in engines},
    }


def _tables(label: str, devices: int, engines: list[Engine]) -> list[Table]:
    table = Table(
        f"{devices * MINUTES / 1e6:.1f} million fixes, {devices} devices ({label})",
        ["engine", "seconds", "million fixes/s", "times Milepost's", "CPU s", "first s", "peak MB", "answer"],
    )
    ours = next(e for e in engines if e.module == OURS)
    for e in engines:
        if not e.turns:
            continue
        seconds = [turn["seconds"] for turn in e.turns.values()]
        # Per fix, so that an engine with a subset can stand in the same column.
        ratios = [
            e.turns[n]["seconds"] / e.fixes / (ours.turns[n]["seconds"] / ours.fixes)
            for n in e.turns
            if n in ours.turns
        ]
        subset = e.fixes < ours.fixes
        table.rows.append(
            [
                e.name + (f" ({e.fixes:,} fixes only)" if subset else ""),
                spread(seconds, 3),
                f"{e.fixes / median(seconds) / 1e6:.3g}",
                spread(ratios) if ratios and e is not ours else "1",
                spread([turn["cpu_s"] for turn in e.turns.values()]),
                f"{e.first['seconds']:.2f}" if e.first else "",
                f"{max(turn['peak_mb'] for turn in e.turns.values()):.0f} (data {e.data_mb:.0f})",
                "partly checked" if e.module == "movingpandas_clip" else "same rows",
            ]
        )
    tables = [table]
    if label == "all engines":
        limits = Table("What each could not express, and so did not do here", ["engine", "not done"])
        limits.rows = [[e.name, e.cannot] for e in engines if e.cannot]
        tables.append(limits)
    return tables
