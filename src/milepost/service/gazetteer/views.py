"""The list of places in a box while somebody types. It names nobody, and what was typed is kept nowhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from milepost.service.accounts.access import requires
from milepost.service.accounts.roles import Permission
from milepost.service.gazetteer.finder import SHOWN, gazetteer, option_of, why_none
from milepost.service.web.lookup import LONGEST, as_json


@requires(Permission.EDIT_ORDERS)
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """``?q=``: places that it may mean."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    answer = gazetteer().find(text, SHOWN)
    return as_json([option_of(found) for found in answer.places], why_none(answer.why_none, text))
