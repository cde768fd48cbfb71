"""Orders and other parts in which nothing is wrong, read at once: nearly all of a large file.

``orders.read`` reads part by part, so that it can leave out and name what is wrong. Whatever is not read here is
read there: a part with anything wrong, or anything to warn of but a field that Milepost does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from pydantic import ValidationError

from milepost.orders.checks import is_time_zone
from milepost.orders.dates_outside import find_dates_outside
from milepost.orders.geometry import BadGeometry, geometry_shapes
from milepost.orders.many_geometries import keep_sound_shapes
from milepost.orders.model import Condition, Geometry, Order, OrderVersion, Part
from milepost.orders.schedules import NEEDS_HOURS
from milepost.orders.weekly import find_long_rules


class AtOnce[P: Part](NamedTuple):
    part: P
    all_known: bool
    """Whether no field in it is unknown to Milepost."""


def read_sound[P: Part](kind: type[P]) -> Callable[[list[Any]], list[AtOnce[P] | None]]:
    """A reader of many parts of one kind: each that is sound; None for the others."""

    def read(items: list[Any]) -> list[AtOnce[P] | None]:
        return [_read(kind, item) for item in items]

    return read


def _read[P: Part](kind: type[P], item: Any) -> AtOnce[P] | None:
    # Asked of pydantic, for looking through all parts afterwards would cost as much as reading them.
    try:
        return AtOnce(kind.model_validate(item, extra="forbid"), True)
    except ValidationError:
        pass
    try:
        return AtOnce(kind.model_validate(item), False)
    except ValidationError:
        return None


def read_sound_orders(items: list[Any]) -> list[AtOnce[Order] | None]:
    """Each order of which nothing has to be said but of unknown fields; None for the others."""
    found = [_read(Order, item) for item in items]
    found = [read if read is not None and all(map(_is_plain, read.part.versions)) else None for read in found]
    drawn = [_geometries(read.part) if read is not None else [] for read in found]
    keep_sound_shapes(chain.from_iterable(drawn))
    return [read if all(map(_is_sound, own)) else None for read, own in zip(found, drawn, strict=True)]


def _geometries(order: Order) -> list[Geometry]:
    drawn: list[Geometry | None] = []
    for version in order.versions:
        drawn += [place.geometry for place in version.places]
        drawn += [condition.geometry for condition in version.conditions]
    return [geometry for geometry in drawn if geometry is not None]


def _is_sound(geometry: Geometry) -> bool:
    try:
        geometry_shapes(geometry)
    except BadGeometry:
        return False
    return True


def _is_plain(version: OrderVersion) -> bool:
    """Whether nothing is to be said of the version, but perhaps of its geometries."""
    version.model_fields_set.update(("places", "conditions"))  # as where they are read one by one
    return (
        _differ(version.places)
        and _differ(version.conditions)
        and all(map(_is_plain_condition, version.conditions))
    )


def _differ(parts: Sequence[Any]) -> bool:
    return len(parts) < 2 or len({part.id for part in parts}) == len(parts)


def _is_plain_condition(condition: Condition) -> bool:
    dated = condition.dates or condition.first_night is not None
    if not is_time_zone(condition.timezone):
        return False
    if not condition.schedule:
        if condition.kind in NEEDS_HOURS and not dated:
            return False
    elif next(find_long_rules(condition), None) is not None:
        return False
    return not dated or next(find_dates_outside(condition), None) is None
