"""Alerts that are over and alike, counted: those of one kind that began in one night, to be decided together.

A night goes from noon to noon of the service's clock, and is named by the day on which it begins.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import QuerySet

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


class Begun(Protocol):
    """An alert, as far as it is told which others are like it."""

    @property
    def kind(self) -> str: ...
    @property
    def began_us(self) -> int: ...


def alike_among(over: Iterable[Begun]) -> list[Alike]:
    """Each kind and night of which there are enough among alerts that are over, the most first."""
    together = decision_policy().together
    nights = [today() - dt.timedelta(days=n) for n in range(together.nights_back)][::-1]
    starts = [night_us(night)[0] for night in nights]
    kinds = set(together.findings)
    counts = Counter((one.kind, bisect_right(starts, one.began_us) - 1) for one in over if one.kind in kinds)
    found = [
        Alike(kind, nights[n], count)
        for (kind, n), count in counts.items()
        if n >= 0 and count >= together.at_least
    ]
    return sorted(found, key=lambda one: (-one.count, one.kind, one.night))


def alike_in(user: User, kind: str, night: dt.date) -> QuerySet[Any]:
    """Those of one kind and night, in the order in which they began."""
    begins_us, ends_us = night_us(night)
    rows = over_and_alike(user).filter(kind=kind, began_us__gte=begins_us, began_us__lt=ends_us)
    return rows.select_related("person__team", "claimed_by").order_by("began_us", "pk")
