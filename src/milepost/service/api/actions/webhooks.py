"""Making, pausing and removing webhooks; sending again what was given up."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.api import policies
from milepost.service.api.models import Webhook, WebhookDelivery
from milepost.service.api.webhooks.addresses import BadAddress, check_address
from milepost.service.api.webhooks.sealing import seal
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.capabilities import events as declared_events
from milepost.service.kit.refusals import Refused


@transaction.atomic
def make_webhook(*, by: User, name: str, url: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """A webhook, and its secret, to be shown once.

    Raises:
        Refused: the address is not one that may be sent to, or an event is not on the list.
    """
    policies.check_can_manage_webhooks(by)
    if not events or set(events) - declared_events().keys():
        raise Refused({"events": _("Choose at least one event from the list.")})
    try:
        check_address(url)
    except BadAddress as error:
        raise Refused({"url": str(error)}) from None
    secret = "whsec_" + secrets.token_urlsafe(32)
    webhook = Webhook.objects.create(
        name=name, url=url, events=sorted(events), sealed_secret=seal(secret), by=by
    )
    write(
        by=by, operation=Operation.COLLECTION, what="webhook.make", recipient=url[:200],
        details={"webhook": webhook.pk, "events": webhook.events},
    )  # fmt: skip
    return webhook, secret


@transaction.atomic
def set_active(*, by: User, webhook: Webhook, active: bool) -> None:
    """Pauses or resumes. While paused nothing is written for it; what waits goes on waiting."""
    policies.check_can_manage_webhooks(by)
    if not Webhook.objects.filter(pk=webhook.pk, is_active=not active).update(is_active=active):
        raise Refused(_("Somebody has changed it already."))
    write(
        by=by, operation=Operation.ALTERATION, what="webhook.resume" if active else "webhook.pause",
        details={"webhook": webhook.pk},
    )  # fmt: skip


@transaction.atomic
def remove_webhook(*, by: User, webhook: Webhook) -> None:
    """With everything it still had to deliver."""
    policies.check_can_manage_webhooks(by)
    waiting = webhook.deliveries.filter(state=WebhookDelivery.State.WAITING).count()
    write(
        by=by, operation=Operation.ERASURE, what="webhook.remove", recipient=webhook.url[:200],
        details={"webhook": webhook.pk, "waiting": waiting},
    )  # fmt: skip
    webhook.delete()


@transaction.atomic
def send_again(*, by: User, delivery: WebhookDelivery) -> None:
    """Puts back what was given up. It keeps its id: a receiver that took it after all can tell."""
    policies.check_can_send_again(delivery, by)
    State = WebhookDelivery.State
    changed = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.GIVEN_UP).update(
        state=State.WAITING, attempts=0, next_try_us=0, ended_utc=None
    )
    if not changed:
        raise Refused(_("Somebody has put it back already."))
    write(
        by=by, operation=Operation.ALTERATION, what="webhook.send_again",
        details={"webhook": delivery.webhook_id, "delivery": str(delivery.key)},
    )  # fmt: skip
