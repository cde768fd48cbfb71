"""Devices that send and are not on the register: whom nobody wears, as far as anybody here knows.

Their signals are kept and nothing is judged by them. Often it is a device that is worn and written otherwise, so
beside each stands the fitted device that is perhaps meant: one that nothing was ever heard of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from milepost.service.accounts.models import User
from milepost.service.orders.models import Activation, Device
from milepost.service.people.models import Person
from milepost.service.signals.models import Sender
from milepost.times import from_us
from milepost.tracks.device_names import likely_ids

SHOWN = 20
COMPARED = 5_000
"""Fitted devices that were never heard of: in a service that is well so few that all are compared."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """``meant``: the device on the register that it perhaps is, and its row there; "" and None if none is like it."""

    device_id: str
    last_heard_utc: dt.datetime
    meant: str = ""
    meant_pk: int | None = None


def find_strangers(user: User) -> list[Stranger]:
    """Those that were heard last, the latest first. Two queries, three where a fitted device was never heard."""
    on_register = Device.objects.filter(device_id=OuterRef("device_id"))
    heard = Sender.objects.filter(~Exists(on_register), last_received_us__gt=0).order_by("-last_received_us")
    rows = list(heard.values_list("device_id", "last_received_us")[:SHOWN])
    meant = likely_devices([device for device, _ in rows], user)
    return [Stranger(device, from_us(at_us), *meant.get(device, ("", None))) for device, at_us in rows]


def likely_devices(devices: Collection[str], user: User) -> dict[str, tuple[str, int]]:
    """For devices that are not on the register the fitted one that is perhaps meant, and its row there.

    A device of a restricted person whom the user may not see is never named.
    """
    if not devices:
        return {}
    known = dict(_silent(user).values_list("device_id", "pk")[:COMPARED])
    return {device: (name, known[name]) for device, name in likely_ids(devices, known).items()}


def is_stranger(device_id: str) -> bool:
    return bool(device_id) and not Device.objects.filter(device_id=device_id).exists()


def _silent(user: User) -> QuerySet[Device]:
    """Devices that are fitted and were never heard, without those that the user must not hear of."""
    heard = Sender.objects.filter(device_id=OuterRef("device_id"), last_received_us__gt=0)
    hidden = Activation.objects.filter(device=OuterRef("pk"), person__restricted=True).exclude(
        person__in=Person.objects.visible_to(user).filter(restricted=True)
    )
    return Device.objects.filter(~Exists(heard), ~Exists(hidden), state=Device.State.FITTED).order_by("pk")
