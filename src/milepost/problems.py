"""What was wrong with the input, in words that name the row, the field and the remedy.

Readers never raise for one bad row: the good rows go in, each bad one becomes a ``Problem``.
They raise ``UnreadableFile`` only when nothing in the file can be understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]

_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def storable_text(text: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD.

    JSON can spell both (``\\u0000``, ``\\ud800``), but PostgreSQL stores no NUL, and a surrogate cannot be
    written as UTF-8: kept, they would stop a write or a print far from where they came in.
    """
    return text if text.isascii() and "\x00" not in text else _NOT_STORABLE.sub("\ufffd", text)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one value.

    ``row`` is what a person would look for: a line number of a text file (1 is the first line), the
    number of a feature or message (1 is the first), or a path such as ``orders[2].versions[0]``.
    An ``error`` means the row was left out; a ``warning`` means it was used, as ``message`` says.
    """

    source: str
    row: int | str | None
    field: str | None
    message: str
    remedy: str
    value: str | None = None
    severity: Severity = "error"

    def __post_init__(self) -> None:
        for name in ("source", "row", "field", "message", "remedy", "value"):
            text = getattr(self, name)
            if isinstance(text, str) and not (text.isascii() and "\x00" not in text):
                object.__setattr__(self, name, storable_text(text))

    def __str__(self) -> str:
        where = [self.source]
        if self.row is not None:
            where.append(f"row {self.row}" if isinstance(self.row, int) else str(self.row))
        if self.field:
            where.append(f"field {self.field}")
        shown = f" [{self.value[:80]}]" if self.value is not None else ""
        return f"{', '.join(where)}: {self.message}{shown}. {self.remedy}"

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


class UnreadableFile(Exception):
    """Nothing in the file could be understood; ``problem`` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


type Kind = tuple[str, str | None, str, Severity]
"""Source, field, message, severity: problems that differ in their rows alone."""


@dataclass(slots=True)
class ProblemList:
    """Collects problems; keeps the first ``keep`` of each kind in full and counts the rest.

    A 10 GB file with one wrong column must not fill memory with the same sentence; nor one in which every row has a
    wrong field of another name: after ``kinds`` of them the name of the field is no longer told apart.
    """

    keep: int = 100
    kinds: int = 1000
    problems: list[Problem] = field(default_factory=list)
    counts: dict[Kind, int] = field(default_factory=dict)

    def add(self, problem: Problem, times: int = 1) -> None:
        key = self._key((problem.source, problem.field, problem.message, problem.severity))
        seen = self.counts.get(key, 0)
        self.counts[key] = seen + times
        if seen < self.keep:
            self.problems.append(problem)

    def _key(self, key: Kind) -> Kind:
        if key in self.counts or len(self.counts) < self.kinds:
            return key
        source, _, message, severity = key
        return (source, None, message, severity)

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.add(problem)

    def merge(self, other: ProblemList) -> None:
        """Takes in another list, its counts included; of each kind no more than ``keep`` stay in full."""
        room = {self._key(key): self.keep - self.counts.get(self._key(key), 0) for key in other.counts}
        for problem in other.problems:
            key = self._key((problem.source, problem.field, problem.message, problem.severity))
            if room.get(key, 0) > 0:
                self.problems.append(problem)
                room[key] -= 1
        for key, count in other.counts.items():
            key = self._key(key)
            self.counts[key] = self.counts.get(key, 0) + count

    @property
    def n_errors(self) -> int:
        """How many rows were left out, the ones not kept in full included."""
        return sum(n for (_, _, _, severity), n in self.counts.items() if severity == "error")

    @property
    def n_warnings(self) -> int:
        return sum(n for (_, _, _, severity), n in self.counts.items() if severity == "warning")

    def __bool__(self) -> bool:
        return bool(self.counts)
