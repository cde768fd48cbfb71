"""A version as it was signed: to read, to countersign, to compare, to print."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milepost.service.accounts.about import about
from milepost.service.accounts.access import user_of
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.assessments import policies
from milepost.service.assessments.actions import deciding, disclosing
from milepost.service.assessments.differences import compare as compare_versions
from milepost.service.assessments.for_person import paragraphs
from milepost.service.assessments.forms.other import EventForm, SecondForm
from milepost.service.assessments.harm import GROUPS, overall
from milepost.service.assessments.models import Assessment, AssessmentState
from milepost.service.assessments.score_page import frozen_scores, frozen_tier
from milepost.service.assessments.states import EDITABLE
from milepost.service.assessments.views.base import address, find_assessment, page
from milepost.service.assessments.vocabulary import answer_in_words, sections, translated
from milepost.service.kit.local_days import today
from milepost.service.kit.refusals import Refused


def everything(assessment: Assessment) -> dict[str, Any]:
    """What the page of a version and its print read. Nothing of scores before somebody has judged."""
    answers = list(assessment.answers.select_related("by"))
    overrides = list(assessment.overrides.select_related("by", "second_by"))
    by_question = {a.question: a for a in answers if a.confirmed}
    listed = []
    for section in sections():
        rows = [
            {
                "label": translated(q.label),
                "value": answer_in_words(by_question[q.key]),
                "answer": by_question[q.key],
            }
            for q in section.questions
            if q.key in by_question
        ]
        if rows:
            listed.append({"title": translated(section.title), "rows": rows})
    judgements = list(assessment.judgements.select_related("by"))
    return {
        "assessment": assessment, "sections": listed, "judgements": judgements, "groups": GROUPS,
        "overall": overall(judgements[-1]) if judgements else None, "overrides": overrides,
        "scores": frozen_scores(assessment, overrides), "tier": frozen_tier(assessment, answers),
        "levels": assessment.needs_result,
    }  # fmt: skip


@about(find_assessment, "assessment.version", Permission.VIEW_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def version(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """Everything of one version. Whoever may countersign it, does so here."""
    user = user_of(request)
    if assessment.state in EDITABLE:
        return redirect(address(assessment))
    may_second = policies.can_countersign(assessment, user)
    form = SecondForm(request.POST or None) if may_second or request.method == "POST" else None
    if form is not None and request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if data["agree"] == "yes":
                deciding.countersign(by=user, assessment=assessment, note=data["note"])
                messages.success(request, _("Countersigned. It is in force."))
            else:
                deciding.send_back(by=user, assessment=assessment, note=data["note"])
                messages.success(request, _("Sent back to its author."))
        except Refused as refused:
            form.add_refusal(refused)
            assessment.refresh_from_db()
        else:
            there = "assessments:version" if data["agree"] == "yes" else None
            if there:
                return redirect(there, pk=assessment.pk)
            return redirect("assessments:of-person", reference=assessment.person.reference)
    contests = list(assessment.contests.all())
    return render(request, "assessments/version.html", page(
        assessment.person, **everything(assessment), form=form, contests=contests, today=today(),
        can={
            "take_back": policies.can_take_back(assessment, user),
            "override": policies.can_override(assessment, user),
            "contest": policies.can_contest(assessment, user),
            "event": policies.can_bring_forward(assessment, user),
            "print": bool(assessment.tier_result) and assessment.state != AssessmentState.AWAITING,
            "second": policies.wrote_in(assessment, user),
        },
    ))  # fmt: skip


@about(find_assessment, "assessment.compare", Permission.VIEW_ASSESSMENTS)
@require_safe
def compare(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """Beside the version it took the place of."""
    if assessment.supersedes is None:
        raise Http404
    return render(request, "assessments/compare.html", page(
        assessment.person, assessment=assessment, earlier=assessment.supersedes,
        compared=compare_versions(assessment.supersedes, assessment),
    ))  # fmt: skip


@about(find_assessment, "assessment.form", Permission.WRITE_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def event(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    form = EventForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deciding.bring_forward(by=user_of(request), assessment=assessment, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("The next assessment is due sooner."))
            return redirect(address(assessment, "version"))
    return render(request, "assessments/form.html", page(
        assessment.person, form=form, title=_("Something happened"), button=_("Bring the next assessment forward"),
        intro=_("The next assessment becomes due sooner, never later."), back=address(assessment, "version"),
    ))  # fmt: skip


def find_printable(user: User, pk: int) -> Assessment:
    """A version that came into force. What still waits is not handed to anybody."""
    assessment = find_assessment(user, pk)
    if not assessment.tier_result or assessment.state in (*EDITABLE, AssessmentState.AWAITING):
        raise Http404
    return assessment


@about(find_printable, "assessment.print", Permission.VIEW_ASSESSMENTS)
@require_safe
def for_officer(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    return render(
        request, "assessments/print-officer.html", page(assessment.person, **everything(assessment))
    )


@about(find_printable, "assessment.print_person", Permission.VIEW_ASSESSMENTS)
@require_safe
def for_person(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """The same assessment in plain words, with how to say that it is wrong."""
    return render(request, "assessments/print-person.html", page(
        assessment.person, assessment=assessment, paragraphs=paragraphs(assessment),
        can_give=user_of(request).may(Permission.WRITE_ASSESSMENTS),
    ))  # fmt: skip


@about(find_printable, "assessment.form", Permission.WRITE_ASSESSMENTS)
@require_POST
def given(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """It left the service: the person was given the page."""
    with transaction.atomic():
        disclosing.given_to_person(by=user_of(request), assessment=assessment)
    messages.success(request, _("It is written down that they were given it."))
    return redirect(address(assessment, "version"))
