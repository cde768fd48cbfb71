"""A CSV of outcomes: reference, kind, happened_on, followed_until. Good rows become facts, bad rows are named."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from milepost.service.algorithms.policy_data import outcome_numbers

COLUMNS = ("reference", "kind", "happened_on", "followed_until")
SEPARATORS = ",;\t"
Words = str | Promise
PROBLEMS: dict[str, tuple[Words, Words]] = {
    "empty": (_("It is empty"), _("Enter the person's reference.")),
    "nobody": (_("Nobody here has this reference"), _("Enter the reference that this service has for the person.")),
    "kind": (_("There is no such kind of outcome"), _("Use a code from the list on the page.")),
    "date": (_("This is not a date"), _("Enter it as 2026-03-31.")),
    "future": (_("The day has not come yet"), _("Enter a day in the past.")),
    "not_followed": (
        _("Nothing says until when the person was followed"),
        _("Enter the last day that the record covers. Without it nobody knows that nothing happened."),
    ),
    "after": (
        _("It happened after the last day that the record covers"), _("Correct one of the two days."),
    ),
    "columns": (_("The line has not as many parts as the first line"), _("Put parts with commas in quotes.")),
}  # fmt: skip
"""By code: what is wrong, and what to do. Codes are kept, not values: a value may name a person."""


class NoOutcomes(Exception):
    """Nothing in the file can be understood. ``code`` says why; ``column`` names the one that is missing."""

    def __init__(self, code: str, column: str = "") -> None:
        super().__init__(f"{code} {column}".strip())
        self.code, self.column = code, column


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One good row. ``row`` is its line in the file, the line of names being the first."""

    row: int
    reference: str
    kind: str
    happened_on: dt.date | None
    followed_until: dt.date


@dataclass(slots=True)
class OutcomesRead:
    good: list[OutcomeRow] = field(default_factory=list)
    bad: list[dict[str, str | int]] = field(default_factory=list)
    """Row, field and code of each bad row; the first thing wrong with it."""
    rows: int = 0


def read_outcomes(content: bytes, *, today: dt.date) -> OutcomesRead:
    """Raises ``NoOutcomes`` if there is no text, a column is missing, or there are too many rows."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoOutcomes("text") from None
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    names = [name.strip().lower() for name in next(lines, [])]
    for name in COLUMNS:
        if name not in names:
            raise NoOutcomes("column", name)
    read = OutcomesRead()
    for row, parts in _numbered(lines):
        read.rows += 1
        if read.rows > outcome_numbers().limits.most_rows:
            raise NoOutcomes("rows")
        if len(parts) != len(names):
            read.bad.append({"row": row, "field": "", "code": "columns"})
            continue
        values = {name: part.strip() for name, part in zip(names, parts, strict=True)}
        made = _checked(row, values, today)
        if isinstance(made, OutcomeRow):
            read.good.append(made)
        else:
            read.bad.append({"row": row, "field": made[0], "code": made[1]})
    return read


def _numbered(lines: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with the number of the line at which each ends."""
    try:
        for parts in lines:
            if any(part.strip() for part in parts):
                yield lines.line_num, parts  # type: ignore[attr-defined]
    except csv.Error:
        raise NoOutcomes("text") from None


def _checked(row: int, values: dict[str, str], today: dt.date) -> OutcomeRow | tuple[str, str]:
    """The row, or the field and the code of what is wrong with it."""
    if not values["reference"]:
        return "reference", "empty"
    if outcome_numbers().of(values["kind"]) is None:
        return "kind", "kind"
    days: dict[str, dt.date | None] = {}
    for name in ("happened_on", "followed_until"):
        try:
            days[name] = dt.date.fromisoformat(values[name]) if values[name] else None
        except ValueError:
            return name, "date"
        if (day := days[name]) is not None and day > today:
            return name, "future"
    happened, followed = days["happened_on"], days["followed_until"]
    if followed is None:
        return "followed_until", "not_followed"
    if happened is not None and happened > followed:
        return "happened_on", "after"
    return OutcomeRow(row, values["reference"], values["kind"], happened, followed)
