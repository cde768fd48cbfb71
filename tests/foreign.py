"""A language that nobody speaks, for tests that nothing is said which a translator cannot find."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path

from milepost.language import Language

_spec = importlib.util.spec_from_file_location(
    "messages", Path(__file__).parents[1] / "tools" / "messages.py"
)
assert _spec
assert _spec.loader
messages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(messages)


class Foreign:
    """A language of one sign: each sentence of the catalogue is "#" and its places; it keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.spoken = Language(
            self.one,
            self.many,
            number=lambda _value: "#",
            percent=lambda _value: "#",
            date=lambda _day: "#",
            decimal=lambda _value, _places: "#",
            clock=lambda _moment: "#",
            day=lambda _day: "#",
            short_day=lambda _day: "#",
        )

    def one(self, message: str) -> str:
        self.asked.add(message)
        return " ".join(["#", *re.findall(r"\{\w+\}", message)])

    def many(self, one: str, many: str, n: int) -> str:
        return self.one(one if n == 1 else many)


@cache  # reading all the code takes a second or two
def sentences_of_the_catalogue() -> frozenset[str]:
    """Every sentence that ``tools/messages.py`` finds, both forms of those with a number."""
    found: set[str] = set()
    for message in messages.found():
        found |= {message.id} if isinstance(message.id, str) else set(message.id)
    return frozenset(found)


def left_in_english(texts: list[str]) -> list[str]:
    return [text for text in texts if re.search("[A-Za-z]", text)]
