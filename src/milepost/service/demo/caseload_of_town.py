"""What makes a practitioner's morning in the town: orders that end soon, people whom nobody supervises yet, colleagues'
notes, an absence that waits, working hours, and something that was put off. Through the same actions as anyone's.

Chance comes from the place in the list alone, so that the same town has the same morning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.caseload import lists, put_off_ends
from milepost.service.caseload.actions.hours import set_hours
from milepost.service.caseload.actions.putting_off import put_off
from milepost.service.demo.population import Staff
from milepost.service.orders.actions.absences import add_absence
from milepost.service.orders.models import Order, VersionState
from milepost.service.people.actions.details import write_note
from milepost.service.people.models import ExceptionalAccess, Person

DAYS_LEFT = (4, 9, 15, 20, 26)
"""After the days that are played: what the engine judges there does not change."""
ORDER_ENDS_EACH = 12
NOBODYS_EACH = 27
NOTES = (
    "Synthetic: rang the office while you were out; asks for the times of the next appointment.",
    "Synthetic: brought the charger back and took a new one.",
)
HOURS = ((Decimal(37), Decimal("1.8")), (Decimal(30), Decimal(0)), None)
"""Contracted, and not for cases; None: nobody set them."""
REASON = "other"
"""An absence that needs a second person: see absence_reasons.toml."""


@transaction.atomic
def make_morning(staff: Staff, visit_us: int) -> None:
    """``visit_us``: when the visitor comes, microseconds UTC. Call it when the past has been lived."""
    with clock.pinned(visit_us):
        people = list(Person.objects.filter(restricted=False, team__in=staff.teams).order_by("reference"))
        _end_some_orders(people)
        nobodys = people[3::NOBODYS_EACH]
        Person.objects.filter(pk__in=[person.pk for person in nobodys]).update(practitioner=None)
        for number, member in enumerate(staff.practitioners):
            _one_practitioner(staff, member, number)


def _end_some_orders(people: Sequence[Person]) -> None:
    soon = people[::ORDER_ENDS_EACH]
    orders = {
        o.person_id: o for o in Order.objects.filter(person__in=soon, versions__state=VersionState.APPROVED)
    }
    changed = []
    for number, person in enumerate(soon):
        if order := orders.get(person.pk):
            order.ends_utc = clock.now_utc() + dt.timedelta(days=DAYS_LEFT[number % len(DAYS_LEFT)], hours=5)
            changed.append(order)
    Order.objects.bulk_update(changed, ["ends_utc"])


def _one_practitioner(staff: Staff, member: User, number: int) -> None:
    senior = next(user for user in staff.seniors if user.team_id == member.team_id)
    people = list(Person.objects.filter(practitioner=member, restricted=False).order_by("reference"))
    if worked := HOURS[number % len(HOURS)]:
        hours, less = worked
        set_hours(by=senior, of=member, hours=hours, reductions_hours=less, from_date=clock.now_utc().date())
    if len(people) < 3:
        return
    write_note(by=senior, person=people[1], text=NOTES[number % len(NOTES)])
    _absence_that_waits(member, people[2])
    stranger = staff.practitioners[(number + 2) % len(staff.practitioners)]
    if number % 2 == 0:
        asked = clock.now_utc() - dt.timedelta(days=2)
        ExceptionalAccess.objects.create(
            person=people[0], user=stranger, at_utc=asked, until_utc=asked + dt.timedelta(days=1),
            reason="Synthetic: duty officer, the person came to our office in distress",
        )  # fmt: skip
    _put_one_off(member)


def _absence_that_waits(member: User, person: Person) -> None:
    order = Order.objects.filter(person=person, versions__state=VersionState.APPROVED).order_by("pk").first()
    if order is not None:
        begins = clock.now_utc() + dt.timedelta(days=4)
        add_absence(
            by=member, order=order, from_utc=begins, until_utc=begins + dt.timedelta(hours=5), reason_code=REASON,
            reason="Synthetic: a funeral", evidence="Synthetic: a letter was seen",
        )  # fmt: skip


def _put_one_off(member: User) -> None:
    """The last of their rows that may wait."""
    shown = lists.own_list(member)
    for item in reversed(shown.rows):
        one = item.row.top
        choices = put_off_ends.offered(one, shown.query.now_utc)
        if one.urgency in ("week", "soon") and choices:
            put_off(
                by=member, person=item.person, one=one, until_utc=choices[-1][1], why_code="appointment_booked",
                why="Synthetic: we speak about it on Thursday",
            )  # fmt: skip
            return
