"""What every engine must give: intervals, as rows that can be compared one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

ABSENCE, ZONE_ENTRY = 0, 1
SCHEMA = pa.schema(
    [
        ("device", pa.int32()),  # the number in the device's id
        ("kind", pa.int8()),  # ABSENCE or ZONE_ENTRY
        ("window_us", pa.int64()),  # start of the curfew window, microseconds UTC; 0 for a zone
        ("start_us", pa.int64()),
        ("end_us", pa.int64()),
    ]
)


@dataclass(slots=True)
class Difference:
    """How an engine's rows differ from the reference."""

    missing: int
    extra: int
    example: str

    def __str__(self) -> str:
        return f"{self.missing} rows missing, {self.extra} rows too many, for example {self.example}"


def table_of(device: Any, kind: Any, window_us: Any, start_us: Any, end_us: Any) -> pa.Table:
    """Columns (arrays of one length) as a sorted table of ``SCHEMA``."""
    columns = [
        np.ascontiguousarray(c).astype(f.type.to_pandas_dtype())
        for c, f in zip((device, kind, window_us, start_us, end_us), SCHEMA, strict=True)
    ]
    order = np.lexsort(columns[::-1])
    return pa.Table.from_arrays([pa.array(c[order]) for c in columns], schema=SCHEMA)


def table_of_rows(rows: list[tuple[int, int, int, int, int]]) -> pa.Table:
    return table_of(*np.array(rows, np.int64).reshape(-1, 5).T)


def as_rows(table: pa.Table) -> set[tuple[int, ...]]:
    return set(zip(*(table.column(name).to_pylist() for name in SCHEMA.names), strict=True))


def difference(found: pa.Table, reference: pa.Table) -> Difference | None:
    """None if both hold the same rows, each once. Rows are compared, never counts."""
    if found.equals(reference):
        return None
    have, want = as_rows(found), as_rows(reference)
    missing, extra = want - have, have - want
    example = f"missing {min(missing)}" if missing else f"extra {min(extra)}" if extra else "a repeated row"
    return Difference(len(missing), len(extra) + found.num_rows - len(have), example)
