"""The incident page and what is posted from it. Every change goes through an action and comes back by a redirect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from milepost.service.accounts.about import about, look_of
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.models import User
from milepost.service.accounts.picking import UserFinder
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring import actions, policies, words
from milepost.service.monitoring.call_backs import next_time_us
from milepost.service.monitoring.filters import Filters
from milepost.service.monitoring.forms import (
    CallBackForm,
    ContactForm,
    DecisionForm,
    HandOverForm,
    KeepForm,
    NoteForm,
    absence_initial,
)
from milepost.service.monitoring.history import Line
from milepost.service.monitoring.incident_page import IncidentPage, candidates, incident_page, may_do
from milepost.service.monitoring.models import Incident
from milepost.service.monitoring.next_alert import next_alert
from milepost.service.monitoring.policies import Changed
from milepost.service.monitoring.policy_data import decision_policy, reasons, zone_without_plan
from milepost.service.monitoring.timeline import code_words, label_words
from milepost.service.web.lookup import LONGEST, as_json
from milepost.times import from_us

WRONG, CONFLICT = 422, 409
Forms = dict[str, forms.BaseForm]


def find_incident(user: User, pk: int) -> Incident:
    """The incident, or 404 where it is not there for this user."""
    rows = Incident.objects.visible_to(user).select_related(
        "person__team", "person__practitioner", "claimed_by"
    )
    found: Incident = get_object_or_404(rows, pk=pk)
    return found


@about(find_incident, "incident.page", Permission.VIEW_BOARD)
@require_GET
def incident(request: HttpRequest, found: Incident) -> HttpResponse:
    user = user_of(request)
    page = incident_page(found, user)
    trail = (
        {"from_us": page.material.from_us, "until_us": page.material.until_us}
        if page.map and page.material
        else {}
    )
    look_of(request).note(reason=f"incident {found.pk}", revision=found.revision, **trail)
    return show(request, page, user, {})


def show(
    request: HttpRequest,
    page: IncidentPage,
    user: User,
    given: Forms,
    *,
    status: int = 200,
    news: list[Line] | None = None,
) -> HttpResponse:
    """The page with its forms: those in ``given`` as they were filled in, the others fresh."""
    now = {"revision": page.incident.revision, "shown_us": page.incident.changed_us}
    kinds, minutes = page.kinds, page.minutes
    rows = [f.row_so_far for f in page.findings]
    fresh: dict[str, Callable[[], forms.BaseForm]] = {
        "decide": lambda: DecisionForm(
            kinds=kinds, minutes=minutes, initial=now | absence_initial(rows), prefix="d"
        ),
        "contact": lambda: ContactForm(prefix="c"),
        "call_back": lambda: CallBackForm(prefix="a"),
        "note": lambda: NoteForm(prefix="n"),
        "hand_over": lambda: hand_over_form(page.incident, user),
        "keep": lambda: KeepForm(initial=now, prefix="k"),
    }
    shown = {name: given.get(name) or make() for name, make in fresh.items()}
    wrong = next((form for form in given.values() if form.errors), None)
    context: dict[str, Any] = {
        "page": page,
        "incident": page.incident,
        "person": page.incident.person,
        "may_do": may_do(page, user),
        "forms": shown,
        "words": words,
        "label_words": label_words,
        "code_words": code_words,
        "reasons": reasons(),
        "policy": decision_policy(),
        "news": news or [],
        "next_alert": next_alert(user, but=page.incident.pk) if policies.can_work(user) else None,
        "without_plan": zone_without_plan(),
        "back_href": reverse("monitoring:board"),
    }
    if wrong is not None:
        context["form"] = wrong  # the layout sums up its errors
    return render(request, "monitoring/incident.html", context, status=status)


def hand_over_form(incident: Incident, user: User, given: QueryDict | None = None) -> HandOverForm:
    address = reverse("monitoring:colleagues", args=[incident.pk])
    return HandOverForm(given, candidates=candidates(incident, user), address=address, prefix="h")


# Not through ``about``: it names staff alone, and each letter that is typed asks.
@requires(Permission.DECIDE_INCIDENTS)
@require_GET
def colleagues(request: HttpRequest, pk: int) -> HttpResponse:
    """``?q=``: those to whom this alert may be handed over and whom it may mean."""
    user = user_of(request)
    finder = UserFinder(candidates(find_incident(user, pk), user), request.path)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    return as_json(finder.find(text), finder.nothing(text))


def perform(
    request: HttpRequest, found: Incident, form_name: str, form: Callable[[Incident, User], forms.BaseForm] | None,
    act: Callable[[Incident, User, Any], object], done: str,
) -> HttpResponse:  # fmt: skip
    """One post: the form read, the action tried, what went wrong told on the page, success by a redirect."""
    user = user_of(request)
    filled = form(found, user) if form else None
    if filled is not None and not filled.is_valid():
        return show(request, incident_page(found, user), user, {form_name: filled}, status=WRONG)
    try:
        act(found, user, filled)
    except Changed as changed:
        return _come_back(request, found.pk, form_name, filled, str(changed))
    except Refused as refused:
        messages.error(request, str(refused))
        return _onward(request, found.pk)
    messages.success(request, done)
    return _onward(request, found.pk)


def _do_at_once(request: HttpRequest, found: Incident, act: Callable[..., object], done: str) -> HttpResponse:
    """One post that asks nothing."""
    return perform(request, found, "", None, lambda incident, user, _f: act(incident=incident, by=user), done)


def _come_back(
    request: HttpRequest, pk: int, form_name: str, filled: forms.BaseForm | None, why: str
) -> HttpResponse:
    """Somebody or something was faster: the page as it is now, what is new since, and the form as it was filled in
    (but for the revision, so that sending it again is a choice made with open eyes)."""
    user = user_of(request)
    found = find_incident(user, pk)
    page = incident_page(found, user)
    if filled is None:
        messages.error(request, why)
        return _onward(request, found.pk)
    since = from_us(filled.cleaned_data["shown_us"])
    data = cast(QueryDict, filled.data).copy()
    data[filled.add_prefix("revision")] = str(found.revision)
    data[filled.add_prefix("shown_us")] = str(found.changed_us)
    filled.data = data
    filled.add_error(None, why)
    news = [line for line in page.history if line.at_utc > since]
    return show(request, page, user, {form_name: filled}, status=CONFLICT, news=news)


def _onward(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to the board where the button was there, to the next alert where that was asked for, else to the incident."""
    if request.POST.get("onward") == "next":
        after = next_alert(user_of(request), but=pk)
        if after is None:
            messages.info(request, _("Nothing else needs you now."))
            return redirect("monitoring:board")
        messages.info(request, _("This is the next alert. It may be about another person."))
        return redirect("monitoring:incident", after.pk)
    if "back" in request.POST:
        asked = QueryDict(request.POST["back"])
        number = asked.get("page", "")
        query = Filters.of(asked).as_query(page=number if number.isdecimal() else "", view=_everything(asked))
        return redirect(f"{reverse('monitoring:board')}{'?' + query if query else ''}#incident-{pk}")
    return redirect("monitoring:incident", pk)


def _everything(asked: QueryDict) -> str:
    """A board without filters that was asked for by name stays so: no view holds by default there."""
    return "all" if asked.get("view") == "all" else ""


@about(find_incident, "incident.page", Permission.DECIDE_INCIDENTS)
@require_POST
def claim(request: HttpRequest, found: Incident) -> HttpResponse:
    return _do_at_once(request, found, actions.claim, _("The alert is yours."))


@about(find_incident, "incident.page", Permission.DECIDE_INCIDENTS)
@require_POST
def release(request: HttpRequest, found: Incident) -> HttpResponse:
    return _do_at_once(request, found, actions.release, _("The alert is free again."))


@about(find_incident, "incident.page", Permission.DECIDE_INCIDENTS)
@require_POST
def acknowledge(request: HttpRequest, found: Incident) -> HttpResponse:
    return _do_at_once(request, found, actions.acknowledge, _("Noted that you have seen it."))


@about(find_incident, "incident.page", Permission.DECIDE_INCIDENTS)
@require_POST
def hand_over(request: HttpRequest, found: Incident) -> HttpResponse:
    return perform(
        request, found, "hand_over",
        lambda i, user: hand_over_form(i, user, request.POST),
        lambda i, user, f: actions.hand_over(
            incident=i, to=f.cleaned_data["to"], by=user, note=f.cleaned_data["note"]
        ),
        _("The alert is handed over."),
    )  # fmt: skip


@about(find_incident, "incident.page", Permission.DECIDE_INCIDENTS)
@require_POST
def take_over(request: HttpRequest, found: Incident) -> HttpResponse:
    return _do_at_once(request, found, actions.take_over, _("The alert is yours."))


@about(find_incident, "incident.page", Permission.DECIDE_INCIDENTS)
@require_POST
def contact(request: HttpRequest, found: Incident) -> HttpResponse:
    return perform(
        request, found, "contact", lambda i, user: ContactForm(request.POST, prefix="c"),
        lambda i, user, f: actions.record_contact(
            incident=i, by=user, channel=f.cleaned_data["channel"], outcome=f.cleaned_data["outcome"],
            text=f.cleaned_data["text"], call_again_us=_time_us(f.cleaned_data["again_at"]),
        ),
        _("The contact is recorded."),
    )  # fmt: skip


def _time_us(time: dt.time | None) -> int | None:
    return None if time is None else next_time_us(time)


@about(find_incident, "incident.page", Permission.DECIDE_INCIDENTS)
@require_POST
def note(request: HttpRequest, found: Incident) -> HttpResponse:
    return perform(
        request, found, "note", lambda i, user: NoteForm(request.POST, prefix="n"),
        lambda i, user, f: actions.add_note(incident=i, by=user, text=f.cleaned_data["text"]), _("The note is added."),
    )  # fmt: skip


@about(find_incident, "incident.page", Permission.DECIDE_INCIDENTS)
@require_POST
def decide(request: HttpRequest, found: Incident) -> HttpResponse:
    def form(found: Incident, user: User) -> DecisionForm:
        current = list(found.findings.filter(current=True))
        return DecisionForm(
            request.POST,
            prefix="d",
            kinds={f.kind for f in current},
            minutes=sum(f.seconds_so_far for f in current) / 60,
        )

    def act(found: Incident, user: User, filled: DecisionForm) -> object:
        values = filled.cleaned_data
        return actions.decide(
            incident=found, revision=values["revision"], by=user, kind=values["kind"],
            reason_code=values["reason_code"], explanation=values["explanation"], evidence=values["evidence"],
            asked_in_advance=values["asked_in_advance"], absence=filled.absence_time(),
        )  # fmt: skip

    return perform(request, found, "decide", form, act, _("The decision is recorded."))


@about(find_incident, "incident.page", Permission.DECIDE_INCIDENTS)
@require_POST
def keep(request: HttpRequest, found: Incident) -> HttpResponse:
    return perform(
        request, found, "keep", lambda i, user: KeepForm(request.POST, prefix="k"),
        lambda i, user, f: actions.keep_decision(
            incident=i, revision=f.cleaned_data["revision"], by=user, text=f.cleaned_data["text"]
        ),
        _("Recorded: the decision still stands."),
    )  # fmt: skip
