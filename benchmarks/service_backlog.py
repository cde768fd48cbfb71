"""An hour of every tag at once: stored and judged, while other tags go on raising alerts.

What a gateway, or a supplier's service, sends when it has been away for an hour: Arrow batches of one tag after
another. Meanwhile tags that were not away cut their straps; how long until those alerts are on the board?
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np

from benchmarks.machine import noise_probe
from benchmarks.report import Report, Table, spread
from benchmarks.service_http import Door, cpu_seconds
from benchmarks.service_lab import databases, lab
from benchmarks.service_live import caught_up
from benchmarks.service_town import arrow_message, fixes_table, home_of, osmand, person_of

TAGS, MINUTES = 28_000, 60
ROWS_A_BATCH = 20_000
TARGET_S = 180.0


def backlog(tags: int, now_us: int) -> list[bytes]:
    """One position a minute of the last hour, tag by tag."""
    each = ROWS_A_BATCH // MINUTES
    bodies = []
    for first in range(0, tags, each):
        some = np.arange(first, min(tags, first + each))
        tag = np.repeat(some, MINUTES)
        minute = np.tile(np.arange(MINUTES), len(some))
        times = now_us - (MINUTES - minute) * 60_000_000 + tag * 700 % 60_000_000
        bodies.append(arrow_message(fixes_table(tag, times, seed=first)))
    return bodies


def one_run(database: str, tags: int, alerts: int, workers: int) -> dict[str, Any]:
    with lab(database) as service:
        worn = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=62)
        service.step("people", first=0, n=tags, worn_since=worn.isoformat())
        # The tags of the alerts have been worn for a moment only: nothing of them is missing.
        fresh = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
        service.step("people", first=tags, n=alerts, worn_since=fresh.isoformat())
        keys = service.step("doors")
        service.step("optimise")
        service.start_web()
        for number in range(workers):
            service.start_worker(number + 1)
        caught_up(service, workers)
        watcher = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.service_watcher",
             # Thousands of tags stand on the board as silent until their hour is judged, due after these.
             json.dumps({"port": service.port, "cookie": keys["cookie"], "rows": "&kind=strap_tamper"})],
            env=service.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        bodies = backlog(tags, int(time.time() * 1e6))
        acknowledged: dict[str, float] = {}
        finished = threading.Event()

        def alarm() -> None:
            door = Door(service.ingest_port, keys["token"])
            for i in range(tags, tags + alerts):
                if finished.is_set():
                    break
                body = osmand(i, int(time.time() * 1e6), home_of(i), alarm="removing")
                if door.post("/ingest/osmand", body) == 200:
                    acknowledged[person_of(i)] = time.time()
                time.sleep(0.5)
            door.close()

        pids = {name: process.pid for name, process in service.processes.items()}
        before = cpu_seconds(list(pids.values()))
        alarms = threading.Thread(target=alarm)
        alarms.start()
        door, start = Door(service.ingest_port, keys["token"]), time.monotonic()
        for body in bodies:
            status = door.post("/ingest/arrow", body)
            assert status == 200, status
        stored_s = time.monotonic() - start
        door.close()
        lag = service.step("wait_until_read", seconds=900)
        judged_s = time.monotonic() - start
        finished.set()
        alarms.join()
        time.sleep(3)
        after = cpu_seconds(list(pids.values()))
        said, _ = watcher.communicate("", timeout=60)
        seen = json.loads(said)["seen"]
        ms = [(seen[person] - at) * 1000 for person, at in acknowledged.items() if person in seen]
        counts = service.step("counts")
    return {
        "database": database, "workers": workers, "rows": tags * MINUTES, "stored_s": stored_s, "judged_s": judged_s,
        "read": lag, "ms": ms, "missing": len(acknowledged) - len(ms), "fixes": counts["fixes"],
        "findings": counts["findings"],
        "cpu_s": {n: round(after[str(p)] - before[str(p)], 1) for n, p in pids.items() if str(p) in after},
    }  # fmt: skip


def run(quick: bool) -> Report:
    tags, alerts = (2_000, 20) if quick else (TAGS, 300)
    report = Report(title="An hour's backlog of every tag")
    columns = ["database", "workers", "fixes", "stored, s", "stored and judged, s", "fixes a second",
               "other tags' alerts on the board, ms: p50 / p95 / most", "target"]  # fmt: skip
    table = Table(title=f"{tags:,} tags, {MINUTES} minutes", columns=columns)
    noise = []
    for database in databases():
        noise.append(noise_probe())
        done = one_run(database, tags, alerts, 2)
        p50, p95 = np.percentile(done["ms"], [50, 95]) if done["ms"] else (np.nan, np.nan)
        met = done["judged_s"] <= TARGET_S * tags / TAGS
        table.rows.append(
            [
                database, str(done["workers"]), f"{done['rows']:,}", f"{done['stored_s']:.0f}",
                f"{done['judged_s']:.0f}", f"{done['rows'] / done['judged_s']:,.0f}",
                f"{p50:.0f} / {p95:.0f} / {max(done['ms'], default=0):.0f}",
                f"{TARGET_S * tags / TAGS:.0f} s: {'met' if met else 'MISSED'}",
            ]
        )  # fmt: skip
        if not done["read"]:
            report.wrong.append(f"{database}: the engine did not come to the end in 15 minutes")
        if done["fixes"] < done["rows"]:
            report.wrong.append(
                f"{database}: {done['rows'] - done['fixes']} acknowledged fixes are not stored"
            )
        if done["missing"]:
            report.notes.append(
                f"{database}: {done['missing']} alerts were not seen on the last page of the board"
            )
        report.notes.append(f"{database}: CPU s {done['cpu_s']}; {done['findings']} findings")
    report.tables.append(table)
    report.notes.append(
        f"Arrow batches of {ROWS_A_BATCH:,} rows over one connection; two web processes, two engine workers. The target "
        "is three minutes for 28,000 tags, in proportion for fewer."
    )  # fmt: skip
    report.notes.append(f"Noise: a fixed piece of work took {spread(noise)} s.")
    return report
