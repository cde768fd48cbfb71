"""Curfew, areas, tag and alerts, told to the person whom they are about, in words for a reading age of about 11.

The one place where this is put into words: the page that staff print, and whatever else shows it to the person. Why an area
is barred, and what it or its place is called, is never told: it may name whom it protects.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from milepost.compliance.finding_kinds import Family, described
from milepost.orders.model import Condition, ConditionKind, OrderVersion
from milepost.orders.places import TargetCache, find_target, place_ids
from milepost.orders.write import to_plain
from milepost.risk.needs.plain import PlainParagraph
from milepost.service.maps.rows import KIND_OF_CONDITION, ZoneKind, ZoneRow
from milepost.service.monitoring import words
from milepost.service.monitoring.models import Decision, Incident, IncidentState
from milepost.service.orders.draft_document import timetables
from milepost.service.orders.summary import describe_rules, name_of_place
from milepost.service.people.models import Person
from milepost.service.person_page.month import DAYS
from milepost.service.person_page.subject import Subject
from milepost.service.person_page.trail import zone_row
from milepost.service.web.formats import local_date, weekday_time
from milepost.times import DAY_US

ALERTS_AT_MOST = 10
AREAS = (ConditionKind.EXCLUSION_ZONE, ConditionKind.INCLUSION_ZONE, ConditionKind.RESTRICTION_ZONE)


@dataclass(frozen=True, slots=True)
class PlainPage:
    """``areas`` are for the map; each is called there as the paragraphs call it."""

    paragraphs: tuple[PlainParagraph, ...]
    areas: tuple[ZoneRow, ...]


def plain_page(subject: Subject) -> PlainPage:
    """Of the orders in force now. Three queries beside the subject's own."""
    areas: list[ZoneRow] = []
    homes: list[ZoneRow] = []
    rules: list[PlainParagraph] = []
    cache = TargetCache()
    for version in subject.versions_in_force(subject.now_us):
        for condition in version.conditions:
            if condition.kind in AREAS:
                name = _("Area %(n)s on the map") % {"n": len({area.name for area in areas}) + 1}
                target, _reason = find_target(condition, version, None, cache)
                kind = KIND_OF_CONDITION.get(condition.kind.value, ZoneKind.EXCLUSION)
                areas += [zone_row(name, kind, shape) for shape in target.shapes] if target else []
                rules.append(_rule(condition, version, name))
                continue
            rules.append(_rule(condition, version, ""))
            if condition.kind is ConditionKind.CURFEW:  # what somebody knows, to see where the areas lie
                home, _reason = find_target(condition, version, None, cache)
                homes += (
                    [zone_row(_("Curfew"), ZoneKind.HOME, shape) for shape in home.shapes] if home else []
                )
    paragraphs = [
        _about(subject), *rules, *([] if rules else [_no_rules()]), _what_alerts_are(), _alerts(subject), _wrong(),
        _officer(subject.person),
    ]  # fmt: skip
    return PlainPage(tuple(paragraphs), (*areas, *homes) if areas else ())


def _about(subject: Subject) -> PlainParagraph:
    return PlainParagraph(_("About this page"), (
        _("This page is about the rules you must keep, and the tag if you wear one."),
        _("It says what counts on %(date)s.") % {"date": local_date(subject.now_us)},
        _("If a rule changes, ask us for a new page."),
    ))  # fmt: skip


def _no_rules() -> PlainParagraph:
    return PlainParagraph(_("Your rules"), (_("There are no rules for you here today."),))


def _rule(condition: Condition, version: OrderVersion, area: str) -> PlainParagraph:
    """A rule with its times. ``area``: what an area is called on the map."""
    known = {place.id: place for place in version.places}
    ids = place_ids(condition.place) or ()
    place = _(" or ").join(name_of_place(known[i]) for i in ids if i in known) or _("the place you were told")
    if condition.kind is ConditionKind.CURFEW:
        said = PlainParagraph(_("Your curfew"), (_("You must be at: %(place)s.") % {"place": place},))
    elif condition.kind is ConditionKind.ATTENDANCE:
        said = PlainParagraph(_("Where you must go"), (_("You must go to: %(place)s.") % {"place": place},))
    elif condition.kind is ConditionKind.EXCLUSION_ZONE:
        said = PlainParagraph(_("Keep out"), (_("Do not go into %(area)s.") % {"area": area},))
    elif condition.kind in AREAS:
        said = PlainParagraph(_("Stay in"), (_("You must stay in %(area)s.") % {"area": area},))
    else:
        return PlainParagraph(*{
            ConditionKind.ALCOHOL: (_("No alcohol"), (
                _("Do not drink alcohol. The tag can tell."),)),
            ConditionKind.TRAIL: (_("Where you go"), (
                _("The tag notes where you go, by day and by night."),
                _("Staff may look only if they have a good reason. They must write the reason down."),)),
            ConditionKind.CHARGE_AND_WEAR: (_("Your tag"), (
                _("Wear the tag all the time."), _("Keep it charged."),
                _("If it hurts, or it breaks, ring us at once. Do not cut it off."),)),
        }[condition.kind])  # fmt: skip
    times = _times(condition)
    if times:
        return PlainParagraph(said.heading, (*said.sentences, _("These are the times:")), times)
    return PlainParagraph(said.heading, (*said.sentences, _("This counts all the time.")))


def _times(condition: Condition) -> tuple[str, ...]:
    found = []
    for rules in timetables({"schedule": [to_plain(rule) for rule in condition.schedule or ()]}):
        found += describe_rules(rules)
    found += [
        _("%(date)s, %(start)s until %(end)s")
        % {"date": local_date(night.date), "start": night.from_time, "end": night.until_time}
        for night in condition.dates or ()
    ]
    return tuple(found)


def _what_alerts_are() -> PlainParagraph:
    return PlainParagraph(_("What an alert is"), (
        _("The tag tells us when a rule may not have been kept. We call this an alert."),
        _("An alert can be wrong. A machine never decides. A person looks, and a person decides."),
        _("Were you held up? Tell us soon. Show us proof if you have it, such as a letter or a ticket."),
    ))  # fmt: skip


def _alerts(subject: Subject) -> PlainParagraph:
    since_us = subject.now_us - DAYS * DAY_US
    found = list(
        Incident.objects.filter(person=subject.person, began_us__gte=since_us, level__in=("review", "urgent"))
        .exclude(state=IncidentState.CLOSED_BY_ITSELF)
        .order_by("-began_us")[:ALERTS_AT_MOST]
    )
    heading = _("Your alerts in the last four weeks")
    if not found:
        return PlainParagraph(heading, (_("There were none."),))
    decided = {
        one.incident_id: one
        for one in Decision.objects.filter(incident__in=found, state=Decision.State.STANDS)
    }
    return PlainParagraph(heading, (_("The newest comes first:"),), tuple(_lines(found, decided)))


def _lines(found: Iterable[Incident], decided: dict[int, Decision]) -> Iterable[str]:
    for incident in found:
        decision = decided.get(incident.pk)
        outcome = (
            _("What we decided: %(what)s.")
            % {"what": str(words.of_code(words.DECISIONS, decision.kind)).lower()}
            if decision
            else _("We have not decided yet.")
        )
        yield f"{weekday_time(incident.began_us)}: {_happened(incident.kind)} {outcome}"


def _happened(kind: str) -> str:
    if kind == "zone_exit":
        return _("The tag was not in the area you must stay in.")
    return {
        Family.ABSENCE: _("The tag was not at home when it had to be."),
        Family.ZONE: _("The tag was in an area you must keep out of."),
        Family.ATTENDANCE: _("The tag was not at the place you had to go to."),
        Family.CONFLICT: _("The tag and the box at home did not say the same."),
        Family.TAMPER: _("The tag said that it was pulled or opened."),
        Family.HOME_UNIT: _("The box at home had no power, or it was moved."),
        Family.POWER: _("The battery was low or flat."),
        Family.FAULT: _("The tag did not work as it should."),
        Family.CONTACT: _("We heard nothing from the tag."),
        Family.ALCOHOL: _("The tag found alcohol."),
    }[described(kind).family]


def _wrong() -> PlainParagraph:
    return PlainParagraph(_("If something here is wrong"), (
        _("Tell your officer, or ask someone to tell them for you. It will never be held against you."),
    ))  # fmt: skip


def _officer(person: Person) -> PlainParagraph:
    officer = person.practitioner
    if officer is None:
        return PlainParagraph(_("Your officer"), (
            _("You have no officer yet. Ask us who it will be."),
        ))  # fmt: skip
    said = [_("Your officer is %(name)s.") % {"name": officer.name}]
    if officer.telephone:
        said.append(_("Ring %(number)s.") % {"number": officer.telephone})
    else:
        said.append(_("Write the number here: ____________________"))
    return PlainParagraph(_("Your officer"), tuple(said))
