"""Section 11, identity: the same content has the same id, whoever computed it and when."""

from __future__ import annotations

import hashlib
import json
from json.encoder import encode_basestring_ascii
from typing import Any

import pyarrow as pa

from milepost.compliance.findings import Findings
from milepost.compliance.results import FINDINGS, table_of

CONTENT = tuple(
    sorted(name for name in FINDINGS.names if name not in ("finding_id", "revision", "supersedes"))
)
"""What an id names, in the order in which it is written."""
TEMPLATE = "{" + ", ".join(f'"{name}": %s' for name in CONTENT) + "}"
ORDER = ("person_id", "start_utc", "kind", "order_id", "condition_id", "end_utc", "finding_id")


def _id_of(content: str) -> str:
    return "F-" + hashlib.sha256(content.encode()).hexdigest()[:16]


def identify(row: dict[str, Any]) -> str:
    """``F-`` and 16 hexadecimal digits of the SHA-256 of the content, as JSON with sorted names."""
    return _id_of(json.dumps({name: row[name] for name in CONTENT}))


def finish(findings: Findings) -> None:
    """Adds rule table, id and first revision, and puts findings in the order of the findings table."""
    if not len(findings):
        findings.columns = {name: [] for name in FINDINGS.names}
        return
    columns = findings.columns
    columns["rule_table"] = [table.name for table in findings.tables]
    # The JSON of each value by itself, put into one template: what ``identify`` writes, many at a time.
    values = [
        list(map(encode_basestring_ascii, columns[name]))
        if pa.types.is_string(FINDINGS.field(name).type)
        # One list is written far more quickly than its numbers one by one, and in the same way.
        else repr(columns[name])[1:-1].replace("None", "null").split(", ")
        for name in CONTENT
    ]
    columns["finding_id"] = [_id_of(TEMPLATE % row) for row in zip(*values, strict=True)]
    columns["revision"] = [1] * len(findings)
    columns["supersedes"] = [""] * len(findings)
    keys = list(zip(*(columns[name] for name in ORDER), strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    for name, column in columns.items():
        columns[name] = [column[i] for i in order]
    findings.tables = [findings.tables[i] for i in order]


def as_table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows with integer microseconds as a table of the schema."""
    return table_of({name: [row[name] for row in rows] for name in schema.names}, schema)
