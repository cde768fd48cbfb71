"""Files of outcomes: taken in, looked at, withdrawn. In numbers; no person is named on any of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.roles import Permission
from milepost.service.algorithms.forms import OutcomesForm, WhyForm
from milepost.service.algorithms.models import OutcomeFile
from milepost.service.algorithms.outcomes import actions
from milepost.service.algorithms.outcomes.read import COLUMNS, PROBLEMS
from milepost.service.algorithms.policy_data import outcome_numbers
from milepost.service.kit.refusals import Refused

A_PAGE = 25


@requires(Permission.MANAGE_ALGORITHMS)
@require_http_methods(["GET", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    form = OutcomesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, user = form.cleaned_data["file"], user_of(request)
        try:
            made = actions.take_in(
                by=user, name=file.name, content=file.read(), source=form.cleaned_data["source"]
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(
                request,
                ngettext("%(n)s row was recorded.", "%(n)s rows were recorded.", made.rows_kept) % {"n": made.rows_kept},
            )  # fmt: skip
            return redirect("algorithms:outcomes-file", pk=made.pk)
    held = Paginator(OutcomeFile.objects.select_related("by"), A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "files": held, "numbers": outcome_numbers(), "columns": COLUMNS}
    return render(request, "algorithms/outcomes.html", context)


@requires(Permission.MANAGE_ALGORITHMS)
@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, pk, WhyForm())


@requires(Permission.MANAGE_ALGORITHMS)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(OutcomeFile, pk=pk)
    form = WhyForm(request.POST)
    if form.is_valid():
        try:
            actions.withdraw(file=held, by=user_of(request), why=form.cleaned_data["why"])
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("It counts no longer."))
            return redirect("algorithms:outcomes-file", pk=pk)
    return _page(request, pk, form)


def _page(request: HttpRequest, pk: int, form: WhyForm) -> HttpResponse:
    held = get_object_or_404(OutcomeFile.objects.select_related("by", "withdrawn_by"), pk=pk)
    problems = [
        {
            "row": p["row"],
            "field": p["field"],
            "message": PROBLEMS[p["code"]][0],
            "remedy": PROBLEMS[p["code"]][1],
        }
        for p in held.problems
    ]
    return render(
        request, "algorithms/outcomes-file.html", {"file": held, "problems": problems, "form": form}
    )
