"""Someone asleep at the centre of home all night: every finding is false.

One fix a minute, errors round, normal and independent, exactly as stated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.noise.engines import answers
from benchmarks.noise.errors import RADIUS_95
from benchmarks.noise.scenarios import BEGIN_US, fixes_table, name_of, order_file
from benchmarks.report import Table
from benchmarks.workload import metres_per_degree
from milepost.compliance.rule_tables import RuleSet
from milepost.tracks.record import Signals

SETTINGS = ((40, 30), (40, 60), (40, 100), (40, 150), (60, 150), (20, 60), (20, 100))
"""Radius of home, and stated precision (95 %), metres."""
NIGHT_MIN = 720
DUSK_US = BEGIN_US + 7 * 3600 * 1_000_000
"""19:00, when the curfew begins."""


@dataclass(slots=True)
class Nights:
    """What one engine made of all nights of one setting."""

    nights: int
    false_nights: int
    false_min: float


def asleep(radius_m: float, stated_m: float, nights: int, rules: RuleSet, seed: int = 1) -> dict[str, Nights]:
    """By engine: nights with a false finding, and minutes of all of them."""
    rng = np.random.default_rng([seed, 6, round(radius_m), round(stated_m)])
    lat, lon = 53.6 + rng.uniform(0, 0.5, nights), np.full(nights, 1.2)
    orders = order_file(lat, lon, np.full(nights, radius_m), [None] * nights)
    person = np.repeat(np.arange(nights), NIGHT_MIN + 1)
    t = DUSK_US + np.tile(np.arange(NIGHT_MIN + 1), nights) * 60_000_000
    error = rng.normal(0, stated_m / RADIUS_95, (len(t), 2))
    per_degree = np.array([metres_per_degree(a) for a in lat])[person]
    names = [f"D{name_of(i)}" for i in range(nights)]
    fixes = fixes_table(
        names,
        person,
        t,
        lon[person] + error[:, 0] / per_degree[:, 0],
        lat[person] + error[:, 1] / per_degree[:, 1],
        np.full(len(t), float(stated_m)),
    )
    found = answers(orders, Signals(fixes=fixes), rules, DUSK_US, int(t[-1]))
    counts = {}
    for engine, answer in found.items():
        with_some = sum(bool(spans) for spans in answer.findings.values())
        counts[engine] = Nights(nights, with_some, answer.minutes())
    return counts


def table(nights: int, rules: RuleSet) -> Table:
    shown = Table(
        "Asleep at home: nights with a false finding, and false minutes a night",
        ["home radius / stated precision, m", "nights"],
    )
    whole: dict[str, Nights] = {}
    for radius_m, stated_m in SETTINGS:
        row = [f"{radius_m} / {stated_m}", str(nights)]
        for engine, n in asleep(radius_m, stated_m, nights, rules).items():
            row.append(f"{n.false_nights} ({n.false_min / nights:.1f} min)")
            sums = whole.setdefault(engine, Nights(0, 0, 0.0))
            sums.nights += nights
            sums.false_nights += n.false_nights
            sums.false_min += n.false_min
        shown.rows.append(row)
    shown.columns += list(whole)
    total = [f"{n.false_nights} ({n.false_min / n.nights:.1f} min)" for n in whole.values()]
    shown.rows.append(["all", str(nights * len(SETTINGS)), *total])
    return shown
