"""Which of the answers an algorithm reads are sensitive, or may stand in for a protected characteristic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from milepost.risk.data_files import load

FILE = "record_sensitive.toml"


@dataclass(frozen=True, slots=True)
class Sensitive:
    category: str
    label: str
    protected: bool
    names: tuple[str, ...]


def sensitive(names: Iterable[str]) -> tuple[Sensitive, ...]:
    """Categories that any of the fields falls in, with those fields."""
    names = list(names)
    found = []
    for category, told in load(FILE)["category"].items():
        starts = tuple(told.get("prefixes", ()))
        own = tuple(n for n in names if n in told["fields"] or (starts and n.startswith(starts)))
        if own:
            found.append(Sensitive(category, told["label"], told["protected"], own))
    return tuple(found)
