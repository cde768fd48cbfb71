"""What waits here, in numbers, for the status page. One query each."""

from __future__ import annotations

from milepost.service.api.models import WebhookDelivery


def webhooks() -> int:
    return WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING).count()
