"""Contests: write one down, look at it, correct, answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milepost.service.accounts.about import about, listing, look_of
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.assessments import policies, read
from milepost.service.assessments.actions import contests
from milepost.service.assessments.forms.other import AnswerForm, ContestForm
from milepost.service.assessments.models import OPEN_CONTEST, Assessment, Contest
from milepost.service.assessments.views.base import (
    address,
    find_assessment,
    find_contest,
    page,
)
from milepost.service.kit.local_days import today
from milepost.service.kit.refusals import Refused
from milepost.service.web.notices import act_and_show, show_refusal


@about(find_assessment, "assessment.form", Permission.WRITE_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def raise_one(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    form = ContestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = contests.raise_contest(by=user_of(request), assessment=assessment, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("It is written down. Somebody will look at it."))
            return redirect("assessments:contest", pk=made.pk)
    return render(request, "assessments/form.html", page(
        assessment.person, form=form, title=_("They say that something is wrong"), button=_("Write it down"),
        intro=_("Anybody may say that an assessment is wrong. It is never held against them. Somebody who did not sign it "
                "looks at it and answers."),
        back=address(assessment, "version") if assessment.signed_by_id else address(assessment),
    ))  # fmt: skip


@listing("assessment.contests", Permission.VIEW_ASSESSMENTS)
@require_safe
def contest_list(request: HttpRequest) -> HttpResponse:
    from milepost.service.assessments import words

    listed = list(read.open_contests(user_of(request)))
    look_of(request).show(contest.person for contest in listed)
    return render(request, "assessments/contests.html", {
        "contests": listed, "today": today(), "words": words,
    })  # fmt: skip


@about(find_contest, "assessment.contest_page", Permission.VIEW_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def contest(request: HttpRequest, found: Contest) -> HttpResponse:
    user = user_of(request)
    form = (
        AnswerForm(request.POST or None)
        if policies.can_look(found, user) or request.method == "POST"
        else None
    )
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            contests.answer_contest(by=user, contest=found, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("The answer is kept. Give it to the person."))
            return redirect("assessments:contest", pk=found.pk)
    return render(request, "assessments/contest.html", page(
        found.person, contest=found, assessment=found.assessment, form=form, today=today(),
        open=found.state in OPEN_CONTEST, why_not=_why_not(found, user),
        can_correct=policies.can_look(found, user) and found.correction is None,
    ))  # fmt: skip


def _why_not(found: object, user: object) -> str:
    try:
        policies.check_can_look(found, user)  # type: ignore[arg-type]
    except Refused as refused:
        return str(refused)
    return ""


@about(find_contest, "assessment.form", Permission.WRITE_ASSESSMENTS)
@require_POST
def look(request: HttpRequest, found: Contest) -> HttpResponse:
    act_and_show(
        request, lambda: contests.look(by=user_of(request), contest=found), _("You are looking at it.")
    )
    return redirect("assessments:contest", pk=found.pk)


@about(find_contest, "assessment.form", Permission.WRITE_ASSESSMENTS)
@require_POST
def correct(request: HttpRequest, found: Contest) -> HttpResponse:
    try:
        made = contests.correct(by=user_of(request), contest=found, assessed_on=today())
    except Refused as refused:
        show_refusal(request, refused)
        return redirect("assessments:contest", pk=found.pk)
    messages.success(request, _("Change what is wrong. Every other answer is as it was."))
    return redirect(address(made))
