"""What other pages ask of assessments. Each takes a fixed number of queries, however many people there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Exists, OuterRef, Q

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.assessments.models import (
    IN_FORCE,
    OPEN_CONTEST,
    Assessment,
    AssessmentState,
    Contest,
    Override,
    Score,
    TierRecord,
)
from milepost.service.assessments.policy_data import first_due, soon_days
from milepost.service.kit.local_days import local_day
from milepost.service.orders.models import Order
from milepost.service.people.models import Person


@dataclass(frozen=True, slots=True)
class SignedNow:
    """The version in force."""

    assessment_id: int
    number: int
    state: str
    assessed_on: dt.date
    next_due: dt.date | None
    signed_utc: dt.datetime | None


@dataclass(frozen=True, slots=True)
class TierNow:
    """``tier`` is A to G or MISSING; ``step`` says what set it. ``overridden``: a person set it, with a reason."""

    tier: str
    step: str
    provisional: bool
    at_utc: dt.datetime
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """An assessment of ``person`` that is due by ``due``. ``kind`` is first (there is none yet) or next.

    ``days_left`` is negative when it is overdue.
    """

    person: Person
    due: dt.date
    days_left: int
    kind: Literal["first", "next"]
    because: str
    assessment_id: int | None

    @property
    def overdue(self) -> bool:
        return self.days_left < 0


def latest_signed(person_ids: Collection[int]) -> dict[int, SignedNow]:
    """The version in force of each person who has one. One query."""
    found: Any = Assessment.objects.filter(person_id__in=person_ids, state__in=IN_FORCE).values_list(
        "person_id", "pk", "number", "state", "assessed_on", "next_due", "signed_utc"
    )
    return {person_id: SignedNow(*rest) for person_id, *rest in found}


def scores_of(assessment_id: int) -> list[Score]:
    """The scores that count of one version, by instrument. One query."""
    return list(Score.objects.filter(assessment_id=assessment_id, current=True).order_by("instrument"))


def latest_tiers(person_ids: Collection[int]) -> dict[int, TierNow]:
    """The tier each person has now; nobody without one is in it. One query."""
    found: Any = TierRecord.objects.filter(person_id__in=person_ids, current=True).values_list(
        "person_id", "tier", "step", "provisional", "at_utc", "override_id"
    )
    return {
        person_id: TierNow(tier, step, provisional, at_utc, override_id is not None)
        for person_id, tier, step, provisional, at_utc, override_id in found
    }


def due(
    user: User, on_date: dt.date, *, mine: bool = False, among: Collection[int] | None = None
) -> list[Due]:
    """Assessments overdue or soon due on a day, the longest overdue first, of people ``user`` may see.

    ``mine``: of the user's own caseload alone; ``among``: of these people alone. Two queries. Somebody with an order
    that goes on and no assessment in force is due for a first one; what is being written does not count until it is
    signed.
    """
    if not user.may(Permission.VIEW_ASSESSMENTS):
        return []
    if among is None:
        people = Person.objects.listed_for(user)
    else:
        people = Person.objects.filter(pk__in=among).visible_to(user)
    people = people.filter(erased_utc=None)
    if mine:
        people = people.filter(practitioner=user)
    until = on_date + dt.timedelta(days=soon_days())
    soon: Any = Assessment.objects.filter(
        person__in=people, state__in=IN_FORCE, next_due__lte=until
    ).select_related("person")
    found = [
        Due(a.person, a.next_due, (a.next_due - on_date).days, "next", a.due_because, a.pk) for a in soon
    ]
    for person in _without(people):
        day = first_due(local_day(person.created_utc))
        if day <= until:
            found.append(Due(person, day, (day - on_date).days, "first", "first", None))
    return sorted(found, key=lambda item: (item.due, item.person.reference))


def _without(people: Any) -> Any:
    """Those with an order that goes on and no assessment in force."""
    signed = Assessment.objects.filter(person=OuterRef("pk"), state__in=IN_FORCE)
    going_on = Order.objects.filter(person=OuterRef("pk")).filter(
        Q(ends_utc=None) | Q(ends_utc__gt=clock.now_utc())
    )
    return people.filter(~Exists(signed), Exists(going_on))


def open_contests(user: User) -> list[Contest]:
    """Contests without an answer, the first due first, of people ``user`` may see. One query."""
    if not user.may(Permission.VIEW_ASSESSMENTS):
        return []
    found = Contest.objects.visible_to(user).filter(state__in=OPEN_CONTEST)
    return list(found.select_related("person", "assessment", "by").order_by("due", "pk"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a second person has to look at: a version (``override`` is None) or an override."""

    person: Person
    assessment: Assessment
    override: Override | None
    by: User | None
    at_utc: dt.datetime


def awaiting_countersign(user: User) -> list[Waiting]:
    """What waits for the second signature of ``user``, oldest first; never what they wrote in. Two queries."""
    if not user.may(Permission.COUNTERSIGN_ASSESSMENTS):
        return []
    versions = Assessment.objects.visible_to(user).filter(state=AssessmentState.AWAITING)
    found: list[Waiting] = [
        Waiting(a.person, a, None, a.signed_by, a.signed_utc)
        for a in versions.select_related("person", "signed_by")
        if user.pk not in a.hands
    ]
    overrides = Override.objects.visible_to(user).filter(state=Override.State.WAITING).exclude(by=user)
    found += [
        Waiting(o.person, o.assessment, o, o.by, o.at_utc)
        for o in overrides.select_related("person", "assessment", "by")
    ]
    return sorted(found, key=lambda item: item.at_utc)
