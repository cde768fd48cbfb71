"""What a record says an instrument reads is what it reads: every answer is changed, and the results compared."""

from __future__ import annotations

import numpy as np
import pytest

from milepost.risk.fields import CHOICES, FieldInfo, field_table
from milepost.risk.instruments import instruments
from milepost.risk.offences import offences
from milepost.risk.options import STATED
from milepost.risk.records.tracing import read_by
from milepost.risk.rows import Array, Rows

PEOPLE = 800
SEXUAL = ("contact_adult_sanctions", "contact_child_sanctions", "image_sanctions", "non_contact_sanctions")
SELDOM = {
    "conviction_date",
    "last_offence_date",
    "drug_ketamine",
    "drug_other",
    "drug_solvents",
    "drug_spice",
}
"""Read, but only felt by few people or where another answer is missing that blocks the score anyway."""


def _draw(info: FieldInfo, rng: np.random.Generator) -> Array:
    numbers = {
        "level": [0, 1, 2], "yes_no": [0, 1], "count": [0, 1, 2, 3],
        "code": np.flatnonzero(offences().category >= 0),
    }  # fmt: skip
    values = rng.choice(numbers.get(info.kind, list(CHOICES.get(info.kind, {}).values())), PEOPLE).astype(
        float
    )
    values[rng.random(PEOPLE) < 0.02] = np.nan
    return values


def _people(rng: np.random.Generator) -> dict[str, Array]:
    """Synthetic people whose answers mostly agree with each other, so that most get scores."""
    held = {n: _draw(i, rng) for n, i in field_table().items() if i.kind not in ("text", "date")}
    born = rng.integers(-12_000, 13_000, PEOPLE).astype(float)
    convicted = born + rng.integers(18 * 366, 40 * 365, PEOPLE)
    few = rng.random(PEOPLE) < 0.3
    violent = rng.integers(0, 3, PEOPLE).astype(float)
    return held | {
        "date_of_birth": born,
        "conviction_date": convicted,
        "community_date": convicted + rng.integers(0, 900, PEOPLE),
        "assessment_date": convicted + rng.integers(0, 1500, PEOPLE),
        "last_sexual_offence_date": born + rng.integers(16 * 365, 20 * 365, PEOPLE),
        "last_offence_date": convicted - rng.integers(0, 2500, PEOPLE),
        "age_at_first_sanction": rng.integers(10, 18, PEOPLE).astype(float),
        "violent_sanctions": violent,
        "sanctions": np.where(few, np.maximum(violent, 1 + few), violent + rng.integers(7, 12, PEOPLE)),
        "static_only": (rng.random(PEOPLE) < 0.1).astype(float),
    } | {
        name: np.where(held["ever_sexual_offence"] == 0, np.nan, rng.integers(0, 2, PEOPLE)) for name in SEXUAL
    }  # fmt: skip


def _results(columns: dict[str, Array]) -> dict[str, Array]:
    rows, found = Rows(columns, PEOPLE), {}
    with np.errstate(all="ignore"):
        for key, instrument in instruments().items():
            made = instrument.compute(rows, STATED)
            parts = [made.percentage, made.band, made.points, made.dynamic, *made.extra.values()]
            found[key] = np.nan_to_num(
                np.stack([np.asarray(p, float) for p in parts if p is not None]), nan=-9.0
            )
    return found


@pytest.fixture(scope="module")
def felt() -> dict[str, set[str]]:
    """By instrument: the answers that changed any result when they were changed or taken away."""
    rng = np.random.default_rng(2026)
    people, others = _people(rng), _people(rng)
    before = _results(people)
    found: dict[str, set[str]] = {key: set() for key in instruments()}
    for name in people:
        for values in (others[name], np.full(PEOPLE, np.nan)):
            after = _results(people | {name: values})
            for key in found:
                if not np.array_equal(before[key], after[key]):
                    found[key].add(name)
    return found


@pytest.mark.parametrize("key", list(instruments()))
def test_an_instrument_feels_no_answer_that_its_record_does_not_list(
    key: str, felt: dict[str, set[str]]
) -> None:
    assert felt[key] - set(read_by(key)) == set()


@pytest.mark.parametrize("key", [key for key in instruments() if key not in ("pni", "opd")])
def test_an_answer_that_is_listed_is_felt(key: str, felt: dict[str, set[str]]) -> None:
    """Not of PNI and OPD: they show a band of sums only, in which one answer of many is seldom seen."""
    assert set(read_by(key)) - felt[key] <= SELDOM
