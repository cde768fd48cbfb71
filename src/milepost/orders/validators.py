"""Checks orders against the law and against themselves.

The law of a day is used: that of ``as_of``, or of the order's extra field ``x_convicted_on``, or of the
day its first version takes effect. (The limits turn on the date of conviction, which an order file need
not hold: say it where it matters.)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from milepost.orders.answers import Answer, Subject
from milepost.orders.limits import Limit
from milepost.orders.model import Order, OrderFile
from milepost.orders.rules_hours import check_hours, check_lengths
from milepost.orders.rules_places import check_contradictions, check_geometry, check_people_overlaps
from milepost.orders.rules_shape import check_devices, check_shape

__all__ = ["Answer", "validate"]


Exactness = Callable[[OrderFile, Order], Limit | None]
"""How exact the positions of the device of an order's person are, as a smallest radius in metres; None: not known."""


def validate(
    order_file: OrderFile, as_of: dt.date | None = None, exactness: Exactness | None = None
) -> list[Answer]:
    """Every rule's answer for every version of every order, the kept ones (level "ok") too.

    Args:
        exactness: what is known of the devices (``compliance.exactness``); without it, and where it knows nothing, the
            limit ``zone.radius_m_min`` of the data file counts.
    """
    return [
        *check_devices(order_file),
        *check_people_overlaps(order_file),
        *_check_orders(order_file, as_of, exactness),
    ]


def _check_orders(
    order_file: OrderFile, as_of: dt.date | None, exactness: Exactness | None
) -> Iterator[Answer]:
    people = {person.id: person for person in order_file.people}
    for order in order_file.orders:
        law_of = as_of or find_day_of_law(order)
        for version in order.versions:
            subject = Subject(order, version, law_of, exactness(order_file, order) if exactness else None)
            yield from check_shape(subject)
            yield from check_geometry(subject)
            yield from check_hours(subject)
            yield from check_lengths(subject, people.get(order.person_id))
            yield from check_contradictions(subject)


def find_day_of_law(order: Order) -> dt.date:
    """The date of conviction if the order says it, else the day it first takes effect (UTC)."""
    convicted = (order.model_extra or {}).get("x_convicted_on")
    try:
        return dt.date.fromisoformat(str(convicted))
    except ValueError:
        starts = [version.effective_from_utc for version in order.versions]
        return min(starts).date() if starts else dt.date.max
