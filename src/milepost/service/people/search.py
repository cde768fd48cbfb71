"""Finding a person: by name, reference, date of birth, device or order, among those the user may see.

A restricted record is filtered out inside the query, with the records of everyone else: for somebody who is not
named on it the answer is the very answer for a person who does not exist.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission, Reach, Role
from milepost.service.people.models import NameWord, Person
from milepost.service.people.policy_data import search_page, search_shows_at_most
from milepost.service.people.words import words_of


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked. ``practitioner`` and ``team`` are primary keys."""

    text: str = ""
    born: dt.date | None = None
    team: int | None = None
    practitioner: int | None = None
    on_tag: bool = False

    def __bool__(self) -> bool:
        return bool(self.text or self.born or self.team or self.practitioner or self.on_tag)


@dataclass(frozen=True, slots=True)
class Answer:
    people: list[Person]
    page: Page[int]
    cut_off: bool
    """There are more than a search shows."""
    elsewhere: list[Person]
    """Records outside the user's reach that the user has named exactly and may ask for."""


def search(user: User, question: Question, page: str | None = None) -> Answer:
    """Two queries at most for the people, three more where exact references are looked for."""
    most = search_shows_at_most()
    matching = _matching(user, question)
    pks = (
        []
        if matching is None
        else list(matching.order_by("search_name", "pk").values_list("pk", flat=True)[: most + 1])
    )
    shown = Paginator(pks[:most], search_page()).get_page(page)
    people = Person.objects.filter(pk__in=list(shown)).select_related("team", "practitioner")
    return Answer(
        people=list(people.order_by("search_name", "pk")) if pks else [],
        page=shown,
        cut_off=len(pks) > most,
        elsewhere=_elsewhere(user, question) if not pks else [],
    )


def _matching(user: User, question: Question) -> QuerySet[Person] | None:
    """None: nothing was asked that a list could answer."""
    seen = Person.objects.listed_for(user).filter(erased_utc=None)
    if not question:
        # A team's list is short and useful as it is; everyone on tag is neither.
        return seen if Role(user.role).facts.reach is Reach.OWN_TEAM else None
    if question.born:
        seen = seen.filter(date_of_birth=question.born)
    if question.team:
        seen = seen.filter(team=question.team)
    if question.practitioner:
        seen = seen.filter(practitioner=question.practitioner)
    if question.on_tag:
        seen = seen.filter(monitored_until_utc__gt=clock.now_utc())
    if not question.text:
        return seen
    exact = exactly(seen, question.text)
    if exact:
        return Person.objects.filter(pk__in=exact)
    return of_names(seen, question.text, "pk")


def begins_with(prefix: str, column: str = "word") -> Q:
    """What begins so, in the way that each database can answer from its index."""
    if connection.vendor == "postgresql":  # the index beside the usual one serves LIKE 'x%' in every locale
        return Q(**{f"{column}__startswith": prefix})
    return Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix + "\U0010ffff"})


def of_names(rows: QuerySet[Any], text: str, person: str = "person") -> QuerySet[Any]:
    """Rows about people all of whose words begin as those that were typed; ``person``: the rows' column."""
    words = words_of(text)
    if not words:
        return rows.none()
    for word in words:
        rows = rows.filter(**{f"{person}__in": NameWord.objects.filter(begins_with(word)).values("person")})
    return rows


def called(text: str) -> QuerySet[Any]:
    """Primary keys of the people so named, as ``of_names`` finds them, or whose reference was typed whole.

    Each way has an index of its own: asked together with OR they would have none.
    """
    referred = Person.objects.filter(reference__in=_spelt(text))
    return of_names(Person.objects.all(), text, "pk").values("pk").union(referred.values("pk"))


def about_called(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Rows about such people (their column ``person``). For rows that are few beside the people of a country: each
    is asked for its person's words, rather than the words for everybody's."""
    # A subquery with a value is asked row by row; an EXISTS PostgreSQL would answer for everybody so named first.
    # And no join to the people: that would read them all.
    words = {f"word_{n}": begins_with(word) for n, word in enumerate(words_of(text))}
    own = {
        name: Subquery(NameWord.objects.filter(begins, person=OuterRef("person")).values("pk")[:1])
        for name, begins in words.items()
    }
    referred = Q(person__in=Person.objects.filter(reference__in=_spelt(text)).values("pk"))
    named = Q(*(Q(**{f"{name}__isnull": False}) for name in own))
    return rows.alias(**own).filter(named | referred if own else referred)


def _spelt(text: str) -> set[str]:
    return {text, text.upper()}


def exactly(seen: QuerySet[Person], text: str) -> list[int]:
    """Of those the user may see: whose reference, device or order was typed whole.

    The same one query whether there is such a person or not, and whether the user may see them or not.
    """
    spelt = _spelt(text)
    by_reference = seen.filter(reference__in=spelt).values_list("pk")
    by_device = seen.filter(activations__device__device_id__in={*spelt, text.lower()}).values_list("pk")
    by_order = seen.filter(orders__reference__in=spelt).values_list("pk")
    by_file = seen.filter(orders__file_reference=text).values_list("pk")
    return [pk for (pk,) in by_reference.union(by_device, by_order, by_file)]


def askable(user: User) -> QuerySet[Any]:
    """Records that the user does not see and may ask to see. Never a restricted one."""
    if not user.may(Permission.ASK_EXCEPTIONAL_ACCESS):
        return Person.objects.none()
    hidden = Person.objects.filter(restricted=False, erased_utc=None)
    return hidden.exclude(pk__in=Person.objects.visible_to(user).values("pk"))


def _elsewhere(user: User, question: Question) -> list[Person]:
    """Found only by the exact reference, or the exact name with the date of birth: nobody can leaf through."""
    text = question.text.strip()
    if not text or not user.may(Permission.ASK_EXCEPTIONAL_ACCESS):
        return []
    named = Q(reference__in={text, text.upper()})
    if question.born:
        named |= Q(date_of_birth=question.born)
    words = sorted(words_of(text))
    return [
        person
        for person in askable(user).filter(named).select_related("team").order_by("pk")
        if person.reference in (text, text.upper()) or sorted(words_of(person.name)) == words
    ]
