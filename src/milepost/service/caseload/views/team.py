"""The senior's pages: the team, one practitioner's list, working hours."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.service.accounts.about import listing, look_of
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.caseload import lists, team, words, workload
from milepost.service.caseload.actions.hours import set_hours
from milepost.service.caseload.bars import draw
from milepost.service.caseload.forms import HoursForm
from milepost.service.caseload.models import WorkingHours
from milepost.service.caseload.policy_data import full_percentage, tier_points
from milepost.service.caseload.views.today import list_context, note_whom
from milepost.service.kit.local_days import today
from milepost.service.people.forms import supervisors


def capacity_words(capacity: workload.Capacity) -> str:
    """ "84%", "at least 84%", "not known"."""
    if capacity.percentage is None:
        return _("no hours to fill")
    if capacity.without_tier and capacity.without_tier == capacity.cases:
        return _("not known: no tier")
    share = f"{capacity.percentage:.0f}%"
    return _("at least %(share)s") % {"share": share} if capacity.without_tier else share


@listing("today.team", Permission.VIEW_TEAM_WORK)
@require_safe
def team_page(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    view = team.team_view(user)
    look_of(request).show(view.shown)
    bars = [(m.user.name, m.capacity.percentage, capacity_words(m.capacity)) for m in view.members]
    return render(
        request,
        "caseload/team.html",
        {
            **list_context(view.whole),
            "view": view,
            "team": user.team,
            "drawing": draw(bars, full_percentage()),
            "full": full_percentage(),
            "capacity_words": capacity_words,
            "points": tier_points(),
        },
    )


@listing("today.page", Permission.VIEW_TEAM_WORK)
@require_safe
def practitioner(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody's list, to see what they have and to hand some of it on."""
    user = user_of(request)
    member: User = get_object_or_404(supervisors(user.team_id), pk=pk)
    shown = lists.list_of_practitioner(user, member)
    note_whom(request, shown, member.audit_name, quiet=True)
    return render(
        request,
        "caseload/practitioner.html",
        {**list_context(shown), "member": member, "own_list": False},
    )


@requires(Permission.VIEW_TEAM_WORK)
@require_http_methods(["GET", "POST"])
def hours(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    member: User = get_object_or_404(supervisors(user.team_id), pk=pk)
    now = workload.hours_of([member.pk], today()).get(member.pk)
    initial = {
        "hours": now.hours if now else workload.usual_hours(),
        "reductions_hours": now.reductions_hours if now else 0,
        "from_date": today(),
    }
    form = HoursForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            set_hours(
                by=user, of=member, hours=data["hours"], reductions_hours=data["reductions_hours"],
                from_date=data["from_date"], why=data["why"],
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("The hours of %(name)s are set.") % {"name": member.name})
            return redirect("caseload:team")
    past = WorkingHours.objects.filter(user=member).select_related("by").order_by("-from_date", "-pk")[:20]
    return render(
        request,
        "caseload/hours.html",
        {"form": form, "member": member, "past": list(past), "now_row": now, "words": words},
    )
