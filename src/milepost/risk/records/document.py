"""A record as data: sections of entries, each filled by the software, by the organisation, or by nobody yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

FilledBy = Literal["software", "organisation", "nobody"]


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What fills a field: lines of text, and perhaps a table."""

    lines: tuple[str, ...] = ()
    table: Table | None = None

    def __bool__(self) -> bool:
        return any(line.strip() for line in self.lines) or bool(self.table and self.table.rows)


@dataclass(frozen=True, slots=True)
class Entry:
    """One field. ``who`` must fill it where nobody did; ``guidance`` says what belongs there."""

    number: str
    attribute: str
    name: str
    mandatory: bool
    answer: Answer
    filled_by: FilledBy
    who: str
    guidance: str

    @property
    def gap(self) -> bool:
        return self.filled_by == "nobody"


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    tier: int | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class RecordDocument:
    """One record of one algorithm.

    ``content_hash`` is over everything but the day it was made: two records with the same hash say the same.
    """

    kind: str
    key: str
    title: str
    standard: str
    """What the fields are after, and where they come from."""
    subject: str
    subject_version: str
    data_hash: str
    software_version: str
    made_on: str
    illustrative: bool
    synthetic: bool
    sections: tuple[Section, ...]

    @property
    def entries(self) -> Iterator[Entry]:
        return (entry for section in self.sections for entry in section.entries)

    @property
    def gaps(self) -> tuple[Entry, ...]:
        """Fields that nobody has filled; the mandatory ones first."""
        return tuple(sorted((e for e in self.entries if e.gap), key=lambda e: not e.mandatory))

    @property
    def content_hash(self) -> str:
        said = {name: value for name, value in asdict(self).items() if name != "made_on"}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]

    def as_dict(self) -> dict[str, object]:
        """For machines: ``fields`` by attribute name (None where nobody filled it), and the gaps."""
        return {
            "record": self.kind,
            "subject": self.key,
            "title": self.title,
            "standard": self.standard,
            "subject_name": self.subject,
            "subject_version": self.subject_version,
            "data_hash": self.data_hash,
            "software_version": self.software_version,
            "made_on": self.made_on,
            "generated_from": "what runs",
            "content_hash": self.content_hash,
            "illustrative": self.illustrative,
            "synthetic": self.synthetic,
            "fields": {entry.attribute: _plain(entry.answer) for entry in self.entries},
            "gaps": [
                {"number": e.number, "attribute": e.attribute, "name": e.name, "mandatory": e.mandatory, "who": e.who}
                for e in self.gaps
            ],
            "gap_count": len(self.gaps),
        }  # fmt: skip

    def to_json(self) -> str:
        return json.dumps(self.as_dict(), indent=1, ensure_ascii=False) + "\n"


def _plain(answer: Answer) -> object:
    if not answer:
        return None
    if answer.table is None:
        return "\n".join(answer.lines)
    rows = [dict(zip(answer.table.head, row, strict=True)) for row in answer.table.rows]
    return {"text": "\n".join(answer.lines), "rows": rows} if answer.lines else {"rows": rows}
