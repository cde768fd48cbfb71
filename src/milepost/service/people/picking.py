"""Picking a person by typing: name, nearly the name, telephone number, reference, device, order.

Only among those whom the user may see: who is not is filtered out inside each question, and the questions are the same
whether there is such a person or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Reach
from milepost.service.accounts.unseen import REFERENCE, log_unseen
from milepost.service.people.models import ContactDetail, NameWord, NearWord, Person
from milepost.service.people.near import is_near, keys_of
from milepost.service.people.policy_data import pick_shows_at_most
from milepost.service.people.search import begins_with, exactly
from milepost.service.people.words import backwards, words_of
from milepost.service.web.formats import local_date
from milepost.service.web.lookup import Option

WORDS_AT_MOST = 8
"""Of what was typed: each is a question of its own to the database, and nobody types a longer name."""
NEAR_WORDS = 30
"""Of one typed word: more namesakes of nearly its spelling than anybody reads."""


def pick(user: User, text: str) -> list[Person]:
    """Those whom the text may mean, the surest first, at most so many as a list shows."""
    text, most = text.strip(), pick_shows_at_most()
    if not text:
        return []
    seen = Person.objects.listed_for(user).filter(erased_utc=None)
    many = user.within.reach in (Reach.ON_TAG, Reach.EVERYONE)
    ways = [way.filter(erased_utc=None) for way in Person.objects.ways_to(user)]
    found: dict[int, None] = dict.fromkeys(exactly(seen, text)[:most])
    number = backwards(text) if re.fullmatch(r"[\d\s()+.-]+", text) else ""
    if number:
        _take(found, [way.filter(pk__in=_with_number(number)) for way in ways], most)
    if any(c.isdigit() for c in text):
        _take(found, [way.filter(begins_with(text.upper(), "reference")) for way in ways], most)
    words = words_of(text)[:WORDS_AT_MOST]
    if words:
        _take(
            found,
            [_named(way, {word: [] for word in words}, many and n == 0) for n, way in enumerate(ways)],
            most,
        )
        # Asked whether or not there are such words: they may be those of somebody whom the user does not see.
        near = near_words(words)
        _take(found, [_named(way, near, many and n == 0) for n, way in enumerate(ways)], most)
    people = Person.objects.in_bulk(list(found))
    return [people[pk] for pk in found]


def _take(found: dict[int, None], ways: list[QuerySet[Any]], most: int) -> None:
    # Way by way, and sorted only then. Of ways with "or" PostgreSQL expects half of all people and reads everybody; and
    # for the first ten by name it goes through the index of names from its beginning until it has met ten.
    if len(found) < most:
        rows = [way.order_by().values_list("search_name", "pk") for way in ways]
        named = (
            rows[0].union(*rows[1:]).order_by("search_name", "pk")
            if rows[1:]
            else rows[0].order_by("search_name", "pk")
        )
        found |= dict.fromkeys(pk for _name, pk in named[: most - len(found)])


def _with_number(number: str) -> QuerySet[Any]:
    # A nought or +44 before the rest is not known to agree: without them all that begins so is the number.
    start = number[:-1] if number.endswith("0") else number.removesuffix("44")
    return ContactDetail.objects.filter(begins_with(start, "number_backwards"), ended_utc=None).values(
        "person"
    )


def near_words(words: Sequence[str]) -> dict[str, list[str]]:
    """For each word those that are spelt nearly so, the ones that begin alike first. One query."""
    keys = {word: keys_of(word) for word in words}
    rows = NearWord.objects.filter(key__in=set().union(*keys.values())).values_list("word", flat=True)
    known = set(rows.distinct())
    return {
        word: sorted(
            (other for other in known if is_near(word, other)), key=lambda o: (o[:2] != word[:2], o)
        )[:NEAR_WORDS]
        for word in words
    }


def _named(seen: QuerySet[Any], near: dict[str, list[str]], many: bool) -> QuerySet[Any]:
    """All of whose words begin as those that were typed, or are spelt nearly so (``near``: others for each word).

    The longest word finds people, each other is asked of those: as lists of their own SQLite would read every bearer of
    every word, and of common names there are tens of thousands. Where ``seen`` are not ``many`` each word is asked of them.
    """
    for number, word in enumerate(sorted(near, key=len, reverse=True)):
        spelt = NameWord.objects.filter(begins_with(word) | Q(word__in=near[word]))
        if many and number == 0:
            seen = seen.filter(pk__in=spelt.values("person"))
        else:
            seen = seen.filter(Exists(spelt.filter(person=OuterRef("pk"))))
    return seen


def nobody_words() -> str:
    """The same whether there is somebody whom the user does not see, or nobody."""
    return _("There is nobody with this name, number or reference among the people you can see")


class PersonFinder:
    """For ``LookupField``. ``door``: what was tried, for the log of references that the user does not see.

    ``shown``: whom the page names because of it; its view tells the log.
    """

    def __init__(self, user: User, door: str) -> None:
        self.user, self.door = user, door
        self.shown: list[Person] = []

    @property
    def address(self) -> str:
        return reverse("people:pick")

    def exact(self, text: str) -> Person | None:
        return self._shown(
            Person.objects.visible_to(self.user).filter(reference__in={text, text.upper()}).first()
        )

    def find(self, text: str) -> list[Option]:
        self.shown += (found := pick(self.user, text))
        return options_of(found)

    def get(self, key: str) -> Person | None:
        return self._shown(Person.objects.visible_to(self.user).filter(reference=key).first())

    def nothing(self, text: str) -> str:
        if REFERENCE.fullmatch(text):
            log_unseen(self.user, self.door, [text])
        return nobody_words()

    def _shown(self, person: Person | None) -> Person | None:
        self.shown += [person] if person else []
        return person


def options_of(people: Iterable[Person]) -> list[Option]:
    return [
        Option(person.reference, f"{person.name}, {person.reference}", _born(person)) for person in people
    ]


def _born(person: Person) -> str:
    if person.date_of_birth is None:
        return _("Date of birth not known")
    return _("Born %(date)s") % {"date": local_date(person.date_of_birth)}
