"""True lives: people with orders and devices, and where they were at every moment. No signal yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from milepost.orders.model import ConditionKind
from milepost.synth.conditions import NEEDS_GPS, build_order, choose_kinds, choose_regime, regime_for_age
from milepost.synth.days import plan_routine, settle, walk_path
from milepost.synth.devices import TagLife, plan_tags
from milepost.synth.misdeeds import plan_misdeeds
from milepost.synth.motion import Path
from milepost.synth.noise import Noise
from milepost.synth.people import Resident, build_resident
from milepost.synth.town import Town, build_town
from milepost.synth.windows import local_s, order_windows

MARGIN_S = 100_000.0
"""Lived before and after the period, so that a night across its edge is a whole night."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days, and how people are spread and ordered."""

    seed: int
    first_day: dt.date
    days: int
    minutes: int | None = None
    """Signals for only so many minutes."""
    people_per_town: int = 2_000
    lean: bool = False
    """Everyone with GPS and two or three conditions, for the benchmark of national size."""

    @property
    def start_s(self) -> float:
        return local_s(self.first_day, "00:00", "Europe/London")

    @property
    def end_s(self) -> float:
        if self.minutes is not None:
            return self.start_s + 60.0 * self.minutes
        return local_s(self.first_day + dt.timedelta(days=self.days), "00:00", "Europe/London")


@dataclass(slots=True)
class Life:
    """One person's true life in the period."""

    resident: Resident
    path: Path
    tags: TagLife
    fitted_s: float
    ends: dt.datetime | None


@lru_cache(maxsize=4)
def town_of(seed: int, index: int) -> Town:
    return build_town(seed, index)


def build_people(period: Period, noise: Noise, indices: range) -> list[Life]:
    """People with orders and the lives they truly lived, without any signal."""
    residents, fitted, ends = [], [], []
    for index in indices:
        rng = np.random.default_rng([period.seed, 505, index])
        town = town_of(period.seed, index // period.people_per_town)
        resident = build_resident(period.seed, index, town, two_homes=bool(rng.random() < 0.1))
        begun, over = _order_span(rng, period, noise)
        regime = regime_for_age(choose_regime(rng), resident.person.date_of_birth, period.first_day)
        kinds = choose_kinds(rng, regime, lean=period.lean)
        resident.has_gps = period.lean or bool(NEEDS_GPS & set(kinds)) or bool(rng.random() < 0.5)
        curfew = ConditionKind.CURFEW in kinds
        resident.has_home_unit = (
            curfew and (not resident.has_gps or bool(rng.random() < 0.45)) and not period.lean
        )
        effective = dt.datetime.fromtimestamp(int(begun), dt.UTC)
        order = build_order(rng, resident, regime, kinds, period.first_day, period.days, effective, over)
        resident.order = order
        resident.windows = order_windows(order, period.start_s - MARGIN_S, period.end_s + MARGIN_S)
        residents.append(resident)
        fitted.append(float(int(begun)))
        ends.append(over)
    tags = plan_tags(period.seed, residents, noise, fitted, period.start_s, period.end_s)
    lives = []
    for resident, life, from_s, over in zip(residents, tags, fitted, ends, strict=True):
        rng = np.random.default_rng([period.seed, 606, resident.index])
        outings = plan_routine(rng, resident, period.first_day, period.days)
        outings = plan_misdeeds(rng, resident, noise, outings, period.start_s, period.end_s)
        path = walk_path(
            resident, settle(resident, outings), period.start_s - MARGIN_S, period.end_s + MARGIN_S
        )
        lives.append(Life(resident, path, life, from_s, over))
    return lives


def _order_span(rng: np.random.Generator, period: Period, noise: Noise) -> tuple[float, dt.datetime | None]:
    length_s = period.end_s - period.start_s
    begun = period.start_s - 86_400 * rng.uniform(2.0, 40.0)
    if rng.random() < noise.fitted_late_share:
        begun = period.start_s + length_s * rng.uniform(0.1, 0.6)
    over = None
    if rng.random() < 0.04 and period.days > 2:
        day = period.first_day + dt.timedelta(days=int(rng.integers(period.days * 2 // 3, period.days)))
        over = dt.datetime.fromtimestamp(local_s(day, "12:00", "Europe/London"), dt.UTC)
        begun = min(begun, over.timestamp() - 86_400)
    return begun, over
