"""How long the service's pages take with 250,000 people, 28,000 on tag and 90 days of findings; and what they ask.

The database is made once (``service_nation``) and kept in ``benchmarks/data``, or in the folder that
``MILEPOST_BENCH_DATA`` names; on PostgreSQL it stays on the server as ``milepost_bench_...``. Each page is then opened
for many people in one process (``service_visits``). A second database, a tenth of the size, must be asked the same
number of questions.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import DATA, noise_probe
from benchmarks.report import Report, Table, spread
from benchmarks.service_lab import POSTGRES, Lab, databases
from benchmarks.service_nation import PEOPLE, VERSION

NOW = dt.datetime(2026, 11, 22, 21, 30, tzinfo=dt.UTC)
"""Where the clock stands: a Sunday night with curfews on, so that the week is full."""
SMALLER = 10
VISITS, QUICK_VISITS = 120, 30


class Kept(Lab):
    """A lab whose database outlives it."""

    def __init__(self, database: str, people: int) -> None:
        folder = (
            Path(os.environ.get("MILEPOST_BENCH_DATA") or DATA) / f"service-v{VERSION}-{database}-{people}"
        )
        super().__init__(database, folder, create=False)
        self.people = people
        self.name = f"milepost_bench_v{VERSION}_{people}"
        if database == "postgresql":
            self.env["DATABASE_URL"] = POSTGRES.rsplit("/", 1)[0] + f"/{self.name}"

    def ensure(self) -> dict[str, Any]:
        """Makes the database unless it is there; how long the parts took."""
        made = self.folder / "made.json"
        if made.exists():
            self.migrate()  # it may have been made before the newest migration
            return dict(json.loads(made.read_text()))
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        if self.database == "postgresql":
            self._on_server(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
            self._on_server(f'CREATE DATABASE "{self.name}"')
        self.migrate()
        start = time.perf_counter()
        said = self.run("-m", "benchmarks.service_nation", json.dumps(self.size()))
        took = json.loads(said.splitlines()[-1]) | {"all": round(time.perf_counter() - start)}
        made.write_text(json.dumps(took))
        return dict(took)

    def size(self) -> dict[str, int]:
        return {"people": self.people, "now_us": int(NOW.timestamp()) * 1_000_000}

    def visit(self, visits: int, only: list[str]) -> list[dict[str, Any]]:
        asked = self.size() | {"visits": visits, "only": only}
        said = self.run("-m", "benchmarks.service_visits", json.dumps(asked))
        return list(json.loads(said.splitlines()[-1]))


def row_of(page: dict[str, Any]) -> list[str]:
    wall, cpu = np.percentile(page["wall_ms"], [50, 95, 99]), np.percentile(page["cpu_ms"], [50, 95])
    target = page["target_ms"]
    met = "met" if wall[1] < target else "met in CPU" if cpu[1] < target else "MISSED"
    return [
        page["page"], str(len(page["wall_ms"])), str(page["queries"]), f"{page['bytes'] / 1000:.0f}",
        " / ".join(f"{ms:.0f}" for ms in wall), " / ".join(f"{ms:.0f}" for ms in cpu), f"{target:.0f}: {met}",
    ]  # fmt: skip


def run(quick: bool) -> Report:
    people = PEOPLE // SMALLER if quick else PEOPLE
    only = [name for name in os.environ.get("MILEPOST_BENCH_PAGES", "").split(",") if name]
    report = Report(title="The service's pages")
    noise = []
    for database in databases():
        kept = Kept(database, people)
        made = kept.ensure()
        noise.append(noise_probe())
        found = kept.visit(QUICK_VISITS if quick else VISITS, only)
        noise.append(noise_probe())
        columns = [
            "page",
            "visits",
            "queries",
            "kB",
            "ms: p50 / p95 / p99",
            "processor ms: p50 / p95",
            "target at p95",
        ]
        table = Table(title=f"{database}, {people:,} people", columns=columns)
        table.rows = [row_of(page) for page in found]
        report.tables.append(table)
        report.notes.append(f"{database}: made in {made['all']} s ({made})")
        report.data[database] = found
        for page in found:
            report.wrong += [f"{database}, {page['page']}: {answer}" for answer in page["not_200"][:3]]
        if not quick:
            smaller = Kept(database, people // SMALLER)
            smaller.ensure()
            few = {page["page"]: page["queries"] for page in smaller.visit(1, only)}
            report.wrong += [
                f"{database}, {page['page']}: {page['queries']} queries, {few[page['page']]} with a tenth of the people"
                for page in found
                if page["queries"] > few[page["page"]]
            ]
    report.notes.append(
        "The whole request without the network: middleware, view, database, template, the entry in the audit log. "
        "Processor time is that of the process that answers, for a busy machine; with PostgreSQL the server's comes on "
        "top. Queries are the most of five visits; signals are read by COPY on PostgreSQL, which is not counted."
    )
    report.notes.append(f"Noise: a fixed piece of work took {spread(noise)} s.")
    return report
