"""What waits here, in numbers, for the status page. One query each."""

from __future__ import annotations

from milepost.service.orders.models import ToJudge


def to_judge() -> int:
    return ToJudge.objects.count()
