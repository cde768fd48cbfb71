"""Reasons for the list of today's work, as apps give them: what they are asked, and what a reason is about.

The list itself is ``caseload``. An app that knows of work has a module ``today`` and names its functions in its
``capability``. A function takes what is asked and a fixed number of queries, however many people there are; it may give
reasons that are too early: the rank rule leaves those out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import lazy

from milepost.service.accounts.models import User
from milepost.service.kit.local_days import start_of_local_day
from milepost.service.people.models import Person
from milepost.supervision.rank_rule import RankRule
from milepost.supervision.today import Reason
from milepost.times import to_us


@dataclass(frozen=True, slots=True)
class TodayQuery:
    """``people`` by primary key: all whom the sources are asked about. ``waits_for`` is whose second signature counts;
    None where nobody's does, as on the list of a team. Changes by ``since_by`` are not new to them."""

    people: Mapping[int, Person]
    viewer: User
    now_utc: dt.datetime
    since_utc: dt.datetime
    waits_for: User | None
    since_by: User | None
    rule: RankRule

    @property
    def ids(self) -> list[int]:
        return list(self.people)

    @property
    def now_us(self) -> int:
        return to_us(self.now_utc)

    @property
    def since_us(self) -> int:
        return to_us(self.since_utc)


@dataclass(frozen=True, slots=True)
class PersonReason:
    """A reason and the person it is about."""

    person: Person
    reason: Reason


def change(
    person: Person, key: str, text: str, link: str, at_utc: dt.datetime | None, by: str, **facts: Any
) -> PersonReason:
    """Something that others changed: news, not work. ``key`` as "note-12": what it was, and which."""
    facts |= {"by": by, "at_utc": at_utc}
    source = key.replace("-", " ")
    return PersonReason(
        person,
        Reason(
            kind="change", key=key, text=text, link=link, source=source, since_utc=at_utc, facts=facts, state=key
        ),
    )  # fmt: skip


def not_own(rows: Any, field: str, query: TodayQuery) -> Any:
    """Without what the owner of the list did themselves: it is not new to them."""
    return rows.exclude(**{field: query.since_by}) if query.since_by else rows


def end_of(day: dt.date) -> dt.datetime:
    """The last second of a local day, UTC: when something due on that day is due."""
    return start_of_local_day(day + dt.timedelta(days=1)) - dt.timedelta(seconds=1)


def lower_first(text: str) -> str:
    """For words that stand inside a sentence."""
    return text[:1].lower() + text[1:]


def address(name: str, person: Person, **kwargs: Any) -> str:
    """A page by its name, or the person's own page where the service runs without it.

    Worked out when it is written down: of a team's thousands of reasons a page shows a few.
    """
    return _address_later(name, person.reference, kwargs)


def _address(name: str, reference: str, kwargs: dict[str, Any]) -> str:
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return reverse("people:search") + f"?q={reference}"


_address_later: Any = lazy(_address, str)
