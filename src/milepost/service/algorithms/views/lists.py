"""What is in use, and the record of each."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from milepost.risk.records import KINDS, UnknownSubject, record_for
from milepost.risk.records.markdown import markdown
from milepost.service.accounts.access import requires
from milepost.service.accounts.roles import Permission
from milepost.service.algorithms import words
from milepost.service.algorithms.in_use import fairness_of, kinds_in_use
from milepost.service.algorithms.models import DriftAlarm, PredictorStep
from milepost.service.algorithms.predictors import held, is_synthetic
from milepost.service.kit.files import attachment


@requires(Permission.VIEW_ALGORITHMS)
@require_safe
def in_use(request: HttpRequest) -> HttpResponse:
    waiting = PredictorStep.objects.filter(state=PredictorStep.State.WAITING)
    found = held()
    ringing: dict[tuple[str, int], list[DriftAlarm]] = {}
    for alarm in DriftAlarm.objects.filter(over_utc=None):
        ringing.setdefault((alarm.name, alarm.version), []).append(alarm)
    return render(
        request, "algorithms/list.html",
        {
            "kinds": kinds_in_use(), "predictors": found,
            "made_up": {(e.name, e.version) for e in found.entries if e.body["synthetic"]},
            "words": words, "fairness_of": fairness_of,
            "waiting": list(waiting.select_related("by")), "alarms": ringing,
        },
    )  # fmt: skip


@requires(Permission.VIEW_ALGORITHMS)
@require_safe
def record(request: HttpRequest, key: str) -> HttpResponseBase:
    """One record: what it is, filled from what runs, with its gaps."""
    kind = request.GET.get("kind", "atrs")
    if kind not in KINDS:
        raise Http404
    try:
        made = record_for(key, kind)
    except UnknownSubject:
        raise Http404 from None
    if request.GET.get("as") == "markdown":
        return attachment(markdown(made), "record.md", "text/markdown; charset=utf-8")
    name, _at, version = key.removeprefix("predictor:").partition("@")
    context = {
        "record": made, "kinds": words.RECORDS, "key": key, "fairness": fairness_of(key),
        "made_up": key.startswith("predictor:") and version.isdecimal() and is_synthetic(name, int(version)),
    }  # fmt: skip
    return render(request, "algorithms/record.html", context)
