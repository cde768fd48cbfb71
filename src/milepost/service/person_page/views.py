from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from milepost.service.accounts.access import requires
from milepost.service.accounts.roles import Permission


@requires(Permission.VIEW_PEOPLE)
def person(request: HttpRequest) -> HttpResponse:
    return render(request, "person_page/person.html", {})
