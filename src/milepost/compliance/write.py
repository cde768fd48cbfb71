"""Answers on disk: each file whole or not at all."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from milepost.compliance.times import iso
from milepost.problems import ProblemList


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path`` that becomes it when everything is written and on disk."""
    temporary = path.with_name(f".{path.name}.part")
    yield temporary
    with temporary.open("rb") as written:
        os.fsync(written.fileno())
    temporary.replace(path)


def write_parquet(table: pa.Table, path: Path) -> None:
    with whole(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def write_csv(table: pa.Table, path: Path) -> None:
    """Times as ISO 8601 in UTC with a Z; nothing (not "null") where there is no value."""
    columns = []
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_timestamp(column.type):
            values: list[Any] = [
                None if us is None else iso(us) for us in column.cast(pa.int64()).to_pylist()
            ]
        else:
            values = column.to_pylist()
        columns.append(values)
    with whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        writer.writerows(zip(*columns, strict=True))


def write_problems(problems: ProblemList, path: Path) -> None:
    """Row, field and remedy of each; how often each was met in all."""
    with whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["severity", "source", "row", "field", "value", "message", "remedy", "times_in_all"])
        for p in problems.problems:
            times = problems.counts.get((p.source, p.field, p.message, p.severity), 1)
            row = "" if p.row is None else p.row
            writer.writerow(
                [p.severity, p.source, row, p.field or "", p.value or "", p.message, p.remedy, times]
            )


def write_json(value: Any, path: Path) -> None:
    with whole(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
