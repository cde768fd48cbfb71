"""One step of the national day in a process of its own: ``python -m benchmarks.nation_step STEP FOLDER``.

Prints one line of JSON. Steps: ``pyarrow`` and ``polars`` (only read; ``needed`` or ``all`` columns),
``evaluate`` (Milepost, from the files to the findings, one after the other), ``read`` (orders and signals at once, as
the command does), ``run`` (all of ``milepost compliance run``: findings, coverage, totals and the report on disk) and
``others`` (the same fixes, beside the orders of many other people).
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import peak_mb

NEEDED = [
    "device_id", "recorded_at_utc", "sequence", "source", "lon_e7", "lat_e7", "precision_m", "quality",
    "battery_pct",
]  # fmt: skip
"""The columns that the engine reads."""


def read_pyarrow(folder: Path, columns: list[str] | None) -> int:
    import pyarrow.parquet as pq

    return int(
        pq.read_table(folder / "fixes.parquet", columns=columns, read_dictionary=["device_id"]).num_rows
    )


def read_polars(folder: Path, columns: list[str] | None) -> int:
    import polars as pl

    return pl.read_parquet(folder / "fixes.parquet", columns=columns).height


def evaluate_day(folder: Path) -> dict[str, Any]:
    """Orders and signals from files, findings out; seconds of each part."""
    start = time.perf_counter()
    from milepost.compliance import compiled
    from milepost.compliance.batch import evaluate
    from milepost.compliance.rule_tables import read_rules
    from milepost.compliance.run import READ
    from milepost.orders.read import read_orders
    from milepost.orders.schedules import expand
    from milepost.tracks.formats import arrow  # noqa: F401  (so that reading is timed without imports)
    from milepost.tracks.read import read_signals

    rules = read_rules()
    compiled.load()
    at = {"import": time.perf_counter()}
    order_file, problems = read_orders(folder / "orders.json")
    at["read orders"] = time.perf_counter()
    files = [folder / "fixes.parquet", folder / "device_events.parquet"]
    gc.freeze()  # as `compliance run` does
    signals = read_signals(files, only=list(READ))
    at["read signals"] = time.perf_counter()
    results = evaluate(order_file, expand, signals, rules, timeline_of=set())
    at["evaluate"] = time.perf_counter()
    parts = {}
    for name, moment in at.items():
        parts[name], start = moment - start, moment
    return {
        "rows": signals.fixes.num_rows,
        "people": len(order_file.people),
        "problems": len(problems) + sum(signals.problems.counts.values()),
        "findings": results.findings.num_rows,
        "coverage_rows": results.coverage.num_rows,
        "parts": parts,
    }


def read_both(folder: Path) -> dict[str, Any]:
    """Orders and signals, side by side as the command reads them."""
    from milepost.compliance.run import Request, read_inputs
    from milepost.problems import ProblemList
    from milepost.tracks.formats import arrow  # noqa: F401  (so that reading is timed without imports)

    files = [folder / "fixes.parquet", folder / "device_events.parquet"]
    request = Request(orders=folder / "orders.json", signals=files, out=folder)
    start = time.perf_counter()
    order_file, signals = read_inputs(request, ProblemList())
    taken = time.perf_counter() - start
    assert signals is not None
    return {"rows": signals.fixes.num_rows, "people": len(order_file.people), "read_s": taken}


def whole_run(folder: Path) -> dict[str, Any]:
    """What the command line does, with its own choice between memory and buckets on disk."""
    from milepost.compliance.run import Request, run

    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as out:
        signals = [folder / "fixes.parquet", folder / "device_events.parquet"]
        outcome = run(Request(orders=folder / "orders.json", signals=signals, out=Path(out)))
        size = sum(f.stat().st_size for f in Path(out).rglob("*") if f.is_file())
    return {"findings": outcome.results.findings.num_rows, "written_mb": size / 1e6}


def judge_beside_others(folder: Path, many: Path, repeats: int) -> dict[str, Any]:
    """Seconds to judge the people of ``folder`` alone, together with the others of ``many`` (who have orders
    and zones but no fixes), and those others alone."""
    from milepost.compliance import compiled
    from milepost.compliance.batch import evaluate
    from milepost.compliance.rule_tables import read_rules
    from milepost.compliance.run import READ
    from milepost.orders.model import OrderFile
    from milepost.orders.read import read_orders
    from milepost.orders.schedules import expand
    from milepost.tracks.read import read_signals
    from milepost.tracks.record import Signals

    rules, kernel = read_rules(), compiled.load()
    few = read_orders(folder / "orders.json")[0]
    everyone = read_orders(many / "orders.json")[0]
    known = {person.id for person in few.people}
    rest = OrderFile(
        people=[p for p in everyone.people if p.id not in known],
        activations=[a for a in everyone.activations if a.person_id not in known],
        orders=[o for o in everyone.orders if o.person_id not in known],
    )
    files = [folder / "fixes.parquet", folder / "device_events.parquet"]
    gc.freeze()  # as `compliance run` does
    signals = read_signals(files, only=list(READ))
    period = evaluate(few, expand, signals, rules, kernel=kernel, timeline_of=set())
    cases = {"alone": (few, signals), "beside others": (everyone, signals), "others only": (rest, Signals())}
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, (orders, theirs) in cases.items():
            start = time.perf_counter()
            evaluate(
                orders, expand, theirs, rules, kernel=kernel, timeline_of=set(),
                begin_us=period.period_start_us, until_us=period.period_end_us,
            )  # fmt: skip
            seconds[name].append(time.perf_counter() - start)
    people = {
        "alone": len(few.people),
        "beside others": len(everyone.people),
        "others only": len(rest.people),
    }
    return {"rows": signals.fixes.num_rows, "people": people, "seconds_of": seconds}


def main() -> None:
    step, folder = sys.argv[1], Path(sys.argv[2])
    started = time.perf_counter()
    if step == "evaluate":
        said = evaluate_day(folder)
    elif step == "read":
        said = read_both(folder)
    elif step == "run":
        said = whole_run(folder)
    elif step == "others":
        said = judge_beside_others(folder, Path(sys.argv[3]), int(sys.argv[4]))
    else:
        columns = NEEDED if sys.argv[3] == "needed" else None
        reader = read_pyarrow if step == "pyarrow" else read_polars
        importlib.import_module("pyarrow.parquet" if step == "pyarrow" else "polars")
        started = time.perf_counter()
        said = {"rows": reader(folder, columns)}
    said |= {"seconds": time.perf_counter() - started, "peak_mb": peak_mb()}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
