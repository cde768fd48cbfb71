"""Who trains and who tests: by time, or in folds within folds where the data has no time.

A person who is in the table more than once is always on one side only.
"""

from __future__ import annotations

import numpy as np

from milepost.problems import Problem, UnreadableFile
from milepost.risk.predictors.cohort import Cohort
from milepost.risk.rows import Array


def temporal(cohort: Cohort) -> tuple[Array, Array]:
    """Positions of those who train (up to ``train_until``) and who test (later). Years or ISO dates, as text.

    Later rows of a person who also trains are left out of the test. Raises ``UnreadableFile`` if a side is empty.
    """
    when, until = cohort.when, cohort.study.split.train_until
    assert until is not None, "a temporal split has a last day"
    if when is None:
        problem = Problem(
            cohort.study.name, None, "split.column", "There is no time to split by", "Name a column."
        )
        raise UnreadableFile(problem)
    early = (when.str.slice(0, len(until)) <= until).fill_null(False).to_numpy()
    late = (when.str.slice(0, len(until)) > until).fill_null(False).to_numpy()
    known = cohort.person.to_numpy()
    late &= ~np.isin(known, known[early])
    for side, name in ((early, "trains"), (late, "tests")):
        if not side.any():
            problem = Problem(
                cohort.study.name, None, "split.train_until", f"Nobody {name}",
                f"The times run from {when.sort()[0]} to {when.sort()[-1]}.", until,
            )  # fmt: skip
            raise UnreadableFile(problem)
    return np.flatnonzero(early), np.flatnonzero(late)


def folds(person: Array, outcome: Array, n: int, seed: int) -> Array:
    """A fold number from 0 for each row: even in size and outcome, one fold for all rows of a person.

    Shapes: ``person`` and ``outcome`` are both (rows,).
    """
    order = np.random.default_rng(seed).permutation(len(outcome))
    _, first, whose = np.unique(person, return_index=True, return_inverse=True)
    ever = np.zeros(len(first))
    np.maximum.at(ever, whose, outcome)
    rank = np.empty(len(first), np.int64)
    # People with the event first, then those without, each in random order; dealt out like cards.
    shuffled = np.argsort(order[first], kind="stable")
    by_outcome = shuffled[np.argsort(-ever[shuffled], kind="stable")]
    rank[by_outcome] = np.arange(len(first))
    result: Array = (rank % n)[whose]
    return result
