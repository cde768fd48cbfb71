"""The check itself: every group that may be shown is measured, with intervals, and compared with the others shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from milepost.risk.fairness.bootstrap import difference, draws, effective, gridded, percentiles, wilson, z_of
from milepost.risk.fairness.findings import findings
from milepost.risk.fairness.groups import Group, Lattice, lattice
from milepost.risk.fairness.measures import MEASURES, Base, Cells, Measure, denominators, measure, numerators
from milepost.risk.fairness.result import Difference, Estimate, FairnessReport, GroupResult, Verdict
from milepost.risk.fairness.settings import Settings, settings
from milepost.risk.fairness.suppression import hidden_groups
from milepost.risk.fairness.table import Table, how_many
from milepost.risk.rows import Array

Three = tuple[float, float, float]


def check(
    table: Table,
    *,
    title: str,
    selected_means: str = "selected",
    outcome_means: str = "found to have the outcome",
    outcome_is_not: str = "",
    rows_left_out: int = 0,
    synthetic: bool = False,
    numbers: Settings | None = None,
) -> FairnessReport:
    """Measures every group alone and together with others.

    Raises ``UnreadableFile`` where so many combinations occur that nothing could be told of any.
    """
    numbers = numbers or settings()
    unknown = np.full(table.rows, np.nan)
    rows = Cells(
        *(unknown if held is None else held for held in (table.probability, table.selected, table.outcome))
    )
    there = {name for name in ("probability", "selected", "outcome") if getattr(table, name) is not None}
    wanted = [m for m in MEASURES.values() if m.needs <= there]
    families: dict[Base, _Family] = {"everyone": _Family(table, rows, "everyone", numbers)}
    if "outcome" in there and not np.isnan(rows.outcome).all():
        families["outcome"] = _Family(table, rows, "outcome", numbers)
    measured: dict[Base, dict[Group, dict[str, Estimate]]] = {}
    compared: dict[Base, dict[Group, dict[str, Difference]]] = {}
    comparisons: dict[str, int] = {}
    for base, family in families.items():
        keys = [m for m in wanted if m.base == base]
        measured[base], compared[base] = family.results(keys, comparisons)
    everyone, outcome = families["everyone"], families.get("outcome")
    results = []
    for at, group in enumerate(everyone.groups.groups):
        parts = everyone.groups.holds[at]
        if everyone.hidden[at]:
            results.append(GroupResult(group.by, group.values, True))
            continue
        results.append(
            GroupResult(
                group.by, group.values, False, everyone.groups.people_in(parts),
                len(everyone.groups.rows_in(parts)),
                outcome.people_of(group) if outcome else None,
                {k: v for base in families for k, v in measured[base].get(group, {}).items()},
                {k: v for base in families for k, v in compared[base].get(group, {}).items()},
                outcome.curve(group) if outcome and "probability" in there else (),
            )
        )  # fmt: skip
    report = FairnessReport(
        title, selected_means, outcome_means, outcome_is_not, table.rows, results[0].people, tuple(table.codes),
        tuple(m.key for m in wanted), tuple(results), (), comparisons, numbers.minimum_people, numbers.confidence,
        numbers.bootstrap_draws, numbers.version, numbers.data_hash, rows_left_out, synthetic,
    )  # fmt: skip
    return findings(report, numbers)


class _Family:
    """The measures over everyone, or those over people with a known outcome: each with its own rule of who is shown."""

    def __init__(self, table: Table, rows: Cells, base: Base, numbers: Settings) -> None:
        self.table, self.rows, self.base, self.numbers = table, rows, base, numbers
        counted = np.ones(table.rows, bool) if base == "everyone" else ~np.isnan(rows.outcome)
        self.groups: Lattice = lattice(table, numbers.together, numbers.most_combinations, counted)
        self.hidden = hidden_groups(self.groups, numbers.minimum_people)
        self.grid = gridded(rows, numbers.logit_step)
        self.number = {group: at for at, group in enumerate(self.groups.groups)}
        self.denominators, self.numerators = denominators(rows), numerators(rows)

    def people_of(self, group: Group) -> int | None:
        at = self.number.get(group)
        return None if at is None or self.hidden[at] else self.groups.people_in(self.groups.holds[at])

    def results(
        self, keys: Sequence[Measure], comparisons: dict[str, int]
    ) -> tuple[dict[Group, dict[str, Estimate]], dict[Group, dict[str, Difference]]]:
        measured: dict[Group, dict[str, Estimate]] = {}
        shown = [g for at, g in enumerate(self.groups.groups) if not self.hidden[at] and g.known]
        pairs: list[tuple[Group, Measure, Three, Three]] = []
        for group in shown:
            of_group = self._of(self._rows(group), keys, group)
            measured[group] = {m.key: of_group[m.key] for m in keys if m.key in of_group}
            others = [g for g in shown if g.by == group.by and g != group]
            if not group.by or not others:
                continue
            rest = np.unique(np.concatenate([self._rows(g) for g in others]))
            of_rest = self._of(rest, [m for m in keys if m.compared], group, "others")
            mirrored = len(others) == 1 and shown.index(group) > shown.index(others[0])
            for m in keys:
                if mirrored and m.compared:  # one of two groups says it all
                    continue
                ideal = Estimate(m.ideal, m.ideal, m.ideal) if m.ideal is not None else None
                one, other = of_group.get(m.key), of_rest.get(m.key) if m.compared else ideal
                if one and other and (x := _three(one)) and (z := _three(other)):
                    pairs.append((group, m, x, z))
        compared: dict[Group, dict[str, Difference]] = {}
        for m in keys:
            of_measure = [pair for pair in pairs if pair[1] is m]
            if of_measure:
                comparisons[m.key] = len(of_measure)
            for group, _, a, b in of_measure:
                told = compare(a, b, len(of_measure), m, self.numbers)
                compared.setdefault(group, {})[m.key] = told
        return measured, compared

    def _rows(self, group: Group) -> Array:
        return self.groups.rows_in(self.groups.holds[self.number[group]])

    def _of(
        self, at: Array, keys: Sequence[Measure], group: Group, which: str = "group"
    ) -> dict[str, Estimate]:
        """The measures of a set of rows. The draws of a group are its own and repeat: the seed names the group."""
        numbers, person = self.numbers, self.table.person
        seed = [numbers.seed, *f"{which} {self.base} {group.by} {group.values}".encode()]
        weights, cells = draws(
            self.grid.cell_of_row[at], person[at], numbers.bootstrap_draws, np.random.default_rng(seed)
        )
        slope = any(m.key == "calibration_slope" for m in keys)
        drawn = measure(self.grid.cells.taken(cells), weights, self.base, slope)
        exact = measure(self.rows.taken(at), np.ones((1, len(at))), self.base, slope)
        found = {}
        for m in keys:
            counted = at[self.denominators[m.key][at]]
            people = how_many(person[counted])
            value = float(exact[m.key][0]) if m.key in exact else np.nan
            if people < numbers.minimum_people or np.isnan(value):
                continue
            if m.events and self._events(counted) < numbers.minimum_events:
                continue
            middle = percentiles(drawn[m.key], numbers.confidence)
            if middle is None:
                found[m.key] = Estimate(value, None, None)
                continue
            low, high = min(middle[0], value), max(middle[1], value)
            if m.rate:
                a, b = wilson(value, effective(value, drawn[m.key], people), numbers.confidence)
                low, high = min(low, a), max(high, b)
            elif m.key == "calibration_gap":  # as wide as the observed rate alone would make it
                rate = float(np.mean(self.rows.outcome[counted]))
                n = effective(rate, drawn["observed_rate"], people)
                a, b = wilson(rate, n, numbers.confidence)
                low, high = min(low, value + rate - b), max(high, value + rate - a)
            found[m.key] = Estimate(value, low, high)
        return found

    def _events(self, counted: Array) -> int:
        """People with the outcome or without it, whichever are fewer."""
        y, person = self.rows.outcome[counted], self.table.person[counted]
        return min(how_many(person[y == 1]), how_many(person[y == 0]))

    def curve(self, group: Group) -> tuple[tuple[float, float, float, float], ...]:
        """Points of predicted against observed, each of at least ``minimum_people``; equal predictions stay together."""
        at = self.number.get(group)
        if at is None or self.hidden[at] or not group.known:
            return ()
        rows = self._rows(group)
        rows = rows[~np.isnan(self.rows.probability[rows])]
        p, y = self.rows.probability[rows], self.rows.outcome[rows]
        person, order = self.table.person[rows], np.argsort(p, kind="stable")
        pieces: list[list[int]] = [[]]
        size = max(len(rows) / max(self.numbers.calibration_points, 1), 1)
        for nth, row in enumerate(order):
            full = len(pieces[-1]) >= size and nth and p[row] != p[order[nth - 1]]
            if full and how_many(person[pieces[-1]]) >= self.numbers.minimum_people:
                pieces.append([])
            pieces[-1].append(int(row))
        if len(pieces) > 1 and how_many(person[pieces[-1]]) < self.numbers.minimum_people:
            last = pieces.pop()
            pieces[-1] += last
        if how_many(person[pieces[-1]]) < self.numbers.minimum_people:
            return ()
        points = []
        for piece in pieces:
            rate = float(y[piece].mean())
            low, high = wilson(rate, how_many(person[piece]), self.numbers.confidence)
            points.append((float(p[piece].mean()), rate, low, high))
        return tuple(points)


def compare(one: Three, other: Three, comparisons: int, m: Measure, numbers: Settings) -> Difference:
    """What may be said of a difference: no more than its interval allows, and with many comparisons less.

    ``differs`` only where the interval at the confidence that allows for all comparisons of this measure (Bonferroni)
    leaves out zero; ``may_differ`` where only the plain one does.
    """
    value, low, high = difference(one, other)
    wide = z_of(1 - (1 - numbers.confidence) / comparisons) / z_of(numbers.confidence)
    _, low_of_many, high_of_many = difference(one, other, wide)
    verdict: Verdict = "cannot_tell"
    if low_of_many > 0 or high_of_many < 0:
        verdict = "differs"
    elif low > 0 or high < 0:
        verdict = "may_differ"
    elif max(abs(low), abs(high)) <= numbers.alike_within and m.key != "calibration_slope":
        verdict = "alike"
    return Difference(value, low, high, low_of_many, high_of_many, verdict, other[0])


def _three(estimate: Estimate) -> Three | None:
    if estimate.low is None or estimate.high is None:
        return None
    return estimate.value, estimate.low, estimate.high
