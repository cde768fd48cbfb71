"""What leaving a characteristic out of a score, or putting it in, does to each group. Measured, not assumed.

Two columns of probabilities for the same people: with the characteristic, and without. Nothing here makes either.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from milepost.risk.fairness.bootstrap import mean_interval
from milepost.risk.fairness.groups import lattice
from milepost.risk.fairness.result import Estimate, label_of
from milepost.risk.fairness.settings import Settings, settings
from milepost.risk.fairness.suppression import hidden_groups
from milepost.risk.fairness.table import Table
from milepost.risk.rows import Array

Pair = tuple[Estimate, Estimate]


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """One group, before and after. ``changes``: from the first column to the second, with its interval, by measure:
    ``mean_probability``, ``selection_rate`` (at the cut), ``brier`` and ``calibration_gap`` (where outcomes are
    known). Hidden: no number."""

    by: tuple[str, ...]
    values: tuple[str | None, ...]
    hidden: bool
    people: int | None = None
    before: dict[str, float] = field(default_factory=dict)
    after: dict[str, float] = field(default_factory=dict)
    changes: dict[str, Estimate] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return label_of(self.by, self.values)


@dataclass(frozen=True, slots=True)
class EffectReport:
    first: str
    second: str
    cut: float | None
    confidence: float
    groups: tuple[GroupEffect, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def sentences(self) -> list[str]:
        """In plain words; a change whose interval holds zero is not called one."""
        told = []
        for group in self.groups:
            change = group.changes.get("mean_probability")
            if change is None or change.low is None or change.high is None:
                continue
            way = "rises" if change.low > 0 else "falls" if change.high < 0 else ""
            before, after = group.before["mean_probability"], group.after["mean_probability"]
            name = group.label[:1].upper() + group.label[1:]
            if way:
                told.append(
                    f"{name}: from {self.first} to {self.second} the mean probability {way} from {before:.1%} to "
                    f"{after:.1%} (change {change.low:+.1%} to {change.high:+.1%})."
                )
            else:
                told.append(f"{name}: we cannot tell that it changes anything on average.")
        return told


def effect(
    table: Table,
    second: Array,
    *,
    names: tuple[str, str] = ("with", "without"),
    cut: float | None = None,
    numbers: Settings | None = None,
) -> EffectReport:
    """Compares ``table.probability`` with ``second`` (probabilities of the same rows; NaN unknown), by group.

    Only rows with both probabilities are compared. Raises ``ValueError`` if the table has no probability or the two
    do not match; ``UnreadableFile`` for too many combinations.
    """
    numbers = numbers or settings()
    if table.probability is None or len(second) != table.rows:
        raise ValueError("Give two columns of probabilities for the same rows.")
    first, outcome = table.probability, table.outcome
    counted = ~np.isnan(first) & ~np.isnan(second)
    if outcome is not None and np.isfinite(outcome).any():
        counted &= ~np.isnan(outcome)  # so that all changes are of the same people
    groups = lattice(table, numbers.together, numbers.most_combinations, counted)
    hidden = hidden_groups(groups, numbers.minimum_people)
    results = []
    for at, group in enumerate(groups.groups):
        if hidden[at] or not group.known:
            if hidden[at]:
                results.append(GroupEffect(group.by, group.values, True))
            continue
        rows = groups.rows_in(groups.holds[at])
        known = outcome[rows] if outcome is not None else None
        before, after = (_of(p[rows], known, cut) for p in (first, second))
        changes = {
            name: Estimate(*mean_interval(after[name] - before[name], table.person[rows], numbers.confidence))
            for name in before
        }
        means = [{name: float(values.mean()) for name, values in held.items()} for held in (before, after)]
        people = groups.people_in(groups.holds[at])
        results.append(GroupEffect(group.by, group.values, False, people, means[0], means[1], changes))
    return EffectReport(*names, cut, numbers.confidence, tuple(results))


def _of(p: Array, outcome: Array | None, cut: float | None) -> dict[str, Array]:
    """What each row adds to each mean."""
    found = {"mean_probability": p}
    if cut is not None:
        found["selection_rate"] = (p >= cut).astype(float)
    if outcome is not None and not np.isnan(outcome).any():
        found |= {"brier": (p - outcome) ** 2, "calibration_gap": p - outcome}
    return found
