"""Where a condition is to be kept: place ids to targets.

Equal places give the *same* ``Target`` object for the life of a ``TargetCache``, so that the engine can
prepare each geometry once however many people and nights share it.
"""

from __future__ import annotations

from collections.abc import Iterable

from milepost.orders.geometry import BadGeometry, circle_shape, geometry_shapes, shift_near
from milepost.orders.intervals import PlaceKey
from milepost.orders.model import Circle, Condition, ConditionKind, Geometry, OrderVersion, Place
from milepost.orders.obligations import Shape, Target

NEEDS_A_PLACE = frozenset(
    {
        ConditionKind.CURFEW,
        ConditionKind.ATTENDANCE,
        ConditionKind.EXCLUSION_ZONE,
        ConditionKind.INCLUSION_ZONE,
        ConditionKind.RESTRICTION_ZONE,
    }
)
NO_GEOMETRY = "has no geometry, cannot be evaluated"

Where = tuple[Target | None, str | None]
"""The target, or why there is none."""


def place_ids(place: str | list[str] | None) -> PlaceKey:
    """One id or a list of them as a key: each once, in order, for a union has no first."""
    if place is None:
        return None
    return (place,) if isinstance(place, str) else tuple(sorted(set(place)))


class TargetCache:
    """Keeps one object for each different target."""

    def __init__(self) -> None:
        self._targets: dict[Target, Target] = {}

    def keep(self, shapes: Iterable[Shape], ids: tuple[str, ...] = ()) -> Target:
        parts = tuple(shapes)
        target = Target(parts if len(parts) == 1 else _on_one_side(parts), ids)
        return self._targets.setdefault(target, target)


def _on_one_side(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Shapes on both sides of the 180th meridian with longitudes that go on beyond it, so that the middle
    between them is between them."""
    lons = [float(shape.rings.corners[0, 0]) if shape.rings else shape.lon for shape in shapes]
    if not lons or max(lons) - min(lons) <= 180:
        return shapes
    return tuple(
        Shape(rings=shift_near(tuple(shape.rings), lons[0]))
        if shape.rings
        else Shape(shape.lon + 360 * round((lons[0] - shape.lon) / 360), shape.lat, shape.radius_m)
        for shape in shapes
    )


def find_target(condition: Condition, version: OrderVersion, place: PlaceKey, cache: TargetCache) -> Where:
    """The target of a condition, at ``place`` if a rule names its own, or why it cannot be evaluated.

    Several places are a union: inside any of them is inside. If one of several has no geometry the
    whole cannot be evaluated, for the person may rightly be at that one.
    """
    if condition.kind not in NEEDS_A_PLACE:
        return None, None
    own = place is None
    ids = (place_ids(condition.place) or ()) if place is None else place
    places = {known.id: known for known in version.places} if ids else {}
    shapes: list[Shape] = []
    for place_id in ids:
        if place_id not in places:
            return None, f"place {place_id} is not in the order, cannot be evaluated"
        try:
            found = _shapes_of(places[place_id])
        except BadGeometry as error:
            return None, _cannot(f"place {_called(places[place_id])}", error)
        if not found:
            return None, f"place {_called(places[place_id])} {NO_GEOMETRY}"
        shapes.extend(found)
    called = f"{_words_of(condition.kind)} {condition.id}"
    if own:
        try:
            shapes.extend(_shapes_of(condition))
        except BadGeometry as error:
            return None, _cannot(called, error)
    if not shapes:
        return None, f"{called} {NO_GEOMETRY}"
    return cache.keep(shapes, ids), None


def _shapes_of(part: Place | Condition) -> list[Shape]:
    """The shapes of one place or zone; none if it has no geometry. Raises ``BadGeometry`` if it cannot be used."""
    geometry: Geometry | None = part.geometry
    circle: Circle | None = part.circle
    shapes: list[Shape] = []
    if geometry is not None:
        shapes.extend(geometry_shapes(geometry))
    if circle is not None:
        shapes.append(circle_shape(circle))
    return shapes


def _cannot(called: str, error: BadGeometry) -> str:
    """Why a zone that is drawn cannot be used, and what to do: as ``milepost orders validate`` says it."""
    return f"the geometry of {called} cannot be used: {error}. {error.remedy}"


def _called(place: Place) -> str:
    return f"{place.id} ({place.name})" if place.name and place.name != place.id else place.id


def _words_of(kind: ConditionKind) -> str:
    return kind.value.replace("_", " ")
