"""The doors for devices as Django's views. Public to the sign-in, because machines come with a token of their own.

Most messages never come here: the processes of ingest answer them in their loop (``ingest_posts``). Large ones do, and
batches, and whatever is out of the ordinary.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from milepost.service.signals.group_commit import submit
from milepost.service.signals.incoming import Outcome
from milepost.service.signals.ingest_answers import DOORS, IngestDoor, Post, Told, answer, receive
from milepost.service.web.access import View, public


def view_of(door: IngestDoor) -> View:
    """The view that takes in what comes to this door."""

    def view(request: HttpRequest) -> HttpResponse:
        incoming = receive(_post(door, request))
        if isinstance(incoming, Told):
            return _response(incoming)
        result: Outcome | Exception
        try:
            result = submit(incoming)
        except Exception as error:
            result = error
        return _response(answer(door.format, result))

    return csrf_exempt(public(view))


def _post(door: IngestDoor, request: HttpRequest) -> Post:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = request.META.get("QUERY_STRING", "").encode("latin-1")
    return Post(door, request.method or "", query, headers, lambda: request.body)


def _response(told: Told) -> JsonResponse:
    return JsonResponse(told.body, safe=False, status=told.status, headers=told.headers)


osmand, owntracks, traccar, overland, ndjson, arrow = (view_of(door) for door in DOORS.values())
