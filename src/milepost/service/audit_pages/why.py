"""What an entry says of purpose and period, in words: "Looked at a person's location history from 3 Mar to 4 Mar 2026,
because: To look into an alert". Pure: of the entry alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from milepost.service.audit.models import Entry
from milepost.service.audit_pages.words import in_words
from milepost.service.kit.capabilities import purposes_of
from milepost.service.kit.local_days import local_day, start_of_local_day_us
from milepost.service.web.formats import local_time, short_date

ALERT = re.compile(r"incident (\d+)")
"""The reason that the page of an alert gives for the part of a trail that it shows."""


def period(details: Mapping[str, Any]) -> str:
    """The time whose record was looked at: ``from_us`` to ``until_us``, microseconds UTC. Whole local days have no
    times; "" where the entry names no such time."""
    first, end = details.get("from_us"), details.get("until_us")
    if not isinstance(first, int) or not isinstance(end, int) or end <= first:
        return ""
    if first == start_of_local_day_us(local_day(first)) and end == start_of_local_day_us(local_day(end)):
        last = end - 1
        if local_day(first) == local_day(last):
            return _("of %(day)s") % {"day": short_date(first)}
        return _("of %(first)s to %(last)s") % {"first": short_date(first), "last": short_date(last)}
    words = {
        "first": f"{short_date(first)} {local_time(first)}",
        "last": local_time(end)
        if local_day(first) == local_day(end)
        else f"{short_date(end)} {local_time(end)}",
    }
    return _("from %(first)s to %(last)s") % words


def because(what: str, reason: str, details: Mapping[str, Any]) -> str:
    """The purpose that was chosen and the reason that was written; "" where none was asked for."""
    known = purposes_of(what)
    chosen = str(details.get("purpose") or "")
    if alert := ALERT.fullmatch(reason):
        reason = _("to decide alert %(number)s") % {"number": alert[1]}
    elif reason in known:  # the API keeps the code as the reason
        chosen, reason = reason, ""
    return "; ".join(part for part in (str(known.get(chosen, chosen)), reason) if part)


def sentence(row: Entry) -> str:
    """What was done, over which time, and why."""
    said = " ".join(filter(None, (in_words(row.what), period(row.details))))
    if why := because(row.what, row.reason, row.details):
        return _("%(what)s, because: %(why)s") % {"what": said, "why": why}
    return said
