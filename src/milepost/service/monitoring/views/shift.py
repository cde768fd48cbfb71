"""The summary for the change of shift: a page that is also the print."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from milepost.service import clock
from milepost.service.accounts.about import listing, look_of
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.monitoring import words
from milepost.service.monitoring.policy_data import board_numbers
from milepost.service.monitoring.shift import shift_of


@listing("board.shift", Permission.VIEW_BOARD)
@require_GET
def shift(request: HttpRequest) -> HttpResponse:
    found = shift_of(user_of(request), last=request.GET.get("shift") == "last")
    incidents = [row.incident for part in found.open for row in part.rows]
    look = look_of(request)
    look.show([*(incident.person for incident in incidents), *(call.person for call in found.calls)])
    look.note(incidents=[i.pk for i in incidents], call_backs=[call.pk for call in found.calls])
    context = {
        "shift": found, "words": words, "now_us": clock.now_us(), "ahead_hours": board_numbers().shift.ahead_hours,
    }  # fmt: skip
    return render(request, "monitoring/shift.html", context)
