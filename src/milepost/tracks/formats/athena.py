"""Result sets of Amazon Athena, as its API and ``aws athena get-query-results`` give them: a table in JSON.

Columns are found as in any table, by Milepost's names, by usual ones (the ministry's ``position_latitude`` and
its neighbours among them) or by a column map. Row 1 is the first of ``Rows``, which on a first page is the header.
Source: Amazon Athena API reference, "ResultSet".
"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa

from milepost.json_nesting import NestedTooDeep, read_json
from milepost.problems import Problem, UnreadableFile
from milepost.tracks.formats.arrow import settle_table
from milepost.tracks.formats.columns import ColumnMap
from milepost.tracks.formats.json_text import as_dict, as_list
from milepost.tracks.formats.messages import as_text, read_text
from milepost.tracks.formats.settle import Context
from milepost.tracks.record import Signals


def read(path: Path, *, columns: ColumnMap | None = None, context: Context | None = None) -> Signals:
    """One page of results. Raises ``UnreadableFile`` if it is cut off, or has no column that is known."""
    context = context or Context.of()
    try:
        whole = as_dict(read_json(read_text(path)))
    except (NestedTooDeep, json.JSONDecodeError, ValueError):
        raise _unusable(
            path, "The result set is not whole JSON", "It may be cut off: get it again."
        ) from None
    results = as_dict(whole.get("ResultSet"))
    infos = as_list(as_dict(results.get("ResultSetMetadata")).get("ColumnInfo"))
    rows = [_values(row) for row in as_list(results.get("Rows"))]
    names = [as_text(as_dict(info).get("Name") or "") for info in infos] or [
        v or "" for v in next(iter(rows), [])
    ]
    if not names:
        raise _unusable(path, "The result set names no columns", "Give it with ResultSetMetadata.")
    first = 2 if rows and rows[0] == names else 1
    if len(set(names)) != len(names):
        raise _unusable(path, "Two columns have one name", "Give each column its own name in the query.")
    for n, row in enumerate(rows):
        if len(row) != len(names):
            context.problems.add(
                Problem(path.name, n + 1, None, f"The row does not have the {len(names)} values of its columns; "
                        "it was read as empty", "Get the results again.", severity="warning")
            )  # fmt: skip
            rows[n] = [None] * len(names)
    cells = {
        name: pa.array([row[i] for row in rows[first - 1 :]], pa.string()) for i, name in enumerate(names)
    }
    return settle_table(
        pa.table(cells), path.name, columns or ColumnMap(), context, first_row=first, report=True
    )


def _values(row: object) -> list[str | None]:
    cells = [as_dict(cell).get("VarCharValue") for cell in as_list(as_dict(row).get("Data"))]
    return [None if value is None else as_text(value) for value in cells]


def _unusable(path: Path, message: str, remedy: str) -> UnreadableFile:
    return UnreadableFile(Problem(path.name, None, None, message, remedy))
