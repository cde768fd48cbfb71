"""Picking a person by typing, nearly the name too, among 250,000: on both databases, with nothing else in them.

The pages are those of ``service_visits`` that begin with "pick". The database is made for this alone in a minute; the
same pages stand in the record of ``service_pages``, over the whole country.
"""

from __future__ import annotations

import json

from benchmarks.report import Report, Table
from benchmarks.service_lab import databases, lab
from benchmarks.service_nation import PEOPLE
from benchmarks.service_pages import NOW, QUICK_VISITS, VISITS, row_of


def run(quick: bool) -> Report:
    people = PEOPLE // 10 if quick else PEOPLE
    size = {"people": people, "now_us": int(NOW.timestamp()) * 1_000_000}
    asked = size | {"visits": QUICK_VISITS if quick else VISITS, "only": ["pick"]}
    report = Report(title="Picking a person by typing")
    for database in databases():
        with lab(database) as made:
            made.run("-c", "import django, json, sys; django.setup(); from benchmarks.service_nation import make_people; "
                     "make_people(**json.loads(sys.argv[1]))", json.dumps(size))  # fmt: skip
            found = json.loads(
                made.run("-m", "benchmarks.service_visits", json.dumps(asked)).splitlines()[-1]
            )
        columns = [
            "page",
            "visits",
            "queries",
            "kB",
            "ms: p50 / p95 / p99",
            "processor ms: p50 / p95",
            "target at p95",
        ]
        report.tables.append(
            Table(f"{database}, {people:,} people", columns, [row_of(page) for page in found])
        )
        report.data[database] = found
        for page in found:
            report.wrong += [f"{database}, {page['page']}: {answer}" for answer in page["not_200"][:3]]
    return report
