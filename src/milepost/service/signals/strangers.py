"""Devices that send and are not on the register: whom nobody wears, as far as anybody here knows.

Their signals are kept and no finding rests on them. Often it is a device that is worn and written otherwise, so
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
from milepost.tracks.device_names import same_ids

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

    Only one that is the same but for the way it is written, and the only such: the next number of a series is somebody
    else's. A device of a restricted person whom the user may not see is never named.
    """
    if not devices:
        return {}
    silent = dict(_silent().values_list("device_id", "pk")[:COMPARED])
    meant = same_ids(devices, silent)
    shown = set(_shown_to(user).filter(device_id__in=set(meant.values())).values_list("device_id", flat=True))
    return {device: (name, silent[name]) for device, name in meant.items() if name in shown}


def is_stranger(device_id: str) -> bool:
    return bool(device_id) and not Device.objects.filter(device_id=device_id).exists()


def _silent() -> QuerySet[Device]:
    """Devices that are fitted and were never heard."""
    heard = Sender.objects.filter(device_id=OuterRef("device_id"), last_received_us__gt=0)
    return Device.objects.filter(~Exists(heard), state=Device.State.FITTED).order_by("pk")


def _shown_to(user: User) -> QuerySet[Device]:
    """Devices without those that the user must not hear of."""
    hidden = Activation.objects.filter(device=OuterRef("pk"), person__restricted=True).exclude(
        person__in=Person.objects.visible_to(user).filter(restricted=True)
    )
    return Device.objects.filter(~Exists(hidden))
