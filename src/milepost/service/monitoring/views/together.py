"""Many alerts that are over and alike: looked at in one list, decided with one reason."""

from __future__ import annotations

import datetime as dt
import re

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from milepost.service.accounts.about import listing, look_of
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.kit.local_days import today
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring import actions, words
from milepost.service.monitoring.alike import alike_in
from milepost.service.monitoring.board import rows_of
from milepost.service.monitoring.forms import TogetherForm
from milepost.service.monitoring.models import CallBack
from milepost.service.monitoring.policy_data import decision_policy

CHOSEN = re.compile(r"([0-9]{1,15})-([0-9]{1,9})")
"""An alert and the revision of it that the page showed."""


@listing("board.together", Permission.DECIDE_INCIDENTS)
@require_http_methods(["GET", "POST"])
def together(request: HttpRequest, kind: str, night: str) -> HttpResponse:
    user, policy = user_of(request), decision_policy().together
    day = _day(night)
    if kind not in policy.findings:
        raise Http404
    form = TogetherForm(request.POST if request.method == "POST" else None, finding_kind=kind, prefix="t")
    chosen = dict(_chosen(request.POST.getlist("chosen")))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            done = actions.decide_together(
                incidents=chosen, by=user, kind=values["kind"], reason_code=values["reason_code"],
                explanation=values["explanation"],
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return _answer(request, done)
    rows = rows_of(alike_in(user, kind, day)[: policy.at_most], user)
    pks = {row.incident.pk for row in rows}
    waiting = CallBack.objects.filter(incident__in=pks, state=CallBack.State.WAITING)
    calls = dict(waiting.values_list("incident", "due_us"))
    look = look_of(request)
    look.show(row.incident.person for row in rows)
    look.note(incidents=[row.incident.pk for row in rows])
    context = {
        "rows": rows, "kind": kind, "night": day, "form": form, "words": words,
        "calls": calls, "unticked": pks - chosen.keys() if request.method == "POST" else calls.keys(),
        "back_href": reverse("monitoring:board"),
    }  # fmt: skip
    return render(request, "monitoring/together.html", context, status=422 if form.errors else 200)


def _day(night: str) -> dt.date:
    """Of the address. One that is still to come, such as the last that a date can say, is not there."""
    try:
        found = dt.date.fromisoformat(night)
    except ValueError:
        raise Http404 from None
    if found > today():
        raise Http404
    return found


def _chosen(values: list[str]) -> list[tuple[int, int]]:
    found = (CHOSEN.fullmatch(value) for value in values)
    return [(int(one[1]), int(one[2])) for one in found if one]


def _answer(request: HttpRequest, done: actions.Together) -> HttpResponse:
    count = len(done.decisions)
    if count:
        messages.success(
            request, ngettext("%(n)d alert is decided.", "%(n)d alerts are decided.", count) % {"n": count}
        )
    if done.left:
        reasons = " ".join(sorted({why for _incident, why in done.left}))
        said = ngettext(
            "%(n)d alert is not decided: %(why)s", "%(n)d alerts are not decided: %(why)s", len(done.left)
        )
        messages.error(request, said % {"n": len(done.left), "why": reasons})
    if not count and not done.left:
        messages.error(request, _("These alerts are not there any more."))
    return redirect("monitoring:board")
