"""Results in words, so that a test can be read by someone who never saw a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from clocks import clock_of

from milepost.compliance.results import Results


@dataclass
class Story:
    """Results, in words that a test can be read by."""

    results: Results

    def findings(self, *kinds: str) -> list[str]:
        """``late_return 19:00-20:06 66 min``, ``, open`` where it is."""
        return [finding_words(row) for row in self.rows(*kinds)]

    def rows(self, *kinds: str) -> list[dict[str, Any]]:
        rows = rows_of(self.results.findings)
        return [row for row in rows if not kinds or row["kind"] in kinds]

    def only(self, kind: str) -> dict[str, Any]:
        found = self.rows(kind)
        assert len(found) == 1, self.findings()
        return found[0]

    def coverage(self, condition: str = "") -> list[dict[str, Any]]:
        rows = rows_of(self.results.coverage)
        return [row for row in rows if not condition or row["condition_id"] == condition]

    def seconds(self, condition: str = "") -> dict[str, float]:
        """The seconds of the coverage table that are not nought, all parts together, without ``_s``."""
        sums: dict[str, float] = {}
        for row in self.coverage(condition):
            for name, value in row.items():
                if name.endswith("_s") and value:
                    sums[name[:-2]] = sums.get(name[:-2], 0.0) + value
        return sums

    def timeline(self, condition: str = "") -> list[str]:
        """``19:00-19:20 met``, with the cause after ``no_data``."""
        rows = rows_of(self.results.timeline)
        return [
            f"{clock_of(r['start_utc'])}-{clock_of(r['end_utc'])} {r['label']} {r['cause']}".rstrip()
            for r in rows
            if not condition or r["condition_id"] == condition
        ]

    def totals(self) -> list[dict[str, Any]]:
        return rows_of(self.results.totals)


def finding_words(row: dict[str, Any]) -> str:
    words = (
        f"{row['kind']} {clock_of(row['start_utc'])}-{clock_of(row['end_utc'])} {row['seconds'] / 60:g} min"
    )
    return words + (", open" if row["status"] == "open" else "")


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """Rows with times as microseconds."""
    names = table.column_names
    columns = [
        (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist()
        for column in table.columns
    ]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
