"""A time to call again: set on an alert's page, and dropped there or on the board."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from milepost.service.accounts.about import about
from milepost.service.accounts.access import user_of
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring import actions
from milepost.service.monitoring.call_backs import next_time_us
from milepost.service.monitoring.forms import CallBackForm
from milepost.service.monitoring.models import CallBack, Incident
from milepost.service.monitoring.views.incident import find_incident, perform
from milepost.service.web.formats import weekday_time


def find_call_back(user: User, pk: int) -> CallBack:
    rows = CallBack.objects.visible_to(user).select_related("incident__person")
    found: CallBack = get_object_or_404(rows, pk=pk)
    return found


@about(find_incident, "incident.page", Permission.DECIDE_INCIDENTS)
@require_POST
def set_one(request: HttpRequest, found: Incident) -> HttpResponse:
    form = CallBackForm(request.POST, prefix="a")
    due_us = next_time_us(form.cleaned_data["at"]) if form.is_valid() else None
    return perform(
        request, found, "call_back", lambda _incident, _user: form,
        lambda i, user, f: actions.set_call_back(incident=i, due_us=due_us or 0, by=user, why=f.cleaned_data["why"]),
        _("It comes back on %(time)s.") % {"time": weekday_time(due_us)},
    )  # fmt: skip


@about(find_call_back, "incident.page", Permission.DECIDE_INCIDENTS)
@require_POST
def drop(request: HttpRequest, found: CallBack) -> HttpResponse:
    try:
        actions.drop_call_back(call_back=found, by=user_of(request))
        messages.success(request, _("The call-back is dropped."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("monitoring:incident", found.incident_id)
