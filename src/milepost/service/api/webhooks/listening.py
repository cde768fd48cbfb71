"""An event becomes a row for each webhook that wants it, in the transaction in which it happened."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from milepost.service.api.models import Webhook, WebhookDelivery


def on_event(event: str, body: dict[str, Any]) -> None:
    """Writes rows only: nothing is sent from inside a transaction."""
    wanted = [w for w in Webhook.objects.filter(is_active=True) if event in w.events]
    if not wanted:
        return
    told = {"event": event, "at_utc": timezone.now().isoformat(), "data": body}
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=webhook, event=event, body=told) for webhook in wanted
    )
