"""What waits here, in numbers, for the status page. One query each."""

from __future__ import annotations

from milepost.service.signals.models import QuarantinedMessage


def quarantine() -> int:
    return QuarantinedMessage.objects.filter(state=QuarantinedMessage.State.WAITING).count()
