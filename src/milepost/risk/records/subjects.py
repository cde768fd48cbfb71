"""What there are records of: instruments, the tier, predictors; and what other rooms register (rule tables, the rank).

A key is ``arp`` or ``tier``, or a family and a name: ``predictor:NAME@VERSION``, ``rules:NAME@VERSION``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from milepost.risk.records.facts import Facts


class UnknownSubject(LookupError):
    """There is no algorithm of this key; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Family:
    listed: Callable[[], Iterable[str]]
    facts: Callable[[str], Facts]


_FAMILIES: dict[str, Family] = {}


def register(name: str, keys: Callable[[], Iterable[str]], facts: Callable[[str], Facts]) -> None:
    """Adds a family of subjects. ``keys`` lists whole keys; ``facts`` is asked with one of them.

    Registered again under the same name it is replaced: the service knows more than the library.
    """
    _FAMILIES[name] = Family(keys, facts)


def subject_keys() -> list[str]:
    """Every key there is a record of, families in the order in which they were registered."""
    return [key for family in _FAMILIES.values() for key in family.listed()]


def facts_of(key: str) -> Facts:
    """Raises ``UnknownSubject``."""
    for family in _FAMILIES.values():
        if key in family.listed():
            return family.facts(key)
    raise UnknownSubject(f"There is no algorithm {key!r}. There are: {', '.join(subject_keys())}.")
