"""An alarm of a predictor, and the answer to it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.roles import Permission
from milepost.service.algorithms.forms import AnswerForm
from milepost.service.algorithms.models import DriftAlarm
from milepost.service.algorithms.predictors import is_synthetic
from milepost.service.algorithms.watching import actions
from milepost.service.algorithms.watching.shown import KINDS, LEVELS, alarm_words
from milepost.service.kit.refusals import Refused


@requires(Permission.MANAGE_ALGORITHMS)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    alarm = get_object_or_404(DriftAlarm.objects.select_related("first", "last", "answered_by"), pk=pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer(alarm=alarm, by=user_of(request), text=form.cleaned_data["text"])
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("Your answer is recorded."))
            return redirect("algorithms:predictor", code=alarm.name, version=alarm.version)
    context = {
        "alarm": alarm, "form": form, "told": alarm_words(alarm), "kind": KINDS.get(alarm.kind, alarm.kind),
        "level": LEVELS.get(alarm.level, alarm.level), "made_up": is_synthetic(alarm.name, alarm.version),
        "can": alarm.over_utc is None and alarm.answered_utc is None,
    }  # fmt: skip
    return render(request, "algorithms/alarm.html", context)
