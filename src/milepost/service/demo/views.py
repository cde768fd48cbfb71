"""The demo's own pages: signing in with one button, and the tour. Answer to this machine alone (``home``)."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from milepost.service import clock
from milepost.service.accounts.actions.signing_in import come_in
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.demo import tour
from milepost.service.demo.home import at_home
from milepost.service.web.access import public


def users_by_role() -> dict[Role, User]:
    """The first demo user of each role."""
    found: dict[Role, User] = {}
    for user in User.objects.filter(is_demo=True, is_active=True).select_related("team").order_by("pk"):
        found.setdefault(Role(user.role), user)
    return found


# Public: in demo mode, from this machine, anybody may be anybody; every person is made up.
@public
@at_home
@require_http_methods(["GET", "HEAD"])
def front(request: HttpRequest) -> HttpResponse:
    users = users_by_role()
    roles = [{"role": role, "facts": role.facts, "who": users[role]} for role in Role if role in users]
    return render(request, "demo/front.html", {"roles": roles, "town_now": clock.now_utc()})


@public
@at_home
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """One click: only users that are marked as the demo's."""
    try:
        user = users_by_role()[Role(request.POST.get("role", ""))]
    except (ValueError, KeyError):
        raise Http404 from None
    kept = {name: request.session.get(name) for name in (tour.STEP, tour.HIDDEN)}
    come_in(request, user, how="demo", second="none")
    request.session[tour.STEP] = _step(request.POST.get("step")) or kept[tour.STEP] or 1
    request.session[tour.HIDDEN] = bool(kept[tour.HIDDEN]) and "step" not in request.POST
    onward = request.POST.get("next", "")
    good = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    return redirect(onward if onward and good else "accounts:home")


@public
@at_home
@require_http_methods(["GET", "HEAD"])
def tour_page(request: HttpRequest) -> HttpResponse:
    users = users_by_role()
    steps = [
        {"step": s, "role": s.role.facts.title, "address": tour.address_of(s), "there": s.role in users}
        for s in tour.STEPS
    ]
    late = tour.late_person()
    if late is not None:  # whoever asks: the page needs no sign-in
        user = request.user if isinstance(request.user, User) else None
        with transaction.atomic():
            write(by=user, operation=Operation.CONSULTATION, what="demo.tour", shown=[late.reference])
    return render(request, "demo/tour.html", {"steps": steps, "late": late})


@public
@at_home
@require_POST
def step(request: HttpRequest) -> HttpResponse:
    """To another step: signs in as its role and goes to its page."""
    number = _step(request.POST.get("step"))
    if number is None:
        raise Http404
    wanted = tour.STEPS[number - 1]
    users = users_by_role()
    if wanted.role not in users:
        raise Http404
    if not isinstance(request.user, User) or request.user.role != wanted.role:
        come_in(request, users[wanted.role], how="demo", second="none")
    request.session[tour.STEP], request.session[tour.HIDDEN] = number, False
    return redirect(tour.address_of(wanted))


@public
@at_home
@require_POST
def hide(request: HttpRequest) -> HttpResponse:
    """Puts the panel away. The tour page brings it back."""
    request.session[tour.HIDDEN] = True
    onward = request.POST.get("next", "")
    good = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    return redirect(onward if onward and good else "accounts:home")


def _step(text: str | None) -> int | None:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) < 3 else 0
    return number if 1 <= number <= len(tour.STEPS) else None
