"""Sixty people for five days and nights, and where each of them truly was, every five seconds.

Positions are metres from the centre of the person's own home, in axes of their own: ``u`` towards the
exclusion zone (where there is one), ``v`` across. Work lies the other way, so no way to work crosses the
zone. Time is seconds since Monday 2 February 2026, 12:00, local and UTC alike (no clock change is near).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DAYS, STEP_S = 5, 5
DAY_S = 86_400
CELLS = DAYS * DAY_S // STEP_S
RADII_M = (40.0, 25.0, 20.0)
"""A house, a terrace at the street, a flat; a third of the people each."""
FLAT_M = 20.0
ZONE_AWAY_M, ZONE_HALF_M = 900.0, 150.0
CURFEW = 19.0, 31.0
"""Hours of the curfew, counted from the midnight before it."""
INDOORS, STANDING, MOVING = 0, 1, 2
HOME, WORK, FRIEND = (0.0, 0.0), (-2000.0, 0.0), (0.0, -1500.0)
WALK_MPS, RIDE_MPS = 1.4, 5.0
EVENINGS = ("late", "late_long", "shop", "away", "early", "all_night", "near")
ZONE_VISITS = ("short", "long", "edge", "along", "beside")


@dataclass(slots=True)
class Lives:
    """Arrays of (person, cell): the true position, how the person moved, and whether a violation that
    falls there is hard (so near the edge that no position can be expected to show it)."""

    radius_m: np.ndarray
    has_zone: np.ndarray
    turn: np.ndarray  # the direction of u, radians from east
    u: np.ndarray
    v: np.ndarray
    motion: np.ndarray
    hard: np.ndarray

    def __len__(self) -> int:
        return len(self.radius_m)

    def outside_home(self) -> np.ndarray:
        return np.hypot(self.u, self.v) > self.radius_m[:, None]

    def in_zone(self) -> np.ndarray:
        within = (np.abs(self.u - ZONE_AWAY_M) <= ZONE_HALF_M) & (np.abs(self.v) <= ZONE_HALF_M)
        return within & self.has_zone[:, None]


def in_curfew() -> np.ndarray:
    """Which cells lie in a curfew night."""
    hour = np.arange(CELLS) * STEP_S / 3600 % 24 + 12
    return (hour >= CURFEW[0]) & (hour < CURFEW[1])


@dataclass(slots=True)
class _Life:
    """One person's path as it is drawn: corners of a line, and what the person did from each time on."""

    t: list[float]
    u: list[float]
    v: list[float]
    since: list[tuple[float, int, bool]]

    def go(self, leave_s: float, to: tuple[float, float], motion: int = INDOORS, hard: bool = False) -> float:
        """Leaves (not before having arrived) and goes straight; returns the time of arrival."""
        leave_s = max(leave_s, self.t[-1])
        far_m = float(np.hypot(to[0] - self.u[-1], to[1] - self.v[-1]))
        arrive_s = leave_s + far_m / speed(far_m)
        self.t += [leave_s, arrive_s]
        self.u += [self.u[-1], to[0]]
        self.v += [self.v[-1], to[1]]
        self.since += [(leave_s, MOVING, hard), (arrive_s, motion, hard)]
        return arrive_s

    def arrive(self, at_s: float, to: tuple[float, float]) -> float:
        """Leaves so as to be there at this time."""
        far_m = float(np.hypot(to[0] - self.u[-1], to[1] - self.v[-1]))
        return self.go(at_s - far_m / speed(far_m), to)


def speed(far_m: float) -> float:
    return RIDE_MPS if far_m > 1000 else WALK_MPS


def draw_lives(seed: int, people: int = 60) -> Lives:
    """The same seed draws the same lives."""
    rng = np.random.default_rng([seed, 1])
    radius = np.array([RADII_M[i % 3] for i in range(people)])
    zone = np.array([i % 5 < 3 for i in range(people)])
    lives = Lives(
        radius,
        zone,
        rng.uniform(0, 2 * np.pi, people),
        *(np.zeros((people, CELLS), np.float32) for _ in range(2)),
        np.zeros((people, CELLS), np.int8),
        np.zeros((people, CELLS), bool),
    )
    grid = np.arange(CELLS) * STEP_S
    for i in range(people):
        life = _Life([0.0], [WORK[0]], [WORK[1]], [(0.0, INDOORS, False)])
        for day in range(DAYS):
            _day(rng, life, day * DAY_S, float(radius[i]), bool(zone[i]))
        begun = np.array([s[0] for s in life.since])
        at = np.searchsorted(begun, grid, side="right") - 1
        lives.u[i] = np.interp(grid, life.t, life.u)
        lives.v[i] = np.interp(grid, life.t, life.v)
        lives.motion[i] = np.array([s[1] for s in life.since])[at]
        lives.hard[i] = np.array([s[2] for s in life.since])[at]
        _rooms(rng, lives, i)
    return lives


def _rooms(rng: np.random.Generator, lives: Lives, i: int) -> None:
    """At home people are in one room or another, an hour each."""
    reach_m = 3.0 if lives.radius_m[i] == FLAT_M else 6.0
    hours = CELLS * STEP_S // 3600
    angle, away = rng.uniform(0, 2 * np.pi, hours), reach_m * np.sqrt(rng.uniform(0, 1, hours))
    hour = np.arange(CELLS) * STEP_S // 3600
    home = (np.hypot(lives.u[i], lives.v[i]) < 1) & (lives.motion[i] == INDOORS)
    lives.u[i] += np.where(home, (away * np.cos(angle))[hour], 0)
    lives.v[i] += np.where(home, (away * np.sin(angle))[hour], 0)


def _day(rng: np.random.Generator, life: _Life, noon_s: float, radius_m: float, zone: bool) -> None:
    """From noon at work to noon at work."""

    def clock(hour: float) -> float:
        return noon_s + (hour - 12) * 3600

    if zone and rng.random() < 0.5:
        _visit_zone(rng, life, clock(rng.uniform(12.3, 14.5)), str(rng.choice(ZONE_VISITS)))
    kind = str(rng.choice(EVENINGS)) if rng.random() < 0.5 else ""
    if kind == "all_night":
        life.arrive(clock(rng.uniform(17.3, 18.6)), FRIEND)
    elif kind in ("late", "late_long"):
        late_min = rng.uniform(6, 20) if kind == "late" else rng.uniform(30, 150)
        life.arrive(clock(19 + late_min / 60), HOME)
    else:
        life.arrive(clock(rng.uniform(17.3, 18.6)), HOME)
    if kind == "shop":
        _out_and_back(rng, life, clock(rng.uniform(19.5, 24)), 150.0, rng.uniform(3, 8))
    elif kind == "away":
        _out_and_back(rng, life, clock(rng.uniform(19.5, 26)), 700.0, rng.uniform(30, 180))
    elif kind == "near":
        leave_s, angle = clock(rng.uniform(19.5, 29)), rng.uniform(0, 2 * np.pi)
        next_door = radius_m == FLAT_M
        far_m = 25.0 if next_door else radius_m + rng.uniform(3, 12)
        stay_min = rng.uniform(30, 120) if next_door else rng.uniform(6, 20)
        spot = float(far_m * np.cos(angle)), float(far_m * np.sin(angle))
        there_s = life.go(leave_s, spot, INDOORS if next_door else STANDING, hard=True)
        life.go(there_s + stay_min * 60, HOME, hard=True)
        life.since[-1] = (life.since[-1][0], INDOORS, False)
    early_min = rng.uniform(8, 60) if kind == "early" else -rng.uniform(6, 90)
    life.go(clock(31 - early_min / 60), WORK)


def _out_and_back(
    rng: np.random.Generator, life: _Life, leave_s: float, far_m: float, stay_min: float
) -> None:
    """Away from the zone, so that an evening out is never a visit to it."""
    angle = rng.uniform(np.pi / 2, 3 * np.pi / 2)
    there_s = life.go(leave_s, (float(far_m * np.cos(angle)), float(far_m * np.sin(angle))))
    life.go(there_s + stay_min * 60, HOME)


def _visit_zone(rng: np.random.Generator, life: _Life, leave_s: float, kind: str) -> None:
    near, across = ZONE_AWAY_M - ZONE_HALF_M, float(rng.uniform(-80, 80))
    if kind in ("short", "long"):
        stay_min = rng.uniform(3, 10) if kind == "short" else rng.uniform(20, 90)
        there_s = life.go(leave_s, (float(rng.uniform(820, 980)), across), STANDING)
    elif kind == "edge":
        stay_min = rng.uniform(6, 30)
        there_s = life.go(leave_s, (near + 10, across), STANDING, hard=True)
        life.go(there_s + stay_min * 60, WORK, hard=True)
        life.since[-1] = (life.since[-1][0], INDOORS, False)
        return
    elif kind == "along":
        stay_min, there_s = 0.0, life.go(leave_s, (near - 10, -ZONE_HALF_M), MOVING)
        for side in (1, -1, 1):
            there_s = life.go(there_s, (near - 10, side * ZONE_HALF_M), MOVING)
    else:
        stay_min = rng.uniform(30, 75)
        there_s = life.go(leave_s, (near - 25, across))
    life.go(there_s + stay_min * 60, WORK)
