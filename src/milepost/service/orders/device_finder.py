"""Picking a device that is in stock, by its number, the end of it, or its model."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from milepost.service.orders.models import Device
from milepost.service.web.lookup import Option

STATE_WORDS = {"in_stock": _("In stock"), "fitted": _("Fitted"), "faulty": _("Faulty"), "lost": _("Lost"),
               "retired": _("Retired")}  # fmt: skip
KIND_WORDS = {"tag": _("Tag"), "radio_tag": _("Radio tag"), "home_unit": _("Home unit")}
SHOWN = 10


class DeviceFinder:
    """For ``LookupField``."""

    @property
    def address(self) -> str:
        return reverse("orders:device-pick")

    def exact(self, text: str) -> Device | None:
        """In stock or not: the action says what stands in the way."""
        return Device.objects.filter(device_id=text).first()

    def find(self, text: str) -> list[Option]:
        in_stock = Device.objects.filter(state=Device.State.IN_STOCK)
        said = Q(device_id__icontains=text) | Q(model__icontains=text)
        return [
            Option(
                device.device_id,
                device.device_id,
                " ".join(filter(None, (str(KIND_WORDS[device.kind]), device.model))),
            )
            for device in in_stock.filter(said).order_by("device_id")[:SHOWN]
        ]

    def get(self, key: str) -> Device | None:
        return self.exact(key)

    def nothing(self, text: str) -> str:
        return _now("No device on the register has this number, or it is not in stock")
