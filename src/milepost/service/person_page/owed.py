"""What the person owes from now until the next evening, in plain words with clock times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from milepost.orders.clock import FAR_FUTURE_US, FAR_PAST_US
from milepost.orders.obligations import Obligation
from milepost.orders.schedules import expand
from milepost.service.kit.local_days import local_day
from milepost.service.monitoring.grouping import OWED_FOR_DAYS_US
from milepost.service.person_page.subject import Subject
from milepost.service.web.formats import local_time, weekday_time
from milepost.times import DAY_US


@dataclass(frozen=True, slots=True)
class Owed:
    """One duty. ``now``: it holds at this moment. ``cannot``: why it cannot be checked, or ""."""

    when: str
    duty: str
    now: bool
    cannot: str
    notes: str
    start_us: int
    end_us: int


def owed_next(subject: Subject) -> list[Owed]:
    """Duties that hold at some time of the next 24 hours; those that always hold come last."""
    now_us = subject.now_us
    found = [
        Owed(
            when=_when(owed, now_us),
            duty=duty_words(owed, subject.place_of(owed)),
            now=owed.start_us <= now_us < owed.end_us,
            cannot=owed.not_evaluable or "",
            notes=", ".join(owed.notes),
            start_us=owed.start_us,
            end_us=owed.end_us,
        )
        for owed in expand(subject.order_file, now_us, now_us + DAY_US)
    ]
    always = _("All the time")
    return sorted(found, key=lambda o: (o.when == always, o.start_us, o.duty))


def is_long(owed: Obligation) -> bool:
    return owed.end_us - owed.start_us > OWED_FOR_DAYS_US


def parts_by_day(owed: Obligation, bounds: Sequence[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Of a duty the number of each day that has a part of it, and that part: what goes on for days is cut at midnight, a
    night belongs to the day it begins. ``bounds``: where each day begins and the last ends, microseconds UTC."""
    for n, (begins, ends) in enumerate(pairwise(bounds)):
        if is_long(owed):
            part = (max(owed.start_us, begins), min(owed.end_us, ends))
        elif begins <= owed.start_us < ends:
            part = (owed.start_us, owed.end_us)
        else:
            continue
        if part[1] > part[0]:
            yield n, part


def duty_words(owed: Obligation, place: str) -> str:
    words = {
        "be_inside": _("Be at %(place)s"),
        "be_outside": _("Keep out of %(place)s"),
        "attend": _("Go to %(place)s"),
        "be_tracked": _("Wear the tag, so that it is known where it is"),
        "be_sober": _("Do not drink alcohol"),
        "charge_and_wear": _("Charge and wear the tag"),
    }[owed.duty]
    if owed.duty == "be_inside" and owed.kind != "curfew":
        words = _("Stay inside %(place)s")
    return words % {"place": place} if "%(place)s" in words else words


def _when(owed: Obligation, now_us: int) -> str:
    begun = owed.start_us <= now_us
    if is_long(owed):
        ends_soon = owed.end_us < min(FAR_FUTURE_US, now_us + DAY_US)
        starts_soon = owed.start_us > max(FAR_PAST_US, now_us)
        if ends_soon:
            return _("All the time, until %(until)s") % {"until": moment(owed.end_us, now_us)}
        return _("All the time, from %(start)s") % {"start": moment(owed.start_us, now_us)} if starts_soon else _(
            "All the time")  # fmt: skip
    if begun:
        return _("Now, until %(until)s") % {"until": moment(owed.end_us, now_us)}
    return _("From %(start)s until %(until)s") % {
        "start": moment(owed.start_us, now_us), "until": moment(owed.end_us, owed.start_us),
    }  # fmt: skip


def moment(us: int, near_us: int) -> str:
    """ "19:00" on the same local day as ``near_us``, "07:00 tomorrow" on the next, else with its day."""
    day, near = local_day(us), local_day(near_us)
    if day == near:
        return local_time(us)
    if day == near + dt.timedelta(days=1):
        return _("%(time)s the next day") % {"time": local_time(us)}
    return weekday_time(us)
