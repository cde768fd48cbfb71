"""Whether scores, alerts and decisions treat groups alike. Asking is logged: records of many people are combined."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.roles import Permission
from milepost.service.algorithms.fairness.later import sources
from milepost.service.algorithms.fairness.reports import report_of
from milepost.service.algorithms.fairness.shown import COLUMNS, by_words, lines, shown
from milepost.service.algorithms.forms import AskForm
from milepost.service.algorithms.policy_data import numbers
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.downloads import CSV, attachment, csv_lines
from milepost.service.kit.local_days import today


def _log(request: HttpRequest, operation: Operation, what: str, asked: dict[str, Any]) -> None:
    user = user_of(request)
    with transaction.atomic():
        write(by=user, operation=operation, what=what, details=asked)


@requires(Permission.VIEW_ALGORITHMS)
@require_safe
def fairness(request: HttpRequest) -> HttpResponse:
    there = sources()
    form = AskForm(request.GET if request.GET else {"what": "alerts", "by": "ethnicity"}, sources=there)
    context: dict[str, Any] = {"form": form, "numbers": numbers()}
    if form.is_valid():
        asked = form.cleaned_data
        _log(request, Operation.COMBINATION, "fairness.page", asked)
        source = there[asked["what"]]
        report = report_of(asked["what"], source)
        context |= {
            "asked": asked, "source": source, "by": by_words(asked["by"]),
            "shown": shown(source, report, asked["by"]) if report else None,
        }  # fmt: skip
    return render(request, "algorithms/fairness.html", context)


@requires(Permission.VIEW_ALGORITHMS)
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """The table of the page as CSV, logged as a disclosure."""
    there = sources()
    form = AskForm(request.GET, sources=there)
    if not form.is_valid():
        return render(request, "algorithms/fairness.html", {"form": form, "numbers": numbers()}, status=400)
    asked = form.cleaned_data
    _log(request, Operation.DISCLOSURE, "fairness.csv", asked)
    source = there[asked["what"]]
    report = report_of(asked["what"], source)
    name = f"fairness-{asked['what']}-{asked['by']}-{today().isoformat()}.csv"
    table = lines(asked["what"], source, report, asked["by"]) if report else ()
    return attachment("".join(csv_lines(COLUMNS, table)), name, CSV)
