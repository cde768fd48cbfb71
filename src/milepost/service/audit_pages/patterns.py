"""Accesses worth a second look. Numbers: ``patterns.toml``. They order an auditor's work; they judge nobody."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from milepost.service.accounts.models import User
from milepost.service.audit.models import Entry
from milepost.service.audit.operations import Operation
from milepost.service.audit_pages.policy_data import PatternNumbers, pattern_numbers
from milepost.service.kit.local_days import local_day, start_of_local_day_us
from milepost.service.people.models import Person

Looks = dict[tuple[str, dt.date], set[str]]
"""Actor and local day to the references of the persons whose record was opened."""


@dataclass(frozen=True, slots=True)
class Pattern:
    kind: str
    """"outside_team", "many_people" or "again_and_again", as in the data file."""
    actor: str
    day: dt.date
    """The day, or the last of the days."""
    count: int
    """How many people, or on how many days."""
    subject: str = ""


def find(last: dt.date) -> list[Pattern]:
    """What stands out on some days up to ``last``, the newest first. How many days: ``days_shown``; what comes again is
    looked for further back (``days_looked_back``), of those alone who did so on a day that is shown."""
    first = last - dt.timedelta(days=pattern_numbers().days_shown - 1)
    looks: Looks = {}
    teams: dict[str, int | None] = {}
    day = first
    while day <= last:
        of_day, of_people = looks_of(day)
        looks |= of_day
        teams |= of_people
        day += dt.timedelta(days=1)
    user_teams = {f"user:{pk}": team for pk, team in User.objects.values_list("pk", "team_id")}
    outside = {
        (actor, reference)
        for (actor, _day), seen in looks.items()
        if (team := user_teams.get(actor)) is not None
        for reference in seen
        if teams[reference] != team
    }
    looks |= earlier_looks(outside, last - dt.timedelta(days=pattern_numbers().days_looked_back - 1), first)
    return [one for one in judge(looks, user_teams, teams, pattern_numbers()) if one.day >= first]


def _looked(first: dt.date, end: dt.date) -> QuerySet[Entry]:
    """Entries by which users opened somebody's record, from the first day until before the end."""
    return (
        Entry.objects.filter(
            at_us__gte=start_of_local_day_us(first),
            at_us__lt=start_of_local_day_us(end),
            operation__in=[Operation.CONSULTATION, Operation.DISCLOSURE],
            actor__startswith="user:",
        )
        .exclude(subject="")
        .exclude(what__startswith="audit.")  # an auditor who asks who looked has not looked
        .order_by()
    )


def looks_of(day: dt.date) -> tuple[Looks, dict[str, int | None]]:
    """Who opened whose record on one local day, and the teams of those whose it was."""
    team = Person.objects.filter(reference=OuterRef("subject")).values("team_id")[:1]
    found = _looked(day, day + dt.timedelta(days=1)).values_list("actor", "subject").distinct()
    looks: Looks = defaultdict(set)
    teams: dict[str, int | None] = {}
    for actor, subject, of_team in found.annotate(team=Subquery(team)):
        looks[actor, day].add(subject)
        teams[subject] = of_team
    return looks, teams


def earlier_looks(pairs: Collection[tuple[str, str]], first: dt.date, end: dt.date) -> Looks:
    """On which days before ``end`` these users opened the records of these people: actor and reference."""
    looks: Looks = defaultdict(set)
    found = _looked(first, end).filter(subject__in={subject for _actor, subject in pairs})
    for actor, subject, at_us in found.values_list("actor", "subject", "at_us"):
        if (actor, subject) in pairs:
            looks[actor, local_day(at_us)].add(subject)
    return looks


def judge(
    looks: Looks,
    user_teams: Mapping[str, int | None],
    person_teams: Mapping[str, int | None],
    table: PatternNumbers,
) -> list[Pattern]:
    """Pure. "Outside the team" is asked only of users who have one: monitoring officers see every team."""
    found, outside_days = [], defaultdict(set)
    for (actor, day), seen in looks.items():
        if len(seen) >= table.many_people.people_in_a_day_at_least:
            found.append(Pattern("many_people", actor, day, len(seen)))
        team = user_teams.get(actor)
        if team is None:
            continue
        outside = {reference for reference in seen if person_teams.get(reference) != team}
        if len(outside) >= table.outside_team.people_in_a_day_at_least:
            found.append(Pattern("outside_team", actor, day, len(outside)))
        for reference in outside:
            outside_days[actor, reference].add(day)
    for (actor, reference), days in outside_days.items():
        if len(days) >= table.again_and_again.days_at_least:
            found.append(Pattern("again_and_again", actor, max(days), len(days), reference))
    return sorted(found, key=lambda p: (-p.day.toordinal(), p.kind, p.actor, p.subject))
