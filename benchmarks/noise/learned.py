"""Devices whose stated precision is wrong, judged before and after their errors were learned.

Learned on a world of its own (another seed, other people), once from home units and once from long nights alone.
Judged on the worlds of the other tables, without home units.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pyarrow as pa

from benchmarks import naive
from benchmarks.noise.engines import answer_of
from benchmarks.noise.scenarios import BEGIN_US, END_US, SCENARIOS, Scenario, World, make_world
from benchmarks.noise.scoring import Answer, Count, count_world
from benchmarks.report import Table
from milepost.compliance.batch import evaluate
from milepost.compliance.columns import columns_of
from milepost.compliance.homes import homes_of
from milepost.compliance.learn_errors import Learned, learn_errors
from milepost.compliance.learn_report import band_words, table_of
from milepost.compliance.learned_errors import with_learned_errors
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.schedules import expand
from milepost.tracks.record import PRESENCE, Signals

LEARN_SEED = 201
JUDGED = tuple(s for s in SCENARIOS if not s.honest or s.name == "honest")
BEFORE, UNITS, NIGHTS = "as stated", "learned, home units", "learned, nights alone"
PEER = "three in a row, learned, home units"
Counts = dict[str, dict[str, Count]]


def learn(world: World, scenario: Scenario, rules: RuleSet, *, home_units: bool) -> Learned:
    orders = world.orders_with_units() if home_units else world.orders
    presence = world.home_units() if home_units else PRESENCE.empty_table()
    return learn_errors(
        orders, Signals(fixes=world.signals(scenario).fixes, presence=presence), judged_by=rules
    )


def rules_with(rules: RuleSet, learned: Learned) -> RuleSet:
    """In force from long before the worlds, so that the same days can be judged with and without."""
    if not learned.rows:
        return rules
    table = table_of(
        learned, owner="benchmark", name="learned", version=1, effective_from=dt.date(2026, 1, 1)
    )
    return RuleSet(rules.tables, [table])


def before_and_after(worlds: Sequence[World], rules: RuleSet, people: int) -> tuple[Counts, Table]:
    """Counts by scenario and way of believing, and what was learned from home units."""
    teacher = make_world(LEARN_SEED, people)
    counts: Counts = {}
    shown = Table(
        f"What was learned from home units (seed {LEARN_SEED})",
        ["noise", "states, m", "fixes", "nights", "stated 95 %", "really 50 %", "really 95 %", "really 99 %",
         "factor", "floor, m", "correlated, s"],
    )  # fmt: skip
    for scenario in JUDGED:
        by_unit = learn(teacher, scenario, rules, home_units=True)
        by_night = learn(teacher, scenario, rules, home_units=False)
        shown.rows += [
            [scenario.name, band_words(r), str(r.fixes), str(r.nights), f"{r.stated_50_m or 0:g}",
             f"{r.real_50_m:g}", f"{r.real_95_m:g}", f"{r.real_99_m:g}", f"{r.factor:g}", f"{r.floor_m:g}",
             f"{r.correlation_s}"]
            for r in by_unit.rows
        ]  # fmt: skip
        ways = {
            BEFORE: rules,
            UNITS: rules_with(rules, by_unit),
            NIGHTS: rules_with(rules, by_night),
        }
        of = counts.setdefault(scenario.name, {way: Count() for way in (*ways, PEER)})
        for world in worlds:
            signals = world.signals(scenario)
            for way, with_rules in ways.items():
                results = evaluate(
                    world.orders, expand, signals, with_rules, begin_us=BEGIN_US, until_us=END_US
                )
                count_world(of[way], world, answer_of(results))
            count_world(of[PEER], world, _three_in_a_row(world, signals, ways[UNITS]))
    return counts, shown


def _three_in_a_row(world: World, signals: Signals, rules: RuleSet) -> Answer:
    """The rule of three lines, given the precision that is believed in place of the stated one."""
    columns = with_learned_errors(columns_of(signals.fixes), rules.learned, {}, homes_of(world.orders))
    i = signals.fixes.column_names.index("precision_m")
    believed = signals.fixes.set_column(i, "precision_m", pa.array(columns.precision_m, from_pandas=True))
    fixes = naive.fixes_by_person(believed, world.orders)
    return Answer(naive.three_in_a_row(fixes, expand(world.orders, BEGIN_US, END_US)))
