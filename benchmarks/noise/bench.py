"""Runs every scenario on the engine and on two simpler ways, and prints them side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from benchmarks.noise import asleep, drift, learned
from benchmarks.noise.engines import MILEPOST, answers
from benchmarks.noise.people import CELLS, DAYS, STEP_S
from benchmarks.noise.scenarios import BEGIN_US, END_US, SCENARIOS, Scenario, World, make_world
from benchmarks.noise.scoring import BROKEN, HOMES, KEPT, UNCERTAIN, Count, by_decile, count_world
from benchmarks.report import Report, Table
from milepost.compliance.rule_tables import RuleSet, read_rules

SEEDS = (101, 102, 103)
PEOPLE = 60
NIGHTS, NIGHTS_QUICK = 150, 20
"""Nights of each setting of the table of those asleep at home."""
Counts = dict[str, dict[str, Count]]
"""By scenario, then engine."""


def run(quick: bool) -> Report:
    report = Report("Evidence on a second, independent noise model")
    rules = read_rules()
    seeds = SEEDS[:1] if quick else SEEDS
    worlds = [make_world(seed, PEOPLE) for seed in seeds]
    counts = count_all(worlds, SCENARIOS, rules)
    learned_counts, learned_table = learned.before_and_after(worlds, rules, PEOPLE)
    report.tables = [
        seen_table(counts),
        time_table(counts),
        *calibration_tables(counts),
        asleep.table(NIGHTS_QUICK if quick else NIGHTS, rules),
        learned_table,
        seen_table(learned_counts, "Milepost before and after the devices' errors were learned"),
        drift.table(worlds, rules),
        time_table(learned_counts, "Time before and after the devices' errors were learned"),
    ]
    report.notes = [
        f"{len(seeds)} worlds (seeds {', '.join(map(str, seeds))}) of {PEOPLE} people and {DAYS} days, "
        f"{len(seeds) * PEOPLE * DAYS} person-days; noise that is assumed, not measured. Fixes only, no home units.",
        "Clear: violations of 5 minutes or more; hard (next door, doorstep, 10 m inside a zone) counted apart. "
        "Both ends: start and end within 3 minutes. False: overlaps no true violation of that person and condition.",
        "Time called broken or kept is the engine's timeline; the simpler ways call all kept that they do not find.",
        f"Errors were learned on a world of its own (seed {learned.LEARN_SEED}); judged on the others, fixes only.",
        "A finding counts as right in the tables of certainty if it is not false.",
    ]
    report.data = {
        name: {engine: _plain(count) for engine, count in of.items()} for name, of in counts.items()
    }
    return report


def count_all(worlds: Iterable[World], scenarios: Iterable[Scenario], rules: RuleSet) -> Counts:
    counts: Counts = {s.name: {} for s in scenarios}
    for world in worlds:
        for scenario in scenarios:
            found = answers(world.orders, world.signals(scenario), rules, BEGIN_US, END_US)
            for engine, answer in found.items():
                count_world(counts[scenario.name].setdefault(engine, Count()), world, answer)
    return counts


def seen_table(
    counts: Counts, title: str = "Violations seen, and false findings per 200 person-days"
) -> Table:
    table = Table(
        title,
        ["noise", "engine", "clear seen", "both ends", "hard seen",
         *(f"false, {r} m" for r in HOMES), "all homes", "zones"],
    )  # fmt: skip
    for name, of in counts.items():
        for engine, c in of.items():
            false = [c.false_per_200(g) for g in HOMES] + [c.false_per_200(*HOMES), c.false_per_200("zones")]
            table.rows.append(
                [name, engine, _share(c.seen, c.clear), _percent(c.both_ends, c.clear),
                 f"{c.hard_seen}/{c.hard}", *(f"{x:.1f}" for x in false)]
            )  # fmt: skip
    return table


def time_table(counts: Counts, title: str = "Time, held against the truth") -> Table:
    table = Table(
        title,
        ["noise", "engine", "called broken that is: homes", "zones", "called kept that is: homes", "zones",
         "uncertain, min a curfew night", "min a zone day"],
    )  # fmt: skip
    for name, of in counts.items():
        for engine, c in of.items():
            shares = [c.right_share(called, d) for called in (BROKEN, KEPT) for d in ("curfew", "zone")]
            days = sum(c.person_days[h] for h in HOMES), c.person_days["zones"]
            minutes = [
                c.called[d, UNCERTAIN] * STEP_S / 60 / n
                for d, n in zip(("curfew", "zone"), days, strict=True)
            ]
            table.rows.append(
                [name, engine, *(f"{s:.2%}" if s == s else "none" for s in shares),
                 *(f"{m:.0f}" for m in minutes)]
            )  # fmt: skip
    return table


def calibration_tables(counts: Counts) -> list[Table]:
    honest = {s.name for s in SCENARIOS if s.honest}
    tables = []
    for title, names in (
        ("Certainty printed, where devices own to their errors", [n for n in counts if n in honest]),
        ("Certainty printed, where they do not", [n for n in counts if n not in honest]),
    ):
        said = [pair for n in names for pair in counts[n][MILEPOST].certainties]
        table = Table(f"{title} ({', '.join(names)})", ["tenth of findings", "said", "true", "n"])
        for i, (mean, true, n) in enumerate(by_decile(said), 1):
            table.rows.append([str(i), f"{mean:.1%}", f"{true:.1%}", str(n)])
        tables.append(table)
    return tables


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({_percent(part, whole)})"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"


def _plain(count: Count) -> dict[str, Any]:
    plain = asdict(count) | {"cells": CELLS, "deciles": by_decile(count.certainties)}
    plain.pop("certainties")
    for key in ("called", "called_right"):
        plain[key] = {" ".join(k): v for k, v in plain[key].items()}
    return plain
