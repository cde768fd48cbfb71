"""What sort of device it is: what was learned of the errors of its model holds for its positions."""

from __future__ import annotations

from milepost.service.orders.engine_file import ask_to_judge
from milepost.service.orders.models import Activation, Device


def set_model(device: Device, model: str) -> None:
    """Writes the model, and asks the engine to judge again whoever wore the device. Call it in a transaction that writes
    to the log."""
    device.model = model
    device.save(update_fields=["model"])
    rows = Activation.objects.filter(device=device).select_related("person").order_by("-from_utc")
    ask_to_judge({activation.person: activation.from_utc for activation in rows})  # the earliest stands last
