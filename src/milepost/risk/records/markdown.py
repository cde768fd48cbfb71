"""A record as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from milepost.risk.records.document import Entry, RecordDocument, Table
from milepost.risk.records.words import about, gap_words, warnings

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def markdown(record: RecordDocument) -> str:
    return "\n".join(_lines(record)) + "\n"


def _lines(record: RecordDocument) -> Iterator[str]:
    yield f"# {_safe(record.title)}"
    yield ""
    for text in warnings(record):
        yield f"**{_safe(text)}**"
        yield ""
    for name, value in about(record):
        yield f"- {name}: {_safe(value)}"
    yield ""
    yield from _gaps(record)
    for section in record.sections:
        yield f"## {_safe(section.name)}"
        yield ""
        for entry in section.entries:
            yield from _entry(entry)


def _gaps(record: RecordDocument) -> Iterator[str]:
    yield "## What is still to be filled in"
    yield ""
    if not record.gaps:
        yield "Nothing: every field has an answer."
    for entry in record.gaps:
        must = "" if entry.mandatory else " (optional)"
        yield f"- {entry.number} {_safe(entry.name)}{must}: {_safe(entry.who)}"
    yield ""


def _entry(entry: Entry) -> Iterator[str]:
    yield f"### {entry.number} {_safe(entry.name)}"
    yield ""
    if entry.gap:
        yield f"**{_safe(gap_words(entry))}**"
        yield ""
        return
    for line in entry.answer.lines:
        yield _safe(line)
        yield ""
    if entry.answer.table is not None:
        yield from _table(entry.answer.table)
        yield ""


def _table(table: Table) -> Iterator[str]:
    yield "| " + " | ".join(_cell(name) for name in table.head) + " |"
    yield "|" + "---|" * len(table.head)
    for row in table.rows:
        yield "| " + " | ".join(_cell(value) for value in row) + " |"


def _cell(text: str) -> str:
    return _safe(text).replace("\n", " ")


def _safe(text: str) -> str:
    """Text of an organisation or a registry may hold anything; here it is only text."""
    return _SPECIAL.sub(r"\\\1", text)
