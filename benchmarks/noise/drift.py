"""How often a finding is said to look like a drift: of false findings, and of true ones.

Held on the scenarios in which receivers drift, and on the others, where hardly anything should be named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from benchmarks.noise.engines import PLACE_KINDS
from benchmarks.noise.scenarios import BEGIN_US, END_US, SCENARIOS, Scenario, Violation, World
from benchmarks.report import Table
from milepost.compliance.batch import evaluate
from milepost.compliance.display_contacts import signals_of_person
from milepost.compliance.explain_case import case_of
from milepost.compliance.explain_drift import drift_of
from milepost.compliance.plain_times import as_us
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.schedules import expand
from milepost.tracks.record import Signals

SORTS = ("false", "true, clear", "true, hard", "true, under 5 minutes")
LEAST_US = 300e6
ONE_PACE_US = 50_000_000


@dataclass(slots=True)
class Named:
    """Findings of each sort, and those of them that are said to look like a drift, with the signs told."""

    all: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SORTS, 0))
    named: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SORTS, 0))
    signs: dict[str, int] = field(default_factory=dict)


def sort_of(truth: Iterable[Violation], start_us: float, end_us: float) -> str:
    """By the violations that a finding overlaps: a clear one counts before a hard one."""
    met = [v for v in truth if start_us <= v.end and end_us >= v.start]
    if not met:
        return "false"
    long = [v for v in met if v.end - v.start >= LEAST_US]
    if any(not v.hard for v in long):
        return "true, clear"
    return "true, hard" if any(v.hard for v in met) else "true, under 5 minutes"


def at_one_pace(signals: Signals) -> Signals:
    """Without the positions that a device sends more often on the move."""
    t = signals.fixes["recorded_at_utc"].cast("int64").to_numpy()
    device = np.asarray(signals.fixes["device_id"].combine_chunks().indices)
    keep = np.zeros(len(t), bool)
    last: dict[int, int] = {}
    for i in range(len(t)):
        one = int(device[i])
        if t[i] - last.get(one, -(10**18)) >= ONE_PACE_US:
            keep[i], last[one] = True, int(t[i])
    return Signals(fixes=signals.fixes.filter(pa.array(keep)))


def count(
    world: World, scenario: Scenario, rules: RuleSet, counted: Named, *, one_pace: bool = False
) -> None:
    signals = at_one_pace(world.signals(scenario)) if one_pace else world.signals(scenario)
    results = evaluate(world.orders, expand, signals, rules, begin_us=BEGIN_US, until_us=END_US)
    obligations, truth = expand(world.orders, BEGIN_US, END_US), world.violations()
    heard = {}
    for row in results.findings.to_pylist():
        if row["kind"] not in PLACE_KINDS:
            continue
        person = row["person_id"]
        if person not in heard:
            heard[person] = signals_of_person(
                signals, world.orders.activations, person, learned=rules.learned
            )
        sort = sort_of(
            truth[person, row["condition_id"]], as_us(row["start_utc"]) or 0, as_us(row["end_utc"]) or 0
        )
        case = case_of(
            row, order_file=world.orders, obligations=obligations, signals=heard[person], rules=rules
        )
        drift = drift_of(case)
        counted.all[sort] += 1
        counted.named[sort] += drift is not None
        for sign in drift.signs if drift else ():
            counted.signs[sign.sign] = counted.signs.get(sign.sign, 0) + 1


def table(worlds: Sequence[World], rules: RuleSet) -> Table:
    shown = Table("Findings said to look like a drift", ["noise", *SORTS, "signs told"])
    lying = next(s for s in SCENARIOS if s.drift == "lying")
    for scenario, one_pace in [*((s, False) for s in SCENARIOS), (lying, True)]:
        counted = Named()
        for world in worlds:
            count(world, scenario, rules, counted, one_pace=one_pace)
        shown.rows.append(
            [
                f"{scenario.name}, one pace" if one_pace else scenario.name,
                *(f"{counted.named[s]}/{counted.all[s]}" for s in SORTS),
                ", ".join(f"{name} {n}" for name, n in sorted(counted.signs.items())),
            ]
        )
    return shown
