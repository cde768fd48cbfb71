"""After a stop of everything: how long until alerts can be raised again, with 28,000 tags and a day of their history?

The service is killed and started again with everybody's signals of the last hours stored. While it comes up, tags
that were fitted moments ago cut their straps (the web server takes that in at once). Measured from the start of the
engine workers to the moment at which each of those alerts is written, and to the moment at which everybody is judged:
what comes after that is a live signal like any other.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from typing import Any

import numpy as np

from benchmarks.machine import noise_probe
from benchmarks.report import Report, Table, spread
from benchmarks.service_http import Door, cpu_seconds
from benchmarks.service_lab import databases, lab
from benchmarks.service_live import caught_up
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
        service.start_web()
        start = time.time()
        for number in range(workers):
            service.start_worker(number + 1)
        door, cut = Door(service.port, keys["token"]), range(0, tags, max(1, tags // ALERTS))
        for i in cut:
            body = osmand(i, int(time.time() * 1e6), home_of(i), alarm="removing")
            status = door.post("/ingest/osmand", body)
            assert status == 200, status
        door.close()
        sent_s = time.time() - start
        caught_up(service, workers, seconds=1_800)
        judged_s = time.time() - start
        used = cpu_seconds([p.pid for name, p in service.processes.items() if name.startswith("worker")])
        written = {
            row["person__reference"]: row["opened_us"] / 1e6 - start
            for row in service.step("incidents")
            if row["kind"] == "strap_tamper"
        }
        counts = service.step("counts")
    alerts = [written[person_of(i)] for i in cut if person_of(i) in written]
    return {
        "database": database, "workers": workers, "fixes": stored["fixes"], "stored_s": stored["seconds"],
        "sent_s": sent_s, "alerts_s": alerts, "missing": len(cut) - len(alerts), "judged_s": judged_s,
        "cpu_s": used, "findings": counts["findings"],
    }  # fmt: skip


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
            f"cut {done['sent_s']:.1f} s after the start of the workers"
        )
        report.data[database] = done
    report.tables.append(table)
    report.notes.append(
        "Everybody judged: every part of the people is held by a worker and has been judged to now. Workers, web server "
        "and database share the machine. MILEPOST_BENCH_TAGS and MILEPOST_BENCH_HOURS change the size."
    )
    report.notes.append(f"Noise: a fixed piece of work took {spread(noise)} s.")
    return report
