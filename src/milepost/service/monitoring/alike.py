"""Alerts that are over and alike, counted: those of one kind that began in one night, to be decided together.

A night goes from noon to noon of the service's clock, and is named by the day on which it begins.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from milepost.service.accounts.models import User
from milepost.service.kit.local_days import service_zone, today
from milepost.service.monitoring.models import Incident, IncidentState
from milepost.service.monitoring.policy_data import decision_policy
from milepost.service.monitoring.sections import Section, section_in_sql
from milepost.times import to_us


@dataclass(frozen=True, slots=True)
class Alike:
    """So many alerts of one kind that are over, of one night."""

    kind: str
    night: dt.date
    count: int


def night_us(night: dt.date) -> tuple[int, int]:
    """From noon to noon, microseconds UTC, half-open."""
    noons = [
        dt.datetime.combine(day, dt.time(12), service_zone()) for day in (night, night + dt.timedelta(days=1))
    ]
    return to_us(noons[0]), to_us(noons[1])


def over_and_alike(user: User) -> QuerySet[Any]:
    """What this user may decide together with others: see ``policies.check_can_decide_together``."""
    states = (IncidentState.OPEN, IncidentState.CLAIMED)
    incidents = Incident.objects.visible_to(user).filter(
        state__in=states, kind__in=decision_policy().together.findings, still_going=False
    )
    return incidents.annotate(section=section_in_sql(user)).filter(section=Section.OVER)


def alike_of(user: User) -> list[Alike]:
    """Each kind and night that has enough, the most first. One query, whatever there is."""
    together = decision_policy().together
    nights = [today() - dt.timedelta(days=n) for n in range(together.nights_back)]
    starts = {night: night_us(night)[0] for night in nights}
    which = Case(
        *(When(began_us__gte=starts[night], then=Value(n)) for n, night in enumerate(nights)),
        default=Value(-1), output_field=IntegerField(),
    )  # fmt: skip
    rows = (
        over_and_alike(user)
        .order_by()
        .annotate(night=which)
        .values_list("kind", "night")
        .annotate(n=Count("pk"))
    )
    found = [
        Alike(kind, nights[n], count) for kind, n, count in rows if n >= 0 and count >= together.at_least
    ]
    return sorted(found, key=lambda one: (-one.count, one.kind, one.night))


def alike_in(user: User, kind: str, night: dt.date) -> QuerySet[Any]:
    """Those of one kind and night, in the order in which they began."""
    begins_us, ends_us = night_us(night)
    rows = over_and_alike(user).filter(kind=kind, began_us__gte=begins_us, began_us__lt=ends_us)
    return rows.select_related("person__team", "claimed_by").order_by("began_us", "pk")
