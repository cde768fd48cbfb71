"""What the apps are asked for a list: about whom, for whom, at which moment."""

from __future__ import annotations

import datetime as dt
from typing import Any

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.kit.local_days import local_day, start_of_local_day
from milepost.service.people.reasons import TodayQuery
from milepost.supervision.rank_rule import rank_rule

FRIDAY = 4


def query_about(people: Any, viewer: User, *, waits_for: User | None, since_by: User | None) -> TodayQuery:
    """One query: the people. ``people`` is a queryset that already says whom ``viewer`` may see."""
    now = clock.now_utc()
    rows = people.filter(erased_utc=None).select_related("practitioner")
    return TodayQuery(
        people={person.pk: person for person in rows},
        viewer=viewer,
        now_utc=now,
        since_utc=working_day_before(now),
        waits_for=waits_for,
        since_by=since_by,
        rule=rank_rule(),
    )


def working_day_before(now_utc: dt.datetime) -> dt.datetime:
    """The local midnight at which the weekday before today began: on a Monday, Friday's. Public holidays count as
    weekdays: what happened on them is new all the same."""
    day = local_day(now_utc) - dt.timedelta(days=1)
    while day.weekday() > FRIDAY:
        day -= dt.timedelta(days=1)
    return start_of_local_day(day)
