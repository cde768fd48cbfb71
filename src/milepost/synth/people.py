"""Synthetic people on probation: where they live and go, what was ordered, which devices they wear."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from milepost.orders.model import Activation, Order, Person
from milepost.synth.motion import Area, Disc
from milepost.synth.plane import Floats
from milepost.synth.routes import find_route
from milepost.synth.town import Spot, Town, build_home
from milepost.synth.windows import Window


@dataclass(slots=True)
class Resident:
    """One synthetic person with everything that the days and the signals are made from."""

    index: int
    town: Town
    person: Person
    home: Spot
    second_home: Spot | None
    work: Spot | None
    shops: list[Spot]
    visits: list[Spot]
    appointments: dict[str, Spot]
    """Condition id to where the appointment is."""
    walk_mps: float
    ride_mps: float
    trouble: float
    """How often this person breaks a condition, beside the average."""
    order: Order | None = None
    activations: list[Activation] = field(default_factory=list)
    has_gps: bool = True
    has_home_unit: bool = False
    place_areas: dict[str, Disc] = field(default_factory=dict)
    zone_areas: dict[str, Area] = field(default_factory=dict)
    """Condition id to area, for zones."""
    windows: list[Window] = field(default_factory=list)
    routes: dict[tuple[str, str], Floats] = field(default_factory=dict)

    def route(self, start: Spot, end: Spot) -> Floats:
        """The way between two spots, found once."""
        key = (start.name, end.name)
        if key not in self.routes:
            self.routes[key] = find_route(self.town, start, end)
            self.routes[end.name, start.name] = self.routes[key][::-1]
        return self.routes[key]

    def daily_ways(self) -> list[Floats]:
        """The ways between all the places that this person goes to."""
        spots = [s for s in (self.home, self.second_home, self.work) if s]
        spots += [*self.shops, *self.visits, *self.appointments.values()]
        return [self.route(a, b) for i, a in enumerate(spots) for b in spots[i + 1 :]]


def build_resident(seed: int, index: int, town: Town, *, two_homes: bool) -> Resident:
    """Where one person lives and goes. The same seed and number give the same person."""
    rng = np.random.default_rng([seed, 202, index])

    def some(kind: str, count: int) -> list[Spot]:
        spots = town.spots[kind]
        return [spots[int(i)] for i in rng.choice(len(spots), size=min(count, len(spots)), replace=False)]

    home = build_home(town, rng, "home")
    visits = some("visit", 3)
    young = bool(rng.random() < 0.08)
    works = bool(rng.random() < 0.55)
    age = int(rng.integers(14, 18)) if young else int(rng.integers(18, 66))
    return Resident(
        index=index,
        town=town,
        person=Person(
            id=f"SP-{index + 1:05d}",
            name=f"Synthetic Person {index + 1:04d}",
            date_of_birth=dt.date(2026 - age, int(rng.integers(1, 13)), int(rng.integers(1, 28))),
            synthetic=True,
        ),
        home=home,
        second_home=visits.pop() if two_homes else None,
        work=town.spots["school"][int(rng.integers(2))] if young else (some("work", 1)[0] if works else None),
        shops=some("shop", 2),
        visits=visits[:2],
        appointments={},
        walk_mps=float(rng.uniform(1.2, 1.6)),
        ride_mps=float(rng.uniform(8.0, 12.0) if rng.random() < 0.4 else rng.uniform(4.5, 6.5)),
        trouble=float(rng.gamma(0.7, 1 / 0.7)),
    )
