"""The change of shift on one page: what is open and who has it, whom to call, what was decided, what to watch."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.kit.local_days import service_zone
from milepost.service.monitoring.board import BoardRow, rows_of, to_look_at_again, undecided
from milepost.service.monitoring.call_backs import waiting_calls
from milepost.service.monitoring.filters import Filters
from milepost.service.monitoring.models import CallBack, Decision, Incident, IncidentState
from milepost.service.monitoring.policy_data import board_numbers
from milepost.service.monitoring.sections import URGENT, Section, section_of
from milepost.times import HOUR_US, from_us, to_us

IN_ORDER = {section: place for place, section in enumerate(Section)}


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds UTC, half-open. ``last``: the shift before the one that is on."""

    from_us: int
    until_us: int
    last: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """Alerts to decide, by section, now."""

    section: Section
    rows: list[BoardRow]
    total: int
    overdue: int
    urgent_going: int


@dataclass(frozen=True, slots=True)
class Shift:
    """Everything is as of now, but what was decided, opened and closed: that is of the shift."""

    times: Times
    open: list[Open]
    calls: list[CallBack]
    decided: list[tuple[str, int]]
    """Kind of decision and how many stand that were made in the shift, the most first."""
    opened: int
    closed_by_itself: int
    look_again: int

    @property
    def decided_count(self) -> int:
        return sum(count for _kind, count in self.decided)

    @property
    def to_decide(self) -> int:
        return sum(part.total for part in self.open)

    @property
    def overdue(self) -> int:
        return sum(part.overdue for part in self.open)

    @property
    def urgent_going(self) -> int:
        return sum(part.urgent_going for part in self.open)

    def total(self, section: str) -> int:
        return sum(part.total for part in self.open if part.section == section)


def times_of_shift(now_us: int, *, last: bool = False) -> Times:
    """The shift that is on, from its beginning until now; or the whole of the one before."""
    zone = service_zone()
    today = from_us(now_us, zone).date()
    begins = sorted(
        to_us(dt.datetime.combine(today - dt.timedelta(days=n), time, zone).astimezone(dt.UTC))
        for n in range(3)
        for time in board_numbers().shift.begins
    )
    past = [moment for moment in begins if moment <= now_us]
    return Times(past[-2], past[-1], last=True) if last else Times(past[-1], now_us)


def shift_of(user: User, *, last: bool = False) -> Shift:
    """For this user's people. A fixed number of queries."""
    now_us, numbers = clock.now_us(), board_numbers().shift
    times = times_of_shift(now_us, last=last)
    changed = Incident.objects.visible_to(user).filter(changed_us__gte=times.from_us)
    counts = changed.aggregate(
        opened=Count("pk", filter=Q(opened_us__gte=times.from_us, opened_us__lt=times.until_us)),
        closed=Count("pk", filter=Q(state=IncidentState.CLOSED_BY_ITSELF, changed_us__lt=times.until_us)),
    )
    made = Decision.objects.visible_to(user).filter(
        state=Decision.State.STANDS, at_utc__gte=from_us(times.from_us), at_utc__lt=from_us(times.until_us)
    )
    by_kind = made.order_by().values_list("kind").annotate(count=Count("pk"))
    return Shift(
        times=times,
        open=_open(user, now_us, numbers.rows),
        calls=list(waiting_calls(user, now_us + round(numbers.ahead_hours * HOUR_US))[: numbers.rows]),
        decided=sorted(by_kind, key=lambda one: (-one[1], one[0])),
        opened=counts["opened"],
        closed_by_itself=counts["closed"],
        look_again=to_look_at_again(user, Filters()).count(),
    )


def _open(user: User, now_us: int, most: int) -> list[Open]:
    """What ended by itself is counted alone: the next shift need not read it now."""
    everything = undecided(user, Filters())
    counted = everything.order_by().values("section").annotate(
        total=Count("pk"), overdue=Count("pk", filter=Q(due_us__lt=now_us)),
        urgent_going=Count("pk", filter=Q(level=URGENT, still_going=True)),
    )  # fmt: skip
    listed = everything.exclude(section=Section.OVER).select_related("person__team", "claimed_by")[:most]
    rows = rows_of(listed, user)
    sections = {row.incident.pk: section_of(row.incident, user) for row in rows}
    return [
        Open(section, [row for row in rows if sections[row.incident.pk] is section], one["total"], one["overdue"],
             one["urgent_going"])
        for one in sorted(counted, key=lambda one: IN_ORDER[Section(one["section"])])
        for section in [Section(one["section"])]
    ]  # fmt: skip
