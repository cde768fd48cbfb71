"""From a cold process: the help text, a small evaluation, and where compiling begins to pay.

"Cold" is a new process; the files are in the page cache. The compiled kernel's machine code is kept by
numba between processes, so its first compilation ever (about a quarter of a minute) is measured apart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.accuracy import ensure_town
from benchmarks.machine import DATA
from benchmarks.report import Report, Table, spread
from milepost.compliance import compiled

TARGET_S = 2.0
SMALL_PEOPLE = 2
EVALUATE = """
import json, sys, time
from pathlib import Path
start = time.perf_counter()
from milepost.compliance import compiled, kernel
from milepost.compliance.batch import evaluate
from milepost.compliance.columns import columns_of
from milepost.compliance.rule_tables import read_rules
from milepost.orders.read import read_orders
from milepost.orders.schedules import expand
from milepost.tracks.read import read_signals
folder, which, rows = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
orders, _ = read_orders(folder / "orders.json")
signals = read_signals([folder / f"{name}.parquet" for name in ("fixes", "presence", "device_events")])
if rows:
    signals.fixes = signals.fixes.slice(0, rows)
ready = time.perf_counter()
chosen = {"chosen": lambda: None, "plain": lambda: kernel, "compiled": compiled.load}[which]()
results = evaluate(orders, expand, signals, read_rules(), kernel=chosen, timeline_of=set())
print(json.dumps({"rows": signals.fixes.num_rows, "findings": results.findings.num_rows,
                  "ids": sorted(results.findings["finding_id"].to_pylist()),
                  "evaluate_s": time.perf_counter() - ready, "python_s": time.perf_counter() - start}))
"""


def _timed(command: list[str], cache: str | None = None) -> tuple[float, str]:
    environment = os.environ | ({"NUMBA_CACHE_DIR": cache} if cache else {})
    start = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return time.perf_counter() - start, done.stdout


def run(quick: bool) -> Report:
    report = Report("Cold start")
    repeats = 3 if quick else 7
    small, larger = ensure_town(11, SMALL_PEOPLE), ensure_town(11, 60)
    milepost = str(Path(sys.executable).with_name("milepost"))
    evaluate_small = [sys.executable, "-c", EVALUATE, str(small), "chosen", "0"]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "milepost --help": [milepost, "--help"],
        f"evaluate {SMALL_PEOPLE} people, a week": evaluate_small,
    }
    if not _works([milepost, "--help"]):
        del commands["milepost --help"]
        report.notes.append("SKIPPED: milepost --help does not run (a room of the command line is missing).")
    if _works([milepost, "compliance", "run", "--help"]):
        commands[f"milepost compliance run, {SMALL_PEOPLE} people, a week"] = _run_command(milepost, small)
    else:
        report.notes.append("SKIPPED: milepost compliance run is not there; evaluate was called instead.")
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            seconds[name].append(_timed(command)[0])
    table = Table("A new process, files in the page cache", ["command", "seconds"])
    table.rows = [[name, spread(values)] for name, values in seconds.items()]
    report.tables.append(table)
    for name, values in seconds.items():
        if name != "python -c pass":
            said = "met" if median(values) < TARGET_S else "MISSED"
            report.notes.append(f"Target under {TARGET_S:.0f} s, {name}: {median(values):.2f} s, {said}.")
    _crossover(report, larger, quick)
    report.data |= {"commands": seconds}
    return report


def _works(command: list[str]) -> bool:
    return not subprocess.run(command, capture_output=True).returncode


def _run_command(milepost: str, folder: Path) -> list[str]:
    out = str(DATA / "cold-start-out")
    signals = [str(folder / f"{name}.parquet") for name in ("fixes", "presence", "device_events")]
    orders = str(folder / "orders.json")
    return [milepost, "compliance", "run", "--orders", orders, "--out", out, "--signals", *signals]


def _crossover(report: Report, folder: Path, quick: bool) -> None:
    """Whole-process seconds with the plain and with the compiled kernel, by number of fixes."""
    sizes = [20_000, 80_000] if quick else [5_000, 10_000, 20_000, 40_000, 80_000, 160_000]
    repeats = 1 if quick else 3
    table = Table(
        "Plain Python or compiled code? Whole process, seconds (evaluation alone)",
        ["fixes", "fixes x 3 (what is compared)", "plain", "compiled", "quicker"],
    )
    first_compile, _ = _first_compile(folder)
    crossed: float | None = None
    for rows in sizes:
        times: dict[str, list[float]] = {"plain": [], "compiled": []}
        alone: dict[str, list[float]] = {"plain": [], "compiled": []}
        ids = set()
        n = 0
        for _ in range(repeats):
            for which in times:
                seconds, said = _timed([sys.executable, "-c", EVALUATE, str(folder), which, str(rows)])
                answer = json.loads(said)
                n = answer["rows"]
                ids.add(tuple(answer["ids"]))
                times[which].append(seconds)
                alone[which].append(answer["evaluate_s"])
        if len(ids) != 1:
            report.wrong.append(f"plain and compiled code differ on {rows} fixes")
        quicker = min(times, key=lambda w: median(times[w]))
        if quicker == "compiled" and crossed is None:
            crossed = 3 * n
        cells = [f"{spread(times[w])} ({median(alone[w]):.2f})" for w in times]
        table.rows.append([f"{n:,}", f"{3 * n:,}", *cells, quicker])
        if n < rows:
            break
    report.tables.append(table)
    where = f"about {crossed:,.0f}" if crossed else "above the sizes tried"
    report.notes.append(
        f"WORTH_COMPILING is {compiled.WORTH_COMPILING:,}; compiled code was quicker here from {where}. "
        f"The first compilation ever, with an empty cache: {first_compile:.1f} s."
    )
    report.data["crossover"] = crossed


def _first_compile(folder: Path) -> tuple[float, str]:
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as cache:
        return _timed([sys.executable, "-c", EVALUATE, str(folder), "compiled", "2000"], cache)
