"""How many people a second the risk instruments score, and how long one person takes with the explanation.

The people are synthetic: random answers, nobody's. Every answer of the table is compared with one person at a time
on a sample; any difference makes the run fail. Processor seconds are shown beside elapsed ones: on a shared machine
only the first can be compared.
"""

from __future__ import annotations

import datetime as dt
import time
from statistics import median

import numpy as np
import polars as pl

from benchmarks.report import Report, Table, spread
from milepost.risk.fields import CHOICES, field_table
from milepost.risk.instruments import CURRENT
from milepost.risk.offences import offences
from milepost.risk.options import STATED
from milepost.risk.person import person_of
from milepost.risk.score import score
from milepost.risk.table import score_tidy
from milepost.risk.tidy import ROW, Tidy, tidy

THREE = ("arp", "vrp", "svrp")
SIX_A_SECOND = 6_000_000
TARGET_ONE_MS = 2.0
SAMPLE = 50


def synthetic_people(n: int, seed: int = 1) -> pl.DataFrame:
    """Random answers to every question of the 2026 predictors; dates and counts that can be."""
    random = np.random.default_rng(seed)
    epoch = np.datetime64("1970-01-01")
    birth = random.integers(-14_000, 11_000, n)
    age_first = random.integers(10, 20, n)
    convicted = birth + random.integers(20 * 366, 60 * 365, n)
    assessed = convicted + random.integers(0, 2_000, n)
    sanctions = random.integers(1, 40, n)
    known = np.flatnonzero(offences().category >= 0)
    columns: dict[str, object] = {
        "person_id": [f"synthetic-{i}" for i in range(n)],
        "date_of_birth": epoch + birth,
        "conviction_date": epoch + convicted,
        "community_date": epoch + convicted + random.integers(0, 700, n),
        "assessment_date": epoch + assessed,
        "age_at_first_sanction": age_first,
        "sanctions": sanctions,
        "violent_sanctions": np.minimum(random.integers(0, 8, n), sanctions),
        "offence_code": np.char.zfill(random.choice(known, n).astype(str), 5),
        "sex": random.choice(list(CHOICES["sex"]), n),
        "ever_sexual_offence": np.zeros(n, bool),
    }
    for name, info in field_table().items():
        if name in columns or name == "static_only":
            continue
        if info.kind == "level":
            columns[name] = random.integers(0, 3, n)
        elif info.kind == "yes_no":
            columns[name] = random.random(n) < 0.2
        elif info.kind in ("partner", "setting"):
            columns[name] = random.choice(list(CHOICES[info.kind]), n)
    return pl.DataFrame(columns)


def run(quick: bool) -> Report:
    report = Report("Risk instruments")
    n = 200_000 if quick else 1_000_000
    repeats = 3 if quick else 5
    read = tidy(synthetic_people(n))
    table = Table(
        f"A table of {n:,} synthetic people, in memory",
        ["instruments", "elapsed s", "processor s", "scores a second, elapsed", "scores a processor second"],
    )
    for keys, scores in ((THREE, 6), (CURRENT, 9)):
        elapsed, processor = [], []
        for _ in range(repeats):
            start, busy = time.perf_counter(), time.process_time()
            found = score_tidy(Tidy(read.frame, rows_read=n), keys, STATED, "synthetic")
            elapsed.append(time.perf_counter() - start)
            processor.append(time.process_time() - busy)
        table.rows.append([
            ", ".join(keys), spread(elapsed), spread(processor), f"{scores * n / median(elapsed):,.0f}",
            f"{scores * n / median(processor):,.0f}",
        ])  # fmt: skip
        if keys == THREE:
            rate = scores * n / min(elapsed)
            said = "met" if rate >= SIX_A_SECOND else "MISSED"
            report.notes.append(
                f"Target {SIX_A_SECOND:,} scores a second on 2 cores: {rate:,.0f} at best, {said}."
            )
    report.tables.append(table)
    _one(report, read, found.frame, 30 if quick else 200)
    report.data["as_of"] = dt.datetime.now(dt.UTC).date().isoformat()
    return report


def _one(report: Report, read: Tidy, scores: pl.DataFrame, repeats: int) -> None:
    """One person with the whole explanation; and that the table gave the same."""
    for index in range(min(SAMPLE, scores.height)):
        expected = scores.row(index, named=True)
        person, options = person_of(Tidy(read.frame[index : index + 1]), expected["row"], STATED)
        for key, result in score(person, CURRENT, options, changes=False).items():
            if (result.percentage, result.band) != (expected[f"{key}_percentage"], expected[f"{key}_band"]):
                report.wrong.append(f"row {expected['row']}: {key} differs between one person and the table")
    person, options = person_of(Tidy(read.frame[:1]), int(read.frame[ROW][0]), STATED)
    table = Table(
        "One person with terms and what would change it, milliseconds", ["instruments", "processor ms"]
    )
    for keys in (("arp",), CURRENT):
        times = []
        for _ in range(repeats):
            start = time.process_time()
            score(person, keys, options)
            times.append((time.process_time() - start) * 1e3)
        table.rows.append([", ".join(keys), spread(times)])
        if keys == ("arp",):
            said = "met" if median(times) < TARGET_ONE_MS else "MISSED"
            report.notes.append(f"Target under {TARGET_ONE_MS:g} ms a score: {median(times):.2f} ms, {said}.")
    report.tables.append(table)
