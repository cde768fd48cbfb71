"""The words of a map: the same in its pop-ups and in its table. Translated when they are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext, pgettext

from milepost.compliance.plain_times import at
from milepost.compliance.plain_words import CAUSE_WORDS, QUALITY_WORDS, SOURCE_WORDS
from milepost.service.maps.rows import FixRow, ZoneKind
from milepost.times import MINUTE_US, SECOND_US
from milepost.tracks.record import Quality, Source

MILES_PER_HOUR_IN_MPS = 0.44704
"""The definition of the international mile: 1,609.344 m an hour."""
QUARTER_US = 15 * MINUTE_US
"""Clocks stand a whole number of quarters from UTC, and change at one."""
_known: ContextVar[dict[Hashable, Any] | None] = ContextVar("known", default=None)


@contextmanager
def words_once() -> Iterator[None]:
    """Within it each thing is put into words once: a day's trail asks for the same thirty 1,440 times."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def _once[**Given, Said](say: Callable[Given, Said]) -> Callable[Given, Said]:
    """Remembers what was said of the same values, within ``words_once``."""

    @wraps(say)
    def wrapper(*values: Given.args, **named: Given.kwargs) -> Said:
        known = _known.get()
        if known is None:
            return say(*values, **named)
        key = (wrapper, *values)
        if key not in known:
            known[key] = say(*values, **named)
        found: Said = known[key]
        return found

    return wrapper


_ = _once(gettext)


def time_words(us: int, timezone: str) -> str:
    """``Mon 23 Nov 2026, 19:04:12 GMT``: the name of the clock, for 01:30 comes twice when clocks go back."""
    quarter, rest_us = divmod(us, QUARTER_US)
    begins = _quarter(quarter, timezone)
    if begins is None:
        moment = at(us, timezone)
        return f"{_day_words(moment)}, {moment:%H:%M:%S} {moment.tzname()}"
    day, begins_s, clock = begins
    minutes, seconds = divmod(begins_s + rest_us // SECOND_US, 60)
    return f"{day}, {minutes // 60:02}:{minutes % 60:02}:{seconds:02} {clock}"


@_once
def _quarter(quarter: int, timezone: str) -> tuple[str, int, str] | None:
    """Day, seconds since midnight and name of the clock where a quarter of an hour begins; None where the zone was once
    set by the sun, and quarters are not whole."""
    begins = at(quarter * QUARTER_US, timezone)
    ends = at((quarter + 1) * QUARTER_US - 1, timezone)
    if begins.minute % 15 or begins.second or begins.utcoffset() != ends.utcoffset():
        return None
    # Django's own "T" is empty in the hour that comes twice: the very hour that needs it.
    return _day_words(begins), begins.hour * 3600 + begins.minute * 60, begins.tzname() or ""


def _day_words(moment: dt.datetime) -> str:
    return dateformat.format(moment.date(), "D j M Y")


def short_time(us: int, timezone: str) -> str:
    """``19:04``: for the margin of a picture."""
    return f"{at(us, timezone):%H:%M}"


def length_words(seconds: float) -> str:
    hours, minutes = divmod(round(seconds) // 60, 60)
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(seconds)s s") % {"seconds": round(seconds)}


@_once
def accuracy_words(precision_m: float | None) -> str:
    if precision_m is None:
        return _("not known")
    return _("within %(metres)s m, 95 times in 100") % {"metres": f"{precision_m:,.0f}"}


@_once
def speed_words(speed_mps: float | None) -> str:
    if speed_mps is None:
        return _("not given")
    miles = speed_mps / MILES_PER_HOUR_IN_MPS
    return _("%(miles)s mph (%(metres)s m/s)") % {"miles": f"{miles:.0f}", "metres": f"{speed_mps:.1f}"}


@_once
def heading_words(heading_deg: float | None) -> str:
    if heading_deg is None:
        return _("not given")
    names = (
        _("north"),
        _("north-east"),
        _("east"),
        _("south-east"),
        _("south"),
        _("south-west"),
        _("west"),
        _("north-west"),
    )
    name = names[round(heading_deg / 45) % 8]
    return _("%(name)s (%(degrees)s°)") % {"name": name, "degrees": f"{heading_deg % 360:.0f}"}


def source_words(fix: FixRow) -> str:
    return source_name(fix.source)


def source_name(source: Source) -> str:
    return _(SOURCE_WORDS[source])


def doubt_words(fix: FixRow) -> str:
    """What is wrong with a fix and what that means; empty where nothing is."""
    return _quality_words(fix.quality) if fix.quality != Quality.NONE else ""


@_once
def _quality_words(quality: Quality) -> str:
    said = [f"{_(title)}. {_(meaning)}" for flag, (title, meaning) in QUALITY_WORDS.items() if quality & flag]
    return " ".join(said)


def evidence_words(fix: FixRow) -> str:
    if not fix.evidence:
        return ""
    return {
        "first": _("first position of the finding"),
        "last": _("last position of the finding"),
        "during": _("part of the finding"),
    }[fix.evidence]


def mark_words(fix: FixRow, timezone: str) -> str:
    """What stands beside the sign on the map itself: ``First, 19:04``."""
    if fix.evidence not in ("first", "last"):
        return fix.label
    time = short_time(fix.time_us, timezone)
    ends = {"first": _("First, %(time)s") % {"time": time}, "last": _("Last, %(time)s") % {"time": time}}
    return " ".join(part for part in (fix.label, ends.get(fix.evidence, "")) if part)


def cause_words(cause: str) -> str:
    return _(CAUSE_WORDS.get(cause, cause))


def kind_words(kind: ZoneKind) -> str:
    return {
        ZoneKind.EXCLUSION: _("Exclusion zone: keep out"),
        ZoneKind.INCLUSION: _("Inclusion zone: stay in"),
        ZoneKind.RESTRICTION: _("Restriction zone: do not leave"),
        ZoneKind.ATTENDANCE: _("Place to attend"),
        ZoneKind.HOME: _("Curfew address"),
    }[kind]


def short_kind(kind: ZoneKind) -> str:
    """A word to stand above a zone's name on the map itself."""
    return {
        ZoneKind.EXCLUSION: pgettext("zone", "Keep out"),
        ZoneKind.INCLUSION: pgettext("zone", "Stay in"),
        ZoneKind.RESTRICTION: pgettext("zone", "Do not leave"),
        ZoneKind.ATTENDANCE: pgettext("zone", "Attend"),
        ZoneKind.HOME: pgettext("zone", "Home"),
    }[kind]
