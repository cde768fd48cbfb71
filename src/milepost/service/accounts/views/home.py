"""The first page of each role."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.context import address_of
from milepost.service.accounts.roles import Role
from milepost.service.kit.capabilities import first_pages


def first_page(role: Role) -> str:
    """The address of the first that this service has, as its apps declare them; "" if there is none."""
    return next((address for view in first_pages(role) if (address := address_of(view))), "")


@requires()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    onward = first_page(Role(user_of(request).role))
    return redirect(onward) if onward else render(request, "accounts/home.html")
