"""One predictor: its state and how it did; steps that people take with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.risk.predictors.registry import Entry, Untrusted
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.roles import Permission
from milepost.service.algorithms import actions, words
from milepost.service.algorithms.fairness.later import key_of, sources
from milepost.service.algorithms.figures import figures, main_figures
from milepost.service.algorithms.forms import SecondForm, StepForm
from milepost.service.algorithms.models import DriftAlarm, DriftReport, PredictorStep
from milepost.service.algorithms.policies import needs_second, next_states
from milepost.service.algorithms.predictors import entry_of, is_synthetic
from milepost.service.algorithms.watching.shown import KINDS, LEVELS, alarm_words, drift_shown
from milepost.service.kit.refusals import Refused


def _entry_or_404(name: str, version: int) -> Entry:
    try:
        entry = entry_of(name, version)
    except Untrusted:
        raise Http404 from None
    if entry is None:
        raise Http404
    return entry


@requires(Permission.VIEW_ALGORITHMS)
@require_safe
def predictor(request: HttpRequest, code: str, version: int) -> HttpResponse:
    return _page(request, _entry_or_404(code, version))


@requires(Permission.MANAGE_ALGORITHMS)
@require_http_methods(["POST"])
def step(request: HttpRequest, code: str, version: int) -> HttpResponse:
    entry = _entry_or_404(code, version)
    form = StepForm(request.POST, states=next_states(entry))
    if form.is_valid():
        asked = form.cleaned_data
        try:
            made = actions.ask(
                entry=entry, to=asked["to"], why=asked["why"], evaluation_hash=asked["evaluation_hash"],
                by=user_of(request),
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            waits = made.state == PredictorStep.State.WAITING
            messages.success(request, _("It waits for a second person.") if waits else _("Done."))
            return redirect("algorithms:predictor", code=code, version=version)
    return _page(request, entry, form)


@requires(Permission.MANAGE_ALGORITHMS)
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(PredictorStep.objects.select_related("by", "second_by"), pk=pk)
    form = SecondForm(request.POST or None)
    user = user_of(request)
    if request.method == "POST" and form.is_valid():
        act = actions.confirm if form.cleaned_data["agree"] == "yes" else actions.refuse
        try:
            act(step=held, by=user, note=form.cleaned_data["note"])
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("Your answer is recorded."))
            return redirect("algorithms:predictor", code=held.name, version=held.version)
    can = held.state == PredictorStep.State.WAITING and held.by_id != user.pk
    context = {
        "step": held,
        "form": form,
        "can": can,
        "words": words,
        "made_up": is_synthetic(held.name, held.version),
    }
    return render(request, "algorithms/second.html", context)


def _page(request: HttpRequest, entry: Entry, form: StepForm | None = None) -> HttpResponse:
    facts = entry.facts()
    states = next_states(entry)
    of = {"name": entry.name, "version": entry.version}
    steps = PredictorStep.objects.filter(**of)
    report = DriftReport.objects.filter(**of).first()
    alarms = DriftAlarm.objects.filter(**of).select_related("answered_by", "first")
    context: dict[str, Any] = {
        "facts": facts, "entry": entry, "words": words, "states": states, "figures": figures(facts),
        "main_figures": main_figures(facts),
        "steps": list(steps.select_related("by", "second_by")), "drift": report and drift_shown(report),
        "alarms": [alarm for alarm in alarms if alarm.over_utc is None],
        "alarms_over": [alarm for alarm in alarms if alarm.over_utc is not None][:20],
        "alarm_words": alarm_words, "alarm_kinds": KINDS, "alarm_levels": LEVELS,
        "fairness": key_of(entry) if key_of(entry) in sources() else "",
        "form": form or StepForm(initial={"evaluation_hash": facts["evaluation_hash"]}, states=states),
        "two_people": [words.STEPS.get(state, state) for state in states if needs_second(state)],
    }  # fmt: skip
    return render(request, "algorithms/predictor.html", context)
