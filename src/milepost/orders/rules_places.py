"""Rules on where: zones that can be measured, and duties that contradict each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from milepost.orders.answers import Answer, Subject
from milepost.orders.clock import us_to_local
from milepost.orders.geometry import BadGeometry, shift_near
from milepost.orders.limits import find_limit
from milepost.orders.model import Condition, ConditionKind, OrderFile, Place
from milepost.orders.obligations import Obligation, Shape
from milepost.orders.places import TargetCache, find_target
from milepost.orders.rules_hours import expand_version
from milepost.orders.schedules import find_cuts
from milepost.orders.zones_geojson import check_zone

_M_PER_DEGREE = 111_320.0
"""Metres in a degree of latitude; good to half a percent, which is enough to see an overlap."""


def _flatten(shapes: Iterable[Shape], lon0: float, lat0: float) -> BaseGeometry:
    """The shapes in metres east and north of a point near them."""
    x_m = _M_PER_DEGREE * math.cos(math.radians(lat0))
    flat: list[BaseGeometry] = []
    for shape in shapes:
        if shape.rings:
            near = shift_near(tuple(shape.rings), lon0)
            rings = [[((x - lon0) * x_m, (y - lat0) * _M_PER_DEGREE) for x, y in ring] for ring in near]
            flat.append(Polygon(rings[0], rings[1:]).buffer(0))
        else:
            east = (shape.lon - lon0 + 180) % 360 - 180
            centre = Point(east * x_m, (shape.lat - lat0) * _M_PER_DEGREE)
            flat.append(centre.buffer(shape.radius_m, quad_segs=32))
    return unary_union(flat)


def _origin(shapes: tuple[Shape, ...]) -> tuple[float, float]:
    first = shapes[0]
    return first.rings[0][0] if first.rings else (first.lon, first.lat)


def check_geometry(subject: Subject) -> Iterator[Answer]:
    """Each drawn place and zone: valid, plausible, and larger than what can be told apart."""
    parts: list[Place | Condition] = [*subject.version.places, *subject.version.conditions]
    for part in parts:
        if part.geometry is None and part.circle is None:
            continue
        condition_id = part.id if isinstance(part, Condition) else None
        try:
            doubt = check_zone(part.geometry, part.circle)
        except BadGeometry as error:
            yield subject.answer("zone.geometry", "error", f"{part.id}: {error}.", error.remedy, condition_id)
            continue
        if doubt is not None:
            yield subject.answer("zone.geometry", "warning", f"{part.id} {doubt[0]}.", doubt[1], condition_id)
        yield from _check_size(subject, part, condition_id)


def _check_size(subject: Subject, part: Place | Condition, condition_id: str | None) -> Iterator[Answer]:
    limit = subject.exactness or find_limit("zone.radius_m_min", subject.order.regime, subject.law_of)
    if limit is None:
        return
    stand_in = Condition.model_validate(
        {"id": part.id, "kind": "inclusion_zone", "from": "2000-01-01", "circle": part.circle,
         "geometry": part.geometry}
    )  # fmt: skip
    target, _ = find_target(stand_in, subject.version, None, TargetCache())
    if target is None:
        return
    area = _flatten(target.shapes, *_origin(target.shapes)).area
    radius_m = math.sqrt(area / math.pi) + 0.5  # half a metre for the corners of a drawn circle
    small = radius_m < limit.value
    yield subject.answer(
        limit.rule, "warning" if small else "ok",
        f"{part.id} is as large as a circle of {radius_m:.0f} m radius; "
        f"positions are good to about {limit.value:g} m"
        f"{' and can show that a person is away from it, not that they are in it' if small else ''}.",
        "Draw it larger, fit a home unit, or expect that time there is counted as uncertain" if small else "",
        condition_id, radius_m, limit,
    )  # fmt: skip


def check_contradictions(subject: Subject) -> Iterator[Answer]:
    """Exclusion zones over places the person must or may be at; two places at once."""
    cache = TargetCache()
    for zone in subject.version.conditions:
        if zone.kind is ConditionKind.EXCLUSION_ZONE:
            target, _ = find_target(zone, subject.version, None, cache)
            if target is not None:
                yield from _check_zone_over_places(subject, zone, target.shapes, cache)
    curfews = expand_version(subject, ConditionKind.CURFEW)
    yield from _check_two_places(subject, curfews, curfews, "curfew.two_places")
    attendances = expand_version(subject, ConditionKind.ATTENDANCE)
    yield from _check_two_places(subject, curfews, attendances, "curfew.attendance_without_absence")


def _check_zone_over_places(
    subject: Subject, zone: Condition, shapes: tuple[Shape, ...], cache: TargetCache
) -> Iterator[Answer]:
    origin = _origin(shapes)
    flat = _flatten(shapes, *origin)
    for place in subject.version.places:
        stand_in = Condition.model_validate(
            {"id": place.id, "kind": "inclusion_zone", "from": "2000-01-01", "place": place.id}
        )
        target, _ = find_target(stand_in, subject.version, None, cache)
        if target is None:
            continue
        home = _flatten(target.shapes, *origin)
        if not flat.intersects(home):
            continue
        share = flat.intersection(home).area / home.area if home.area else 1.0
        whole = share > 0.999
        yield subject.answer(
            "zone.over_place", "error" if whole else "warning",
            f"Exclusion zone {zone.id} covers {'all' if whole else f'{share:.0%}'} of place {place.id}.",
            "Redraw the zone, or grant an exception", zone.id, share * 100, unit="percent",
        )  # fmt: skip


def _check_two_places(
    subject: Subject, firsts: list[Obligation], seconds: list[Obligation], rule: str
) -> Iterator[Answer]:
    """The first time, for each pair of conditions, that two different places are owed at once."""
    told: set[tuple[str, ...]] = set()
    merged = sorted({id(o): o for o in [*firsts, *seconds]}.values(), key=lambda o: o.start_us)
    attendance = rule == "curfew.attendance_without_absence"
    open_ones: list[Obligation] = []
    for owed in merged:
        open_ones = [other for other in open_ones if other.end_us > owed.start_us]
        for other in open_ones:
            pair = tuple(sorted((other.condition_id, owed.condition_id)))
            if pair in told or other.target == owed.target or (attendance and other.kind is owed.kind):
                continue
            curfew = other if other.kind is ConditionKind.CURFEW else owed
            visit = owed if curfew is other else other
            if attendance and _is_lifted(subject, curfew.condition_id, visit):
                continue
            told.add(pair)
            when = us_to_local(owed.start_us, owed.timezone)
            yield subject.answer(
                rule, "warning" if attendance else "error",
                f"{pair[0]} and {pair[1]} ask for two different places at once, "
                f"first on {when:%A %d %B %Y at %H:%M}.",
                "Grant an absence for the appointment" if attendance else "Change the hours of one",
                ", ".join(dict.fromkeys(pair)),
            )  # fmt: skip
        open_ones.append(owed)


def _is_lifted(subject: Subject, curfew_id: str, visit: Obligation) -> bool:
    curfew = next(c for c in subject.version.conditions if c.id == curfew_id)
    return any(
        cut.start_us <= visit.start_us and visit.end_us <= cut.end_us
        for cut in find_cuts(curfew, subject.version)
    )


def check_people_overlaps(order_file: OrderFile) -> Iterator[Answer]:
    """Two orders of one person that both hold a curfew: found, for people decide which one counts."""
    seen: dict[str, str] = {}
    for order in order_file.orders:
        if any(c.kind is ConditionKind.CURFEW for v in order.versions for c in v.conditions):
            if order.person_id in seen:
                yield Answer(
                    "curfew.two_orders", "warning",
                    f"{order.person_id} has a curfew in orders {seen[order.person_id]} and {order.id}.",
                    "Check that both are meant to hold", order.person_id, order.id,
                )  # fmt: skip
            seen.setdefault(order.person_id, order.id)
