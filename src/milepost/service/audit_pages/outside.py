"""Access that is exceptional: asked for outside one's reach, or outside one's own team with nothing that opened it.

A look at somebody of one's own team or prison is work; so is a look by those who see everybody on tag. What is left is
little, and that is what an auditor reads first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from milepost.service.accounts.models import User
from milepost.service.audit.models import Entry
from milepost.service.audit_pages.lines import names_of, role_in_words
from milepost.service.audit_pages.patterns import looks_of
from milepost.service.kit.local_days import local_day, start_of_local_day
from milepost.service.people.models import ExceptionalAccess, NamedAccess, Person

Pair = tuple[str, str]
"""Actor and reference."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked to see a record outside their reach and said why. ``outcome``: of the senior's review, a code."""

    number: int
    at_us: int
    actor: str
    who: str
    role: str
    subject: str
    why: str
    until: dt.datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Outside:
    """On a day somebody opened records of a person of another team, and no exceptional access was open."""

    day: dt.date
    actor: str
    team: str
    subject: str
    subject_team: str
    """"": of no team now, or no longer here."""


def accesses(rows: Sequence[Entry]) -> list[Asked]:
    """``rows``: entries of "person.exceptional_access". Two questions to the database, however many they are."""
    names = names_of(row.actor for row in rows)
    found = ExceptionalAccess.objects.in_bulk([
        row.details["access"] for row in rows if isinstance(row.details.get("access"), int)
    ])  # fmt: skip
    made = []
    for row in rows:
        access = found.get(row.details.get("access", 0))
        who = f"{names[row.actor]} ({row.actor})" if row.actor in names else row.actor
        made.append(Asked(
            row.number, row.at_us, row.actor, who, role_in_words(row.role), row.subject, row.reason,
            access.until_utc if access else None, access.outcome if access else "",
        ))  # fmt: skip
    return made


def outside(days: Iterable[dt.date]) -> list[Outside]:
    """Looks outside the team on local days, the newest first, one for a user, a person and a day.

    Left out: what an exceptional access of that user had opened on that day, and restricted records on which the user is
    named. Teams are those of now: somebody who was moved since is in it too.
    """
    teams = {f"user:{pk}": team for pk, team in User.objects.values_list("pk", "team_id")}
    looked: set[tuple[dt.date, str, str]] = set()
    for day in days:
        looks, of_people = looks_of(day)
        looked |= {
            (day, actor, subject)
            for (actor, _day), seen in looks.items()
            if teams.get(actor) is not None
            for subject in seen
            if of_people[subject] != teams[actor]
        }
    if not looked:
        return []
    holders = _holders({subject for _day, _actor, subject in looked})
    opened = _opened({day for day, _actor, _subject in looked})
    named = _named({subject for _day, _actor, subject in looked})
    team_names = _team_names({actor for _day, actor, _subject in looked})
    found = [
        Outside(day, actor, team_names.get(actor, ""), subject, holders.get(subject, (None, ""))[1])
        for day, actor, subject in looked
        if holders.get(subject, (None, ""))[0] != teams[actor]  # a prison sees whom it holds
        and (actor, subject) not in named
        and (actor, subject, day) not in opened
    ]
    return sorted(found, key=lambda one: (-one.day.toordinal(), one.actor, one.subject))


def _holders(references: Collection[str]) -> dict[str, tuple[int | None, str]]:
    """The prison that holds a person, and the name of their team."""
    rows = Person.objects.filter(reference__in=references).values_list("reference", "prison_id", "team__name")
    return {reference: (prison, team or "") for reference, prison, team in rows}


def _opened(days: Collection[dt.date]) -> set[tuple[str, str, dt.date]]:
    """What exceptional access opened: actor, reference, and each of the days on which it did."""
    first, end = start_of_local_day(min(days)), start_of_local_day(max(days) + dt.timedelta(days=1))
    rows = ExceptionalAccess.objects.filter(until_utc__gt=first, at_utc__lt=end)
    return {
        (f"user:{user}", reference, day)
        for user, reference, at, until in rows.values_list("user_id", "person__reference", "at_utc", "until_utc")
        for day in days
        if local_day(at) <= day <= local_day(until)
    }  # fmt: skip


def _named(references: Collection[str]) -> set[Pair]:
    rows = NamedAccess.objects.filter(person__reference__in=references)
    return {(f"user:{user}", subject) for user, subject in rows.values_list("user_id", "person__reference")}


def _team_names(actors: Collection[str]) -> dict[str, str]:
    keys = [actor.removeprefix("user:") for actor in actors]
    rows = User.objects.filter(pk__in=keys).values_list("pk", "team__name")
    return {f"user:{pk}": name or "" for pk, name in rows}
