"""What each door for devices takes and what it answers, whoever reads the request: a view, or the loop of a process."""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, InterfaceError

from milepost.service.signals import rate, tokens
from milepost.service.signals.group_commit import now_us
from milepost.service.signals.inbox import BatchDiffers
from milepost.service.signals.incoming import Incoming, Outcome
from milepost.service.signals.packed import NotGzip, TooLarge, unpack
from milepost.service.signals.policy_data import limits
from milepost.service.signals.tokens import NoPass, Pass
from milepost.service.signals.writing import NotNow
from milepost.tracks.messages import Format

BATCH_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,100}")
TOKEN_IN_QUERY = re.compile(rb"(?:^|&)token=[^&]*")
log = logging.getLogger("milepost.ingest")
_CHALLENGE = 'Bearer realm="milepost", Basic realm="milepost"'


@dataclass(frozen=True, slots=True)
class IngestDoor:
    """One address and the format it takes in. ``may_get``: the message may be the query of a GET."""

    format: Format
    batches: bool = False
    token_in_query: bool = False
    may_get: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        return ("GET", "POST") if self.may_get else ("POST",)


DOORS = {
    "osmand": IngestDoor("osmand", token_in_query=True, may_get=True),
    "owntracks": IngestDoor("owntracks"),
    "traccar": IngestDoor("traccar"),
    "overland": IngestDoor("overland"),
    "ndjson": IngestDoor("ndjson", batches=True),
    "arrow": IngestDoor("arrow", batches=True),
}
"""By the last part of their addresses, ``/ingest/<name>``."""


@dataclass(slots=True)
class Post:
    """A request. ``headers``: by their names in small letters. ``read``: gives the body, when its turn has come."""

    door: IngestDoor
    method: str
    query: bytes
    headers: Mapping[str, str]
    read: Callable[[], bytes]


@dataclass(slots=True)
class Told:
    """An answer: ``body`` is for JSON."""

    status: int
    body: dict[str, Any] | list[Any]
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        return json.dumps(self.body).encode()


def shown_token(post: Post) -> tuple[str, str]:
    """(prefix, secret) that the request shows; empty if it shows none."""
    return tokens.shown_in(
        post.headers.get("authorization", ""), post.query if post.door.token_in_query else b""
    )


def receive(post: Post) -> Incoming | Told:
    """The message, of a sender whose token is good and who may send just now; else what to answer at once."""
    methods = post.door.methods
    if post.method not in methods:
        told = refusal(405, "This address takes " + " or ".join(methods), f"Use {methods[-1]}.")
        told.headers["Allow"] = ", ".join(methods)
        return told
    try:
        token = tokens.check(*shown_token(post))
    except NoPass:
        told = refusal(401, "The token is missing or not good", "Ask who runs the service for a token.")
        told.headers["WWW-Authenticate"] = _CHALLENGE
        return told
    except (DatabaseError, InterfaceError):
        return come_again()
    if wait_s := rate.must_wait_s(token):
        told = refusal(429, "This token sends too often", "Send fewer requests, or batches.")
        told.headers["Retry-After"] = str(math.ceil(wait_s))
        return told
    return _incoming(post, token)


def answer(format: Format, result: Outcome | Exception) -> Told:
    """What the sender is told of what became of the message."""
    if isinstance(result, Outcome):
        return _answer(format, result)
    if isinstance(result, BatchDiffers):
        return refusal(409, "This batch id was used for other content", "Give each batch its own id.")
    if not isinstance(result, NotNow):  # whatever it is: nothing was kept, so nothing may look as if it was
        log.error("a message could not be taken in", exc_info=result)
    return come_again()


def _incoming(post: Post, token: Pass) -> Incoming | Told:
    batches, given = post.door.batches, post.headers
    most = limits().sizes.batch_bytes if batches else limits().sizes.message_bytes
    if post.method == "POST" and not given.get("content-length"):
        return refusal(411, "The length of the message is not given", "Send the header Content-Length.")
    try:
        length = int(given.get("content-length") or 0)
    except ValueError:
        return refusal(400, "Content-Length is not a number", "Send the length in bytes.")
    if length > most:
        return refusal(413, f"The message is larger than {most} bytes", "Send it in parts.")
    encoding = given.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        return refusal(
            415, "The message is packed in a way that is not known", "Send it as it is, or as gzip."
        )
    batch_id = given.get("x-batch-id")
    if batch_id is not None and not (batches and BATCH_ID.fullmatch(batch_id)):
        return refusal(
            400, "X-Batch-Id cannot be used",
            "Give up to 100 letters, digits and ._:/+=- with /ingest/ndjson or /ingest/arrow.",
        )  # fmt: skip
    raw = post.read() if post.method == "POST" else b""
    unpacked = min(most, limits().sizes.gzip_bytes)
    if encoding == "gzip" and raw:
        try:
            raw = unpack(raw, unpacked)
        except TooLarge:
            return refusal(413, f"The message comes to more than {unpacked} bytes", "Send it in parts.")
        except NotGzip as error:
            return refusal(
                400, f"The message is not whole gzip ({error})", "Pack it again, or send it as it is."
            )
    if post.door.format == "osmand" and not raw.strip():
        # The token must not be kept with the message, nor in its digest.
        raw = TOKEN_IN_QUERY.sub(b"", post.query).lstrip(b"&")
    if not raw.strip():
        return refusal(400, "The message is empty", "Send at least one position.")
    return Incoming(
        raw=raw,
        format=post.door.format,
        received_us=now_us(),
        door="http",
        token=token,
        device_id=token.device_id,
        device_prefix=token.device_prefix,
        topic=_topic(given) if post.door.format == "owntracks" else None,
        batch_key=f"{token.prefix}:{batch_id}" if batch_id else None,
        large=batches and (post.door.format == "arrow" or len(raw) > limits().sizes.alone_from_bytes),
    )


def _topic(headers: Mapping[str, str]) -> str | None:
    """OwnTracks over HTTP names itself in two headers, as it does in the topic over MQTT."""
    user, device = headers.get("x-limit-u", ""), headers.get("x-limit-d", "")
    return f"owntracks/{user}/{device}" if user and device else None


def _answer(format: Format, outcome: Outcome) -> Told:
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
        return Told(200, [])
    return Told(status, body)


def refusal(status: int, message: str, remedy: str) -> Told:
    problem = {"row": None, "field": None, "message": message, "remedy": remedy, "severity": "error"}
    body = {"accepted": 0, "repeated": 0, "quarantined": 0, "problems": [problem]}
    return Told(status, body)


def come_again() -> Told:
    told = refusal(503, "Nothing was kept: the database takes nothing just now", "Send it again later.")
    told.headers["Retry-After"] = str(limits().group.retry_after_s)
    return told
