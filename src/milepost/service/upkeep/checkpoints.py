"""Signed checkpoints of the audit log, made and handed out by the service itself: nobody has to remember.

Each hour it is asked what is due. A checkpoint is made every ``MILEPOST_CHECKPOINT_HOURS``, after the whole log was
checked, and given to every place that the settings name: a folder (always), an https address, a log server. A place
that did not take the newest one is tried again the next hour, and the status page says so until it has it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from milepost.service.audit.kept import NotKept, keep
from milepost.service.audit.models import Checkpoint, HandedOut, Verification
from milepost.service.audit.signing import Signed
from milepost.service.audit.store import NothingToSign, NotSound, checkpoints, head, make_checkpoint
from milepost.service.upkeep import posting, syslog
from milepost.times import HOUR_US, MINUTE_US

log = logging.getLogger("milepost.upkeep")
SLACK_US = 10 * MINUTE_US
"""The timer comes round a little earlier or later than on the hour."""
Way = HandedOut.Way


class NotTaken(Exception):
    """A place did not take it. The text says why, without names of machines inside."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where checkpoints go. ``to`` is the folder, or the machine without what its address may hold of secrets."""

    way: Way
    to: str
    give: Callable[[Signed], None]


@dataclass(frozen=True, slots=True)
class PlaceNow:
    """One place as the status page shows it."""

    way: str
    to: str
    taken_us: int | None
    """When it last took one; None: never."""
    number: int
    """Entries covered by the one it last took."""
    failed: str
    """What went wrong at the last try; empty: nothing."""


def places() -> list[Place]:
    """By the settings: the folder always, the others where they are named."""
    folder = Path(settings.CHECKPOINT_FOLDER)
    found = [Place(Way.FILE, str(folder), lambda signed: _to_folder(folder, signed))]
    if url := settings.CHECKPOINT_WEBHOOK:
        found.append(
            Place(Way.WEBHOOK, urlsplit(url).hostname or "?", lambda signed: _to_webhook(url, signed))
        )
    if address := settings.CHECKPOINT_SYSLOG:
        found.append(Place(Way.SYSLOG, address, lambda signed: _to_syslog(address, signed)))
    return found


def beside_the_log() -> bool:
    """Whether all checkpoints stay in the folder of data: whoever can rewrite the log can rewrite them."""
    folder, data = Path(settings.CHECKPOINT_FOLDER).resolve(), Path(settings.DATA).resolve()
    return folder.is_relative_to(data) and not settings.CHECKPOINT_WEBHOOK and not settings.CHECKPOINT_SYSLOG


def make_and_hand_out(*, now_us: int | None = None, at_once: bool = False) -> list[PlaceNow]:
    """Makes a checkpoint if one is due (or ``at_once``), and gives the newest to each place that has not got it.

    Never raises for what a place or the log does: every try leaves a row that the status page shows.
    """
    now = now_us if now_us is not None else time.time_ns() // 1000
    newest = Checkpoint.objects.order_by("-number").first()
    if at_once or newest is None or now - newest.at_us >= settings.CHECKPOINT_HOURS * HOUR_US - SLACK_US:
        _make(now)
    held = checkpoints()
    for place in places() if held else ():
        if not HandedOut.objects.filter(
            way=place.way, to=place.to[:300], number=held[-1].number, failed=""
        ).exists():
            _hand_out(place, held[-1], now)
    return places_now()


def _make(now_us: int) -> None:
    try:
        make_checkpoint()
    except NotSound as problem:
        broken = problem.outcome.broken
        log.error(
            "the audit log is not sound: nothing is signed", extra={"entry": broken.number if broken else 0}
        )
    except NothingToSign:
        return
    except (NotKept, ValueError) as problem:
        # The folder holds what is no checkpoint, or the key cannot be used.
        log.error("no checkpoint was made", extra={"reason": str(problem)})
        HandedOut.objects.create(
            number=0,
            way=Way.FILE,
            to=str(settings.CHECKPOINT_FOLDER)[:300],
            at_us=now_us,
            failed=str(problem)[:300],
        )


def _hand_out(place: Place, signed: Signed, now_us: int) -> None:
    failed = ""
    try:
        place.give(signed)
    except (NotKept, NotTaken) as problem:
        failed = str(problem)[:300]
        log.error("a checkpoint was not handed out", extra={"way": str(place.way), "reason": failed})
    HandedOut.objects.create(
        number=signed.number, way=place.way, to=place.to[:300], at_us=now_us, failed=failed
    )


def _to_folder(folder: Path, signed: Signed) -> None:
    keep(folder, signed)


def _as_line(signed: Signed) -> str:
    return json.dumps({"milepost_checkpoint": asdict(signed)}, sort_keys=True)


def _to_webhook(url: str, signed: Signed) -> None:
    try:
        posting.post(url, _as_line(signed).encode())
    except posting.NotPosted as problem:
        raise NotTaken(str(problem)) from None


def _to_syslog(address: str, signed: Signed) -> None:
    try:
        syslog.send(address, _as_line(signed))
    except OSError as error:
        raise NotTaken(
            f"The log server did not take it ({error.strerror or type(error).__name__})."
        ) from None


def places_now() -> list[PlaceNow]:
    """Each place with its last success and what went wrong since."""
    found = []
    for place in places():
        rows = HandedOut.objects.filter(way=place.way, to=place.to[:300]).order_by("-at_us", "-pk")
        last, taken = rows.first(), rows.filter(failed="").first()
        found.append(
            PlaceNow(
                str(place.way), place.to, taken.at_us if taken else None, taken.number if taken else 0,
                last.failed if last else "",
            )
        )  # fmt: skip
    return found


def troubles(found: list[PlaceNow], now_us: int) -> list[str]:
    """Codes of what needs somebody."""
    said = []
    late_us = now_us - 2 * settings.CHECKPOINT_HOURS * HOUR_US - SLACK_US
    checked = Verification.objects.order_by("-pk").first()
    if checked is not None and checked.wrong:
        said.append("log_not_sound")
    if any(place.failed for place in found):
        said.append("checkpoint_failed")
    if head()[0] and any(place.taken_us is None or place.taken_us < late_us for place in found):
        said.append("checkpoint_late")
    if beside_the_log():
        said.append("checkpoint_beside_log")
    return said
