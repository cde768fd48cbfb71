"""What was owed, when, where: the interface between orders and the engine.

``expand`` (in ``orders.schedules``) turns an order file into obligations; the engine only ever sees
these. Times are integer microseconds since the epoch, UTC; intervals are half-open [start, end).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from milepost.orders.model import ConditionKind, Regime
from milepost.orders.rings import NO_RINGS, Rings

Duty = Literal["be_inside", "be_outside", "attend", "be_tracked", "be_sober", "charge_and_wear"]

DUTY_OF_KIND: dict[ConditionKind, Duty] = {
    ConditionKind.CURFEW: "be_inside",
    ConditionKind.EXCLUSION_ZONE: "be_outside",
    ConditionKind.INCLUSION_ZONE: "be_inside",
    ConditionKind.RESTRICTION_ZONE: "be_inside",
    ConditionKind.ATTENDANCE: "attend",
    ConditionKind.TRAIL: "be_tracked",
    ConditionKind.ALCOHOL: "be_sober",
    ConditionKind.CHARGE_AND_WEAR: "charge_and_wear",
}


@dataclass(frozen=True, slots=True, init=False)
class Shape:
    """A circle, or a polygon with holes. Degrees, WGS 84.

    ``rings`` is empty for a circle. For a polygon, the first ring is the outside and the others are
    holes; each ring is a sequence of (lon, lat) without the repeated last point.
    """

    lon: float
    lat: float
    radius_m: float
    rings: Rings

    def __init__(
        self,
        lon: float = 0.0,
        lat: float = 0.0,
        radius_m: float = 0.0,
        rings: Iterable[Sequence[tuple[float, float]]] = NO_RINGS,
    ) -> None:
        keep = object.__setattr__
        keep(self, "lon", lon)
        keep(self, "lat", lat)
        keep(self, "radius_m", radius_m)
        keep(self, "rings", rings if isinstance(rings, Rings) else Rings.of(rings))


@dataclass(frozen=True, slots=True)
class Target:
    """Where: the union of shapes. Inside one of them is inside."""

    shapes: tuple[Shape, ...]
    place_ids: tuple[str, ...] = ()
    """The places it stands for, so that a home unit's word can be joined to it."""


class Obligation(NamedTuple):
    """One interval in which one duty held for one person.

    Continuous duties (a zone without a schedule) give one obligation from the condition's start to
    its end. Contiguous windows of the same condition with the same target in following versions are
    one obligation, under the version in force when it started.
    """

    person_id: str
    order_id: str
    order_version: int
    condition_id: str
    regime: Regime
    kind: ConditionKind
    duty: Duty
    start_us: int
    end_us: int
    timezone: str
    target: Target | None
    """None where the duty has no place, or where ``not_evaluable`` says why it has none."""
    not_evaluable: str | None = None
    """Why this cannot be evaluated, in plain words, for example: "has no geometry"."""
    notes: tuple[str, ...] = ()
    """What shaped the interval: "clock change", "first night", "public holiday", "authorised absence"."""
