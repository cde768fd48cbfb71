"""Findings while they are being made: a list for each column of the findings table.

A nation's day has tens of thousands of findings. Each step (evidence, levels, identity) fills whole columns; rows are
made only for those who ask for them: the live record, and findings of devices, which are few.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from milepost.compliance.results import FINDINGS, table_of
from milepost.compliance.rule_tables import RuleTable

Row = dict[str, Any]
LEVELS = ("level", "action", "act_within_minutes", "rule")
IDENTITY = ("finding_id", "rule_table", "revision", "supersedes")
FOUND = tuple(name for name in FINDINGS.names if name not in (*LEVELS, *IDENTITY))
"""What is known of a finding before its level and its identity."""


def _empty() -> dict[str, list[Any]]:
    return {name: [] for name in FOUND}


@dataclass(slots=True)
class Findings:
    """Columns as lists of one length, times integer microseconds UTC; ``tables``: the rule table of each."""

    columns: dict[str, list[Any]] = field(default_factory=_empty)
    tables: list[RuleTable] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.tables)

    def add(self, rows: Iterable[Row]) -> None:
        """Adds findings that were made one by one, with their rule table under ``_table``."""
        for row in rows:
            for name in FOUND:
                self.columns[name].append(row[name])
            self.tables.append(row["_table"])

    def extend(self, other: Findings) -> None:
        """Adds findings that are as far as these are."""
        if not len(self):
            self.columns = {name: list(column) for name, column in other.columns.items()}
        elif len(other):
            for name, column in other.columns.items():
                self.columns[name].extend(column)
        self.tables.extend(other.tables)

    def by_order(self) -> dict[tuple[str, str], list[int]]:
        """The numbers of the findings of each person and order."""
        found: dict[tuple[str, str], list[int]] = {}
        for i, key in enumerate(zip(self.columns["person_id"], self.columns["order_id"], strict=True)):
            found.setdefault(key, []).append(i)
        return found

    def rows(self, names: Iterable[str] | None = None) -> list[Row]:
        """Row by row; None: all columns that there are."""
        wanted = tuple(names or self.columns)
        of = zip(*(self.columns[name] for name in wanted), strict=True)
        return [dict(zip(wanted, values, strict=True)) for values in of]

    def table(self) -> pa.Table:
        """As the FINDINGS table; levels and identity must be there."""
        return table_of(self.columns, FINDINGS)
