"""How right the engine is on synthetic towns whose truth is known, beside two simpler ways.

Rules of the count, the same for every engine:

- *True violations* are the rows of the town's truth found on the true path, of the kinds in ``KINDS``.
- *Recall* is over those of at least 5 minutes, with a usable fix in at least 80 % of their minutes.
  One is **found** if a finding of the same person and condition starts within 3 minutes of its start and
  ends within 3 minutes of its end. A finding answers for one violation only, the nearest by start.
- Those seen by a home unit that was alive in 80 % of the time, but not by fixes, are counted apart.
- **Seen** is found with any error: the finding overlaps the violation.
- A finding is **false** if it overlaps no true violation of the same person and condition, however short
  or badly observed that violation was. Counted over all findings, for each 200 person-days.
- *Start error* is finding minus truth, over the violations seen (the finding that overlaps most).
- What kind an engine calls it does not count: the simpler ways know no kinds.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks import naive
from benchmarks.machine import DATA
from benchmarks.naive import Intervals
from benchmarks.report import Report, Table
from milepost.compliance.batch import evaluate
from milepost.compliance.results import Results
from milepost.compliance.rule_tables import read_rules
from milepost.orders.obligations import Obligation
from milepost.orders.read import read_orders
from milepost.orders.schedules import expand
from milepost.synth.write import make_town
from milepost.tracks.read import read_signals
from milepost.tracks.record import PRESENCE

SEEDS = (11, 12, 13)
PEOPLE, DAYS = 200, 7
START = dt.date(2026, 3, 23)
"""Monday of the week whose Sunday is the change to summer time."""
CURFEW = ("late_return", "left_during", "out_at_end", "absent_entire")
ZONE = ("zone_entry", "zone_exit")
KINDS = (*CURFEW, *ZONE)
LEAST_US, SHARE, NEAR_US = 300e6, 0.8, 180e6
MILEPOST, FIXES_ALONE = "Milepost (illustrative rules)", "Milepost, home units left out"
VERSION = 1


@dataclass(frozen=True, slots=True)
class True_:
    """One true violation. Times microseconds UTC."""

    kind: str
    start: float
    end: float
    eligible: bool
    by_unit: bool
    """Not eligible by fixes, but long enough and with a home unit alive for as large a share of it."""


@dataclass(slots=True)
class Count:
    """What one engine did, summed over towns."""

    true: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    found: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seen: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    start_error_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    end_error_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    findings: int = 0
    false: int = 0
    false_long: int = 0
    false_by_group: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    true_by_unit: int = 0
    found_by_unit: int = 0


def ensure_town(seed: int, people: int) -> Path:
    folder = DATA / f"town-v{VERSION}-{people}x{DAYS}-{seed}"
    if not (folder / "truth.parquet").exists():
        make_town(folder, people=people, days=DAYS, seed=seed, start=START)
    return folder


def run(quick: bool) -> Report:
    report = Report("Accuracy on synthetic towns")
    people = 60 if quick else PEOPLE
    seeds = SEEDS[:1] if quick else SEEDS
    counts: dict[str, Count] = {}
    person_days = 0
    for seed in seeds:
        folder = ensure_town(seed, people)
        person_days += people * DAYS
        truth = true_violations(folder)
        for engine, found in findings_of(folder).items():
            count_town(counts.setdefault(engine, Count()), truth, found)
    report.tables = [_summary(counts, person_days), _kinds(counts), _errors(counts[MILEPOST])]
    report.notes = [
        f"{len(seeds)} towns (seeds {', '.join(map(str, seeds))}), {people} people and {DAYS} days each, "
        f"{person_days} person-days; the noise that is shipped, which is assumed, not measured.",
        "A true violation counts for recall from 5 minutes, with usable fixes in 80 % of its minutes; "
        "found: start and end within 3 minutes. False: overlaps no true violation of that person and "
        "condition.",
        "Milepost reads home units too, which see more and err in their own way; the row without them has "
        "the same evidence as the simpler ways.",
        "The simpler ways are given the right windows and the true wearer of each device.",
        "Truth is where the person was. A tag cut off and left behind makes false findings everywhere.",
    ]
    report.data = {"person_days": person_days, "engines": {name: _plain(c) for name, c in counts.items()}}
    return report


def true_violations(folder: Path) -> dict[tuple[str, str], list[True_]]:
    """By person and condition."""
    violations = defaultdict(list)
    for row in pq.read_table(folder / "truth.parquet").to_pylist():
        if row["basis"] != "position" or row["kind"] not in KINDS:
            continue
        start, end = (row[c].timestamp() * 1e6 for c in ("start_utc", "end_utc"))
        long = end - start >= LEAST_US
        eligible = long and (row["observed_share"] or 0.0) >= SHARE
        by_unit = long and not eligible and (row["unit_share"] or 0.0) >= SHARE
        violation = True_(row["kind"], start, end, eligible, by_unit)
        violations[row["person_id"], row["condition_id"]].append(violation)
    return violations


def findings_of(folder: Path) -> dict[str, Intervals]:
    """What each engine finds in a town."""
    orders, _ = read_orders(folder / "orders.json")
    signals = read_signals([folder / f"{name}.parquet" for name in ("fixes", "presence", "device_events")])
    results = evaluate(orders, expand, signals, read_rules(), timeline_of=set())
    signals.presence = PRESENCE.empty_table()
    alone = evaluate(
        orders, expand, signals, read_rules(), timeline_of=set(),
        begin_us=results.period_start_us, until_us=results.period_end_us,
    )  # fmt: skip
    fixes = naive.fixes_by_person(pq.read_table(folder / "fixes.parquet"), orders)
    obligations: list[Obligation] = expand(orders, results.period_start_us, results.period_end_us)
    return {
        MILEPOST: spans_of(results),
        FIXES_ALONE: spans_of(alone),
        "point in polygon": naive.point_in_polygon(fixes, obligations, filtered=False),
        "point in polygon, GPS only, filtered": naive.point_in_polygon(fixes, obligations, filtered=True),
        "transitions only": naive.transitions_only(fixes, obligations),
    }


def spans_of(results: Results) -> Intervals:
    """Findings about places, by person and condition."""
    spans: Intervals = defaultdict(list)
    columns = ["person_id", "condition_id", "kind", "start_utc", "end_utc"]
    for f in results.findings.select(columns).to_pylist():
        if f["kind"] in KINDS or f["kind"] == "out_at_start":
            span = f["start_utc"].timestamp() * 1e6, f["end_utc"].timestamp() * 1e6
            spans[f["person_id"], f["condition_id"]].append(span)
    return spans


def count_town(count: Count, truth: dict[tuple[str, str], list[True_]], found: Intervals) -> None:
    """Adds one town to an engine's count."""
    for key, violations in truth.items():
        spans = found.get(key, [])
        used: set[int] = set()
        for v in sorted(violations, key=lambda v: v.start):
            if not (v.eligible or v.by_unit):
                continue
            near = [
                (abs(a - v.start), i)
                for i, (a, b) in enumerate(spans)
                if i not in used and abs(a - v.start) <= NEAR_US and abs(b - v.end) <= NEAR_US
            ]
            if near:
                used.add(min(near)[1])
            if v.by_unit:
                count.true_by_unit += 1
                count.found_by_unit += bool(near)
                continue
            count.true[v.kind] += 1
            count.found[v.kind] += bool(near)
            shared = [
                (min(b, v.end) - max(a, v.start), a, b) for a, b in spans if a <= v.end and b >= v.start
            ]
            if shared:
                _, a, b = max(shared)
                count.seen[v.kind] += 1
                count.start_error_s[v.kind].append((a - v.start) / 1e6)
                count.end_error_s[v.kind].append((b - v.end) / 1e6)
    for key, spans in found.items():
        group = "curfew" if key[1].endswith("curfew") else "zone"
        for a, b in spans:
            count.findings += 1
            if not any(a <= v.end and b >= v.start for v in truth.get(key, [])):
                count.false += 1
                count.false_long += b - a >= LEAST_US
                count.false_by_group[group] += 1


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%} ({part}/{whole})" if whole else "none"


def _summary(counts: dict[str, Count], person_days: int) -> Table:
    table = Table(
        "Engines",
        ["engine", "recall (within 3 min)", "seen at all", "findings", "false per 200 person-days",
         "of 5 min or more", "median start error, s"],
    )  # fmt: skip
    for name, c in counts.items():
        errors = [abs(e) for kind in KINDS for e in c.start_error_s[kind]]
        whole = sum(c.true.values())
        table.rows.append(
            [name, _share(sum(c.found.values()), whole), _share(sum(c.seen.values()), whole), str(c.findings),
             f"{c.false * 200 / person_days:.1f}", f"{c.false_long * 200 / person_days:.1f}",
             f"{np.median(errors):.0f}" if errors else ""]
        )  # fmt: skip
    return table


def _kinds(counts: dict[str, Count]) -> Table:
    table = Table("Recall by kind", ["kind", *counts])
    for kind in KINDS:
        table.rows.append([kind, *(_share(c.found[kind], c.true[kind]) for c in counts.values())])
    table.rows.append(
        [
            "seen by a home unit, not by fixes",
            *(_share(c.found_by_unit, c.true_by_unit) for c in counts.values()),
        ]
    )
    for group in ("curfew", "zone"):
        table.rows.append(
            [f"false findings, {group}", *(str(c.false_by_group[group]) for c in counts.values())]
        )
    return table


def _errors(count: Count) -> Table:
    table = Table(
        "Milepost's errors in seconds (finding less truth): 5th, 50th, 95th percentile",
        ["kind", "violations seen", "start", "end"],
    )
    for kind in KINDS:
        starts, ends = count.start_error_s[kind], count.end_error_s[kind]
        if starts:
            said = [" / ".join(f"{p:.0f}" for p in np.percentile(e, (5, 50, 95))) for e in (starts, ends)]
            table.rows.append([kind, str(len(starts)), *said])
    return table


def _plain(c: Count) -> dict[str, object]:
    return {
        "true": dict(c.true), "found": dict(c.found), "seen": dict(c.seen), "findings": c.findings,
        "false": c.false, "false_of_5_min": c.false_long, "false_by_group": dict(c.false_by_group),
        "true_by_unit": c.true_by_unit, "found_by_unit": c.found_by_unit,
        "start_error_s": dict(c.start_error_s), "end_error_s": dict(c.end_error_s),
    }  # fmt: skip
