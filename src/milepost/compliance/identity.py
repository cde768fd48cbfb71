"""Section 11, identity: the same content has the same id, whoever computed it and when."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pyarrow as pa

from milepost.compliance.results import FINDINGS

CONTENT = tuple(name for name in FINDINGS.names if name not in ("finding_id", "revision", "supersedes"))


def identify(row: dict[str, Any]) -> str:
    """``F-`` and 16 hexadecimal digits of the SHA-256 of the content."""
    content = json.dumps({name: row[name] for name in CONTENT}, sort_keys=True)
    return "F-" + hashlib.sha256(content.encode()).hexdigest()[:16]


def finished(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with rule table, id and first revision, in the order of the findings table."""
    for row in rows:
        row["rule_table"] = row.pop("_table").name
        row["finding_id"] = identify(row)
        row["revision"] = 1
        row["supersedes"] = ""
    return sorted(
        rows,
        key=lambda r: (
            r["person_id"], r["start_utc"], r["kind"], r["order_id"], r["condition_id"], r["end_utc"], r["finding_id"],
        ),
    )  # fmt: skip


def as_table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows with integer microseconds as a table of the schema."""
    columns = []
    for column in schema:
        kind = pa.int64() if pa.types.is_timestamp(column.type) else column.type
        columns.append(pa.array([row[column.name] for row in rows], kind).cast(column.type))
    return pa.Table.from_arrays(columns, schema=schema)
