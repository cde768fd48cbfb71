"""The only door to change tokens and the state of quarantined messages."""

from __future__ import annotations

import datetime as dt
from typing import cast

from django.db import transaction
from django.utils import timezone

from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write
from milepost.service.signals import tokens
from milepost.service.signals.inbox import take_in
from milepost.service.signals.incoming import Incoming, Outcome, read_group
from milepost.service.signals.models import IngestToken, QuarantinedMessage
from milepost.service.signals.policies import (
    check_can_make_token,
    check_can_revoke,
    check_can_work,
    check_gives_reason_for_any_device,
)
from milepost.service.signals.states import LIFE
from milepost.service.signals.writing import digest_of, first_problem, unregistered
from milepost.tracks.messages import Format


def make_token(
    *,
    name: str,
    device_id: str = "",
    device_prefix: str = "",
    why_any_device: str = "",
    expires_utc: dt.datetime | None = None,
    by: Actor,
) -> tuple[IngestToken, str]:
    """A new token: its row, and the whole token, which is not kept anywhere and cannot be shown again.

    ``why_any_device``: the reason why neither a device nor a beginning is named; it is kept, shown and logged.

    Raises:
        Refused: ``by`` is a user whose role does not include it, or there is no reason where one is needed.
    """
    if isinstance(by, User):
        check_can_make_token(by)
    any_device = not device_id and not device_prefix
    why = why_any_device.strip() if any_device else ""
    check_gives_reason_for_any_device(any_device, why)
    prefix, whole, kept = tokens.new_secret()
    with transaction.atomic():
        token = IngestToken.objects.create(
            name=name, prefix=prefix, secret_sha256=kept, device_id=device_id, device_prefix=device_prefix,
            expires_utc=expires_utc, by=by if isinstance(by, User) else None, why_any_device=why,
        )  # fmt: skip
        write(
            by=by,
            operation=Operation.ALTERATION,
            what="token.make",
            reason=why,
            details={
                "token": token.prefix, "device_id": device_id, "device_prefix": device_prefix,
                "expires": expires_utc.isoformat() if expires_utc else None,
            },
        )  # fmt: skip
    return token, whole


def revoke_token(*, token: IngestToken, by: User) -> None:
    """The token is refused from now on: here at once, in other processes within seconds.

    Raises:
        Refused: it was revoked already, or the role does not include it.
    """
    with transaction.atomic():
        locked = IngestToken.objects.select_for_update().get(pk=token.pk)
        check_can_revoke(by, locked)
        locked.revoked_utc = timezone.now()
        locked.save(update_fields=["revoked_utc"])
        write(by=by, operation=Operation.ALTERATION, what="token.revoke", details={"token": locked.prefix})
    transaction.on_commit(lambda: tokens.forget(token.prefix))


def replay(*, message: QuarantinedMessage, by: User) -> Outcome:
    """Reads the message again with today's readers: good rows go in, with the time they were first received.

    If nothing is refused any more the message is done; else it waits, with today's problems.

    Raises:
        Refused: it was replayed already, or the role does not include it.
    """
    with transaction.atomic():
        locked = (
            QuarantinedMessage.objects.select_for_update(of=("self",))
            .select_related("token")
            .get(pk=message.pk)
        )
        check_can_work(by, locked)
        item = _incoming(locked)
        signals, (read,) = read_group([item])
        outcome = Outcome(quarantined=read.n_refused, problems=read.problems)
        if signals.n_rows:
            taken = take_in(
                signals, received_us=locked.received_us, digest=digest_of([item.raw]), messages=1, by=by,
                details={"door": "replay", "quarantined": locked.pk},
            )  # fmt: skip
            outcome.accepted, outcome.repeated = taken.rows_new, taken.rows_repeated
            outcome.unknown_devices = sorted(unregistered(read.devices))
        locked.problems, locked.first_problem = read.problems, first_problem(read.problems)
        locked.state = LIFE.change("replay_with_refusals" if read.n_refused else "replay").goes_to
        locked.handled_by, locked.handled_utc = by, timezone.now()
        locked.save(update_fields=["problems", "first_problem", "state", "handled_by", "handled_utc"])
        write(
            by=by, operation=Operation.ALTERATION, what="quarantine.replay",
            details={"quarantined": locked.pk, "accepted": outcome.accepted, "repeated": outcome.repeated,
                     "refused": outcome.quarantined},
        )  # fmt: skip
    return outcome


def set_aside(*, message: QuarantinedMessage, note: str, by: User) -> None:
    """The message needs nothing more; the note says why. It is kept, and can be replayed later.

    Raises:
        Refused: it was replayed already, or the role does not include it.
    """
    with transaction.atomic():
        locked = QuarantinedMessage.objects.select_for_update().get(pk=message.pk)
        check_can_work(by, locked)
        locked.state, locked.note = LIFE.change("set_aside").goes_to, note
        locked.handled_by, locked.handled_utc = by, timezone.now()
        locked.save(update_fields=["state", "note", "handled_by", "handled_utc"])
        write(
            by=by,
            operation=Operation.ALTERATION,
            what="quarantine.set_aside",
            details={"quarantined": locked.pk},
        )


def _incoming(message: QuarantinedMessage) -> Incoming:
    """The message as it came, with what its sender had proved."""
    token = message.token
    # Without a token it came by MQTT, where the topic says who it is.
    device = (token.device_id if token is not None else message.device_id) or ""
    return Incoming(
        raw=bytes(message.raw),
        format=cast(Format, message.format),
        received_us=message.received_us,
        door="replay",
        device_id=device,
        device_prefix=token.device_prefix if token is not None else "",
        topic=message.topic or None,
        large=True,
    )
