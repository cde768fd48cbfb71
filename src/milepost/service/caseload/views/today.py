"""The list of today, the rule behind it, and putting something off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milepost.service import clock
from milepost.service.accounts.about import about, listing, look_of
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.caseload import lists, put_off_ends, words
from milepost.service.caseload.actions import putting_off
from milepost.service.caseload.done import done_today
from milepost.service.caseload.forms import PutOffForm
from milepost.service.caseload.lists import TodayList
from milepost.service.caseload.models import Snooze
from milepost.service.caseload.policy_data import longest_put_off, put_off_reason
from milepost.service.caseload.query import query_about
from milepost.service.kit.refusals import Refused
from milepost.service.people.models import Person
from milepost.service.people.views.base import find_person
from milepost.supervision.rank_rule import rank_rule
from milepost.supervision.rank_rule_page import hours_words
from milepost.supervision.today import Placed, placed

UNALLOCATED = "unallocated"


@listing("today.page", Permission.VIEW_TODAY)
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """``?whose=unallocated``: people of the team whom nobody supervises yet."""
    user = user_of(request)
    whose = UNALLOCATED if request.GET.get("whose") == UNALLOCATED else ""
    shown = lists.unallocated_list(user) if whose else lists.own_list(user)
    note_whom(request, shown, whose or "own", quiet=bool(whose))
    return render(
        request,
        "caseload/today.html",
        {
            **list_context(shown),
            "whose": whose,
            "done": done_today(user, shown.query.now_utc),
            "unallocated": lists.unallocated_people(user).filter(erased_utc=None).count(),
            "own_list": True,
        },
    )


def list_context(shown: TodayList) -> dict[str, Any]:
    """What the list's macros ask for."""
    now = shown.query.now_utc
    return {
        "list": shown,
        "now": now,
        "rule": shown.query.rule,
        "words": words,
        "may_put_off": lambda one: bool(put_off_ends.offered(one, now)),
        "why_of": put_off_reason,
    }


def note_whom(request: HttpRequest, shown: TodayList, whose: str, *, quiet: bool) -> None:
    """``quiet``: whether the page names those who have nothing due, too."""
    look = look_of(request)
    look.show([*shown.references, *(shown.quiet if quiet else ())])
    look.note(whose=whose)


@requires(Permission.VIEW_TODAY)
@require_safe
def rule(request: HttpRequest) -> HttpResponse:
    """The rule of the order, as it is in force. About nobody."""
    found = rank_rule()
    return render(
        request,
        "caseload/rule.html",
        {
            "rule": found,
            "words": words,
            "hours_words": hours_words,
            "titles": {urgency.code: words.titled(urgency) for urgency in found.classes},
            "longest": {urgency.code: longest_put_off(urgency.code) for urgency in found.classes},
        },
    )


@about(find_person, "today.put_off_form", Permission.VIEW_TODAY)
@require_http_methods(["GET", "POST"])
def put_off(request: HttpRequest, person: Person, kind: str, key: str) -> HttpResponse:
    user, back = user_of(request), reverse("caseload:today")
    one = _reason(user, person, kind, key)
    if one is None:
        messages.info(request, _("Nothing is left of it to put off."))
        return redirect(back)
    now = clock.now_utc()
    offered = put_off_ends.offered(one, now)
    form = PutOffForm(request.POST or None, offered=offered, now_utc=now)
    if request.method == "POST" and form.is_valid():
        try:
            made = putting_off.put_off(
                by=user, person=person, one=one, until_utc=form.until_utc(),
                why_code=form.cleaned_data["why_code"], why=form.cleaned_data["why"],
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            until = words.until_words(made.until_utc, now)
            messages.success(
                request, _("Put off %(until)s. It is at the end of your list.") % {"until": until}
            )
            return redirect(back)
    return render(
        request,
        "caseload/put-off.html",
        {"form": form, "person": person, "one": one, "offered": offered, "words": words, "now": now,
         "back_href": back},
    )  # fmt: skip


def _reason(user: User, person: Person, kind: str, key: str) -> Placed | None:
    """The reason as it is now; None where it is gone."""
    one_person = Person.objects.filter(pk=person.pk)
    _people, reasons = lists.gather(query_about(one_person, user, waits_for=user, since_by=user))
    found = [r for r in reasons.get(person.pk, ()) if (r.kind, r.key) == (kind, key)]
    now_placed = placed(found, rank_rule(), clock.now_utc())
    return now_placed[0] if now_placed else None


@requires(Permission.VIEW_TODAY)
@require_POST
def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    snooze = Snooze.objects.visible_to(user).filter(pk=pk, user=user).first()
    if snooze is None:
        raise Http404
    try:
        putting_off.bring_back(by=user, snooze=snooze)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is back on your list."))
    return redirect("caseload:today")
