"""Decisions that wait for a second person, and the page where one is answered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from milepost.service.accounts.about import about, listing, look_of
from milepost.service.accounts.access import user_of
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring import actions, policies, words
from milepost.service.monitoring.forms import SecondForm
from milepost.service.monitoring.history import history_of
from milepost.service.monitoring.models import Decision
from milepost.service.monitoring.policies import Changed
from milepost.service.monitoring.policy_data import decision_policy, reasons
from milepost.service.monitoring.supersession import differences


@listing("second.page", Permission.SECOND_DECISIONS)
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    rows = Decision.objects.visible_to(user).filter(state=Decision.State.WAITING)
    decisions = list(rows.select_related("incident__person", "by")[:200])
    look = look_of(request)
    look.show(decision.person for decision in decisions)
    look.note(decisions=[d.pk for d in decisions])
    context = {
        "decisions": decisions,
        "words": words,
        "reasons": reasons(),
        "own": {d.pk for d in decisions if d.by_id == user.pk},
    }
    return render(request, "monitoring/second.html", context)


def find_decision(user: User, pk: int) -> Decision:
    rows = Decision.objects.visible_to(user).select_related(
        "incident__person__team", "by", "absence", "replaces", "second_by"
    )
    decision: Decision = get_object_or_404(rows, pk=pk)
    return decision


@about(find_decision, "decision.page", Permission.SECOND_DECISIONS)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, decision: Decision) -> HttpResponse:
    user = user_of(request)
    incident = decision.incident
    now = {"revision": incident.revision, "shown_us": incident.changed_us}
    form = SecondForm(request.POST or None, initial=now)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            policies.check_unchanged(incident, form.cleaned_data["revision"])
            if form.cleaned_data["answer"] == "confirm":
                actions.confirm(decision=decision, by=user)
                messages.success(request, _("The decision is confirmed."))
            else:
                actions.refuse(decision=decision, by=user, note=form.cleaned_data["note"])
                messages.success(request, _("The decision went back to whoever made it."))
            return redirect("monitoring:second")
        except Changed as changed:
            form = SecondForm(initial=now)
            messages.error(request, str(changed))
            status = 409
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("monitoring:second")
    elif request.method == "POST":
        status = 422
    revisions = list(incident.findings.order_by("told_us", "pk"))
    current = [f for f in revisions if f.current]
    named = [f.row for f in revisions if f.finding_id in set(decision.finding_ids)]
    same = {f.finding_id for f in current} == set(decision.finding_ids)
    context = {
        "decision": decision,
        "incident": incident,
        "person": incident.person,
        "findings": named,
        "changed": []
        if same
        else differences(named, [f.row_so_far for f in current], [f.row for f in revisions]),
        "history": history_of(incident.events.select_related("by"), revisions, [decision]),
        "words": words,
        "reason": reasons().named(decision.reason_code),
        "rule": decision_policy().of(decision.kind),
        "policy": decision_policy(),
        "may_answer": policies.can_second(decision, user),
        "own": decision.by_id == user.pk,
        "form": form,
        "back_href": reverse("monitoring:second"),
    }
    return render(request, "monitoring/second-decision.html", context, status=status)
