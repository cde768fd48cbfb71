"""Findings while they are being made: an Arrow array for each column of the findings table.

A nation's day has tens of thousands of findings. Each step (evidence, levels, identity) makes whole columns; rows are
made only for those who ask for them: the live record, and findings of devices, which are few.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from milepost.compliance.results import FINDINGS
from milepost.compliance.rule_tables import RuleTable

Row = dict[str, Any]
LEVELS = ("level", "action", "act_within_minutes", "rule")
IDENTITY = ("finding_id", "rule_table", "revision", "supersedes")
FOUND = tuple(name for name in FINDINGS.names if name not in (*LEVELS, *IDENTITY))
"""What is known of a finding before its level and its identity."""
STORED = {
    column.name: pa.int64() if pa.types.is_timestamp(column.type) else column.type for column in FINDINGS
}
"""The type of each column until the table is made: times are integer microseconds UTC."""


def column(name: str, values: Sequence[Any] | np.ndarray) -> pa.Array:
    """Plain values as this column of the findings."""
    return pa.array(values, STORED[name])


def spread(words: Sequence[str | None], which: np.ndarray) -> pa.Array:
    """For each number the word that it stands for."""
    return pa.array(words, pa.string()).take(pa.array(which))


def rounded(values: np.ndarray, places: int) -> np.ndarray:
    """As Python rounds each. Most shares are all or nothing, and need no rounding."""
    result = values.astype(np.float64)
    for i in np.flatnonzero(result != np.rint(result)).tolist():
        result[i] = round(float(result[i]), places)
    return result


def _empty() -> dict[str, pa.Array]:
    return {name: pa.array([], STORED[name]) for name in FOUND}


@dataclass(slots=True)
class Findings:
    """Columns of one length; ``tables``: the rule table of each finding."""

    columns: dict[str, pa.Array] = field(default_factory=_empty)
    tables: list[RuleTable] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.tables)

    def add(self, rows: Sequence[Row]) -> None:
        """Adds findings that were made one by one, with their rule table under ``_table``."""
        if rows:
            made = {name: column(name, [row[name] for row in rows]) for name in FOUND}
            self.extend(Findings(made, [row["_table"] for row in rows]))

    def extend(self, other: Findings) -> None:
        """Adds findings that are as far as these are."""
        if not len(self):
            self.columns = dict(other.columns)
        elif len(other):
            for name, more in other.columns.items():
                self.columns[name] = pa.concat_arrays([self.columns[name], more])
        self.tables = [*self.tables, *other.tables]

    def values(self, name: str) -> list[Any]:
        """One column as plain values."""
        values: list[Any] = self.columns[name].to_pylist()
        return values

    def take(self, which: np.ndarray) -> Findings:
        """These of the findings, in this order."""
        numbers = pa.array(which)
        columns = {name: of.take(numbers) for name, of in self.columns.items()}
        return Findings(columns, [self.tables[i] for i in which.tolist()])

    def by_order(self) -> dict[tuple[str, str], list[int]]:
        """The numbers of the findings of each person and order."""
        found: dict[tuple[str, str], list[int]] = {}
        for i, key in enumerate(zip(self.values("person_id"), self.values("order_id"), strict=True)):
            found.setdefault(key, []).append(i)
        return found

    def rows(self, names: Iterable[str] | None = None) -> list[Row]:
        """Row by row; None: all columns that there are."""
        wanted = tuple(names or self.columns)
        of = zip(*(self.values(name) for name in wanted), strict=True)
        return [dict(zip(wanted, values, strict=True)) for values in of]

    def table(self) -> pa.Table:
        """As the FINDINGS table; levels and identity must be there."""
        arrays = [self.columns[wanted.name].cast(wanted.type) for wanted in FINDINGS]
        return pa.Table.from_arrays(arrays, schema=FINDINGS)
