"""Who was read, and who was named in the log, while one request is answered.

A page that names a person must leave an entry that names them. The records that were read register themselves here,
the log says here whom it named, and at the end of the request the two are compared with what is about to be sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from json import dumps

WORD = re.compile(r"\w+")
FEW = 8
"""Up to so many people are looked for one by one; of more, only those some word of whose name is there at all."""


class Looks:
    """One request's: references of people to what they are called, who was logged, and by which entry."""

    def __init__(self) -> None:
        self.read: dict[str, str] = {}
        self.logged: set[str] = set()
        self.entries: dict[str, tuple[int, str]] = {}

    def not_logged(self, text: str) -> list[str]:
        """References of people who were read, of whom the log says nothing, and who are named in ``text``."""
        open_ones = {reference: name for reference, name in self.read.items() if reference not in self.logged}
        if not open_ones or not text:
            return []
        words = set(WORD.findall(text)) if len(open_ones) > FEW else None
        return sorted(
            reference for reference, name in open_ones.items()
            if _stands_in(reference, text, words) or (name and _stands_in(name, text, words))
        )  # fmt: skip


def _stands_in(value: str, text: str, words: set[str] | None) -> bool:
    if words is not None and not any(word in words for word in WORD.findall(value)):
        return False
    for written in {value, escape(value), dumps(value)[1:-1]}:
        if re.search(rf"(?<!\w){re.escape(written)}(?!\w)", text):
            return True
    return False


_looks: ContextVar[Looks | None] = ContextVar("looks", default=None)


@contextmanager
def watched() -> Iterator[Looks]:
    """Around the answer to one request."""
    token = _looks.set(looks := Looks())
    try:
        yield looks
    finally:
        _looks.reset(token)


def read(reference: str, name: str) -> None:
    """A person's record was read from the database."""
    if (looks := _looks.get()) is not None:
        looks.read[reference] = name


EntryKey = tuple[int, str]
"""An entry's number and seal: a number alone is given anew after a transaction that was undone."""


def logged(references: Iterable[str], entry: EntryKey | None = None) -> None:
    """An entry that names these people was written: ``entry``, if its transaction stands in the end."""
    if (looks := _looks.get()) is not None:
        references = set(references)
        looks.logged |= references
        if entry:
            looks.entries |= dict.fromkeys(references, entry)


def entries() -> set[EntryKey]:
    """Those that were written during this request."""
    looks = _looks.get()
    return set(looks.entries.values()) if looks is not None else set()


def undone(gone: set[EntryKey]) -> None:
    """These entries do not stand: what wrote them was undone, a dry run or an action that was refused late."""
    if (looks := _looks.get()) is not None:
        people = {reference for reference, entry in looks.entries.items() if entry in gone}
        looks.logged -= people
        for reference in people:
            del looks.entries[reference]


def is_logged(reference: str) -> bool:
    """Whether an entry written during this request names the person already."""
    looks = _looks.get()
    return looks is not None and reference in looks.logged
