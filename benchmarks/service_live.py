"""From a tag's signal to the officer's screen: 28,000 tags at one position a minute, through the real front door.

Measured from the acknowledgement of the signal that decides something (the third position inside a zone, a cut
strap) to the moment at which an open board, told by its stream, has the person's row.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from benchmarks.machine import noise_probe
from benchmarks.report import Report, Table, spread
from benchmarks.service_http import cpu_seconds
from benchmarks.service_lab import Lab, databases, lab

TAGS = 28_000
SINGLE_SHARE = 0.2
TARGET_S = 1.0


def caught_up(service: Lab, workers: int, seconds: float = 900) -> float:
    """Waits until every bucket is held and has been judged; how long that took."""
    start = time.monotonic()
    while time.monotonic() < start + seconds:
        leases = service.step("counts")["leases"]
        owners = {lease["owner"] for lease in leases}
        if "" not in owners and len(owners) == workers and all(lease["judged_us"] for lease in leases):
            return time.monotonic() - start
        time.sleep(1)
    raise RuntimeError("the workers did not come to judge everyone in time")


Beside = Callable[[Lab, dict[str, Any]], AbstractContextManager[None]]
"""What goes on at the same time: given the service and the keys to it."""


def one_run(
    database: str, tags: int, seconds: float, workers: int, breaches: int,
    beside: Beside = lambda service, keys: nullcontext(),
) -> dict[str, Any]:  # fmt: skip
    with lab(database) as service:
        worn = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)
        loaded = service.step("people", first=0, n=tags, worn_since=worn.isoformat())
        keys = service.step("doors")
        service.step("optimise")
        service.start_web()
        for number in range(workers):
            service.start_worker(number + 1)
        placed_s = caught_up(service, workers)
        watcher = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.service_watcher",
             json.dumps({"port": service.port, "cookie": keys["cookie"]})],
            env=service.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        answering = service.web_pids()
        pids = list({p.pid for p in service.processes.values()} | answering.keys())
        before = cpu_seconds(pids)
        feed = {
            "port": service.ingest_port, "token": keys["token"], "tags": tags, "seconds": seconds,
            "single_share": SINGLE_SHARE, "connections": 8, "gateways": 4, "breaches": breaches,
        }  # fmt: skip
        with beside(service, keys):
            fed = json.loads(service.run("-m", "benchmarks.service_feeder", json.dumps(feed)))
        time.sleep(3)
        after = cpu_seconds(pids)
        said, _ = watcher.communicate("", timeout=60)
        watched = json.loads(said)
        opened = {row["person__reference"]: row for row in service.step("incidents")}
        stored = service.step("counts")
        names = {str(p.pid): n for n, p in service.processes.items()}
        names |= {str(pid): kind for pid, kind in answering.items()}
    ms: dict[str, list[float]] = {"zone_entry": [], "strap_tamper": []}
    written: list[float] = []
    missing, turned = [], 0
    for person, (kind, at) in fed["acknowledged"].items():
        if person in watched["seen"]:
            ms[kind].append((watched["seen"][person] - at) * 1000)
        elif person not in opened:
            missing.append(person)
        else:  # two alerts in one look, on either side of a page's end: only the last page is looked at
            turned += 1
        if person in opened:
            written.append(opened[person]["opened_us"] / 1000 - at * 1000)
    cpu: dict[str, float] = {}
    for pid, used in after.items():
        name = names.get(pid, "web")
        cpu[name] = round(cpu.get(name, 0.0) + used - before.get(pid, 0.0), 1)
    return {
        "database": database, "workers": workers, "placed_s": placed_s, "loaded_s": loaded["seconds"],
        "ms": ms, "written_ms": written, "missing": missing, "turned": turned,
        "unexpected": len(opened) - len(fed["acknowledged"]),
        "sent": fed["sent"], "errors": fed["errors"], "fixes": stored["fixes"], "took_ms": fed["took_ms"],
        "feeder_cpu_s": fed["cpu_s"], "watcher_cpu_s": watched["cpu_s"], "rows_ms": watched["rows_ms"],
        "statuses": watched["statuses"], "seconds": seconds, "cpu_s": cpu,
    }  # fmt: skip


def row_of(run: dict[str, Any]) -> list[str]:
    both = run["ms"]["zone_entry"] + run["ms"]["strap_tamper"]
    p50, p95, p99 = np.percentile(both, [50, 95, 99]) if both else (np.nan,) * 3
    single = np.percentile(run["took_ms"]["single"], [50, 99])
    return [
        run["database"],
        str(run["workers"]),
        f"{(run['sent']['single'] + run['sent']['batched']) / run['seconds']:.0f}",
        f"{len(both)}",
        f"{p50:.0f} / {p95:.0f} / {p99:.0f} / {max(both, default=0):.0f}",
        f"{np.percentile(run['written_ms'], 99):.0f}" if run["written_ms"] else "-",
        f"{single[0]:.0f} / {single[1]:.0f}",
        "met" if p99 < TARGET_S * 1000 and not run["missing"] else "MISSED",
    ]


def run(quick: bool) -> Report:
    tags, seconds, breaches = (4_000, 45.0, 40) if quick else (TAGS, 240.0, 400)
    report = Report(title="From the signal to the officer's screen")
    columns = [
        "database", "workers", "fixes a second", "deciding signals", "on the board after, ms: p50 / p95 / p99 / most",
        "written after, ms: p99", "single post, ms: p50 / p99", f"{TARGET_S:.0f} s at p99",
    ]  # fmt: skip
    table = Table(title=f"{tags:,} tags, one position a minute", columns=columns)
    noise = [noise_probe()]
    runs = []
    for database in databases():
        for workers in (1,) if quick else (1, 2):
            done = one_run(database, tags, seconds, workers, breaches)
            runs.append(done)
            table.rows.append(row_of(done))
            noise.append(noise_probe())
            if done["missing"]:
                report.wrong.append(f"{database}: {len(done['missing'])} alerts were never raised")
            if done["errors"]:
                report.notes.append(
                    f"{database}, {workers} workers: answers that were not 200: {done['errors']}"
                )
            used = ", ".join(f"{name} {s}" for name, s in sorted(done["cpu_s"].items()))
            report.notes.append(
                f"{database}, {workers} workers: placing everyone {done['placed_s']:.0f} s; CPU s in {seconds:.0f} s: "
                f"{used}, feeder {done['feeder_cpu_s']:.1f}, board watcher {done['watcher_cpu_s']:.1f}; latest send "
                f"{done['sent']['late_s'] * 1000:.0f} ms behind its time; rows of the board {spread(done['rows_ms'], 0)} ms"
            )  # fmt: skip
    report.tables.append(table)
    report.notes.append(
        f"{SINGLE_SHARE:.0%} of the tags post one position at a time over 8 keep-alive connections; the others come in "
        "batches of lines, one a second from each of 4 gateways. Two web processes with 16 threads. Service, database, "
        "load and watcher share the machine's cores."
    )  # fmt: skip
    report.notes.append(f"Noise: a fixed piece of work took {spread(noise)} s.")
    report.data["runs"] = runs
    return report
