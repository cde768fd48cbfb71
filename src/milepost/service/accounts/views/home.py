"""The first page of each role."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from milepost.service.accounts.access import UserRequest, requires
from milepost.service.accounts.context import address_of
from milepost.service.accounts.roles import Role

FIRST_PAGES: dict[Role, tuple[str, ...]] = {
    Role.MONITORING_OFFICER: ("monitoring:board",),
    Role.MONITORING_SUPERVISOR: ("monitoring:board",),
    Role.PRACTITIONER: ("caseload:today", "people:search", "monitoring:board"),
    Role.SENIOR_PRACTITIONER: ("caseload:today", "people:search", "monitoring:board"),
    Role.ADMINISTRATOR: ("accounts:users",),
    Role.AUDITOR: ("audit:search",),
    Role.ANALYST: ("algorithms:list", "monitoring:rules"),
    Role.RECORDS_OFFICER: ("orders:to-check", "monitoring:rules"),
}
"""Views in the order of preference; the first that this service has."""


def first_page(role: Role) -> str:
    """Its address; "" if there is none, as in a service put together without those apps."""
    return next((address for view in FIRST_PAGES[role] if (address := address_of(view))), "")


@requires()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    onward = first_page(Role(cast(UserRequest, request).user.role))
    return redirect(onward) if onward else render(request, "accounts/home.html")
