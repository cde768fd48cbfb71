"""What is shown gives away no small group: not by subtraction, not by any sums and differences at all."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import polars as pl
import pytest

from milepost.risk.fairness import check, read_table
from milepost.risk.fairness.groups import Lattice, lattice
from milepost.risk.fairness.sentences import as_dict
from milepost.risk.fairness.suppression import hidden_groups


def made_up(seed: int, n: int = 260) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "sex": rng.choice(["female", "male", ""], n, p=[0.2, 0.78, 0.02]),
            "ethnicity": rng.choice(["asian", "black", "mixed", "white", ""], n, p=[0.1, 0.12, 0.04, 0.7, 0.04]),
            "age_band": rng.choice(["18 to 24", "25 to 29", "30 to 39"], n, p=[0.5, 0.3, 0.2]),
            "selected": rng.integers(0, 2, n),
        }
    )  # fmt: skip


def solvable(shown: list[list[int]], wanted: list[int]) -> bool:
    """Gaussian elimination in exact fractions: is ``wanted`` a sum of multiples of the rows shown?"""
    rows = [[Fraction(v) for v in row] for row in shown]
    rest = [Fraction(v) for v in wanted]
    for column in range(len(wanted)):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            if rest[column]:
                return False
            continue
        rows.remove(pivot)
        pivot = [v / pivot[column] for v in pivot]
        rows = [[a - row[column] * b for a, b in zip(row, pivot, strict=True)] for row in rows]
        rest = [a - rest[column] * b for a, b in zip(rest, pivot, strict=True)]
    return not any(rest)


def held_by(frame: pl.DataFrame, together: int = 2) -> Lattice:
    table, _ = read_table(frame)
    return lattice(table, together, 800, np.ones(table.rows, bool))


@pytest.mark.parametrize("seed", range(6))
def test_no_small_group_follows_from_what_is_shown(seed):
    groups = held_by(made_up(seed))
    hidden = hidden_groups(groups, 10)
    shown = [row.astype(int).tolist() for row in groups.holds[~hidden]]
    small = [row for row in groups.holds if groups.people_in(row) < 10]
    assert small, "nothing to protect: make the table smaller"
    for row in small:
        assert not solvable(shown, row.astype(int).tolist())


@pytest.mark.parametrize("seed", range(4))
def test_subtracting_again_and_again_reaches_no_few_people(seed):
    """The plain attack: a group less the groups within it that do not overlap, as far as it goes."""
    groups = held_by(made_up(seed))
    known = {row.tobytes(): row for row in groups.holds[~hidden_groups(groups, 10)]}
    for _ in range(2):
        for a, b in list(product(list(known.values()), repeat=2)):
            if not (b & ~a).any() and (a & ~b).any():
                rest = a & ~b
                known[rest.tobytes()] = rest
        if len(known) > 400:
            break
    left = [groups.people_in(row) for row in groups.holds if row.tobytes() in known]
    assert min(left) >= 10


def test_one_small_group_takes_another_with_it():
    """3 of 103 are not shown: the 100 may be shown only if the total is not, so both go."""
    frame = pl.DataFrame({"sex": ["female"] * 3 + ["male"] * 100, "selected": [1] * 103})
    report = check(read_table(frame)[0], title="x")
    assert [g.hidden for g in report.groups if g.by == ("sex",)] == [True, True]
    assert not report.everybody.hidden
    assert "female" not in str([g for g in as_dict(report)["groups"] if not g["hidden"]])


def test_with_enough_others_only_the_smallest_goes():
    frame = pl.DataFrame(
        {"ethnicity": ["a"] * 4 + ["b"] * 20 + ["c"] * 60 + ["d"] * 80, "selected": [0, 1] * 82}
    )
    report = check(read_table(frame)[0], title="x")
    assert [g.label for g in report.groups if g.hidden] == ["A", "B"]


def test_people_are_counted_not_rows():
    frame = pl.DataFrame(
        {
            "person_id": ["one"] * 30 + [f"p{i}" for i in range(40)],
            "sex": ["female"] * 30 + ["male"] * 40,
            "selected": [1] * 70,
        }
    )
    report = check(read_table(frame)[0], title="x")
    assert all(g.hidden for g in report.groups if g.by), "30 rows of one woman are one woman"


def test_what_is_measured_of_outcomes_counts_people_whose_outcome_is_known():
    frame = pl.DataFrame(
        {
            "sex": ["female"] * 40 + ["male"] * 60,
            "selected": [0, 1] * 50,
            "outcome": ["1"] * 4 + [""] * 36 + ["1", "0"] * 30,
        }
    )
    report = check(read_table(frame)[0], title="x")
    women = next(g for g in report.groups if g.values == ("female",))
    assert women.people == 40
    assert "selection_rate" in women.measures
    assert women.outcome_people is None
    assert "observed_rate" not in women.measures


def test_hidden_groups_carry_no_number_anywhere():
    report = check(read_table(made_up(2))[0], title="x")
    for group in report.groups:
        if group.hidden:
            assert (group.people, group.rows, group.measures, group.differences) == (None, None, {}, {})
    assert any(g.hidden for g in report.groups)
