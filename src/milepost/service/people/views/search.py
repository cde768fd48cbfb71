"""The search for a person, and the list in a box while somebody types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from milepost.service import clock
from milepost.service.accounts.about import listing, look_of
from milepost.service.accounts.access import user_of
from milepost.service.accounts.models import Team, User
from milepost.service.accounts.roles import Permission, Reach, Role
from milepost.service.people.forms import SearchForm, supervisors
from milepost.service.people.picking import nobody_words, options_of, pick
from milepost.service.people.search import Question, search
from milepost.service.web.lookup import LONGEST, as_json


@listing("people.search", Permission.VIEW_PEOPLE)
@require_GET
def search_people(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = _form(request, user)
    question = _question(form) if form.is_valid() else None
    answer = search(user, question, request.GET.get("page")) if question is not None else None
    if answer is not None:
        look = look_of(request)  # who was shown, never what was typed: it may be a name
        look.show([*answer.people, *answer.elsewhere])
        look.note(elsewhere=[person.reference for person in answer.elsewhere])
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "people/search.html",
        {
            "form": form,
            "answer": answer,
            "searched": bool(question),
            "query": query.urlencode() + "&" if query else "",
            "now": clock.now_utc(),
        },
    )


def _form(request: HttpRequest, user: User) -> SearchForm:
    own = Role(user.role).facts.reach is Reach.OWN_TEAM
    chosen = request.GET.get("team", "")
    team_id = user.team_id if own else int(chosen) if chosen.isascii() and chosen.isdigit() else None
    return SearchForm(
        request.GET,
        teams=[] if own else Team.objects.order_by("name"),
        practitioners=supervisors(team_id) if team_id else [],
    )


def _question(form: SearchForm) -> Question:
    given = form.cleaned_data
    return Question(
        text=given["q"].strip(),
        born=given["born"],
        team=given.get("team"),
        practitioner=given.get("practitioner"),
        on_tag=given["on_tag"],
    )


@listing("people.pick", Permission.VIEW_PEOPLE)
@require_GET
def pick_people(request: HttpRequest) -> HttpResponse:
    """``?q=``: those whom it may mean, among the people the user sees. The log says who was shown, never what was typed."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    found = pick(user_of(request), text) if text else []
    look_of(request).show(found)
    return as_json(options_of(found), nobody_words())
