"""The first page about a person: a picture of them. Where and how now, what is owed, four weeks, sentence, risks, what is
new since the user last looked, and the way to everything else."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from milepost.service.accounts.about import about
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.assessments.harm import GROUPS, level_in_words, overall
from milepost.service.assessments.models import Judgement
from milepost.service.assessments.read import latest_signed, latest_tiers, scores_of
from milepost.service.assessments.words import value_in_words
from milepost.service.kit.local_days import start_of_local_day_us, today
from milepost.service.monitoring import words
from milepost.service.monitoring.models import Finding, Incident, IncidentState
from milepost.service.monitoring.person_totals import totals_of_person
from milepost.service.people.models import ContactDetail, Note, Person
from milepost.service.people.views.base import find_person
from milepost.service.person_page.appointments import appointments_are_kept, next_appointment
from milepost.service.person_page.lately import lately
from milepost.service.person_page.month import first_day, month_of
from milepost.service.person_page.owed import owed_next
from milepost.service.person_page.picture_drawing import draw_next_day, draw_weeks
from milepost.service.person_page.sentence import sentences_of
from milepost.service.person_page.since import since_last_look, words_of
from milepost.service.person_page.subject import Subject
from milepost.service.person_page.trend import trend_words
from milepost.service.person_page.views.base import open_page
from milepost.times import from_us

UNDECIDED = (IncidentState.OPEN, IncidentState.CLAIMED, IncidentState.WAITING_FOR_SECOND)
INCIDENTS_AT_MOST, NOTES_SHOWN = 20, 3


@about(find_person, "person.overview", Permission.VIEW_PEOPLE)
@require_GET
def overview(request: HttpRequest, person: Person) -> HttpResponse:
    subject, context = open_page(request, person, "overview")
    user = user_of(request)
    findings = findings_of_month(subject)
    month = month_of(subject, findings)
    owed = owed_next(subject)
    since = since_last_look(user, person, subject.now_us)
    context |= {
        "name_is_heading": True,
        "now": from_us(subject.now_us),
        "owed": owed,
        "next_day": draw_next_day(owed, subject.now_us),
        "lately": lately(subject, [one for one in findings if one.status == "open"]),
        "incidents": Incident.objects.filter(person=person, state__in=UNDECIDED).select_related("claimed_by").order_by(
            "due_us", "began_us")[:INCIDENTS_AT_MOST],
        "look_again": Incident.objects.filter(person=person, superseded_since_decision=True).order_by("-changed_us")[
            :INCIDENTS_AT_MOST],
        "notes": Note.objects.filter(person=person).select_related("by").order_by("-at_utc", "-pk")[:NOTES_SHOWN],
        "contacts": ContactDetail.objects.filter(person=person, ended_utc=None).order_by("-preferred", "pk"),
        "words": words,
        "today": today(),
        "month": month,
        "trend": trend_words(month),
        "weeks_drawn": draw_weeks(month),
        "sentences": sentences_of(person, subject.now_us) if user.may(Permission.VIEW_ORDERS) else None,
        "since": since,
        "since_words": words_of(since),
        "appointment": next_appointment(user, person, subject.now_us),
        "appointments_are_kept": appointments_are_kept(),
    }  # fmt: skip
    context |= _totals(subject) | _assessed(person, context["assessed"])
    return render(request, "person_page/overview.html", context)


def findings_of_month(subject: Subject) -> list[Finding]:
    """Current findings that are open or touch the four weeks. One query."""
    since_us = start_of_local_day_us(first_day(subject))
    found = Finding.objects.filter(person=subject.person, current=True)
    found = found.filter(Q(status="open") | Q(end_us__gte=since_us))
    return list(
        found.order_by("start_us").only(
            "kind", "status", "order_reference", "condition_id", "start_us", "end_us", "person_id"
        )
    )


def _totals(subject: Subject) -> dict[str, Any]:
    try:
        totals = totals_of_person(subject.person, subject.order_file, subject.rules, until_us=subject.now_us)
    except LookupError as error:
        return {"totals": [], "no_rules": str(error)}
    return {"totals": totals, "no_rules": ""}


def _assessed(person: Person, may_see: bool) -> dict[str, Any]:
    """Tier, the version in force, its scores, and the risk of serious harm as it was judged there."""
    if not may_see:
        return {"tier": None, "signed": None, "scores": [], "harm": []}
    signed = latest_signed([person.pk]).get(person.pk)
    judged = (
        Judgement.objects.filter(assessment=signed.assessment_id).order_by("pk").last() if signed else None
    )
    harm = (
        [(words_, level_in_words(getattr(judged, group))) for group, words_ in GROUPS.items()]
        if judged
        else []
    )
    return {
        "tier": latest_tiers([person.pk]).get(person.pk),
        "signed": signed,
        "scores": [
            (score.instrument.upper(), score.percentage, value_in_words(score.band))
            for score in (scores_of(signed.assessment_id) if signed else ())
            if score.scored and score.band != "not_applicable"
        ],
        "harm": harm,
        "harm_overall": level_in_words(overall(judged)) if judged else "",
        "judged": judged,
    }
