"""The doors for devices. Public to the sign-in, because machines come with a token of their own."""

from __future__ import annotations

import logging
import math
import re
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from milepost.service.signals import rate, tokens
from milepost.service.signals.group_commit import now_us, submit
from milepost.service.signals.inbox import BatchDiffers
from milepost.service.signals.incoming import Incoming, Outcome
from milepost.service.signals.packed import NotGzip, TooLarge, unpack
from milepost.service.signals.policy_data import limits
from milepost.service.signals.tokens import NoPass, Pass
from milepost.service.signals.writing import NotNow
from milepost.service.web.access import View, public
from milepost.tracks.messages import Format

BATCH_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,100}")
TOKEN_IN_QUERY = re.compile(rb"(?:^|&)token=[^&]*")
log = logging.getLogger("milepost.ingest")
_CHALLENGE = 'Bearer realm="milepost", Basic realm="milepost"'


def door(
    format: Format, *, batches: bool = False, token_in_query: bool = False, may_get: bool = False
) -> View:
    """The view that takes in one format. ``may_get``: the message may be the query of a GET."""
    methods = ("GET", "POST") if may_get else ("POST",)

    def view(request: HttpRequest) -> HttpResponse:
        if request.method not in methods:
            told = _refusal(405, "This address takes " + " or ".join(methods), f"Use {methods[-1]}.")
            told.headers["Allow"] = ", ".join(methods)
            return told
        try:
            token = tokens.check(*tokens.shown_in(request, in_query=token_in_query))
        except NoPass:
            told = _refusal(401, "The token is missing or not good", "Ask who runs the service for a token.")
            told.headers["WWW-Authenticate"] = _CHALLENGE
            return told
        except (DatabaseError, InterfaceError):
            return _come_again()
        if wait_s := rate.must_wait_s(token):
            told = _refusal(429, "This token sends too often", "Send fewer requests, or batches.")
            told.headers["Retry-After"] = str(math.ceil(wait_s))
            return told
        incoming = _incoming(request, format, token, batches)
        if isinstance(incoming, HttpResponse):
            return incoming
        try:
            outcome = submit(incoming)
        except NotNow:
            return _come_again()
        except BatchDiffers:
            return _refusal(409, "This batch id was used for other content", "Give each batch its own id.")
        except Exception:  # whatever it is: nothing was kept, so nothing may look as if it was
            log.exception("a message could not be taken in")
            return _come_again()
        return _answer(format, outcome)

    return csrf_exempt(public(view))


def _incoming(request: HttpRequest, format: Format, token: Pass, batches: bool) -> Incoming | HttpResponse:
    most = limits().sizes.batch_bytes if batches else limits().sizes.message_bytes
    if request.method == "POST" and not request.META.get("CONTENT_LENGTH"):
        return _refusal(411, "The length of the message is not given", "Send the header Content-Length.")
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return _refusal(400, "Content-Length is not a number", "Send the length in bytes.")
    if length > most:
        return _refusal(413, f"The message is larger than {most} bytes", "Send it in parts.")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        return _refusal(
            415, "The message is packed in a way that is not known", "Send it as it is, or as gzip."
        )
    batch_id = request.headers.get("X-Batch-Id")
    if batch_id is not None and not (batches and BATCH_ID.fullmatch(batch_id)):
        return _refusal(
            400, "X-Batch-Id cannot be used",
            "Give up to 100 letters, digits and ._:/+=- with /ingest/ndjson or /ingest/arrow.",
        )  # fmt: skip
    raw = request.body if request.method == "POST" else b""
    unpacked = min(most, limits().sizes.gzip_bytes)
    if encoding == "gzip" and raw:
        try:
            raw = unpack(raw, unpacked)
        except TooLarge:
            return _refusal(413, f"The message comes to more than {unpacked} bytes", "Send it in parts.")
        except NotGzip as error:
            return _refusal(
                400, f"The message is not whole gzip ({error})", "Pack it again, or send it as it is."
            )
    if format == "osmand" and not raw.strip():
        # The token must not be kept with the message, nor in its digest.
        raw = TOKEN_IN_QUERY.sub(b"", request.META.get("QUERY_STRING", "").encode("latin-1")).lstrip(b"&")
    if not raw.strip():
        return _refusal(400, "The message is empty", "Send at least one position.")
    return Incoming(
        raw=raw,
        format=format,
        received_us=now_us(),
        door="http",
        token=token,
        device_id=token.device_id,
        device_prefix=token.device_prefix,
        topic=_topic(request) if format == "owntracks" else None,
        batch_key=f"{token.prefix}:{batch_id}" if batch_id else None,
        large=batches and (format == "arrow" or len(raw) > limits().sizes.alone_from_bytes),
    )


def _topic(request: HttpRequest) -> str | None:
    """OwnTracks over HTTP names itself in two headers, as it does in the topic over MQTT."""
    user, device = request.headers.get("X-Limit-U", ""), request.headers.get("X-Limit-D", "")
    return f"owntracks/{user}/{device}" if user and device else None


def _answer(format: Format, outcome: Outcome) -> JsonResponse:
    told = limits().sizes
    body: dict[str, Any] = {
        "accepted": outcome.accepted,
        "repeated": outcome.repeated,
        "quarantined": outcome.quarantined,
        "problems": outcome.problems[: told.problems_told],
    }
    if outcome.ignored:
        body["ignored"] = outcome.ignored
    if outcome.unknown_devices:
        body["unknown_devices"] = outcome.unknown_devices[: told.devices_told]
        body["note"] = "These devices are not on the register. Their signals are kept."
    if outcome.batch_repeated:
        body["batch_repeated"] = True
    status = 200
    if format == "overland":
        body["result"] = "ok"  # the app forgets a batch only when it reads this
    if not outcome.accepted and not outcome.repeated and outcome.quarantined:
        foreign = outcome.foreign == outcome.quarantined
        # Overland sends a batch again and again, and none after it, until it is taken: a bad one is kept here,
        # and must not silence the phone.
        status = 403 if foreign else 200 if format == "overland" else 422
        if foreign:
            body.pop("result", None)
    if format == "owntracks" and status == 200:
        # The app reads the answer as a list of messages for itself: there are none.
        return JsonResponse([], safe=False)
    return JsonResponse(body, status=status)


def _refusal(status: int, message: str, remedy: str) -> JsonResponse:
    problem = {"row": None, "field": None, "message": message, "remedy": remedy, "severity": "error"}
    body = {"accepted": 0, "repeated": 0, "quarantined": 0, "problems": [problem]}
    return JsonResponse(body, status=status)


def _come_again() -> JsonResponse:
    told = _refusal(503, "Nothing was kept: the database takes nothing just now", "Send it again later.")
    told.headers["Retry-After"] = str(limits().group.retry_after_s)
    return told


osmand = door("osmand", token_in_query=True, may_get=True)
owntracks = door("owntracks")
traccar = door("traccar")
overland = door("overland")
ndjson = door("ndjson", batches=True)
arrow = door("arrow", batches=True)
