"""Users and teams, for the administrator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milepost.service.accounts import credentials, policies
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.actions import users as actions
from milepost.service.accounts.confirmed import Because, asks_again
from milepost.service.accounts.forms import AddUserForm, SearchForm, TeamForm, UserForm
from milepost.service.accounts.models import SecondFactor, Team, User
from milepost.service.accounts.roles import Permission, Role
from milepost.service.accounts.views.own import end_credential
from milepost.service.kit.refusals import Refused

ON_A_PAGE = 50


@requires(Permission.MANAGE_USERS)
@require_safe
def users(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    asked = form.cleaned_data["q"].strip() if form.is_valid() else ""
    rows = User.objects.select_related("team", "second_factor").order_by("-is_active", "name", "pk")
    if asked:
        rows = rows.filter(Q(name__icontains=asked) | Q(email__icontains=asked))
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "titles": {r.value: r.facts.title for r in Role},
        "searched": asked,  # the layout has an `asked` of its own
        "query": urlencode({"q": asked}) + "&" if asked else "",
    }
    return render(request, "accounts/users.html", context)


def _link_page(request: HttpRequest, user: User, secret: str) -> HttpResponse:
    """Shows the link in the answer itself: nothing has to remember it. No mail is sent."""
    link = request.build_absolute_uri(reverse("accounts:invitation", args=[secret]))
    return render(request, "accounts/invited.html", {"invited": user, "link": link})


@requires(Permission.MANAGE_USERS)
@asks_again(Because.WAY_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def add_user(request: HttpRequest) -> HttpResponse:
    form = AddUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, secret = actions.add_user(by=user_of(request), **form.cleaned_data)
        except ValidationError as error:
            form.add_refusal(error)
        else:
            return _link_page(request, user, secret)
    return render(request, "accounts/add-user.html", {"form": form})


@requires(Permission.MANAGE_USERS)
@require_safe
def user(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(User.objects.select_related("team"), pk=pk)
    by, administrators = user_of(request), actions.active_administrators()
    context = {
        "shown": shown,
        "facts": Role(shown.role).facts,
        "factor": SecondFactor.objects.filter(user=shown).first(),
        "passkeys": shown.passkeys.count(),
        "credentials": credentials.live(shown),
        "real_now": timezone.now(),  # a browser lives in real time, in a demo too
        "can_change": policies.can_change(shown, by),
        "acts": [
            (reverse("accounts:user-act", args=[shown.pk, name]), act.button)
            for name, act in ACTS.items()
            if act.possible(shown, by, administrators)
        ],
    }
    return render(request, "accounts/user.html", context)


@requires(Permission.MANAGE_USERS)
@asks_again(Because.WAY_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def change_user(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(User, pk=pk)
    form = UserForm(
        request.POST or None,
        initial={"name": shown.name, "role": shown.role, "team": shown.team_id, "telephone": shown.telephone},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_user(by=user_of(request), user=shown, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The account is changed."))
            return redirect("accounts:user", pk)
    return render(request, "accounts/change-user.html", {"form": form, "shown": shown})


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to an account after a page that asks."""

    button: str | Promise
    text: str | Promise
    done: str | Promise
    act: Callable[..., Any]
    possible: Callable[[User, User, set[int]], bool]


ACTS = {
    "invite": Act(
        _("Create a new invitation link"),
        _("With the link they set a new password. Older links stop working. Give the link to nobody else."),
        "", actions.invite, lambda user, by, administrators: policies.can_invite(user, by),
    ),
    "reset-second-factor": Act(
        _("Reset the second factor"),
        _("Make sure that it is really them asking. Their app, passkeys and recovery codes stop working, "
          "their sessions and API tokens end, and at the next sign-in they set up an app again."),
        _("The second factor is reset."), actions.reset_second_factor,
        lambda user, by, administrators: policies.can_reset_second_factor(user, by),
    ),
    "sign-out": Act(
        _("Sign out everywhere"),
        _("Every session, API token and link of this account ends now. They may sign in again."),
        _("All of it has ended."), actions.sign_out_everywhere, lambda user, by, administrators: user.pk != by.pk,
    ),
    "deactivate": Act(
        _("Deactivate the account"),
        _("They are signed out now and cannot sign in; their API tokens end. What they did stays on record."),
        _("The account is not active any more."), actions.deactivate, policies.can_deactivate,
    ),
    "activate": Act(
        _("Activate the account"), _("They can sign in again, with the role and team shown."),
        _("The account is active."), actions.activate, lambda user, by, administrators: policies.can_activate(user, by),
    ),
}  # fmt: skip


def takes_away(act: str, **address: object) -> bool:
    """Such an act does not ask again: see ``accounts.confirmed``."""
    return act in {"sign-out", "deactivate"}


@requires(Permission.MANAGE_USERS)
@asks_again(Because.WAY_IN, unless=takes_away)
@require_http_methods(["GET", "HEAD", "POST"])
def user_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Asks (GET), then does (POST) one of ``ACTS``."""
    if act not in ACTS:
        raise Http404
    shown, chosen = get_object_or_404(User, pk=pk), ACTS[act]
    if request.method == "POST":
        try:
            result = chosen.act(by=user_of(request), user=shown)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("accounts:user", pk)
        if act == "invite":
            return _link_page(request, shown, result)
        messages.success(request, str(chosen.done))
        return redirect("accounts:user", pk)
    context = {
        "title": chosen.button,
        "text": chosen.text,
        "confirm_text": chosen.button,
        "cancel_href": reverse("accounts:user", args=[pk]),
        "danger": act in {"deactivate", "reset-second-factor"},
        "details": [
            {"key": {"text": _("Name")}, "value": {"text": shown.name}},
            {"key": {"text": _("E-mail address")}, "value": {"text": shown.email}},
        ],
    }
    return render(request, "confirm.html", context)


@requires(Permission.MANAGE_USERS)
@require_POST
def end_one(request: HttpRequest, pk: int, kind: str, number: int) -> HttpResponse:
    """One session, token or link of somebody else."""
    user = get_object_or_404(User, pk=pk)
    return end_credential(request, user, kind, number, then=redirect("accounts:user", pk))


@requires(Permission.MANAGE_USERS)
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    rows = Team.objects.annotate(count=Count("users", filter=Q(users__is_active=True))).order_by("name")
    return render(request, "accounts/teams.html", {"teams": rows})


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new team, or the one of ``pk``."""
    shown = get_object_or_404(Team, pk=pk) if pk is not None else None
    initial = {"name": shown.name, "area": shown.area} if shown else {}
    form = TeamForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_team(by=user_of(request), team=shown, **form.cleaned_data)
        except ValidationError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The team is saved."))
            return redirect("accounts:teams")
    return render(request, "accounts/team.html", {"form": form, "shown": shown})
