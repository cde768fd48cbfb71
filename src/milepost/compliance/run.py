"""A whole run: files in, a folder of answers out.

What fits in memory is judged at once. More than that is first spread over buckets on disk, each holding
some people with all their signals, and judged bucket by bucket; a run that was killed goes on where it
stopped. Answers are written under temporary names and put in place at the end, each whole or not at all.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import milepost
from milepost.compliance.batch import evaluate
from milepost.compliance.buckets import Buckets, part_of
from milepost.compliance.results import FINDINGS, Results
from milepost.compliance.rule_tables import ILLUSTRATIVE, RuleSet, read_rules
from milepost.compliance.times import iso
from milepost.compliance.unjudged import devices_seen, unjudged
from milepost.compliance.write import write_csv, write_json, write_parquet, write_problems
from milepost.garbage import collection_paused
from milepost.orders.devices_csv import add_devices
from milepost.orders.model import OrderFile
from milepost.orders.obligations import Obligation
from milepost.orders.read import read_orders
from milepost.orders.schedules import expand
from milepost.problems import Problem, ProblemList
from milepost.tracks.ahead import flag_ahead
from milepost.tracks.read import find_files, iter_signals, read_signals
from milepost.tracks.record import Signals

IN_MEMORY_BYTES = 3 << 30
"""Inputs up to this size are judged at once (on disk; Parquet counts sixfold)."""
READ = (
    "sequence", "precision_m", "battery_pct", "quality",
    "tag_id", "heartbeat", "value", "unit", "raw_code",
)  # fmt: skip
"""Optional fields of signals that an answer rests on or the report shows."""
MOST_TIMELINES = 200
"""People whose timelines the report may draw."""
Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, of how much."""


@dataclass(slots=True)
class Request:
    """What a run was asked. Times are microseconds UTC."""

    orders: Path
    signals: list[Path]
    out: Path
    rules: Path = ILLUSTRATIVE
    places: Path | None = None
    devices: Path | None = None
    columns: str | None = None
    source: str | None = None
    begin_us: int | None = None
    until_us: int | None = None
    in_memory_bytes: int = IN_MEMORY_BYTES
    clock_us: int | None = None
    """The clock of this machine, which no signal can be after; None: it is not held against them."""


@dataclass(slots=True)
class Outcome:
    results: Results
    problems: ProblemList
    owed: list[Obligation]
    """Every obligation that overlaps the period judged."""
    summary: dict[str, Any] = field(default_factory=dict)


def read_order_input(request: Request, problems: ProblemList) -> OrderFile:
    """Orders of either kind, with geometry from a places file where one is given."""
    from milepost.orders.zones_geojson import apply_places, drop_answered, read_zones

    order_file, found = read_orders(request.orders)
    if request.places is not None:
        zones, more = read_zones(request.places)
        unused = apply_places(order_file, zones, request.places.name)
        # What the places file has mended is no longer a problem; what it has not still is.
        found = [*drop_answered(found, order_file), *more, *unused]
    if request.devices is not None:
        found = [p for p in found if p.field != "activations"] + add_devices(order_file, request.devices)
    problems.extend(found)
    if not order_file.orders:
        message, remedy = (
            "holds no order that can be used",
            "See the problems above it, or the reference page of the order file.",
        )
        problems.add(Problem(request.orders.name, None, "orders", message, remedy))
    if order_file.orders and not order_file.activations:
        message = "says of no device who wore it, so no signal can be given to a person"
        problems.add(
            Problem(
                request.orders.name,
                None,
                "activations",
                message,
                "Add activations: device, person, from, until.",
            )
        )
    return order_file


TIMES_LARGER = {".parquet": 6, ".pq": 6, ".geoparquet": 6, ".gz": 10}
"""Roughly what a packed file comes to, held against text."""


def _size(paths: list[Path]) -> int:
    return sum(f.stat().st_size * TIMES_LARGER.get(f.suffix.lower(), 1) for f in find_files(paths))


def run(request: Request, progress: Progress = lambda *_: None) -> Outcome:
    """Judges and writes everything into ``request.out``.

    Raises:
        UnreadableFile: orders, rules, places or the only signal file cannot be read at all.
        LookupError: a regime has no published rule table.
    """
    problems = ProblemList()
    rules = read_rules(request.rules)
    order_file, signals = read_inputs(request, problems, progress)
    request.out.mkdir(parents=True, exist_ok=True)
    gc.freeze()  # a nation's orders are millions of objects that stay: do not walk them again and again
    if signals is not None:
        outcome, shown = _in_memory(request, order_file, signals, rules, problems, progress)
    else:
        outcome, shown = _by_bucket(request, order_file, rules, problems, progress)
    _write(request, order_file, rules, outcome, shown, progress)
    return outcome


def _source(request: Request) -> Any:
    from milepost.tracks.record import Source

    return Source[request.source] if request.source else None


def read_inputs(
    request: Request, problems: ProblemList, progress: Progress = lambda *_: None
) -> tuple[OrderFile, Signals | None]:
    """Orders, and signals if they fit in memory. Signals are read beside the orders: hardly any of that is Python."""
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(_read_signals, request, progress)
        order_file = read_order_input(request, problems)
        return order_file, reading.result()


def _read_signals(request: Request, progress: Progress) -> Signals | None:
    if _size(request.signals) > request.in_memory_bytes:
        return None
    total = sum(f.stat().st_size for f in find_files(request.signals))
    return read_signals(
        request.signals,
        columns=request.columns,
        source_is=_source(request),
        only=list(READ),
        progress=lambda done, *_: progress("Reading signals", int(done), total),
    )


def _in_memory(
    request: Request,
    order_file: OrderFile,
    signals: Signals,
    rules: RuleSet,
    problems: ProblemList,
    progress: Progress,
) -> tuple[Outcome, Signals]:
    signals = flag_ahead(signals, request.clock_us, severity="error")
    problems.merge(signals.problems)
    if not signals.n_rows:
        names = ", ".join(f.name for f in find_files(request.signals)[:3])
        problems.add(
            Problem(names, None, None, "holds no signal that can be used", "Give a file with rows in it.")
        )
    progress("Judging", 0, 1)
    owed: list[Obligation] = []

    def expand_and_keep(orders: OrderFile, from_us: int, until_us: int) -> list[Obligation]:
        found = expand(orders, from_us, until_us)  # of a share of the people, and the report tells of all
        owed.extend(found)
        return found

    results = evaluate(
        order_file, expand_and_keep, signals, rules,
        begin_us=request.begin_us, until_us=request.until_us, timeline_of=_worth_drawing(order_file),
    )  # fmt: skip
    progress("Judging", 1, 1)
    problems.extend(unjudged(order_file, results, devices_seen(signals), request.orders.name))
    return Outcome(results, problems, owed), signals


def _worth_drawing(order_file: OrderFile) -> set[str] | None:
    """Everyone in a small file; in a large one the report draws those with findings, see ``_by_bucket``."""
    return None if len(order_file.people) <= 2000 else {p.id for p in order_file.people[:MOST_TIMELINES]}


def _by_bucket(
    request: Request, order_file: OrderFile, rules: RuleSet, problems: ProblemList, progress: Progress
) -> tuple[Outcome, Signals]:
    work = request.out / f".work-{_fingerprint(request)}"
    buckets = Buckets(
        work, order_file, n_buckets=max(8, -(-_size(request.signals) // (request.in_memory_bytes // 2)))
    )
    if not buckets.filled:
        buckets.clear()
        files = find_files(request.signals)
        total = sum(f.stat().st_size for f in files)
        read = 0
        batches = iter_signals(request.signals, columns=request.columns, source_is=_source(request))
        for batch in batches:
            batch = flag_ahead(batch, request.clock_us, severity="error")
            buckets.add(batch)
            read += batch.n_rows
            progress("Spreading signals over buckets", min(read * 40, total), total)
            last = batch.problems
        problems.merge(last)
        buckets.fill(last)
    else:
        problems.extend(buckets.problems())
    begin_us = buckets.period[0] if request.begin_us is None else request.begin_us
    until_us = buckets.period[1] if request.until_us is None else request.until_us
    parts: list[Results] = []
    for number in range(buckets.n_buckets):
        progress("Judging bucket by bucket", number, buckets.n_buckets)
        done = buckets.result(number)
        if done is None:
            part = part_of(order_file, buckets.people(number))
            signals = buckets.signals(number)
            done = evaluate(
                part, expand, signals, rules, begin_us=begin_us, until_us=until_us, timeline_of=set()
            )
            buckets.keep(number, done)
        parts.append(done)
    progress("Judging bucket by bucket", buckets.n_buckets, buckets.n_buckets)
    results = Results(
        findings=_ordered(pa.concat_tables([p.findings for p in parts]), FINDINGS.names[1:2]),
        coverage=_ordered(
            pa.concat_tables([p.coverage for p in parts]), ["person_id", "order_id", "condition_id"]
        ),
        totals=_ordered(pa.concat_tables([p.totals for p in parts]), ["person_id", "order_id"]),
        period_start_us=begin_us or 0,
        period_end_us=until_us or 0,
        counts={key: sum(p.counts.get(key, 0) for p in parts) for key in parts[0].counts},
    )
    results.counts["nobody wore the device"] = (
        results.counts.get("nobody wore the device", 0) + buckets.nobody_wore
    )
    problems.extend(unjudged(order_file, results, buckets.devices, request.orders.name))
    shown = _most_serious(results, 50)
    signals = buckets.signals_of(shown)
    if shown:
        part = part_of(order_file, shown)
        results.timeline = evaluate(
            part, expand, signals, rules, begin_us=begin_us, until_us=until_us
        ).timeline
    owed = expand(order_file, results.period_start_us, results.period_end_us)
    return Outcome(results, problems, owed), signals


def _ordered(table: pa.Table, names: list[str]) -> pa.Table:
    """By person first; within a person the order of each part is kept (the sort is stable)."""
    return (
        table.sort_by([(name, "ascending") for name in names])
        if names == ["person_id"]
        else table.sort_by(
            [
                (name, "ascending")
                for name in [*names, "obligation_start_utc", "part_start_utc"]
                if name in table.column_names
            ]
        )
    )


def _most_serious(results: Results, n: int) -> set[str]:
    rank = {"urgent": 0, "review": 1, "note": 2}
    best: dict[str, int] = {}
    for person, level in zip(
        results.findings.column("person_id").to_pylist(),
        results.findings.column("level").to_pylist(),
        strict=True,
    ):
        best[person] = min(best.get(person, 9), rank[level])
    return set(sorted(best, key=lambda p: (best[p], p))[:n])


def _fingerprint(request: Request) -> str:
    """Of what the answers depend on: the same question goes on where it stopped, another starts anew."""
    told = [
        milepost.__version__,
        str(request.columns),
        str(request.source),
        str((request.begin_us, request.until_us)),
    ]
    for path in [
        request.orders,
        *(p for p in (request.places, request.devices) if p),
        *find_files(request.signals),
    ]:
        stat = path.stat()
        told.append(f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}")
    for path in sorted(request.rules.rglob("*.toml")) if request.rules.is_dir() else [request.rules]:
        told.append(hashlib.sha256(path.read_bytes()).hexdigest())
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]


def _is_synthetic(order_file: OrderFile) -> bool:
    return bool(order_file.people) and all(
        p.synthetic or (p.name or "").startswith("Synthetic") for p in order_file.people
    )


@collection_paused()
def _write(
    request: Request,
    order_file: OrderFile,
    rules: RuleSet,
    outcome: Outcome,
    shown: Signals,
    progress: Progress,
) -> None:
    from milepost.compliance.report import write_report

    results, out = outcome.results, request.out
    progress("Writing", 0, 2)
    streets = next(
        (
            p
            for s in request.signals
            for p in [(s if s.is_dir() else s.parent) / "streets.geojson"]
            if p.exists()
        ),
        None,
    )
    with ThreadPoolExecutor(1) as beside:  # Arrow writes the tables while Python tells the report
        tables = beside.submit(_write_tables, results, out)
        write_report(
            results,
            order_file,
            outcome.owed,
            shown,
            outcome.problems,
            out / "report.html",
            title=f"Compliance report: {request.orders.name}",
            streets_geojson=json.loads(streets.read_text(encoding="utf-8")) if streets else None,
            synthetic=_is_synthetic(order_file),
            rules=rules,
            data_files=[
                f"{n}.{kind}" for n in ("findings", "coverage", "totals") for kind in ("csv", "parquet")
            ],
        )
        progress("Writing", 1, 2)
        tables.result()
    write_problems(outcome.problems, out / "problems.csv")
    outcome.summary = _summary(request, order_file, rules, outcome)
    write_json(outcome.summary, out / "run.json")
    progress("Writing", 2, 2)
    for leftover in out.glob(".work-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _write_tables(results: Results, out: Path) -> None:
    for name in ("findings", "coverage", "totals"):
        table: pa.Table = getattr(results, name)
        write_parquet(table, out / f"{name}.parquet")
        write_csv(table, out / f"{name}.csv")
    write_parquet(results.timeline, out / "timeline.parquet")


def _summary(request: Request, order_file: OrderFile, rules: RuleSet, outcome: Outcome) -> dict[str, Any]:
    results = outcome.results
    kinds = results.findings.column("kind").value_counts().to_pylist()
    levels = results.findings.column("level").value_counts().to_pylist()
    status = results.coverage.column("status").value_counts().to_pylist()
    told = {
        key: str(value)
        for key, value in asdict(request).items()
        if key in ("orders", "rules", "places", "columns", "source")
    }
    told["orders"] = os.fspath(request.orders.resolve())
    told["rules"] = os.fspath(request.rules.resolve())
    return {
        "milepost": milepost.__version__,
        "request": {**told, "places": os.fspath(request.places.resolve()) if request.places else None,
                    "devices": os.fspath(request.devices.resolve()) if request.devices else None,
                    "columns": request.columns, "source": request.source,
                    "clock_utc": iso(request.clock_us)
                    if request.clock_us is not None and results.counts.get("future") else None,
                    "signals": [os.fspath(p.resolve()) for p in request.signals]},
        "period": {"from_utc": iso(results.period_start_us), "until_utc": iso(results.period_end_us)},
        "people": len(order_file.people),
        "orders": len(order_file.orders),
        "signals": results.counts,
        "findings": {row["values"]: row["counts"] for row in kinds},
        "levels": {row["values"]: row["counts"] for row in levels},
        "coverage": {row["values"]: row["counts"] for row in status},
        "rule_tables": sorted(results.coverage.column("rule_table").unique().to_pylist()),
        "learned_errors": [learned.table.name for learned in rules.learned],
        "problems": {"errors": outcome.problems.n_errors, "warnings": outcome.problems.n_warnings},
    }  # fmt: skip


def read_run(out: Path) -> tuple[dict[str, Any], pa.Table]:
    """The summary and the findings of an earlier run."""
    summary = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return summary, pq.read_table(out / "findings.parquet")
