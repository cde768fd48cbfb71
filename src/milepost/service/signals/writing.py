"""Messages to the database: many in one transaction, each with an outcome of its own."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_plus

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from milepost.service.accounts.actors import Machine
from milepost.service.orders.models import Device
from milepost.service.signals.inbox import BatchDiffers, Taken, take_in
from milepost.service.signals.incoming import Incoming, Outcome, Read, bad_lines, read_group
from milepost.service.signals.models import Delivery, QuarantinedMessage
from milepost.service.signals.policy_data import limits
from milepost.service.signals.tokens import note_use
from milepost.tracks.record import Signals

NAMED_IN_JSON = re.compile(rb'"(?:device_id|deviceId|uniqueId)"\s*:\s*"([^"\\]{1,80})"')
NAMED_IN_QUERY = re.compile(rb"(?:^|[?&\n])(?:id|deviceid)=([^&\s]{1,80})")
LOOKED_THROUGH = 100_000
log = logging.getLogger("milepost.ingest")
Result = Outcome | Exception


class NotNow(Exception):
    """The database does not take anything just now: nothing was kept; the sender must come again."""


def write_all(group: Sequence[Incoming]) -> list[Result]:
    """What became of each message: an ``Outcome``, ``NotNow``, or ``BatchDiffers``.

    Everything goes in one transaction, but batches with a key of their own, which are answered for
    themselves. If the transaction fails on what is in it, each message is tried alone, so that one cannot
    sink the others; a message that fails alone goes to quarantine.
    """
    results: dict[int, Result] = {}
    alone = [i for i, item in enumerate(group) if item.batch_key is not None or item.large]
    together = [i for i in range(len(group)) if i not in alone] if alone else list(range(len(group)))
    for part in [together, *([i] for i in alone)]:
        if part:
            results |= dict(zip(part, _write_or_split([group[i] for i in part]), strict=True))
    return [results[i] for i in range(len(group))]


def _write_or_split(group: list[Incoming]) -> list[Result]:
    try:
        return list(write_together(group))
    except BatchDiffers as error:
        return [error] * len(group)
    except (OperationalError, InterfaceError) as error:
        return [_not_now(error)] * len(group)
    except Exception:
        log.exception("a group of messages could not be written", extra={"count": len(group)})
        if len(group) > 1:
            return [result for item in group for result in _write_or_split([item])]
    try:
        return [_keep_unwritten(group[0])]
    except DatabaseError as error:
        return [_not_now(error)]


def _not_now(error: Exception) -> NotNow:
    log.error("the database takes nothing", extra={"reason": type(error).__name__})
    if not connection.in_atomic_block:
        connection.close()  # the next try begins with a new connection
    return NotNow(type(error).__name__)


def write_together(group: Sequence[Incoming]) -> list[Outcome]:
    """Reads and writes the messages in one transaction: signals, quarantine, audit, last use of tokens."""
    signals, reads = read_group(group)
    received_us = max(item.received_us for item in group)
    digest = digest_of([item.raw for item in group])
    batch_key = group[0].batch_key if len(group) == 1 else None
    with transaction.atomic():
        taken = take_in(
            signals, received_us=received_us, digest=digest, messages=len(group), batch_key=batch_key,
            by=Machine("ingest", group[0].door), details=_details(group, reads),
        )  # fmt: skip
        if taken.seen_before:
            return [_as_before(taken.delivery)]
        _quarantine(reads)
        note_use([item.token for item in group if item.token is not None])
        unknown = unregistered({device for read in reads for device in read.devices})
        outcomes = [_outcome(read, taken, unknown) for read in reads]
        if batch_key is not None:
            taken.delivery.answer = _answer_of(outcomes[0])
            taken.delivery.save(update_fields=["answer"])
    return outcomes


def digest_of(raws: Sequence[bytes]) -> str:
    """SHA-256 over the messages as they came, each after its length in 8 bytes, so that none can be split."""
    whole = hashlib.sha256()
    for raw in raws:
        whole.update(len(raw).to_bytes(8, "big"))
        whole.update(raw)
    return whole.hexdigest()


def unregistered(devices: set[str]) -> set[str]:
    """Those that are not on the register of devices."""
    names, known = sorted(devices), set()
    for start in range(0, len(names), 5_000):
        part = names[start : start + 5_000]
        known |= set(Device.objects.filter(device_id__in=part).values_list("device_id", flat=True))
    return devices - known


def _details(group: Sequence[Incoming], reads: list[Read]) -> dict[str, Any]:
    tokens = sorted({item.token.prefix for item in group if item.token is not None})
    details: dict[str, Any] = {"door": group[0].door, "tokens": tokens[:50], "n_tokens": len(tokens)}
    if refused := sum(read.n_refused for read in reads):
        details |= {"rows_refused": refused, "rows_foreign": sum(read.n_foreign for read in reads)}
    return details


def _outcome(read: Read, taken: Taken, unknown: set[str]) -> Outcome:
    new = sum(int(taken.new[name][rows].sum()) for name, rows in read.rows.items() if len(rows))
    return Outcome(
        accepted=new,
        repeated=sum(len(rows) for rows in read.rows.values()) - new,
        quarantined=read.n_refused,
        ignored=read.n_ignored,
        foreign=read.n_foreign,
        problems=read.problems,
        unknown_devices=sorted(read.devices & unknown),
        delivery=taken.delivery.pk,
    )


def _answer_of(outcome: Outcome) -> dict[str, Any]:
    told = limits().sizes
    return {
        "accepted": outcome.accepted, "repeated": outcome.repeated, "quarantined": outcome.quarantined,
        "ignored": outcome.ignored, "foreign": outcome.foreign, "problems": outcome.problems[: told.problems_told],
        "unknown_devices": outcome.unknown_devices[: told.devices_told],
    }  # fmt: skip


def _as_before(delivery: Delivery) -> Outcome:
    return Outcome(**delivery.answer, delivery=delivery.pk, batch_repeated=True)


def _quarantine(reads: list[Read]) -> None:
    rows = []
    for read in reads:
        if not read.n_refused:
            continue
        raw, problems = read.incoming.raw, read.problems
        if read.incoming.format == "ndjson":
            raw, problems = bad_lines(raw, problems, read.n_refused)
        rows.append(_row(read.incoming, raw, problems, read.devices))
    if rows:
        # A device that sends the same again and again makes one row, not thousands.
        waiting = set(
            QuarantinedMessage.objects.filter(
                sha256__in=[row.sha256 for row in rows], state=QuarantinedMessage.State.WAITING
            ).values_list("sha256", "token_id", "device_id")
        )
        fresh = {
            key: row for row in rows if (key := (row.sha256, row.token_id, row.device_id)) not in waiting
        }
        QuarantinedMessage.objects.bulk_create(fresh.values())


def _row(item: Incoming, raw: bytes, problems: list[dict[str, Any]], devices: set[str]) -> QuarantinedMessage:
    named = {item.device_id} if item.device_id else devices or named_devices(raw)
    device = next(iter(named)) if len(named) == 1 else ""
    return QuarantinedMessage(
        received_us=item.received_us,
        format=item.format,
        token_id=item.token.token_id if item.token else None,
        device_id=device.replace("\x00", "")[:80],
        raw=raw,
        problems=problems,
        sha256=hashlib.sha256(raw).hexdigest(),
        topic=(item.topic or "").replace("\x00", "")[:200],
        first_problem=first_problem(problems),
    )


def named_devices(raw: bytes) -> set[str]:
    """The device ids that a message seems to name, for people to find it by: it could not be read, so no more
    than that. Nothing is taken in under such an id."""
    found = {name.decode("utf-8", "replace") for name in NAMED_IN_JSON.findall(raw[:LOOKED_THROUGH])}
    found |= {
        unquote_plus(name.decode("ascii", "replace")) for name in NAMED_IN_QUERY.findall(raw[:LOOKED_THROUGH])
    }
    return found


def first_problem(problems: list[dict[str, Any]]) -> str:
    """The first error in words, to find messages with the same one."""
    errors = [p["message"] for p in problems if p["severity"] == "error"]
    return str(errors[0])[:300] if errors else ""


def _keep_unwritten(item: Incoming) -> Outcome:
    """A message that was read but that the database would not have, kept as it came."""
    problem = {
        "row": None, "field": None, "severity": "error", "message": "The message could not be stored",
        "remedy": "It is kept. Ask the people who run this service to look at it.",
    }  # fmt: skip
    nothing = Read(item, {}, [problem], 1, 0, 0, set())
    with transaction.atomic():
        taken = take_in(
            Signals(), received_us=item.received_us, digest=digest_of([item.raw]), messages=1,
            batch_key=item.batch_key, by=Machine("ingest", item.door), details=_details([item], [nothing]),
        )  # fmt: skip
        if taken.seen_before:
            return _as_before(taken.delivery)
        _quarantine([nothing])
        outcome = Outcome(quarantined=1, problems=[problem], delivery=taken.delivery.pk)
        taken.delivery.answer = _answer_of(outcome)
        taken.delivery.save(update_fields=["answer"])
    return outcome
