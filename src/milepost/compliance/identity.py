"""Section 11, identity: the same content has the same id, whoever computed it and when."""

from __future__ import annotations

import hashlib
import json
from json.encoder import encode_basestring_ascii
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from milepost.compliance.findings import Findings, column
from milepost.compliance.results import FINDINGS, table_of

CONTENT = tuple(
    sorted(name for name in FINDINGS.names if name not in ("finding_id", "revision", "supersedes"))
)
"""What an id names, in the order in which it is written."""
ORDER = ("person_id", "start_utc", "kind", "order_id", "condition_id", "end_utc", "finding_id")


def identify(row: dict[str, Any]) -> str:
    """``F-`` and 16 hexadecimal digits of the SHA-256 of the content, as JSON with sorted names."""
    return _id_of(json.dumps({name: row[name] for name in CONTENT}).encode())


def finish(findings: Findings) -> None:
    """Adds rule table, id and first revision, and puts findings in the order of the findings table."""
    n = len(findings)
    if not n:
        findings.columns = {name: column(name, []) for name in FINDINGS.names}
        return
    columns = findings.columns
    columns["rule_table"] = column("rule_table", [table.name for table in findings.tables])
    columns["finding_id"] = column("finding_id", [_id_of(content) for content in _contents(columns)])
    columns["revision"] = column("revision", np.ones(n, np.int32))
    columns["supersedes"] = column("supersedes", [""] * n)
    keys = pa.table({name: columns[name] for name in ORDER})
    order = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in ORDER])
    ordered = findings.take(order.to_numpy())
    findings.columns, findings.tables = ordered.columns, ordered.tables


def _id_of(content: bytes) -> str:
    return "F-" + hashlib.sha256(content).hexdigest()[:16]


def _contents(columns: dict[str, pa.Array]) -> list[bytes]:
    """What ``identify`` hashes, for all findings at once: the JSON of each different value is written once."""
    pieces: list[Any] = []
    begin = "{"
    for name in CONTENT:
        pieces += [f'{begin}"{name}": ', _as_json(columns[name])]
        begin = ", "
    written: list[bytes] = pc.binary_join_element_wise(*pieces, "}", "").cast(pa.binary()).to_pylist()
    return written


def _as_json(values: pa.Array) -> pa.Array:
    if pa.types.is_integer(values.type):
        return values.cast(pa.string()).fill_null("null")
    different = values.dictionary_encode()
    write = encode_basestring_ascii if pa.types.is_string(values.type) else repr
    words = pa.array([write(value) for value in different.dictionary.to_pylist()], pa.string())
    return words.take(different.indices).fill_null("null")


def as_table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows with integer microseconds as a table of the schema."""
    return table_of({name: [row[name] for row in rows] for name in schema.names}, schema)
