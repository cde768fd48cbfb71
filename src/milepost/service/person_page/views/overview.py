"""The first page about a person: what they owe, where they are, what is open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from milepost.service.accounts.about import about
from milepost.service.accounts.roles import Permission
from milepost.service.assessments.read import latest_signed, latest_tiers
from milepost.service.kit.local_days import today
from milepost.service.monitoring import words
from milepost.service.monitoring.models import Finding, Incident, IncidentState
from milepost.service.monitoring.person_totals import totals_of_person
from milepost.service.people.models import ContactDetail, Note, Person
from milepost.service.people.views.base import find_person
from milepost.service.person_page.lately import lately
from milepost.service.person_page.owed import owed_next
from milepost.service.person_page.views.base import open_page
from milepost.times import from_us

UNDECIDED = (IncidentState.OPEN, IncidentState.CLAIMED, IncidentState.WAITING_FOR_SECOND)
INCIDENTS_AT_MOST, NOTES_SHOWN = 20, 3


@about(find_person, "person.overview", Permission.VIEW_PEOPLE)
@require_GET
def overview(request: HttpRequest, person: Person) -> HttpResponse:
    subject, context = open_page(request, person, "overview")
    open_findings = list(
        Finding.objects.filter(person=person, current=True, status="open").order_by("start_us")
    )
    try:
        totals, no_rules = (
            totals_of_person(subject.person, subject.order_file, subject.rules, until_us=subject.now_us),
            "",
        )
    except LookupError as error:
        totals, no_rules = [], str(error)
    context |= {
        "now": from_us(subject.now_us),
        "owed": owed_next(subject),
        "lately": lately(subject, open_findings),
        "incidents": Incident.objects.filter(person=person, state__in=UNDECIDED).select_related("claimed_by").order_by(
            "due_us", "began_us")[:INCIDENTS_AT_MOST],
        "look_again": Incident.objects.filter(person=person, superseded_since_decision=True).order_by("-changed_us")[
            :INCIDENTS_AT_MOST],
        "totals": totals,
        "no_rules": no_rules,
        "notes": Note.objects.filter(person=person).select_related("by").order_by("-at_utc", "-pk")[:NOTES_SHOWN],
        "contacts": ContactDetail.objects.filter(person=person, ended_utc=None).order_by("-preferred", "pk"),
        "words": words,
        "tier": latest_tiers([person.pk]).get(person.pk) if context["assessed"] else None,
        "signed": latest_signed([person.pk]).get(person.pk) if context["assessed"] else None,
        "today": today(),
    }  # fmt: skip
    return render(request, "person_page/overview.html", context)
