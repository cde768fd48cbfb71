"""Overrides by group: how often people change what a score says, which way, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from milepost.problems import Problem, ProblemList, UnreadableFile
from milepost.risk.fairness.check import check
from milepost.risk.fairness.result import FairnessReport
from milepost.risk.fairness.settings import Settings
from milepost.risk.fairness.table import UNKNOWN, Table
from milepost.risk.rows import Array

WAYS = {"overridden": "overridden", "raised": "overridden to higher", "lowered": "overridden to lower"}


def ways_of(
    frame: pl.DataFrame,
    original: str,
    final: str,
    order: Sequence[str],
    source: str = "table",
    first_row: int = 1,
) -> tuple[dict[str, Array], Array, ProblemList]:
    """For each way an array over the rows (1, 0, NaN where either is not known), which rows could be read, and the
    problems. ``order`` names the levels, lowest first.

    Raises ``UnreadableFile`` if a column is not there.
    """
    problems, good = ProblemList(), np.ones(frame.height, bool)
    place = {level.strip().lower(): number for number, level in enumerate(order)}
    levels = []
    for column in (original, final):
        if column not in frame.columns:
            raise UnreadableFile(
                Problem(source, None, column, "There is no such column", f"There are: {', '.join(frame.columns)}.")
            )  # fmt: skip
        texts = frame.get_column(column).cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
        found = np.array([place.get(text, np.nan) for text in texts], float)
        for at, text in enumerate(texts):
            if text not in place and text not in UNKNOWN:
                remedy = f"Write one of {', '.join(order)}; leave it empty where it is not known."
                problems.add(
                    Problem(source, at + first_row, column, "Is no level that is known", remedy, text)
                )
                good[at] = False
        levels.append(found)
    change = levels[1] - levels[0]
    known = ~np.isnan(change)
    ways = {
        name: np.where(known, test, np.nan)
        for name, test in (("overridden", change != 0), ("raised", change > 0), ("lowered", change < 0))
    }
    return ways, good, problems


def check_overrides(
    table: Table,
    ways: dict[str, Array],
    *,
    title: str,
    outcome_means: str = "found to have the outcome",
    outcome_is_not: str = "",
    numbers: Settings | None = None,
    synthetic: bool = False,
) -> dict[str, FairnessReport]:
    """A report for each way, in which "selected" is being overridden so.

    Where a later outcome is known, its share among those overridden stands beside its share among everyone: an
    override upwards that is right more often finds more of it. That compares unlike people; it proves no cause.
    """
    return {
        way: check(
            replace(table, probability=None, selected=marks),
            title=title, selected_means=WAYS[way], outcome_means=outcome_means, outcome_is_not=outcome_is_not,
            numbers=numbers, synthetic=synthetic,
        )
        for way, marks in ways.items()
    }  # fmt: skip
