"""Today's list in words: why somebody is on it, by when, what to do next, and what placed them above the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from milepost.service.kit.local_days import local_day
from milepost.service.monitoring.words import DECISIONS, KINDS, said
from milepost.service.orders.summary import REGIME_WORDS
from milepost.service.web.formats import duration, local_time, short_date, weekday_time
from milepost.supervision.rank_rule import Kind, Titled
from milepost.supervision.today import Reason, Row

Words = str | Promise
DAY = dt.timedelta(days=1)
SHAPES = {"now": "urgent", "today": "high", "week": "medium", "soon": "low", "new": "none"}
"""To the shapes of the macro ``severity``."""


def titled(thing: Titled) -> str:
    """The title of a class or kind in the page's language."""
    return thing.said(get_language() or "")


def meaning(urgency: Any) -> str:
    return str(urgency.means_cy if (get_language() or "").startswith("cy") else urgency.means)


def _what(facts: dict[str, Any]) -> str:
    return str(said(KINDS, facts["finding"]))


SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "alert": lambda f: _("%(what)s, %(when)s") % {"what": _what(f), "when": f["began"]},
    "alert_going": lambda f: (
        _("%(what)s since %(when)s, still going") % {"what": _what(f), "when": f["began"]}
    ),
    "alert_held": lambda f: (
        _("%(what)s, %(when)s: %(name)s has it") % {"what": _what(f), "when": f["began"], "name": f["holder"]}
    ),
    "look_again": lambda f: (
        _("Later signals changed what was decided on: %(what)s, %(when)s")
        % {"what": _lower(_what(f)), "when": f["began"]}
    ),
    "second_decision": lambda f: (
        _("%(name)s decided “%(decision)s” about “%(what)s”. It needs a second person")
        % {"name": f["by"], "decision": said(DECISIONS, f["decision"]), "what": _what(f)}
    ),
    "device_trouble": lambda f: (
        _("%(what)s since %(when)s; no alert is open about it") % {"what": _what(f), "when": f["began"]}
    ),
    "absence_to_confirm": lambda f: (
        _("%(name)s entered an absence from %(from)s. It needs a second person")
        % {"name": f["by"], "from": f["from"]}
    ),
    "absence_ends": lambda f: _("An absence ends. From then on the order holds again"),
    "order_to_approve": lambda f: (
        _("%(name)s sent version %(version)s of order %(order)s for approval")
        % {"name": f["by"], "version": f["version"], "order": f["order"]}
    ),
    "order_ends": lambda f: (
        _("%(regime)s %(order)s ends")
        % {"regime": REGIME_WORDS.get(f["regime"], f["regime"]), "order": f["order"]}
    ),
    "assessment_first": lambda f: _("There is no assessment yet"),
    "assessment_next": lambda f: _("The assessment has to be done again"),
    "countersign": lambda f: _("%(name)s signed an assessment. It needs a second person") % {"name": f["by"]},
    "countersign_override": lambda f: (
        _("%(name)s overrode a score or a tier. It needs a second person") % {"name": f["by"]}
    ),
    "contest": lambda f: _("They say that their assessment is wrong, and wait for an answer"),
    "contest_of_own": lambda f: _(
        "They say that their assessment is wrong. You signed it, so somebody else should answer"
    ),
    "exceptional_access": lambda f: _("%(name)s opened the record from outside the team") % {"name": f["by"]},
    "change_approved": lambda f: (
        _("%(name)s approved version %(version)s of order %(order)s, %(when)s")
        % {"name": f["by"] or _("Somebody"), "version": f["version"], "order": f["order"], "when": f["at"]}
    ),
    "change_decided": lambda f: (
        _("%(name)s decided “%(decision)s” about “%(what)s”, %(when)s")
        % {"name": f["by"], "decision": said(DECISIONS, f["decision"]), "what": _what(f), "when": f["at"]}
    ),
    "change_closed": lambda f: (
        _("An alert closed by itself: later signals show nothing (%(what)s, %(when)s)")
        % {"what": _lower(_what(f)), "when": f["at"]}
    ),
    "change_note": lambda f: _("%(name)s wrote a note, %(when)s") % {"name": f["by"], "when": f["at"]},
    "change_allocated": lambda f: _("Allocated to %(name)s, %(when)s") % {"name": f["to"], "when": f["at"]},
    "change_unallocated": lambda f: _("Nobody supervises them since %(when)s") % {"when": f["at"]},
}
"""By the code of a reason's text."""

NEXT: dict[str, Words] = {
    "alert": lazy("Open the alert"),
    "alert_going": lazy("Open the alert"),
    "alert_held": lazy("See the alert"),
    "look_again": lazy("Look again"),
    "second_decision": lazy("Confirm it or send it back"),
    "device_trouble": lazy("Call: see how to reach them"),
    "absence_to_confirm": lazy("Confirm the absence"),
    "absence_ends": lazy("See the order"),
    "order_to_approve": lazy("Read it and decide"),
    "order_ends": lazy("Plan the ending or renew"),
    "assessment_first": lazy("Start the assessment"),
    "assessment_next": lazy("Start the reassessment"),
    "countersign": lazy("Read and countersign"),
    "countersign_override": lazy("Read and countersign"),
    "contest": lazy("Answer it"),
    "contest_of_own": lazy("See what they say"),
    "exceptional_access": lazy("Review the reason"),
    "change_approved": lazy("Read what changed"),
    "change_decided": lazy("See the decision"),
    "change_closed": lazy("See the alert"),
    "change_note": lazy("Read the note"),
    "change_allocated": lazy("Open the record"),
    "change_unallocated": lazy("Open the record"),
}
"""The one next thing, by the code of a reason's text."""

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
    return SENTENCES[reason.text](facts)


def next_step(reason: Reason) -> Words:
    return NEXT[reason.text]


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


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


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


def since_words(since_utc: dt.datetime) -> str:
    return short_date(since_utc)
