"""Entries as a list shows them: staff by name, persons on record by reference, machines folded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Count

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.audit_pages.asking import PEOPLE
from milepost.service.audit_pages.why import because, period, sentence
from milepost.service.audit_pages.words import in_words, operation_in_words

COUNTED_AT_MOST = 20_000
"""So many numbers of the log are counted by kind while a page waits; of more only how many they are is told."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is shown."""

    number: int
    at_us: int
    who: str
    role: str
    operation: str
    what: str
    sentence: str
    period: str
    why: str
    subject: str


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Actor to the name of the user it is: staff are named, persons on record never."""
    keys = {a.removeprefix("user:") for a in actors if a.startswith("user:")}
    found = User.objects.filter(pk__in=[key for key in keys if key.isdigit()]).values_list("pk", "name")
    return {f"user:{pk}": name for pk, name in found}


def role_in_words(code: str) -> str:
    return str(Role(code).facts.title) if code in set(Role) else code


def lines(rows: Sequence[Entry]) -> list[Line]:
    names = names_of(row.actor for row in rows)
    return [
        Line(
            row.number, row.at_us, f"{names[row.actor]} ({row.actor})" if row.actor in names else row.actor,
            role_in_words(row.role), operation_in_words(row.operation), in_words(row.what), sentence(row),
            period(row.details), because(row.what, row.reason, row.details), row.subject,
        )
        for row in rows
    ]  # fmt: skip


def folded(shown: Sequence[Line]) -> dict[int, int]:
    """By the number of an entry of a person: how many of machines stand between it and the next that is shown.

    Numbers have no gaps, so what lies between two entries of people is counted without being read.
    """
    return {
        one.number: one.number - older.number - 1
        for one, older in pairwise(shown)
        if one.number - older.number > 1
    }


def machines_by_kind(shown: Sequence[Line]) -> list[tuple[str, str, int]]:
    """Actor, what it did and how often, between the first and the last entry shown; the most first. Empty where that is
    too much to count."""
    if len(shown) < 2 or shown[0].number - shown[-1].number > COUNTED_AT_MOST:
        return []
    between = Entry.objects.filter(number__gt=shown[-1].number, number__lt=shown[0].number).exclude(PEOPLE)
    counted = between.order_by().values_list("actor", "what").annotate(n=Count("number"))
    return sorted(((actor, in_words(what), n) for actor, what, n in counted), key=lambda row: (-row[2], row))
