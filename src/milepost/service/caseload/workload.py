"""Workload points and capacity of the people who supervise. What is not known is said, never counted as nothing.

Points: ``milepost.risk.workload`` (seed values of 2021, by the older tier); the new tiers borrow them by
``tier_points.toml``, which is an illustration. Hours: ``WorkingHours``, or the usual ones where nobody set any.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from milepost.risk.data_files import load
from milepost.risk.workload import FILE, Setting, available_points, capacity_percentage, case_points
from milepost.service.assessments.read import TierNow
from milepost.service.caseload.models import WorkingHours
from milepost.service.caseload.policy_data import tier_points
from milepost.service.orders.models import Order, VersionState
from milepost.service.people.models import Person


@dataclass(frozen=True, slots=True)
class Capacity:
    """``points`` of the cases whose tier is known; ``without_tier`` cases have none, so that the truth is more.

    ``percentage`` is None where there are no hours to fill. ``assumed``: nobody set the hours; the usual ones count.
    """

    cases: int
    without_tier: int
    points: int
    available: int
    percentage: Decimal | None
    hours: Decimal
    reductions_hours: Decimal
    assumed: bool


def points_of(tier: str | None, setting: Setting) -> int | None:
    """Points of one case; None where the tier is not known or has no points."""
    older = tier_points().borrowed.get(tier or "")
    return None if older is None else case_points(older, setting)


def settings_of(people: Collection[int], now_utc: dt.datetime) -> dict[int, Setting]:
    """In which column each person counts, by the orders that go on. One query."""
    columns = tier_points().setting
    found: dict[int, Setting] = dict.fromkeys(people, "community")
    rows: Any = Order.objects.filter(
        person_id__in=people, regime__in=columns, versions__state=VersionState.APPROVED
    ).values_list("person_id", "regime", "ends_utc")
    for person_id, regime, ends_utc in rows:
        if ends_utc is None or ends_utc > now_utc:
            found[person_id] = columns[regime]
    return found


def hours_of(users: Collection[int], on: dt.date) -> dict[int, WorkingHours]:
    """The row that holds on a day, of each user who has one. One query."""
    rows = WorkingHours.objects.filter(user_id__in=users, from_date__lte=on).order_by("from_date", "pk")
    return {row.user_id: row for row in rows}  # the newest that has begun comes last


def usual_hours() -> Decimal:
    """Contracted hours a week where nobody set any."""
    return Decimal(str(load(FILE)["capacity"]["contracted_hours"]))


def capacity_of(
    cases: Iterable[Person], tiers: dict[int, TierNow], columns: dict[int, Setting], row: WorkingHours | None
) -> Capacity:
    """One practitioner's."""
    points = [points_of(tiers[p.pk].tier if p.pk in tiers else None, columns[p.pk]) for p in cases]
    known = [each for each in points if each is not None]
    hours = row.hours if row else usual_hours()
    less = row.reductions_hours if row else Decimal(0)
    available = max(available_points(float(hours), float(less)), 0)
    return Capacity(
        cases=len(points),
        without_tier=len(points) - len(known),
        points=sum(known),
        available=available,
        percentage=capacity_percentage(sum(known), available) if available else None,
        hours=hours,
        reductions_hours=less,
        assumed=row is None,
    )
