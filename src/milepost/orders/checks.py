"""What the reader checks beyond the types: geometry, time zones, unknown names and references."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from milepost.orders.complaints import Complaints
from milepost.orders.dates_outside import find_dates_outside
from milepost.orders.geometry import BadGeometry, geometry_shapes
from milepost.orders.model import Condition, Order, OrderFile, OrderVersion, Part, Place
from milepost.orders.places import place_ids
from milepost.orders.schedules import NEEDS_HOURS
from milepost.orders.weekly import LONG_RULE, LONG_RULE_REMEDY, find_long_rules

OWN_FIELD_PREFIX = "x_"
"""Fields that begin so are somebody's own and never reported as a typing mistake."""


@lru_cache(maxsize=1000)
def is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def check_place(place: Place, row: str, complaints: Complaints) -> bool:
    return _check_geometry(place, row, complaints)


def check_condition(condition: Condition, row: str, complaints: Complaints) -> bool:
    """Whether the condition can be kept. One without hours is kept and reported: it is not evaluated."""
    if not is_time_zone(condition.timezone):
        complaints.add(row, "timezone", "is not a known time zone; the condition was left out",
                       "Use a name such as Europe/London", condition.timezone)  # fmt: skip
        return False
    dated = condition.dates or condition.first_night
    if condition.kind in NEEDS_HOURS and not condition.schedule and not dated:
        complaints.add(
            row, "schedule", f"{condition.kind.value} {condition.id} has no hours, cannot be evaluated",
            "Give it a schedule, or dates", severity="warning",
        )  # fmt: skip
    warn_of_dates_outside(condition, row, complaints)
    for number, hours in find_long_rules(condition):
        complaints.add(f"{row}.schedule[{number}]", "until_time", LONG_RULE.format(hours=hours),
                       LONG_RULE_REMEDY, severity="warning")  # fmt: skip
    return _check_geometry(condition, row, complaints)


def warn_of_dates_outside(condition: Condition, row: str, complaints: Complaints) -> None:
    for outside in find_dates_outside(condition):
        complaints.add(row, outside.field, outside.words, outside.remedy, severity="warning")


def _check_geometry(part: Place | Condition, row: str, complaints: Complaints) -> bool:
    if part.geometry is None:
        return True
    try:
        geometry_shapes(part.geometry)
    except BadGeometry as error:
        complaints.add(row, "geometry", f"{error}; this part was left out", error.remedy, part.id)
        return False
    return True


def find_parts(part: Part, row: str, complaints: Complaints) -> Iterator[tuple[Part, str]]:
    """A part and all parts in it, each with the path it was read from."""
    row = complaints.row_of(part, row)
    yield part, row
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        path = f"{row}.{field.alias or name}".lstrip(".")
        if isinstance(value, Part):
            yield from find_parts(value, path, complaints)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, Part):
                    yield from find_parts(item, f"{path}[{number}]", complaints)


def _find_parts_with_unknown(order_file: OrderFile, complaints: Complaints) -> Iterator[tuple[Part, str]]:
    """The file itself, and all that is in those of its parts that may hold what is unknown."""
    yield order_file, ""
    lists: tuple[Sequence[Part], ...] = (order_file.people, order_file.activations, order_file.orders)
    for parts, name in zip(lists, ("people", "activations", "orders"), strict=True):
        for number, part in enumerate(parts):
            if complaints.may_hold_unknown(part):
                yield from find_parts(part, f"{name}[{number}]", complaints)


def warn_of_unknown_fields(order_file: OrderFile, complaints: Complaints) -> None:
    for part, row in _find_parts_with_unknown(order_file, complaints):
        if not part.model_extra:
            continue
        known = [field.alias or name for name, field in type(part).model_fields.items()]
        for name in part.model_extra:
            if name.startswith(OWN_FIELD_PREFIX):
                continue
            near = difflib.get_close_matches(name, known, n=1)
            complaints.add(
                row or None, name,
                "Milepost does not know this field; it was kept and has no effect",
                f"Did you mean {near[0]}?" if near else "Remove it, or begin its name with x_ if it is yours",
                severity="warning",
            )  # fmt: skip


def warn_of_unknown_references(order_file: OrderFile, complaints: Complaints) -> None:
    people = {person.id for person in order_file.people}
    places: dict[str, set[str]] = {}
    for order in order_file.orders:
        if order.person_id not in people:
            _warn_of_person(order.person_id, complaints.row_of(order, f"order {order.id}"), complaints)
        of_person = places.setdefault(order.person_id, set())
        for version in order.versions:
            known = {place.id for place in version.places}
            of_person |= known
            _warn_of_places(order, version, known, complaints)
    for activation in order_file.activations:
        stranger = activation.person_id not in people
        homeless = activation.place is not None and activation.place not in places.get(
            activation.person_id, set()
        )
        if not (stranger or homeless):
            continue
        row = complaints.row_of(activation, f"activation {activation.id}")
        if stranger:
            _warn_of_person(activation.person_id, row, complaints)
        if homeless:
            complaints.add(row, "place", "no order of the person has this place, so the unit speaks for none",
                           "Give the place in the order's version, or correct the id", activation.place,
                           "warning")  # fmt: skip


def _warn_of_person(person_id: str, row: str, complaints: Complaints) -> None:
    complaints.add(row, "person_id", "no person in the file has this id; it was used all the same",
                   "Add the person to people, or correct the id", person_id, "warning")  # fmt: skip


def _warn_of_places(order: Order, version: OrderVersion, known: set[str], complaints: Complaints) -> None:
    for condition in version.conditions:
        for field, place in _places_named(condition):
            for place_id in place_ids(place) or ():
                if place_id not in known:
                    complaints.add(
                        complaints.row_of(condition, f"order {order.id}"), field,
                        "no place of this version has this id; the condition cannot be evaluated there",
                        "Give the place in the version's places, or correct the id", place_id, "warning",
                    )  # fmt: skip


def _places_named(condition: Condition) -> Iterator[tuple[str, str | list[str]]]:
    """Each field of a condition that names a place, and what it names."""
    if condition.place is not None:
        yield "place", condition.place
    for n, rule in enumerate(condition.schedule or ()):
        if rule.place is not None:
            yield f"schedule[{n}].place", rule.place
    for n, date in enumerate(condition.dates or ()):
        if date.place is not None:
            yield f"dates[{n}].place", date.place
    if condition.first_night and condition.first_night.place is not None:
        yield "first_night.place", condition.first_night.place
