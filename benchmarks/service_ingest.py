"""How many positions a second go in durably: through HTTP, acknowledged only when they are on the disk.

Batches on each database with the engine not running: what the front door takes by itself. Then single posts, with
engine and board beside them (``service_posts``).
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

import numpy as np

from benchmarks.machine import noise_probe
from benchmarks.report import Report, Table, spread
from benchmarks.service_http import Door, cpu_seconds
from benchmarks.service_lab import Lab, databases, lab
from benchmarks.service_posts import posts
from benchmarks.service_town import arrow_message, fixes_table, home_of, ndjson_line

RATE = 28_000 / 60
TIMES = {"sqlite": 5, "postgresql": 10}
"""Targets, as times the national rate of one position a minute from 28,000 tags."""
TAGS = 28_000


def blast(port: int, token: str, path: str, bodies: list[list[bytes]], seconds: float) -> dict[str, Any]:
    """Each list of bodies over a connection of its own, as fast as answers come. Counts what was acknowledged."""
    took: list[float] = []
    sent = [0] * len(bodies)
    errors: dict[str, int] = {}
    until = time.perf_counter() + seconds

    def one(number: int) -> None:
        door = Door(port, token)
        for body in bodies[number]:
            if time.perf_counter() >= until:
                return
            start = time.perf_counter()
            status = door.post(path, body)
            took.append((time.perf_counter() - start) * 1000)
            if status == 200:
                sent[number] += 1
            else:
                errors[str(status)] = errors.get(str(status), 0) + 1
        raise RuntimeError("the prepared messages were not enough")

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(bodies))]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "acknowledged": sum(sent), "seconds": time.perf_counter() - start, "errors": errors,
        "took_ms": np.percentile(took, [50, 99]).tolist(), "cpu_s": time.process_time(),
    }  # fmt: skip


def prepared(kind: str, seconds: float, now_us: int) -> tuple[str, int, list[list[bytes]]]:
    """Path, rows in a message, and the messages of each connection; no position is sent twice."""
    if kind == "ndjson":
        rows, connections, each = 500, 2, int(seconds * 15)
        bodies = []
        for c in range(connections):
            mine = []
            for k in range(each):
                first = (c * each + k) * rows
                at = [(n, now_us - 1000 * n) for n in range(first, first + rows)]
                mine.append(b"\n".join(ndjson_line(n % TAGS, us, home_of(n % TAGS)) for n, us in at))
            bodies.append(mine)
        return "/ingest/ndjson", rows, bodies
    rows, connections, each = 10_000, 2, int(seconds * 3)
    bodies = []
    for c in range(connections):
        mine = []
        for k in range(each):
            n = np.arange((c * each + k) * rows, (c * each + k + 1) * rows)
            mine.append(arrow_message(fixes_table(n % TAGS, now_us - 1000 * n)))
        bodies.append(mine)
    return "/ingest/arrow", rows, bodies


def one_run(service: Lab, token: str, kind: str, seconds: float) -> dict[str, Any]:
    before = service.step("counts")["fixes"]
    said = {"port": service.ingest_port, "token": token, "kind": kind, "seconds": seconds}
    pids = [pid for pid, kind in service.web_pids().items() if kind == "ingest"]
    used = cpu_seconds(pids)
    done = json.loads(service.run("-m", "benchmarks.service_ingest", json.dumps(said)))
    done["web_cpu_s"] = sum(cpu_seconds(pids).values()) - sum(used.values())
    done["stored"] = service.step("counts")["fixes"] - before
    return done


def run(quick: bool) -> Report:
    seconds = 6.0 if quick else 30.0
    report = Report(title="Durable ingest")
    columns = ["database", "kind", "rows a message", "fixes a second", "times 467", "a post, ms: p50 / p99",
               "CPU s: web, sender", "target"]  # fmt: skip
    table = Table(title=f"As fast as answers come, {seconds:.0f} s each", columns=columns)
    noise = []
    for database in databases():
        with lab(database) as service:
            token = service.step("doors")["token"]
            service.start_web()
            for kind in ("ndjson", "arrow"):
                noise.append(noise_probe())
                done = one_run(service, token, kind, seconds)
                a_second = done["rows"] / done["seconds"]
                met = a_second >= TIMES[database] * RATE
                table.rows.append(
                    [
                        database, kind, f"{done['rows_a_message']:,}", f"{a_second:,.0f}", f"{a_second / RATE:.1f}",
                        f"{done['took_ms'][0]:.0f} / {done['took_ms'][1]:.0f}",
                        f"{done['web_cpu_s']:.0f}, {done['cpu_s']:.0f}",
                        f"{TIMES[database]} times: {'met' if met else 'MISSED'}",
                    ]
                )  # fmt: skip
                if done["stored"] < done["rows"]:
                    report.wrong.append(
                        f"{database} {kind}: {done['rows'] - done['stored']} acknowledged, not stored"
                    )
                if done["errors"]:
                    report.notes.append(f"{database} {kind}: answers that were not 200: {done['errors']}")
    report.tables.append(table)
    for database in databases():
        noise.append(noise_probe())
        report.tables.append(posts(database, quick, report))
    report.notes.append(
        "Two processes of ingest at their own port. Batches over 2 keep-alive connections, no engine. Every row is new. "
        "The sender is one process on the same cores. A gateway's rate is not limited here."
    )
    report.notes.append(f"Noise: a fixed piece of work took {spread(noise)} s.")
    return report


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    path, rows, bodies = prepared(asked["kind"], asked["seconds"], time.time_ns() // 1000)
    spent = time.process_time()
    said = blast(asked["port"], asked["token"], path, bodies, asked["seconds"])
    said |= {"rows": said["acknowledged"] * rows, "rows_a_message": rows, "cpu_s": said["cpu_s"] - spent}
    sys.stdout.write(json.dumps(said) + "\n")
