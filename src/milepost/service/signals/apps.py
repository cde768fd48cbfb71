from __future__ import annotations

import datetime as dt

from django.apps import AppConfig

from milepost.times import from_us


class SignalsConfig(AppConfig):
    name = "milepost.service.signals"
    label = "signals"

    def ready(self) -> None:
        from milepost.service.orders.last_heard import take_last_heard_from

        take_last_heard_from(last_received)


def last_received(device_id: str) -> dt.datetime | None:
    """When anything of a device was last received, UTC."""
    from milepost.service.signals.models import Sender

    us = Sender.objects.filter(device_id=device_id).values_list("last_received_us", flat=True).first()
    return from_us(us) if us else None
