"""Result tables as plain rows: times as microseconds UTC, so that any value can be shown."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from milepost.compliance.rule_tables import LEVELS

Row = dict[str, Any]


def rows_of(table: pa.Table) -> list[Row]:
    """Rows as dictionaries. Timestamps become int microseconds UTC: a date past year 9999 is no error."""
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            whole = table.column(index).cast(pa.timestamp("us", field.type.tz)).cast(pa.int64())
            table = table.set_column(index, field.name, whole)
    return list(table.to_pylist())


def of_people(table: pa.Table, people: Iterable[str]) -> list[Row]:
    """The rows of these people only; the rest is never turned into Python objects."""
    wanted = pa.array(sorted(people), pa.string())
    return rows_of(table.filter(pc.is_in(table["person_id"].cast(pa.string()), value_set=wanted)))


def level_rank(level: str) -> int:
    """0 for the most serious level."""
    return len(LEVELS) - 1 - LEVELS.index(level) if level in LEVELS else len(LEVELS)


def by_seriousness(finding: Row) -> tuple[Any, ...]:
    """Sort key: level, then the shorter clock, then the earlier start."""
    within = finding["act_within_minutes"]
    return (
        level_rank(finding["level"]),
        within if within is not None else float("inf"),
        finding["start_utc"],
        finding["finding_id"],
    )


def most_serious_people(findings: pa.Table, everyone: Iterable[str], most: int) -> list[str]:
    """Up to ``most`` people: those with the most serious findings first, then those with the most."""
    counts: dict[str, list[int]] = {}
    for row in findings.group_by(["person_id", "level"]).aggregate([([], "count_all")]).to_pylist():
        per_level = counts.setdefault(row["person_id"], [0] * (len(LEVELS) + 1))
        per_level[level_rank(row["level"])] -= row["count_all"]
    most = max(most, 0)
    ordered = heapq.nsmallest(most, counts, key=lambda person: (counts[person], person))
    without = heapq.nsmallest(most - len(ordered), (person for person in everyone if person not in counts))
    return ordered + without
