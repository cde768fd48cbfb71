"""What sort of device it is: what was learned of the errors of its model holds for its positions."""

from __future__ import annotations

from milepost.service.orders.engine_file import ask_to_judge
from milepost.service.orders.models import Activation, Device


def set_model(device: Device, model: str) -> list[str]:
    """Writes the model, and asks the engine to work out again the findings of whoever wore the device, whose references
    it gives. Call it in a transaction that writes to the log, and names them there."""
    device.model = model
    device.save(update_fields=["model"])
    rows = Activation.objects.filter(device=device).select_related("person").order_by("-from_utc")
    ask_to_judge({activation.person: activation.from_utc for activation in rows})  # the earliest stands last
    return sorted({activation.person.reference for activation in rows})
