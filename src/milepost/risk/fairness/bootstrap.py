"""Bootstrap draws of people, and intervals from them.

People are drawn with replacement, all rows of a person together. People whose rows are alike are drawn as one: the
number of times that each sort of person is drawn is multinomial, so a million people cost no more than a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from milepost.risk.fairness.measures import CERTAIN, Cells
from milepost.risk.fairness.table import how_many
from milepost.risk.rows import Array

MOST_PADDED = 5_000_000
"""Entries of any one table in memory. Where people's rows would need more to compare, each person is a sort alone."""
ONE_BY_ONE = 8
"""With fewer people to a sort, drawing people one by one is quicker. Speed only."""


@dataclass(frozen=True, slots=True)
class Gridded:
    """``cell_of_row`` numbers cells; ``cells`` holds for each cell the mean probability of its rows."""

    cells: Cells
    cell_of_row: Array


def gridded(rows: Cells, logit_step: float) -> Gridded:
    """Rows alike in outcome and selection, and in probability to a step of log-odds, become one cell."""
    p = np.clip(rows.probability, CERTAIN, 1 - CERTAIN)
    known = ~np.isnan(p)
    steps = np.full(len(p), 10_000.0)
    steps[known] = np.round(np.log(p[known] / (1 - p[known])) / logit_step)
    marks = np.stack([steps, np.nan_to_num(rows.selected, nan=2), np.nan_to_num(rows.outcome, nan=2)], axis=1)
    kinds, cell_of_row = np.unique(marks, axis=0, return_inverse=True)
    cell_of_row = cell_of_row.reshape(-1)
    counts = np.bincount(cell_of_row, minlength=len(kinds))
    mean = np.bincount(cell_of_row, np.nan_to_num(rows.probability), len(kinds)) / counts
    cells = Cells(
        np.where(kinds[:, 0] == 10_000, np.nan, mean),
        np.where(kinds[:, 1] == 2, np.nan, kinds[:, 1]),
        np.where(kinds[:, 2] == 2, np.nan, kinds[:, 2]),
    )
    return Gridded(cells, cell_of_row)


def draws(cell: Array, person: Array, times: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Weights (draws x cells) of ``times`` resamples of the people of these rows, and which cells they are of."""
    which, local = np.unique(cell, return_inverse=True)
    if how_many(person) == len(cell):
        return _drawn(local, len(which), times, rng).astype(float), which
    people, row_person = np.unique(person, return_inverse=True)
    sort_of_person = _sorts(local, row_person, len(people))
    sorts, first, sort_of_person = np.unique(sort_of_person, return_index=True, return_inverse=True)
    rows_of = np.zeros((len(sorts), len(which)), np.float32)
    place = np.full(len(people), -1)
    place[first] = np.arange(len(sorts))
    one = place[row_person]
    np.add.at(rows_of, (one[one >= 0], local[one >= 0]), 1)
    drawn = _drawn(sort_of_person, len(sorts), times, rng).astype(np.float32)
    return (drawn @ rows_of).astype(float), which


def _drawn(sort_of_person: Array, sorts: int, times: int, rng: np.random.Generator) -> Array:
    """How often each sort is drawn (draws x sorts), one by one or at once: the same law, whichever is quicker."""
    people = len(sort_of_person)
    if people > ONE_BY_ONE * sorts:
        sizes = np.bincount(sort_of_person, minlength=sorts)
        return rng.multinomial(people, sizes / people, size=times)
    found = np.empty((times, sorts), np.int64)
    step = max(MOST_PADDED // (people + sorts), 1)
    for begin in range(0, times, step):
        some = min(step, times - begin)
        drawn = sort_of_person[rng.integers(0, people, (some, people))] + sorts * np.arange(some)[:, None]
        found[begin : begin + some] = np.bincount(drawn.ravel(), minlength=some * sorts).reshape(some, sorts)
    return found


def _sorts(local: Array, row_person: Array, people: int) -> Array:
    """A number for each person, the same for people whose rows are alike."""
    rows_each = np.bincount(row_person, minlength=people)
    if people * int(rows_each.max()) > MOST_PADDED:
        return np.arange(people)
    order = np.lexsort((local, row_person))
    sorted_person = row_person[order]
    begins = np.concatenate([[0], np.cumsum(rows_each)[:-1]])
    padded = np.full((people, int(rows_each.max())), -1)
    padded[sorted_person, np.arange(len(order)) - begins[sorted_person]] = local[order]
    _, sort = np.unique(padded, axis=0, return_inverse=True)
    found: Array = sort.reshape(-1)
    return found


def percentiles(values: Array, confidence: float) -> tuple[float, float] | None:
    """The middle ``confidence`` of the draws; None where one in ten of them is not defined."""
    defined = values[~np.isnan(values)]
    if len(defined) < 0.9 * len(values):
        return None
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def z_of(confidence: float) -> float:
    """1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(share: float, n: float, confidence: float) -> tuple[float, float]:
    """Wilson's interval of a share among ``n`` people (Wilson 1927). It is never of no width."""
    z = z_of(confidence)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def effective(share: float, drawn: Array, people: int) -> float:
    """How many rows of people apart a share is worth: more than its people where each has rows of their own sort,
    never fewer (Kish 1965: the variance of a simple sample over that of the draws)."""
    spread = float(np.nanvar(drawn))
    return max(share * (1 - share) / spread, people) if spread > 0 else float(people)


def difference(
    one: tuple[float, float, float], other: tuple[float, float, float], widen: float = 1.0
) -> tuple[float, float, float]:
    """Value, low and high of a difference of two independent estimates (value, low, high), from their intervals.

    Zou and Donner 2008 (MOVER; Newcombe 1998 for two rates). ``widen`` stretches the half-widths, as a higher
    confidence would: the quotient of the two normal quantiles.
    """
    (a, a_low, a_high), (b, b_low, b_high) = one, other
    down = widen * float(np.hypot(a - a_low, b_high - b))
    up = widen * float(np.hypot(a_high - a, b - b_low))
    return a - b, a - b - down, a - b + up


def mean_interval(values: Array, person: Array, confidence: float) -> tuple[float, float, float]:
    """The mean of rows and its interval, rows of a person kept together (Liang and Zeger 1986; normal quantile)."""
    people, at = np.unique(person, return_inverse=True)
    mean = float(values.mean())
    left = np.bincount(at, values - mean, len(people))
    k = len(people)
    half = z_of(confidence) * float(np.sqrt((left**2).sum() * k / max(k - 1, 1))) / len(values)
    return mean, mean - half, mean + half
