"""When each choice of "put off until" ends, for one reason at one moment."""

from __future__ import annotations

import datetime as dt

from milepost.service.caseload.policies import latest_until
from milepost.service.caseload.policy_data import Until, put_off_choices
from milepost.service.caseload.query import FRIDAY
from milepost.service.kit.local_days import local_day, service_zone
from milepost.supervision.today import Placed


def ends(choice: Until, now_utc: dt.datetime) -> dt.datetime:
    """UTC. A clock time that the clocks skip is the moment after the skip."""
    if choice.hours is not None:
        return now_utc + dt.timedelta(hours=choice.hours)
    day = local_day(now_utc)
    for _ in range(choice.weekdays):
        day += dt.timedelta(days=1)
        while day.weekday() > FRIDAY:
            day += dt.timedelta(days=1)
    return dt.datetime.combine(day, choice.at or dt.time(), service_zone()).astimezone(dt.UTC)


def offered(one: Placed, now_utc: dt.datetime) -> list[tuple[Until, dt.datetime]]:
    """The choices that policy and the reason's own time allow."""
    latest = latest_until(one, now_utc)
    if latest is None:
        return []
    found = [(choice, ends(choice, now_utc)) for choice in put_off_choices()]
    return [(choice, end) for choice, end in found if now_utc < end <= latest]
