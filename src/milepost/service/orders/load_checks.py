"""What can be kept of an order file: lengths of references, values a database can hold, devices that are free."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from milepost.orders import model as shape
from milepost.service.orders.models import Activation, Device, Order
from milepost.service.people.models import Person

Refuse = Callable[..., None]
"""Called with row, field, message, remedy and value."""
Spans = dict[str, list[tuple[dt.datetime, dt.datetime | None, str]]]
CHUNK = 2000


def _longest(model: Any, name: str) -> int:
    return int(model._meta.get_field(name).max_length)


def _is_text(value: str) -> bool:
    """Whether both databases can keep it on one line: no control sign, no half of a surrogate pair."""
    return not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value)


def _fits(refuse: Refuse, row: str, field: str, value: str, longest: int) -> bool:
    if not value or not _is_text(value):
        refuse(row, field, "is empty or holds signs that cannot be kept; it was left out",
               "Use letters, numbers and dashes", repr(value))  # fmt: skip
        return False
    if len(value) > longest:
        refuse(row, field, f"is longer than {longest} characters; it was left out", "Shorten it", value)
        return False
    return True


def can_keep(value: Any) -> bool:
    """Whether JSON of both databases can hold it: no NUL, no lone surrogate, no infinite number."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, TypeError, RecursionError):
        return False
    return "\\u0000" not in text


def _moment_fits(moment: dt.datetime | None) -> bool:
    try:
        return moment is None or 1900 <= moment.astimezone(dt.UTC).year < 2900
    except OverflowError:
        return False


def fits_person(refuse: Refuse, reference: str, told: shape.Person | None) -> bool:
    row = f"person {reference[:60]}"
    if not _fits(refuse, row, "id", reference, _longest(Person, "reference")):
        return False
    name = told.name if told else None
    return name is None or _fits(refuse, row, "name", name, _longest(Person, "name"))


def fits_order(refuse: Refuse, order: shape.Order) -> bool:
    row = f"order {order.id[:60]}"
    if "/" in order.id:  # it would not fit into an address
        refuse(row, "id", "holds a slash; it was left out", "Write a dash instead", order.id)
        return False
    if not _fits(refuse, row, "id", order.id, _longest(Order, "reference")):
        return False
    times = [order.ends_utc, *(version.effective_from_utc for version in order.versions)]
    if not all(map(_moment_fits, times)):
        refuse(row, "effective_from_utc", "holds a year that cannot be meant; it was left out", "Correct it")
        return False
    if not order.versions:
        refuse(row, "versions", "has no version that can be read; it was left out", "Give it one")
        return False
    return True


def fits_activation(refuse: Refuse, told: shape.Activation) -> bool:
    row = f"activation {told.id[:60]}"
    if not _fits(refuse, row, "id", told.id, _longest(Activation, "reference")):
        return False
    if not _fits(refuse, row, "device_id", told.device_id, _longest(Device, "device_id")):
        return False
    if told.device_model and not _fits(
        refuse, row, "device_model", told.device_model, _longest(Device, "model")
    ):
        return False
    if told.place and not _fits(refuse, row, "place", told.place, _longest(Activation, "place")):
        return False
    if not _moment_fits(told.from_utc) or not _moment_fits(told.until_utc):
        refuse(row, "from_utc", "holds a year that cannot be meant; it was left out", "Correct it")
        return False
    if told.until_utc is not None and told.until_utc <= told.from_utc:
        refuse(row, "until_utc", "ends before it starts; it was left out", "Correct its times")
        return False
    return True


def fits_device(refuse: Refuse, told: shape.Activation, known: Device | None) -> bool:
    if known is not None and known.kind != told.device_kind:
        refuse(f"activation {told.id}", "device_kind", f"device is on the register as a {known.kind}",
               "Correct the kind or the device", told.device_kind)  # fmt: skip
        return False
    return True


def spans_of(devices: list[Device]) -> Spans:
    """When each device was on somebody, with whose reference."""
    spans: Spans = defaultdict(list)
    for at in range(0, len(devices), CHUNK):
        rows = Activation.objects.filter(device__in=devices[at : at + CHUNK])
        for device_id, from_utc, until_utc, reference in rows.values_list(
            "device__device_id", "from_utc", "until_utc", "reference"
        ):
            spans[device_id].append((from_utc, until_utc, reference))
    return spans


def is_free(refuse: Refuse, told: shape.Activation, spans: Spans, *, by_the_system: bool) -> bool:
    """Whether the device is on nobody else then; takes the time if so. A user is not told on whom, nor since when."""
    for from_utc, until_utc, reference in spans[told.device_id]:
        starts_before_end = until_utc is None or told.from_utc < until_utc
        ends_after_start = told.until_utc is None or told.until_utc > from_utc
        if starts_before_end and ends_after_start:
            if by_the_system:
                refuse(f"activation {told.id}", "from_utc", f"the device is on by {reference} then; it was left out",
                       "End the earlier one when the device was taken off", told.device_id)  # fmt: skip
            else:
                refuse(f"activation {told.id}", "from_utc", "the device is not free then; it waits to be checked",
                       "Nothing, if it is right. Else correct the number or the time.", told.device_id)  # fmt: skip
            return False
    spans[told.device_id].append((told.from_utc, told.until_utc, told.id))
    return True
