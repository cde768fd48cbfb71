"""Gathers what is wrong with an order file, in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from milepost.orders.model import OrderFile, Part
from milepost.problems import Problem, Severity

_PLAIN = {
    "missing": ("is missing", "Add it"),
    "timezone_aware": ("has no offset from UTC", "Write it as 2025-03-01T19:00:00Z"),
    "extra_forbidden": ("is not known", "Remove it"),
    "string_pattern_mismatch": ("is not a time of day", "Write it as 19:00, from 00:00 to 24:00"),
    "model_type": ("is not an object", "Put its fields in curly brackets"),
    "dict_type": ("is not an object", "Put its fields in curly brackets"),
    "list_type": ("is not a list", "Put it in square brackets"),
    "string_type": ("is not text", "Put it in quotes"),
    "int_type": ("is not a whole number", "Write a whole number without quotes"),
    "int_parsing": ("is not a whole number", "Write a whole number without quotes"),
    "float_type": ("is not a number", "Write a number without quotes"),
    "float_parsing": ("is not a number", "Write a number without quotes"),
    "bool_parsing": ("is neither true nor false", "Write true or false"),
}
_DATE_REMEDY = (
    "Write a date as 2025-03-01, a time as 2025-03-01T19:00:00 (local) or with an offset (+01:00, Z)"
)
_UNION_MEMBERS = re.compile(r"^(function-|datetime$|date$|str$|list\[|nullable|constrained)")


class Complaints:
    """The problems of one file, and the row each part was read from."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self._rows: dict[int, tuple[Part, str]] = {}
        self._with_unknown: set[int] = set()
        self._unnumbered: OrderFile | None = None
        self.n_lost_starts = 0
        """Versions whose start could not be read."""

    def remember(self, part: Part, row: str, *, all_known: bool = True) -> None:
        """Keeps the row a part was read from: its place in the list changes when others are left out.

        ``all_known``: no field in it is unknown to Milepost.
        """
        self._rows[id(part)] = part, row  # holding the part keeps its id from being used again
        if not all_known:
            self._with_unknown.add(id(part))

    def may_hold_unknown(self, part: Part) -> bool:
        """Whether a field that Milepost does not know may be in the part, or in a part of it."""
        return id(part) in self._with_unknown

    def rows_of(self, order_file: OrderFile) -> None:
        """Parts of this file that are not remembered stand where they were read; numbered when first asked for."""
        self._unnumbered = order_file

    def row_of(self, part: Part, default: str) -> str:
        if id(part) not in self._rows and self._unnumbered is not None:
            self._number_rows(self._unnumbered)
            self._unnumbered = None
        return self._rows[id(part)][1] if id(part) in self._rows else default

    def _number_rows(self, order_file: OrderFile) -> None:
        def number(parts: Sequence[Part], path: str) -> None:
            for i, part in enumerate(parts):
                if id(part) not in self._rows:
                    self._rows[id(part)] = part, f"{path}[{i}]"

        number(order_file.people, "people")
        number(order_file.activations, "activations")
        number(order_file.orders, "orders")
        for order in order_file.orders:
            path = f"{self._rows[id(order)][1]}.versions"
            number(order.versions, path)
            for version in order.versions:
                row = self._rows[id(version)][1]
                number(version.places, f"{row}.places")
                number(version.conditions, f"{row}.conditions")

    def add(
        self,
        row: str | None,
        field: str | None,
        message: str,
        remedy: str,
        value: object = None,
        severity: Severity = "error",
    ) -> None:
        self.problems.append(Problem(self.source, row, field, message, remedy, _show(value), severity))

    def add_validation_error(self, row: str, error: ValidationError, item: object) -> None:
        """One problem for each wrong field; the alternatives of one field are told once."""
        told: set[str] = set()
        for detail in error.errors(include_url=False):
            names = [part for part in detail["loc"] if not _is_union_member(part)]
            where = _join(names)
            if where in told:
                continue
            told.add(where)
            message, remedy = _say(detail["type"], detail["msg"])
            given = detail.get("input")
            self.add(row, where or None, f"{message}; this part was left out", remedy,
                     None if detail["type"] == "missing" or given is item else given)  # fmt: skip

    @staticmethod
    def row_number(row: str) -> int:
        """The last index of a path: 2 of ``orders[1].versions[2]``."""
        found = re.search(r"\[(\d+)\]$", row)
        return int(found.group(1)) if found else 0


def _show(value: object) -> str | None:
    if value is None:
        return None
    try:
        return str(value)[:200]
    except (RecursionError, ValueError):  # brackets too deep, or a number of more than 4,300 digits
        return "(too long to show)"


def _is_union_member(part: Any) -> bool:
    return isinstance(part, str) and _UNION_MEMBERS.match(part) is not None


def _join(names: list[Any]) -> str:
    path = ""
    for name in names:
        path += f"[{name}]" if isinstance(name, int) else f".{name}"
    return path.lstrip(".")


def _say(kind: str, message: str) -> tuple[str, str]:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind.startswith(("datetime", "date", "timezone")):
        return "is not a date or time", _DATE_REMEDY
    if kind in ("enum", "literal_error"):
        expected = message.removeprefix("Input should be ")
        return "is not one of the words allowed", f"Use {expected}"
    return message[:1].lower() + message[1:], "Correct the value"
