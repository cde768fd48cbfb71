"""What is about one person in texts that no key ties to them: messages that were not understood, uploaded files, what
waits for a webhook. Pure: texts in hand, no query.

A reference counts as a whole value, or as a whole word of a sentence; never as part of another word. A device counts
only within the times in which it was on the person. A name counts only as the whole value of a field that holds names,
and only where the same object names nobody else: people share names, and a short name is part of many words. What may
be about the person but cannot be told for sure is said, for somebody to look at, and stays.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl

from milepost.service.people.words import fold
from milepost.times import DAY_US

DeviceInterval = tuple[str, int, int | None]
NAME_FIELDS = frozenset(
    (
        "name",
        "full_name",
        "person_name",
        "display_name",
        "known_as",
        "also_known_as",
        "alias",
        "subject_name",
        "wearer",
    )
)
REFERENCE_FIELDS = frozenset(
    ("id", "ref", "reference", "person", "person_id", "person_reference", "subject", "subject_id", "order", "order_id",
     "order_reference", "activation", "activation_id", "made")
)  # fmt: skip
PERSON_FIELDS = frozenset(
    ("id", "reference", "person", "person_id", "person_reference", "subject", "subject_id")
)
DEVICE_FIELDS = frozenset(
    ("id", "deviceid", "device_id", "device", "tid", "tag_id", "tag", "imei", "uniqueid", "unit")
)
LATE_US = DAY_US
"""A device's message may come so much later than the tag came off: it kept it until it had a network."""
_KEY = re.compile(r"[^a-z]+")
_AROUND, _AFTER = r"(?<![\w\-/.])", r"(?![\w\-/])"


class About(Enum):
    PERSON = "person"
    MAYBE = "maybe"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a person is known in texts. Times in microseconds, UTC."""

    references: frozenset[str]
    """Of the person, of their orders, of their activations."""
    names: frozenset[str]
    """Whole names, folded."""
    names_are_theirs: bool
    """False where somebody else has one of the names too: then a name alone says nothing."""
    worn: tuple[DeviceInterval, ...]
    numbers: dict[str, frozenset[int]] = field(default_factory=dict)
    """Field to row numbers of theirs: {"incident": {3, 4}}."""

    def about(self, text: bytes | str | dict[str, Any] | list[Any], when_us: int, device: str = "") -> About:
        """Whether a message that came at ``when_us``, from ``device`` where that is known, is about the person."""
        if device and self._worn_at(device, when_us):
            return About.PERSON
        sure = maybe = False
        for one in _objects_of(text):
            found = self._in_object(one, when_us)
            sure, maybe = sure or found is About.PERSON, maybe or found is About.MAYBE
        return About.PERSON if sure else About.MAYBE if maybe else About.NOBODY

    def _in_object(self, pairs: list[tuple[str, Any]], when_us: int) -> About:
        somebody_else = any(
            key in PERSON_FIELDS and isinstance(value, str) and value not in self.references
            and not any(value == d for d, _, _ in self.worn)
            for key, value in pairs
        )  # fmt: skip
        maybe = False
        for key, value in pairs:
            if isinstance(value, bool) or value is None:
                continue
            if isinstance(value, int) and value in self.numbers.get(key, ()):
                return About.PERSON
            found = self._in_value(key, str(value).strip(), when_us, somebody_else)
            if found is About.PERSON:
                return found
            maybe = maybe or found is About.MAYBE
        return About.MAYBE if maybe else About.NOBODY

    def _in_value(self, key: str, value: str, when_us: int, somebody_else: bool) -> About:
        if value in self.references and (key in REFERENCE_FIELDS or _is_telling(value)):
            return About.PERSON
        if any(value == d for d, _, _ in self.worn) and (key in DEVICE_FIELDS or _is_telling(value)):
            return About.PERSON if self._worn_at(value, when_us) else About.MAYBE
        if fold(value) in self.names and key in NAME_FIELDS:
            return About.PERSON if self.names_are_theirs and not somebody_else else About.MAYBE
        return self._in_words(value, when_us)

    def _in_words(self, text: str, when_us: int) -> About:
        """A sentence, or a text of no known form."""
        if _has_word(text, (ref for ref in self.references if _is_telling(ref))):
            return About.PERSON
        theirs = [d for d, _, _ in self.worn if _is_telling(d) and _has_word(text, [d])]
        if any(self._worn_at(device, when_us) for device in theirs):
            return About.PERSON
        return About.MAYBE if theirs or _has_word(fold(text), self.names) else About.NOBODY

    def _worn_at(self, device: str, when_us: int) -> bool:
        return any(
            device == worn and from_us <= when_us and (until is None or when_us < until + LATE_US)
            for worn, from_us, until in self.worn
        )


def _is_telling(reference: str) -> bool:
    """Whether a reference is found by itself, in any field: "A-17" may be many things, "P000017" is not."""
    mixed = any(c.isdigit() for c in reference) and any(c.isalpha() for c in reference)
    return len(reference) >= (5 if mixed else 10)


def _has_word(text: str, words: Iterable[str]) -> bool:
    return any(word in text and re.search(_AROUND + re.escape(word) + _AFTER, text) for word in words)


def _objects_of(text: bytes | str | dict[str, Any] | list[Any]) -> Iterator[list[tuple[str, Any]]]:
    """The objects in a text, each as its fields and values: of JSON, JSON lines, a query string, CSV with a heading;
    else the text itself, as a value of no field."""
    if not isinstance(text, bytes | str):
        yield from _walk(text)
        return
    whole = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if (value := _json(whole)) is not None:
        yield from _walk(value)
        return
    lines = whole.splitlines()
    read = [_json(line) for line in lines]
    if any(value is not None for value in read):
        for line, value in zip(lines, read, strict=True):
            yield from _walk(value) if value is not None else [[("", line)]]
        return
    if len(lines) == 1 and (pairs := parse_qsl(whole)):
        yield [(_plain(key), value) for key, value in pairs]
        return
    yield from _csv(lines) if len(lines) > 1 and "," in lines[0] else [[("", whole)]]


def _json(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _csv(lines: list[str]) -> Iterator[list[tuple[str, Any]]]:
    try:
        rows = list(csv.reader(lines))
    except csv.Error:
        rows = [[line] for line in lines]
    heading = [_plain(name) for name in rows[0]]
    for row in rows:
        yield [(heading[i] if i < len(heading) else "", cell) for i, cell in enumerate(row)]


def _walk(value: Any) -> Iterator[list[tuple[str, Any]]]:
    """Without recursion: a message may be nested as deep as it likes. A key can be a reference, too."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        key, one = waiting.pop()
        if isinstance(one, dict):
            inside = [(_plain(k), v) for k, v in one.items()]
            yield [(k, v) for k, v in inside if not isinstance(v, dict | list)] + [("", k) for k in one]
            waiting += [(k, v) for k, v in inside if isinstance(v, dict | list)]
        elif isinstance(one, list):
            yield from ([(key, v)] for v in one if not isinstance(v, dict | list))
            waiting += [(key, v) for v in one if isinstance(v, dict | list)]


def _plain(key: str) -> str:
    """ "Person ID", "person-id" and "person_id" are one field."""
    return _KEY.sub("_", key.strip().lower()).strip("_")
