"""What is due, what waits, what is contested; one person's versions; and the first step of a new one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.service.accounts.about import about, listing, look_of
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.assessments import policies, read
from milepost.service.assessments.actions import drafts, facts
from milepost.service.assessments.forms.other import SexForm, StartForm
from milepost.service.assessments.models import OPEN, Assessment, Contest, RecordedFact
from milepost.service.assessments.views.base import address, find_person, page
from milepost.service.assessments.vocabulary import in_words, questions, translated
from milepost.service.assessments.work_out import sex_of
from milepost.service.kit.local_days import today
from milepost.service.kit.refusals import Refused
from milepost.service.people.models import Person
from milepost.service.web.notices import act_and_show

MOST = 100


@listing("assessment.lists", Permission.VIEW_ASSESSMENTS)
@require_safe
def assessments(request: HttpRequest) -> HttpResponse:
    """The lists to work through: second signatures, contests, own drafts, what is due."""
    user = user_of(request)
    due = read.due(user, today())
    open_ones = Assessment.objects.visible_to(user).filter(state__in=OPEN).select_related("person", "made_by")
    waiting, contests = read.awaiting_countersign(user)[:MOST], list(read.open_contests(user)[:MOST])
    begun = list(open_ones.order_by("made_utc")[:MOST])
    look_of(request).show(row.person for row in (*waiting, *contests, *begun, *due[:MOST]))
    return render(request, "assessments/list.html", {
        "waiting": waiting, "contests": contests, "open": begun, "due": due[:MOST], "n_due": len(due),
        "today": today(), **_words(),
    })  # fmt: skip


def _words() -> dict[str, object]:
    from milepost.service.assessments import words

    return {"words": words}


@about(find_person, "assessment.list", Permission.VIEW_ASSESSMENTS)
@require_safe
def of_person(request: HttpRequest, person: Person) -> HttpResponse:
    user = user_of(request)
    versions = list(
        Assessment.objects.filter(person=person).select_related("made_by", "signed_by").order_by("-number")
    )
    contests = (
        Contest.objects.filter(person=person).select_related("assessment").order_by("-raised_on", "-pk")
    )
    facts_known = RecordedFact.objects.filter(person=person).order_by("question", "as_of", "pk")
    newest = {fact.question: fact for fact in facts_known if fact.question in questions()}
    rows = [
        (translated(questions()[fact.question].label), in_words(questions()[fact.question], fact.value), fact)
        for fact in newest.values()
    ]
    return render(request, "assessments/of-person.html", page(
        person, versions=versions, contests=list(contests),
        open=next((version for version in versions if version.state in OPEN), None),
        now=read.latest_signed([person.pk]).get(person.pk), tier=read.latest_tiers([person.pk]).get(person.pk),
        facts=rows, sex=sex_of(person), today=today(), can_start=policies.can_start(person, user),
    ))  # fmt: skip


@about(find_person, "assessment.form", Permission.WRITE_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, person: Person) -> HttpResponse:
    user = user_of(request)
    first = person.pk not in read.latest_signed([person.pk])
    form = StartForm(request.POST or None, first=first)
    if request.method == "POST" and form.is_valid():
        try:
            made = drafts.start(by=user, person=person, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return redirect(address(made))
    return render(request, "assessments/form.html", page(
        person, form=form, title=_("Start an assessment"), button=_("Start"),
        intro=_("What records and the assessment before say is filled in. You confirm each answer."),
        back=reverse("assessments:of-person", args=[person.reference]),
    ))  # fmt: skip


@about(find_person, "assessment.form", Permission.WRITE_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def sex(request: HttpRequest, person: Person) -> HttpResponse:
    """The published instruments read sex, so it must be on record before there is a score."""
    form = SexForm(request.POST or None, initial={"sex": sex_of(person)})
    back = reverse("assessments:of-person", args=[person.reference])
    if request.method == "POST" and form.is_valid():
        act_and_show(
            request, lambda: facts.record_sex(by=user_of(request), person=person, **form.cleaned_data),
            _("It is recorded."),
        )  # fmt: skip
        return redirect(back)
    return render(request, "assessments/form.html", page(
        person, form=form, title=_("Record their sex"), button=_("Save"), back=back,
        intro=_("The published scores have other numbers for men and for women, so there is no score without it."),
    ))  # fmt: skip
