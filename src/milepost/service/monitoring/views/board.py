"""The board, its rows for a page that updates itself, and the stream that says when to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from milepost.service import clock
from milepost.service.accounts.about import listing, look_of
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.models import Team
from milepost.service.accounts.roles import Permission, Reach, Role
from milepost.service.monitoring import policies, pulse, stream, words
from milepost.service.monitoring.board import Board, board_of, etag_of
from milepost.service.monitoring.filters import Filters
from milepost.service.monitoring.forms import SaveViewForm
from milepost.service.monitoring.models import SavedView
from milepost.service.monitoring.policy_data import board_numbers

COUNTED = 30
"""Up to how many new alerts the page can say in words of its own; beyond, "30 or more"."""


@listing("board.page", Permission.VIEW_BOARD)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    views = list(SavedView.objects.filter(user=user))
    filters = Filters.of(request.GET)
    # A view holds by default only where nothing at all is asked for; "everything" is asked for by name.
    default = next((view for view in views if view.by_default), None)
    if default is not None and not request.GET:
        filters = Filters.of_words(default.query)
    # The pulse first: what changes while the rows are read is told again rather than missed.
    number = pulse.current()
    found = board_of(user, filters, request.GET.get("page"), request.GET.get("again"))
    _note_whom(request, found)
    everywhere = Role(user.role).facts.reach is not Reach.OWN_TEAM
    context = _context(request, found) | {
        "pulse": number,
        "teams": list(Team.objects.order_by("name")) if everywhere else [],
        "refresh_s": board_numbers().page.refresh_without_script_s,
        "script_words": _script_words(),
        "views": views,
        "view_shown": next((view for view in views if view.query == filters.to_save and view.query), None),
        "save_form": SaveViewForm(prefix="v"),
    }
    return render(request, "monitoring/board.html", context)


@listing("board.rows", Permission.VIEW_BOARD, again_after_s=lambda: board_numbers().page.named_again_after_s)
@require_GET
def rows(request: HttpRequest) -> HttpResponseBase:
    """The lists alone, as on the page. 304 where nothing can have changed since the browser's copy."""
    user = user_of(request)
    etag = etag_of(user, pulse.current(), request.GET.urlencode(), get_language() or "")
    if request.headers.get("If-None-Match") == etag:
        same = HttpResponseNotModified()
        same.headers["ETag"] = etag
        return same
    found = board_of(user, Filters.of(request.GET), request.GET.get("page"), request.GET.get("again"))
    _note_whom(request, found)
    answer = render(request, "monitoring/lists.html", _context(request, found))
    answer.headers["ETag"] = etag
    return answer


@requires(Permission.VIEW_BOARD)
@require_GET
def stream_view(request: HttpRequest) -> HttpResponseBase:
    """The pulse, as it rises. A server without room says so in an event and ends: that is no fault of the page."""
    numbers = board_numbers().stream
    user = user_of(request)
    events: Iterable[bytes]
    try:
        events = stream.Stream(
            numbers, user.pk, patient="patient" in request.GET,
            is_over=request.META.get("milepost.is_over", lambda: False),
        )  # fmt: skip
    except stream.NoRoom:
        events = [stream.wait_words(numbers)]
    answer = StreamingHttpResponse(events, content_type="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"  # nginx would collect a stream before it passes it on
    return answer


def _context(request: HttpRequest, found: Board) -> dict[str, Any]:
    user = user_of(request)
    numbers = {
        name: str(page.number)
        for name, page in (("page", found.page), ("again", found.again_page))
        if page is not None and page.number > 1
    }
    return {
        "board": found,
        "filters": found.filters,
        "words": words,
        "can_claim": lambda incident: policies.can_claim(incident, user),
        "can_work": policies.can_work(user),
        "here": found.filters.as_query(**numbers, view="all" if request.GET.get("view") == "all" else ""),
        "user": user,
        "now_us": clock.now_us(),
    }


def _note_whom(request: HttpRequest, found: Board) -> None:
    incidents = [row.incident for row in found.every_row]
    look = look_of(request)
    look.show([*(incident.person for incident in incidents), *(call.person for call in found.calls.all)])
    look.note(
        incidents=[incident.pk for incident in incidents],
        call_backs=[call.pk for call in found.calls.all],
        searched_by_text=bool(found.filters.text),
        page=found.page.number if found.page else 1,
        look_again_page=found.again_page.number if found.again_page else None,
    )


def _script_words() -> dict[str, Any]:
    """What the page's script says: each number in words, since languages count differently."""
    every_s = board_numbers().stream.ask_again_s
    return {
        "new": [ngettext("%(n)d new alert", "%(n)d new alerts", n) % {"n": n} for n in range(1, COUNTED)],
        "many": _("%(n)d or more new alerts") % {"n": COUNTED},
        "order": _("The order changed"),
        "gone": _("No longer on this list"),
        "lost": _("Not up to date: the connection is lost. Trying again."),
        "live": _("Up to date"),
        "every": ngettext("Updating every %(n)d second", "Updating every %(n)d seconds", every_s)
        % {"n": every_s},
        "sound_on": _("Sound is on"),
        "sound_off": _("Sound is off"),
    }
