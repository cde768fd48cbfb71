"""Today's list in words: why somebody is on it, by when, what to do next, and what placed them above the next."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from milepost.service.kit.capabilities import today_next_steps, today_sentences
from milepost.service.kit.local_days import local_day
from milepost.service.web.formats import duration, local_time, weekday_time
from milepost.supervision.rank_rule import Kind, Titled
from milepost.supervision.today import Reason, Row

Words = str | Promise
DAY = dt.timedelta(days=1)
SHAPES = {"now": "urgent", "today": "high", "week": "medium", "soon": "low", "new": "none"}
"""To the shapes of the macro ``severity``."""


def titled(thing: Titled) -> str:
    """The title of a class or kind in the page's language."""
    return thing.title_in(get_language() or "")


def meaning(urgency: Any) -> str:
    return str(urgency.means_cy if (get_language() or "").startswith("cy") else urgency.means)


ABOVE: dict[str, Words] = {
    "class": lazy("Above the next because its class is more urgent."),
    "time": lazy("Same class as the next, and less time left."),
    "tier": lazy("Same class and time as the next; the tier broke the tie."),
    "waited": lazy("Level with the next, tier included; waiting for longer."),
    "reference": lazy("Nothing tells it from the next: in the order of references."),
}


def sentence(reason: Reason, now_utc: dt.datetime) -> str:
    """Why, in words. A full stop is the page's. Facts that end in ``_utc`` are said as times without it."""
    facts = dict(reason.facts)
    facts |= {
        name.removesuffix("_utc"): _clock(moment, now_utc)
        for name, moment in reason.facts.items()
        if name.endswith("_utc") and moment is not None
    }
    return str(today_sentences()[reason.text](facts))


def next_step(reason: Reason) -> Words:
    return today_next_steps()[reason.text]


def above(row: Row) -> Words:
    """What told the row from the next one; "" for the last."""
    return ABOVE[row.above_next] if row.above_next else ""


def put_there(kind: Kind) -> str:
    """ "An event put it there: Alert to decide."."""
    words = (
        _("An event put it there: %(kind)s.")
        if kind.set_by == "event"
        else _("A deadline put it there: %(kind)s.")
    )
    return words % {"kind": titled(kind)}


def due_words(reason: Reason, now_utc: dt.datetime) -> str:
    """ "by 16:00 today, in 2 hours", "was due 09:00 today, 40 minutes ago", "by the end of Fri 27 Nov, in 4 days"."""
    if reason.due_utc is None:
        return ""
    if day := reason.facts.get("day"):
        return _due_day(day, local_day(now_utc))
    left, when = reason.due_utc - now_utc, _clock(reason.due_utc, now_utc)
    if abs(left) < dt.timedelta(minutes=1):
        return _("due now")
    if left < dt.timedelta():
        return _("was due %(when)s, %(length)s ago") % {"when": when, "length": _length(-left)}
    return _("by %(when)s, in %(length)s") % {"when": when, "length": _length(left)}


def _due_day(day: dt.date, today: dt.date) -> str:
    left = (day - today).days
    if left == 0:
        return _("by the end of today")
    if left == 1:
        return _("by the end of tomorrow")
    if left == -1:
        return _("was due yesterday")
    shown = dateformat.format(day, "D j M")
    if left < 0:
        return _("was due on %(day)s, %(length)s ago") % {"day": shown, "length": duration(-left * DAY)}
    return _("by the end of %(day)s, in %(length)s") % {"day": shown, "length": duration(left * DAY)}


def until_words(until_utc: dt.datetime, now_utc: dt.datetime) -> str:
    """ "until 16:00 today", "until 09:00 tomorrow", "until Fri 27 Nov, 09:00"."""
    return _("until %(when)s") % {"when": _clock(until_utc, now_utc)}


def _clock(moment: dt.datetime, now_utc: dt.datetime) -> str:
    days = (local_day(moment) - local_day(now_utc)).days
    if days == 0:
        return _("%(time)s today") % {"time": local_time(moment)}
    if days == 1:
        return _("%(time)s tomorrow") % {"time": local_time(moment)}
    if days == -1:
        return _("%(time)s yesterday") % {"time": local_time(moment)}
    return weekday_time(moment)


def _length(length: dt.timedelta) -> str:
    """Whole days once there are two of them: nobody plans in hours a week ahead."""
    return duration(dt.timedelta(days=length.days)) if length >= 2 * DAY else duration(length)


TIER_UNKNOWN = pgettext_lazy("tier", "Tier not known")


def tier_words(tier: Any) -> Words:
    """ "Tier C"; "Tier C, provisional"; "Tier C, set by a person"."""
    if tier is None or tier.tier == "MISSING":
        return TIER_UNKNOWN
    if tier.tier == "NOT_SUPERVISED":
        return _("No tier: not supervised")
    words = _("Tier %(tier)s") % {"tier": tier.tier}
    if tier.overridden:
        return _("%(tier)s, set by a person") % {"tier": words}
    return _("%(tier)s, provisional") % {"tier": words} if tier.provisional else words


def tier_age(tier: Any, now_utc: dt.datetime) -> str:
    """ "3 days old"; "new today"."""
    days = (now_utc - tier.at_utc).days
    if days <= 0:
        return _("new today")
    return _("%(length)s old") % {"length": duration(dt.timedelta(days=days))}
