"""The words of a map: the same in its pop-ups and in its table. Translated when they are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import dateformat
from django.utils.translation import gettext, pgettext

from milepost.compliance.plain_times import at
from milepost.compliance.plain_words import CAUSE_WORDS, QUALITY_WORDS, SOURCE_WORDS
from milepost.service.maps.rows import FixRow, ZoneKind

MILES_PER_HOUR_IN_MPS = 0.44704
"""The definition of the international mile: 1,609.344 m an hour."""
_known: ContextVar[dict[str, str] | None] = ContextVar("known", default=None)


@contextmanager
def words_once() -> Iterator[None]:
    """Within it each sentence is translated once: a day's trail asks for the same thirty 1,440 times."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def _(message: str) -> str:
    known = _known.get()
    if known is None:
        return gettext(message)
    if message not in known:
        known[message] = gettext(message)
    return known[message]


def _day_words(day: dt.date) -> str:
    known = _known.get()
    if known is None:
        return dateformat.format(day, "D j M Y")
    key = f"day {day}"
    if key not in known:
        known[key] = dateformat.format(day, "D j M Y")
    return known[key]


def time_words(us: int, timezone: str) -> str:
    """``Mon 23 Nov 2026, 19:04:12 GMT``: the name of the clock, for 01:30 comes twice when clocks go back."""
    moment = at(us, timezone)
    # Django's own "T" is empty in the hour that comes twice: the very hour that needs it.
    return f"{_day_words(moment.date())}, {moment:%H:%M:%S} {moment.tzname()}"


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


def accuracy_words(precision_m: float | None) -> str:
    if precision_m is None:
        return _("not known")
    return _("within %(metres)s m, 95 times in 100") % {"metres": f"{precision_m:,.0f}"}


def speed_words(speed_mps: float | None) -> str:
    if speed_mps is None:
        return _("not given")
    miles = speed_mps / MILES_PER_HOUR_IN_MPS
    return _("%(miles)s mph (%(metres)s m/s)") % {"miles": f"{miles:.0f}", "metres": f"{speed_mps:.1f}"}


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
    return _(SOURCE_WORDS[fix.source])


def doubt_words(fix: FixRow) -> str:
    """What is wrong with a fix and what that means; empty where nothing is."""
    if not fix.quality:
        return ""
    said = [
        f"{_(title)}. {_(meaning)}" for flag, (title, meaning) in QUALITY_WORDS.items() if fix.quality & flag
    ]
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
