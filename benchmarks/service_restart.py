"""After a stop of everything: how long until alerts can be raised again, with 28,000 tags and a day of their history?

Everybody's signals of the last hours are stored, and judged for the first time. Then the web server and the engine
workers are killed (SIGKILL) and started again. While they come up, tags cut their straps (the web server takes that in
at once). Measured from the start of the engine workers to the moment at which each of those alerts is written, and to
the moment at which everybody is judged: what comes after that is a live signal like any other.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.machine import noise_probe
from benchmarks.report import Report, Table, spread
from benchmarks.service_http import Door, cpu_seconds
from benchmarks.service_lab import Lab, databases, lab
from benchmarks.service_town import home_of, osmand, person_of

TAGS, HOURS = 28_000, 18
TARGET_S = 60.0
ALERTS = 40


def one_run(database: str, tags: int, hours: int, workers: int) -> dict[str, Any]:
    with lab(database) as service:
        now = dt.datetime.now(dt.UTC)
        service.step("people", first=0, n=tags, worn_since=(now - dt.timedelta(hours=hours)).isoformat())
        stored = service.step("history", tags=tags, minutes=hours * 60)
        keys = service.step("doors")
        first_s = _started(service, workers).judged_s
        for name in list(service.processes):
            service.stop(name, kill=True)
        again = _started(service, workers, tags, keys["token"])
        used = cpu_seconds([p.pid for name, p in service.processes.items() if name.startswith("worker")])
        written = {
            row["person__reference"]: row["opened_us"] / 1e6 - again.start_s
            for row in service.step("incidents")
            if row["kind"] == "strap_tamper"
        }
        counts = service.step("counts")
    alerts = [written[person_of(i)] for i in again.cut if person_of(i) in written]
    return {
        "database": database, "workers": workers, "fixes": stored["fixes"], "stored_s": stored["seconds"],
        "first_s": first_s, "sent_s": again.sent_s, "alerts_s": alerts, "missing": len(again.cut) - len(alerts),
        "judged_s": again.judged_s, "cpu_s": used, "findings": counts["findings"],
    }  # fmt: skip


@dataclass(frozen=True)
class _Started:
    start_s: float
    cut: list[int]
    """Tags whose straps were cut meanwhile."""
    sent_s: float
    judged_s: float


def _started(service: Lab, workers: int, tags: int = 0, token: str = "") -> _Started:
    """The web server and the workers, until everybody is judged."""
    service.start_web()
    start_s = time.time()
    for number in range(workers):
        service.start_worker(number + 1)
    cut = list(range(0, tags, max(1, tags // ALERTS)))
    if cut:
        door = Door(service.ingest_port, token)
        for i in cut:
            status = door.post(
                "/ingest/osmand", osmand(i, int(time.time() * 1e6), home_of(i), alarm="removing")
            )
            assert status == 200, status
        door.close()
    sent_s = time.time() - start_s
    judged_s = service.step("wait_until_judged", since_us=int(start_s * 1e6), seconds=1_800)
    return _Started(start_s, cut, sent_s, judged_s)


def run(quick: bool) -> Report:
    tags, hours = (2_000, 4) if quick else (TAGS, HOURS)
    tags = int(os.environ.get("MILEPOST_BENCH_TAGS") or tags)
    hours = int(os.environ.get("MILEPOST_BENCH_HOURS") or hours)
    report = Report(title="A restart")
    columns = ["database", "workers", "fixes stored", "alerts written after, s: p50 / most", "everybody judged after, s",
               "processor s of the workers", "target"]  # fmt: skip
    table = Table(title=f"{tags:,} tags, {hours} hours of history", columns=columns)
    noise = []
    for database in databases():
        noise.append(noise_probe())
        done = one_run(database, tags, hours, 2)
        met = "met" if done["judged_s"] <= TARGET_S else "MISSED"
        table.rows.append(
            [
                database, str(done["workers"]), f"{done['fixes']:,}",
                f"{np.median(done['alerts_s']):.0f} / {max(done['alerts_s']):.0f}" if done["alerts_s"] else "-",
                f"{done['judged_s']:.0f}", f"{sum(done['cpu_s'].values()):.0f}", f"{TARGET_S:.0f} s: {met}",
            ]
        )  # fmt: skip
        if done["missing"]:
            report.wrong.append(f"{database}: {done['missing']} alerts were not raised")
        report.notes.append(
            f"{database}: {done['findings']} findings; history stored in {done['stored_s']:.0f} s; the last strap was "
            f"cut {done['sent_s']:.1f} s after the start of the workers; the first time, with all findings to write, "
            f"everybody was judged after {done['first_s']:.0f} s"
        )
        report.data[database] = done
    report.tables.append(table)
    report.notes.append(
        "Everybody judged: every part of the people is held by a worker and has been judged to now. Workers, web server "
        "and database share the machine. MILEPOST_BENCH_TAGS and MILEPOST_BENCH_HOURS change the size."
    )
    report.notes.append(f"Noise: a fixed piece of work took {spread(noise)} s.")
    return report
