"""Accesses worth a second look. Numbers: ``patterns.toml``. They order an auditor's work; they judge nobody."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from milepost.service.accounts.models import User
from milepost.service.audit.models import Entry
from milepost.service.audit.operations import Operation
from milepost.service.people.models import Person
from milepost.service.web.formats import service_zone

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


@cache
def numbers() -> dict[str, Any]:
    text = files("milepost.service.audit_pages").joinpath("patterns.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def find(now_utc: dt.datetime) -> list[Pattern]:
    """What stands out in the days before ``now_utc``, the newest first."""
    days: int = numbers()["days_looked_back"]
    today = now_utc.astimezone(service_zone()).date()
    looks: Looks = {}
    for back in range(days):
        looks |= looks_of(today - dt.timedelta(days=back))
    user_teams = {f"user:{pk}": team for pk, team in User.objects.values_list("pk", "team_id")}
    people = {reference for seen in looks.values() for reference in seen}
    person_teams = dict(Person.objects.filter(reference__in=people).values_list("reference", "team_id"))
    return judge(looks, user_teams, person_teams, numbers())


def looks_of(day: dt.date) -> Looks:
    """Who opened whose record on one local day."""
    begin = dt.datetime.combine(day, dt.time(), service_zone())
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), service_zone())
    pairs = (
        Entry.objects.filter(
            at_us__gte=int(begin.timestamp() * 1e6),
            at_us__lt=int(end.timestamp() * 1e6),
            operation__in=[Operation.CONSULTATION, Operation.DISCLOSURE],
            actor__startswith="user:",
        )
        .exclude(subject="")
        .exclude(what__startswith="audit.")  # an auditor who asks who looked has not looked
        .values_list("actor", "subject")
        .distinct()
        .order_by()
    )
    looks: Looks = defaultdict(set)
    for actor, subject in pairs:
        looks[actor, day].add(subject)
    return looks


def judge(
    looks: Looks,
    user_teams: Mapping[str, int | None],
    person_teams: Mapping[str, int | None],
    table: dict[str, Any],
) -> list[Pattern]:
    """Pure. "Outside the team" is asked only of users who have one: monitoring officers see every team."""
    found, outside_days = [], defaultdict(set)
    for (actor, day), seen in looks.items():
        if len(seen) >= table["many_people"]["people_in_a_day_at_least"]:
            found.append(Pattern("many_people", actor, day, len(seen)))
        team = user_teams.get(actor)
        if team is None:
            continue
        outside = {reference for reference in seen if person_teams.get(reference) != team}
        if len(outside) >= table["outside_team"]["people_in_a_day_at_least"]:
            found.append(Pattern("outside_team", actor, day, len(outside)))
        for reference in outside:
            outside_days[actor, reference].add(day)
    for (actor, reference), days in outside_days.items():
        if len(days) >= table["again_and_again"]["days_at_least"]:
            found.append(Pattern("again_and_again", actor, max(days), len(days), reference))
    return sorted(found, key=lambda p: (-p.day.toordinal(), p.kind, p.actor, p.subject))
