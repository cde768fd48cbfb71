"""What a list is asked for: whose, about whom, at which moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import lazy

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.kit.local_days import local_day, start_of_local_day
from milepost.service.people.models import Person
from milepost.supervision.rank_rule import RankRule, rank_rule
from milepost.supervision.today import Reason
from milepost.times import to_us

FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """``people`` by primary key: all that the sources ask about. ``waits_for`` is whose second signature counts;
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
class Found:
    """A reason and the person it is about."""

    person: Person
    reason: Reason


def ask(people: Any, viewer: User, *, waits_for: User | None, since_by: User | None) -> Asked:
    """One query: the people. ``people`` is a queryset that already says whom ``viewer`` may see."""
    now = clock.now_utc()
    rows = people.filter(erased_utc=None).select_related("practitioner")
    return Asked(
        people={person.pk: person for person in rows},
        viewer=viewer,
        now_utc=now,
        since_utc=working_day_before(now),
        waits_for=waits_for,
        since_by=since_by,
        rule=rank_rule(),
    )


def working_day_before(now_utc: dt.datetime) -> dt.datetime:
    """The local midnight at which the weekday before today began: on a Monday, Friday's. Public holidays count as
    weekdays: what happened on them is new all the same."""
    day = local_day(now_utc) - dt.timedelta(days=1)
    while day.weekday() > FRIDAY:
        day -= dt.timedelta(days=1)
    return start_of_local_day(day)


def end_of(day: dt.date) -> dt.datetime:
    """The last second of a local day, UTC: when something due on that day is due."""
    return start_of_local_day(day + dt.timedelta(days=1)) - dt.timedelta(seconds=1)


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
