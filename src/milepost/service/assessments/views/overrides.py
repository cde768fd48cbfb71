"""Overrides: make one, look at one as a second person, withdraw one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from milepost.service.accounts.about import about
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.assessments import policies
from milepost.service.assessments.actions import overrides
from milepost.service.assessments.forms.other import OverrideForm, SecondForm
from milepost.service.assessments.models import Assessment, Override
from milepost.service.assessments.targets import targets_of
from milepost.service.assessments.views.base import (
    address,
    find_assessment,
    find_override,
    page,
)
from milepost.service.kit.refusals import Refused
from milepost.service.web.notices import act_and_show


@about(find_assessment, "assessment.form", Permission.WRITE_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def override(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    user = user_of(request)
    form = OverrideForm(request.POST or None, targets=targets_of(assessment))
    if request.method == "POST" and form.is_valid():
        try:
            made = overrides.override(by=user, assessment=assessment, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            waits = made.state == Override.State.WAITING
            said = _("It waits for a second person.") if waits else _("The override is agreed.")
            messages.success(request, said)
            return redirect(address(assessment, "version"))
    elif request.method == "GET" and not policies.can_override(assessment, user):
        messages.error(request, _("Only the version in force can be overridden: sign it first."))
        return redirect(address(assessment, "version"))
    return render(request, "assessments/form.html", page(
        assessment.person, form=form, title=_("Override a score or the tier"), button=_("Override"),
        intro=_("The score itself stays as it is. Your override is kept with it, with your name and reason, "
                "and how overrides turned out is measured. A changed band does not change the tier: override "
                "the tier itself."),
        back=address(assessment, "version"),
    ))  # fmt: skip


@about(find_override, "assessment.override_page", Permission.COUNTERSIGN_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest, found: Override) -> HttpResponse:
    user = user_of(request)
    form = SecondForm(request.POST or None)
    there = address(found.assessment, "version")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            act = overrides.agree if data["agree"] == "yes" else overrides.refuse
            act(by=user, made=found, note=data["note"])
        except Refused as refused:
            form.add_refusal(refused)
        else:
            said = (
                _("The override is agreed.") if data["agree"] == "yes" else _("The override is not agreed.")
            )
            messages.success(request, said)
            return redirect(there)
    return render(request, "assessments/override.html", page(
        found.person, override=found, assessment=found.assessment, form=form, back=there,
        can_second=policies.can_second_override(found, user),
    ))  # fmt: skip


@about(find_override, "assessment.override_page", Permission.WRITE_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, found: Override) -> HttpResponse:
    there = address(found.assessment, "version")
    if request.method == "POST":
        act_and_show(
            request, lambda: overrides.withdraw(by=user_of(request), made=found),
            _("The override is withdrawn. What was worked out counts."),
        )  # fmt: skip
        return redirect(there)
    return render(request, "confirm.html", {
        "title": _("Withdraw this override?"), "text": _("What was worked out counts again. The override stays on record."),
        "confirm_text": _("Withdraw the override"), "cancel_href": there, "danger": True,
    })  # fmt: skip
