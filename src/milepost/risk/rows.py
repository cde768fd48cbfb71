"""A table of answers as float64 arrays (NaN is "not answered"), with what every instrument derives from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from milepost.risk.calendar import completed_years, split, whole_months
from milepost.risk.fields import CHOICES, Assessment, field_table
from milepost.risk.offences import CODES, offences

EPOCH = dt.date(1970, 1, 1)
NO_CODE = float(CODES - 1)
Array = np.ndarray


class Rows:
    """Columns by field name. Derived columns are computed once and kept.

    Numbers are those of ``fields.CHOICES``; dates are days since 1970-01-01; an offence code is its number.
    """

    def __init__(self, columns: Mapping[str, Array], n: int) -> None:
        self._columns = columns
        self._kept: dict[str, Any] = {}
        self.n = n

    @classmethod
    def from_assessments(cls, people: Sequence[Assessment]) -> Rows:
        """From single answers. Raises ``ValueError`` that names the field and the words it may hold."""
        table = field_table()
        columns: dict[str, Array] = {}
        for name, info in table.items():
            values = [getattr(person, name) for person in people]
            if info.kind != "text" and any(value is not None for value in values):
                columns[name] = np.array([_number(name, info.kind, value) for value in values])
        return cls(columns, len(people))

    @classmethod
    def with_changes(cls, person: Assessment, changes: Sequence[tuple[str, object]]) -> Rows:
        """The person first, then once more for each change of one answer. Raises as ``from_assessments``."""
        table = field_table()
        n = len(changes) + 1
        columns: dict[str, Array] = {}
        for name, info in table.items():
            value = getattr(person, name)
            if value is not None and info.kind != "text":
                columns[name] = np.full(n, _number(name, info.kind, value))
        for row, (name, value) in enumerate(changes, start=1):
            columns[name][row] = _number(name, table[name].kind, value)
        return cls(columns, n)

    def __getitem__(self, name: str) -> Array:
        if name not in self._kept:
            held = self._columns.get(name)
            self._kept[name] = np.full(self.n, np.nan) if held is None else held
        column: Array = self._kept[name]
        return column

    def has(self, name: str) -> bool:
        """Whether the table has the column at all."""
        return name in self._columns

    def keep[Made](self, name: str, make: Callable[[], Made]) -> Made:
        """A derived column, or a whole score, made when it is first asked for. Rows serve one set of options."""
        if name not in self._kept:
            self._kept[name] = make()
        made: Made = self._kept[name]
        return made

    def missing(self, name: str) -> Array:
        return self.keep(f"missing {name}", lambda: np.isnan(self[name]))

    # What several instruments derive.

    def month_and_day(self, name: str) -> tuple[Array, Array]:
        month = f"month {name}"
        if month not in self._kept:
            self._kept[month], self._kept[f"day {name}"] = split(self[name])
        return self._kept[month], self._kept[f"day {name}"]

    @property
    def start(self) -> tuple[Array, Array]:
        """Month and day of the start of follow-up: the community date, else the date of conviction."""
        self.start_days()
        return self.month_and_day("start")

    def start_days(self) -> Array:
        def make() -> Array:
            given = self["community_date"]
            return np.where(np.isnan(given), self["conviction_date"], given)

        return self.keep("start", make)

    @property
    def age_start(self) -> Array:
        return self.keep(
            "age_start", lambda: completed_years(self.month_and_day("date_of_birth"), self.start)
        )

    @property
    def age_conviction(self) -> Array:
        dates = self.month_and_day
        return self.keep(
            "age_conviction", lambda: completed_years(dates("date_of_birth"), dates("conviction_date"))
        )

    @property
    def career_years(self) -> Array:
        """From the first sanction to the current one."""
        return self.keep("career_years", lambda: self.age_conviction - self["age_at_first_sanction"])

    @property
    def months_at_risk(self) -> Array:
        """Whole months from the start of follow-up to the assessment; negative before it."""
        return self.keep(
            "months_at_risk", lambda: whole_months(self.start, self.month_and_day("assessment_date"))
        )

    @property
    def before_start(self) -> Array:
        """Assessed before the start of follow-up: still in custody."""
        return self.keep("before_start", lambda: self["assessment_date"] < self.start_days())

    @property
    def code(self) -> Array:
        """The offence code as an integer; one without any category where it is missing or not a code."""

        def make() -> Array:
            code = self["offence_code"]
            return np.where((code >= 0) & (code < CODES), code, NO_CODE).astype(np.int64)

        return self.keep("code", make)

    @property
    def category(self) -> Array:
        return self.keep("category", lambda: offences().category[self.code])


def _number(name: str, kind: str, value: object) -> float:
    if value is None:
        return np.nan
    if isinstance(value, dt.date):
        return float((value - EPOCH).days)
    if kind in CHOICES and isinstance(value, str):
        try:
            return float(CHOICES[kind][value])
        except KeyError:
            raise ValueError(f"{name} is one of {', '.join(CHOICES[kind])}, not {value!r}.") from None
    if kind == "code" and isinstance(value, str):
        return float(value) if len(value) == 5 and value.isascii() and value.isdigit() else -1.0
    if kind == "level" and value not in (0, 1, 2):
        raise ValueError(f"{name} is 0, 1 or 2, not {value!r}.")
    if isinstance(value, bool | int | float):
        return float(value)
    raise ValueError(f"{name} cannot be {value!r}.")
