"""Characteristics of people, for counting in groups only. The one place of the service that reads ethnicity.

Law 8 of the design: they enter the audit of a score, never a score. A test looks through the code for other readers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from milepost.service.people.models import Person

Columns = Mapping[str, Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Groups:
    """What is known of one person; "" and None are not known."""

    sex: str
    ethnicity: str
    born: dt.date | None


def groups_of_people() -> dict[int, Groups]:
    """By key of the person, everyone there is. One query."""
    rows = Person.objects.values_list(
        "pk", "characteristics__sex", "characteristics__ethnicity", "date_of_birth"
    )
    return {pk: Groups(sex or "", ethnicity or "", born) for pk, sex, ethnicity, born in rows}


def frame_of(rows: list[tuple[int, dt.date, dict[str, Any]]], groups: Mapping[int, Groups]) -> pl.DataFrame:
    """Rows of (person, the day it was, other columns) with the groups beside them, age at that day in years."""
    nobody = Groups("", "", None)
    held = []
    for person, day, more in rows:
        of = groups.get(person, nobody)
        age = "" if of.born is None else str(_age(of.born, day))
        held.append({"person_id": str(person), "sex": of.sex, "ethnicity": of.ethnicity, "age": age, **more})
    return pl.DataFrame(held, infer_schema_length=None)


def _age(born: dt.date, day: dt.date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
