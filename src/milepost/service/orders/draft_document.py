"""Changes to the document of a draft: pure functions on plain JSON, so that what is not known here is kept.

Every function returns a new document; the one given stays as it was.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

Document = dict[str, Any]
Part = dict[str, Any]
Kind = Literal["places", "conditions"]

SETTINGS = (
    "weeks_on", "weeks_off", "weeks_offset", "public_holidays", "travel_before_min", "travel_after_min", "place",
)  # fmt: skip
"""What the rules of one timetable share."""
DEFAULTS = {"weeks_on": 1, "weeks_off": 0, "weeks_offset": 0, "public_holidays": "apply",
            "travel_before_min": 0, "travel_after_min": 0, "place": None}  # fmt: skip
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parts(document: Document, kind: Kind) -> list[Part]:
    return list(document.get(kind) or [])


def find_part(document: Document, kind: Kind, part_id: str) -> Part | None:
    return next((part for part in parts(document, kind) if part.get("id") == part_id), None)


def new_id(document: Document, kind: Kind, base: str) -> str:
    """``base`` in small letters, with a number if it is taken."""
    stem = re.sub(r"[^a-z0-9]+", "-", base.casefold()).strip("-")[:40] or kind[:-1]
    taken = {part.get("id") for part in parts(document, kind)}
    number, wanted = 1, stem
    while wanted in taken:
        number += 1
        wanted = f"{stem}-{number}"
    return wanted


def put_part(document: Document, kind: Kind, part_id: str, changes: Mapping[str, Any]) -> Document:
    """Changes the part of that id, or adds it. A value of None takes the field away; other fields stay."""
    changed = copy.deepcopy(document)
    listed: list[Part] = changed.setdefault(kind, [])
    part = next((part for part in listed if part.get("id") == part_id), None)
    if part is None:
        part = {"id": part_id}
        listed.append(part)
    for name, value in changes.items():
        if value is None:
            part.pop(name, None)
        else:
            part[name] = value
    return changed


def remove_part(document: Document, kind: Kind, part_id: str) -> Document:
    changed = copy.deepcopy(document)
    changed[kind] = [part for part in parts(changed, kind) if part.get("id") != part_id]
    return changed


def places_named(condition: Part) -> set[str]:
    """Every place id that a condition or one of its hours names."""
    named = [condition.get("place")]
    for name in ("schedule", "dates"):
        named += [rule.get("place") for rule in condition.get(name) or []]
    named.append((condition.get("first_night") or {}).get("place"))
    return set(_flat(named))


def _flat(named: list[Any]) -> Iterator[str]:
    for value in named:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from value


def uses_of_place(document: Document, place_id: str) -> list[str]:
    """The ids of conditions that name the place."""
    return [c["id"] for c in parts(document, "conditions") if place_id in places_named(c)]


def timetables(condition: Part) -> list[list[Part]]:
    """The rules in groups that a weekly grid can hold: the same settings, and one rule for each day it starts on."""
    groups: list[tuple[tuple[str, ...], list[Part]]] = []
    for rule in condition.get("schedule") or []:
        key = tuple(repr(rule.get(name, DEFAULTS[name])) for name in SETTINGS)
        for known, rules in groups:
            if known == key and rule["from_day"] not in {other["from_day"] for other in rules}:
                rules.append(rule)
                break
        else:
            groups.append((key, [rule]))
    return [sorted(rules, key=lambda rule: DAYS.index(rule["from_day"])) for _key, rules in groups]


def put_timetable(
    document: Document, condition_id: str, index: int, hours: Mapping[str, Part], settings: Mapping[str, Any]
) -> Document:
    """Replaces timetable ``index`` (its number, from 0; the next one adds) of a condition.

    ``hours`` maps the day a rule starts on to its from_time, until_day and until_time. Fields of a rule that are
    not known here stay with the rule of that day.
    """
    changed = copy.deepcopy(document)
    condition = find_part(changed, "conditions", condition_id)
    if condition is None:
        return changed
    groups = timetables(condition)
    while len(groups) <= index:
        groups.append([])
    before = {rule["from_day"]: rule for rule in groups[index]}
    groups[index] = [_rule(before.get(day, {}), day, hours[day], settings) for day in DAYS if day in hours]
    rules = [rule for group in groups for rule in group]
    if rules:
        condition["schedule"] = rules
    else:
        condition.pop("schedule", None)
    return changed


def _rule(before: Part, day: str, hours: Part, settings: Mapping[str, Any]) -> Part:
    rule = {**before, "from_day": day, **hours}
    for name in SETTINGS:
        value = settings.get(name, DEFAULTS[name])
        if value == DEFAULTS[name]:
            rule.pop(name, None)
        else:
            rule[name] = value
    return rule


def copy_day(hours: Mapping[str, Part], source: str, targets: tuple[str, ...]) -> dict[str, Part]:
    """The hours with one day's copied to others; the day it ends on moves along."""
    copied = dict(hours)
    if source not in hours:
        return copied
    given = hours[source]
    ahead = (DAYS.index(given["until_day"]) - DAYS.index(source)) % 7
    for day in targets:
        copied[day] = {**given, "until_day": DAYS[(DAYS.index(day) + ahead) % 7]}
    return copied
