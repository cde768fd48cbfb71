"""The sender: takes what is due, posts it, notes what came of it. Several may run; any may be killed at any time.

A delivery is claimed by moving its next try to when an attempt must have ended; whoever moves it has it. A sender
that dies leaves it due again after that time: delivered at least once, with the same id, never lost.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import random
import threading
import time

import requests
from django.db import DatabaseError, close_old_connections, transaction
from django.utils import timezone
from requests.adapters import HTTPAdapter

from milepost.service.accounts.actors import Machine
from milepost.service.api.models import Webhook, WebhookDelivery
from milepost.service.api.policy_data import numbers
from milepost.service.api.webhooks.addresses import BadAddress, Target, check_address
from milepost.service.api.webhooks.sealing import Unsealable, signature, unseal
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.times import SECOND_US

log = logging.getLogger("milepost.webhooks")
State = WebhookDelivery.State
SENDER = Machine("worker", "webhooks")


def now_us() -> int:
    """Real time, not the demo's: receivers live in it."""
    return time.time_ns() // 1000


def run(stop: threading.Event) -> None:
    """Until ``stop``: a database that does not answer is waited for, not died of."""
    forget_next = 0.0
    while not stop.is_set():
        try:
            if time.monotonic() >= forget_next:
                forget_next = time.monotonic() + 3600
                forget_old()
            busy = send_due(stop)
        except DatabaseError:
            log.exception("the database does not answer; trying again")
            close_old_connections()
            busy = 0
        if not busy:
            stop.wait(numbers().webhooks.poll_s)


def send_due(stop: threading.Event | None = None) -> int:
    """One round over all webhooks. Returns how many attempts were made."""
    attempts = 0
    for webhook in Webhook.objects.filter(is_active=True).order_by("pk"):
        due = webhook.deliveries.filter(state=State.WAITING, next_try_us__lte=now_us()).order_by(
            "next_try_us", "pk"
        )
        for delivery in list(due[: numbers().webhooks.at_once]):
            if stop is not None and stop.is_set():
                return attempts
            if not claim(delivery):
                continue
            attempts += 1
            if not _attempt(webhook, delivery):
                break  # it does not answer well: the others get their turn first
    return attempts


def claim(delivery: WebhookDelivery) -> bool:
    """Whether it is ours to send now. Of two senders that try, one succeeds."""
    until = now_us() + round(numbers().webhooks.claim_s * SECOND_US)
    ours = WebhookDelivery.objects.filter(
        pk=delivery.pk, state=State.WAITING, attempts=delivery.attempts, next_try_us=delivery.next_try_us
    ).update(attempts=delivery.attempts + 1, next_try_us=until)
    if ours:
        delivery.attempts, delivery.next_try_us = delivery.attempts + 1, until
    return bool(ours)


def _attempt(webhook: Webhook, delivery: WebhookDelivery) -> bool:
    try:
        status = post(webhook, delivery)
    except (BadAddress, Unsealable) as error:
        _failed(delivery, str(error))
        return False
    except requests.RequestException as error:
        _failed(delivery, short_reason(error))
        return False
    if 200 <= status < 300:
        _delivered(delivery, status)
        return True
    _failed(delivery, f"answered {status}")
    return False


def short_reason(error: requests.RequestException) -> str:
    """The kind of failure; the text of it could hold addresses."""
    names = (
        (requests.exceptions.SSLError, "the certificate was not accepted"),
        (requests.exceptions.ConnectTimeout, "no connection in time"),
        (requests.exceptions.ReadTimeout, "no answer in time"),
        (requests.exceptions.ConnectionError, "no connection"),
    )
    return next((words for kind, words in names if isinstance(error, kind)), "the answer was not understood")


class ToTheCheckedAddress(HTTPAdapter):
    """Connects to an address, asks for the certificate of the name."""

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__()

    def init_poolmanager(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        super().init_poolmanager(*args, **kwargs, server_hostname=self.host, assert_hostname=self.host)


def body_of(delivery: WebhookDelivery) -> bytes:
    """The bytes that are sent and signed: the same at every attempt."""
    told = {"id": str(delivery.key), **delivery.body}
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def post(webhook: Webhook, delivery: WebhookDelivery) -> int:
    """One attempt. Follows no redirect, keeps nothing of the answer but its status."""
    target: Target = check_address(webhook.url)
    body = body_of(delivery)
    headers = {
        "Host": target.host_header,
        "Content-Type": "application/json",
        "User-Agent": "milepost-webhooks",
        "Milepost-Delivery": str(delivery.key),
        "Milepost-Event": delivery.event,
        "Milepost-Attempt": str(delivery.attempts),
        "Milepost-Signature": signature(unseal(webhook.sealed_secret), int(time.time()), body),
    }
    wait = (numbers().webhooks.connect_s, numbers().webhooks.read_s)
    _disclosed(webhook, delivery)
    with requests.Session() as session:
        session.trust_env = False  # no proxy, no .netrc: straight to the address that was checked
        session.mount("https://", ToTheCheckedAddress(target.host))
        with session.post(
            target.url, data=body, headers=headers, timeout=wait, allow_redirects=False, stream=True
        ) as answer:
            return answer.status_code


@transaction.atomic
def _disclosed(webhook: Webhook, delivery: WebhookDelivery) -> None:
    """Logged before a byte leaves, at each attempt: whoever answers badly may have read it all the same."""
    write(
        by=SENDER, operation=Operation.DISCLOSURE, what="webhook.deliver", recipient=webhook.url[:200],
        subject=str(delivery.body.get("data", {}).get("person", "")),
        details={"webhook": webhook.pk, "delivery": str(delivery.key), "event": delivery.event,
                 "attempt": delivery.attempts},
    )  # fmt: skip


def _delivered(delivery: WebhookDelivery, status: int) -> None:
    _while_claimed(delivery).update(
        state=State.DELIVERED, last_status=f"answered {status}", ended_utc=timezone.now()
    )


def _failed(delivery: WebhookDelivery, why: str) -> None:
    waits = numbers().webhooks.wait_s
    if delivery.attempts > len(waits):
        _while_claimed(delivery).update(state=State.GIVEN_UP, last_status=why[:100], ended_utc=timezone.now())
        log.warning("webhook delivery given up", extra={"delivery": str(delivery.key), "why": why})
        return
    jitter = numbers().webhooks.jitter
    wait_s = waits[delivery.attempts - 1] * random.uniform(1 - jitter, 1 + jitter)
    _while_claimed(delivery).update(last_status=why[:100], next_try_us=now_us() + round(wait_s * SECOND_US))


def _while_claimed(delivery: WebhookDelivery):  # type: ignore[no-untyped-def]
    """An attempt that outlived its claim says nothing: somebody else has it now."""
    return WebhookDelivery.objects.filter(pk=delivery.pk, state=State.WAITING, attempts=delivery.attempts)


def forget_old() -> int:
    """Deletes deliveries that ended long ago. Returns how many."""
    before = timezone.now() - dt.timedelta(days=numbers().webhooks.kept_days)
    return WebhookDelivery.objects.filter(ended_utc__lt=before).delete()[0]
