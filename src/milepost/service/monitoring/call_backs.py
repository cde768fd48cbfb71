"""Who has to be called again: those whose time has come, and a user's own of the next hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F, Q, QuerySet

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.kit.local_days import service_zone
from milepost.service.monitoring.models import CallBack
from milepost.service.monitoring.policy_data import board_numbers
from milepost.service.monitoring.pulse import beat
from milepost.times import HOUR_US, from_us, to_us


@dataclass(frozen=True, slots=True)
class Calls:
    """``due``: anybody's, for shifts change while a call waits. ``ahead``: the user's own."""

    due: list[CallBack] = field(default_factory=list)
    ahead: list[CallBack] = field(default_factory=list)

    @property
    def all(self) -> list[CallBack]:
        return [*self.due, *self.ahead]


def waiting_calls(user: User, until_us: int) -> QuerySet[CallBack]:
    """Everybody's that wait and are due by then, about people whom the user may see: the first first."""
    rows = CallBack.objects.visible_to(user).filter(state=CallBack.State.WAITING, due_us__lte=until_us)
    return rows.select_related("incident__person__team", "by").order_by("due_us", "pk")


def calls_of(user: User) -> Calls:
    """One query."""
    numbers, now_us = board_numbers().call_backs, clock.now_us()
    rows = waiting_calls(user, now_us + round(numbers.ahead_hours * HOUR_US))
    found = list(rows.filter(Q(due_us__lte=now_us) | Q(by=user))[: numbers.shown])
    return Calls([c for c in found if c.due_us <= now_us], [c for c in found if c.due_us > now_us])


def next_time_us(time: dt.time) -> int:
    """When the service's clock next shows this time: within 24 hours. Microseconds UTC.

    A time that the clock jumps over in spring is the moment an hour after it; one that comes twice in autumn is the
    first that is still to come.
    """
    zone, now_us = service_zone(), clock.now_us()
    today = from_us(now_us, zone).date()
    moments = []
    for day in (today, today + dt.timedelta(days=1)):
        first, again = (
            to_us(dt.datetime.combine(day, time.replace(fold=fold), zone).astimezone(dt.UTC))
            for fold in (0, 1)
        )
        # Where the clock jumps over the time, the second reading is the moment an hour before it.
        moments += [first, again] if again >= first else [first]
    return min(moment for moment in moments if moment > now_us)


def announce_call_backs() -> int:
    """Has open boards look again once a time has come, once for each. Returns how many there were."""
    now_us = clock.now_us()
    rows = CallBack.objects.filter(state=CallBack.State.WAITING, due_us__lte=now_us, told_us__lt=F("due_us"))
    if not rows.exists():  # asked every second: it writes only where there is something to tell
        return 0
    with transaction.atomic():
        count = rows.update(told_us=now_us)
        beat()
    return count
