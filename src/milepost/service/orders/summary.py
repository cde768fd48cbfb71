"""Conditions in plain words: what a person must do, where, when. Pure: library shapes in, sentences out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from milepost.orders.model import Absence, Circle, Condition, ConditionKind, FirstNight, OrderVersion, Place
from milepost.orders.places import place_ids
from milepost.orders.write import to_plain
from milepost.service.orders.draft_document import DAYS, timetables
from milepost.service.orders.policy_data import words_of
from milepost.service.web.formats import local_date, metres, plain_clock, weekday_time

KIND_WORDS = {
    ConditionKind.CURFEW: gettext_lazy("Curfew"),
    ConditionKind.EXCLUSION_ZONE: gettext_lazy("Exclusion zone"),
    ConditionKind.INCLUSION_ZONE: gettext_lazy("Inclusion zone"),
    ConditionKind.RESTRICTION_ZONE: gettext_lazy("Restriction zone"),
    ConditionKind.ATTENDANCE: gettext_lazy("Attendance"),
    ConditionKind.TRAIL: gettext_lazy("Trail monitoring"),
    ConditionKind.ALCOHOL: gettext_lazy("Alcohol monitoring"),
    ConditionKind.CHARGE_AND_WEAR: gettext_lazy("Charge and wear the tag"),
}
REGIME_WORDS = {
    "community_order": gettext_lazy("Community order"),
    "suspended_sentence_order": gettext_lazy("Suspended sentence order"),
    "youth_rehabilitation_order": gettext_lazy("Youth rehabilitation order"),
    "home_detention_curfew": gettext_lazy("Home detention curfew"),
    "licence": gettext_lazy("Licence"),
    "bail": gettext_lazy("Bail"),
    "immigration_bail": gettext_lazy("Immigration bail"),
    "civil_order": gettext_lazy("Civil order"),
}
ABSENCE_WORDS = {
    "authorised_absence": gettext_lazy("Authorised absence"),
    "permitted_purpose": gettext_lazy("Permitted purpose"),
    "suspension": gettext_lazy("Suspension of the order"),
}


@dataclass(frozen=True, slots=True)
class ConditionWords:
    """One condition: its kind and id, a title, and sentences."""

    id: str
    kind: ConditionKind
    title: str
    sentences: tuple[str, ...]


def summarise(version: OrderVersion) -> list[ConditionWords]:
    """Every condition of a version, in its order."""
    return [describe_condition(condition, version) for condition in version.conditions]


def describe_condition(condition: Condition, version: OrderVersion) -> ConditionWords:
    kind = str(KIND_WORDS[condition.kind])
    name = (condition.model_extra or {}).get("x_name")
    title = f"{kind}: {name}" if name else kind
    said = [_duty(condition, version), *_hours(condition, version)]
    if condition.first_night:
        night = condition.first_night
        where = f" {_at(night.place, version)}" if night.place else ""
        said.append(_("First night: %(night)s%(where)s.") % {"night": _night(night), "where": where})
    said.append(_span(condition))
    said += [describe_absence(absence) for absence in condition.exceptions]
    if condition.purpose:
        said.append(_("Why: %(purpose)s.") % {"purpose": condition.purpose.rstrip(".")})
    if condition.description:
        said.append(condition.description)
    if condition.source_document:
        said.append(_("Source: %(source)s.") % {"source": condition.source_document.rstrip(".")})
    return ConditionWords(condition.id, condition.kind, title, tuple(filter(None, said)))


def _duty(condition: Condition, version: OrderVersion) -> str:
    at = _at(condition.place, version)
    shape = describe_shape(condition)
    where = at or shape or _("a place that is not drawn yet")
    words = {
        ConditionKind.CURFEW: _("Be %(where)s at the hours below."),
        ConditionKind.ATTENDANCE: _("Attend: be %(where)s at the times below."),
        ConditionKind.EXCLUSION_ZONE: _("Do not go inside %(where)s."),
        ConditionKind.INCLUSION_ZONE: _("Be inside %(where)s."),
        ConditionKind.RESTRICTION_ZONE: _("Do not leave %(where)s."),
        ConditionKind.TRAIL: _("The tag records where the person goes, day and night."),
        ConditionKind.ALCOHOL: _("Do not drink alcohol. The tag measures it."),
        ConditionKind.CHARGE_AND_WEAR: _("Wear the tag at all times and keep it charged."),
    }[condition.kind]
    return words % {"where": where} if "%(where)s" in words else words


def _at(place: str | list[str] | None, version: OrderVersion) -> str:
    ids = place_ids(place) or ()
    if not ids:
        return ""
    known = {place.id: place for place in version.places}
    names = [name_of_place(known[i]) if i in known else i for i in ids]
    return _("at %(place)s") % {"place": _(" or ").join(names)}


def name_of_place(place: Place) -> str:
    if place.name and place.address:
        return f"{place.name} ({place.address})"
    return place.name or place.address or place.id


def describe_shape(part: Place | Condition) -> str:
    """ "60 m around 53.70000, 1.70000 (latitude, longitude)", or how many corners; "" if nothing is drawn."""
    if part.circle is not None:
        return describe_circle(part.circle)
    if part.geometry is None:
        return ""
    polygons = [part.geometry.coordinates] if part.geometry.type == "Polygon" else part.geometry.coordinates
    corners = sum(max(0, len(polygon[0]) - 1) for polygon in polygons if polygon)
    return ngettext("an area with %(n)d corner", "an area with %(n)d corners", corners) % {"n": corners}


def describe_circle(circle: Circle) -> str:
    return _("%(radius)s around %(lat).5f, %(lon).5f (latitude, longitude)") % {
        "radius": metres(circle.radius_m), "lat": circle.lat, "lon": circle.lon,
    }  # fmt: skip


def _hours(condition: Condition, version: OrderVersion) -> list[str]:
    if condition.schedule is None and not condition.dates:
        zones = (ConditionKind.EXCLUSION_ZONE, ConditionKind.INCLUSION_ZONE, ConditionKind.RESTRICTION_ZONE)
        return [_("At all times.")] if condition.kind in zones else []
    said: list[str] = []
    for rules in timetables({"schedule": [to_plain(rule) for rule in condition.schedule or ()]}):
        settings = _settings(rules[0], version)
        said += [f"{line}{settings}." for line in describe_rules(rules)]
    for night in condition.dates or ():
        where = f" {_at(night.place, version)}" if night.place else ""
        said.append(f"{_night(night)}{where}.")
    return said


def describe_rules(rules: Sequence[dict[str, Any]]) -> list[str]:
    """Rules of one timetable, days with the same hours said together."""
    same: dict[tuple[str, str, int], list[str]] = {}
    for rule in rules:
        ahead = (DAYS.index(rule["until_day"]) - DAYS.index(rule["from_day"])) % 7
        same.setdefault((rule["from_time"], rule["until_time"], ahead), []).append(rule["from_day"])
    return [
        _("%(days)s: %(start)s until %(end)s")
        % {"days": days_in_words(days), "start": clock_words(start), "end": _end_words(days, end, ahead)}
        for (start, end, ahead), days in same.items()
    ]


def _end_words(days: list[str], end: str, ahead: int) -> str:
    if ahead == 0:
        return clock_words(end)
    if ahead == 1:
        return _("%(time)s the next day") % {"time": clock_words(end)}
    last = WEEKDAYS[(DAYS.index(days[0]) + ahead) % 7]
    return _("%(time)s on %(day)s") % {"time": clock_words(end), "day": last} if len(days) == 1 else _(
        "%(time)s %(n)d days later") % {"time": clock_words(end), "n": ahead}  # fmt: skip


def days_in_words(days: Sequence[str]) -> str:
    """ "Every day", "Monday to Friday", "Monday, Wednesday"."""
    numbers = sorted({DAYS.index(day) for day in days})
    if len(numbers) == 7:
        return _("Every day")
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return _("%(first)s to %(last)s") % {"first": WEEKDAYS[numbers[0]], "last": WEEKDAYS[numbers[-1]]}
    return ", ".join(str(WEEKDAYS[number]) for number in numbers)


def clock_words(text: str) -> str:
    """ "19:00" as "7pm"; "24:00" is midnight."""
    if text == "24:00":
        return plain_clock(dt.time(0))
    return plain_clock(dt.time.fromisoformat(text))


def _settings(rule: dict[str, Any], version: OrderVersion) -> str:
    said = []
    if rule.get("place"):
        said.append(_at(rule["place"], version))
    if rule.get("weeks_off"):
        on, off = rule.get("weeks_on", 1), rule["weeks_off"]
        said.append(ngettext("%(n)d week on", "%(n)d weeks on", on) % {"n": on})
        said.append(ngettext("%(n)d week off", "%(n)d weeks off", off) % {"n": off})
    holidays = rule.get("public_holidays", "apply")
    if holidays == "skip":
        said.append(_("not on public holidays"))
    elif holidays == "only":
        said.append(_("only on public holidays"))
    if rule.get("travel_before_min"):
        said.append(_("%(n)d minutes to arrive") % {"n": rule["travel_before_min"]})
    if rule.get("travel_after_min"):
        said.append(_("may leave %(n)d minutes before the end") % {"n": rule["travel_after_min"]})
    return f" ({'; '.join(said)})" if said else ""


def _night(night: FirstNight) -> str:
    return _("%(date)s, %(start)s until %(end)s") % {
        "date": local_date(night.date), "start": clock_words(night.from_time), "end": clock_words(night.until_time),
    }  # fmt: skip


def moment_words(value: dt.date | dt.datetime) -> str:
    """A date, or a date with its time; a time without an offset is local already."""
    if not isinstance(value, dt.datetime):
        return local_date(value)
    if value.tzinfo is None:
        return f"{local_date(value.date())}, {clock_words(f'{value:%H:%M}')}"
    return weekday_time(value) + f" {value:%Y}"


def _span(condition: Condition) -> str:
    start = moment_words(condition.from_)
    if condition.until is None:
        return _("From %(start)s until the order ends.") % {"start": start}
    return _("From %(start)s until %(end)s.") % {"start": start, "end": moment_words(condition.until)}


def describe_absence(absence: Absence) -> str:
    why = f": {words_of(absence.reason)}" if absence.reason else ""
    return _("%(kind)s from %(start)s until %(end)s%(why)s.") % {
        "kind": ABSENCE_WORDS[absence.kind], "start": moment_words(absence.from_),
        "end": moment_words(absence.until), "why": why,
    }  # fmt: skip
