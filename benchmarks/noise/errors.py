"""How far off positions are, and what the device claims. All lengths metres, all times seconds.

Drawn once a seed, in layers, so that scenarios differ only in what they add: the same lives, the same
reports, the same errors beneath.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.noise.people import (
    CELLS,
    DAY_S,
    DAYS,
    FLAT_M,
    INDOORS,
    MOVING,
    STANDING,
    STEP_S,
    Lives,
)
from benchmarks.noise.sampling import END_S, Times

SIGMA_M = {INDOORS: 7.0, STANDING: 5.0, MOVING: 7.0}
FLAT_SIGMA_M = 10.0
TAU_S = {INDOORS: 600.0, STANDING: 180.0, MOVING: 90.0}
RADIUS_95 = 2.448
"""The radius that holds 95 % of a round normal error, in sigma."""
STATED_SPREAD = 0.25
BURST_EVERY_S = {INDOORS: 4 * 3600.0, STANDING: 2 * 3600.0, MOVING: 2 * 3600.0}
HONEST_FACTOR = 1.4
TAIL_SHARE, TAIL_M = 0.01, 15.0
RAMP_S = 180.0


@dataclass(slots=True)
class Layer:
    """An error on top: metres east and north, its size where it acts, and whether the device owns to it."""

    x: np.ndarray
    y: np.ndarray
    owned: np.ndarray

    @property
    def size(self) -> np.ndarray:
        return np.hypot(self.x, self.y)


@dataclass(slots=True)
class Errors:
    """Per fix. ``stated_m`` is the claim for the plain error alone; ``lie_m`` a claim made while drifting."""

    plain: Layer
    stated_m: np.ndarray
    bursts: Layer
    tails: Layer
    drift: Layer
    lie_m: np.ndarray


def draw_errors(seed: int, lives: Lives, times: Times) -> Errors:
    rng = np.random.default_rng([seed, 4])
    n = len(times.t)
    motion = lives.motion[times.person, times.cell]
    sigma = _sigma(lives, times.person, motion)
    wander = correlated(rng, lives.motion)[times.cell, times.person]
    plain = Layer(wander[:, 0] * sigma, wander[:, 1] * sigma, np.ones(n, bool))
    stated = RADIUS_95 * sigma * np.exp(STATED_SPREAD * rng.standard_normal(n))
    bursts = _bursts(rng, lives, times)
    jump = TAIL_M * np.abs(rng.standard_normal(n)) / np.sqrt(rng.exponential(1.0, n))
    jump *= rng.random(n) < TAIL_SHARE
    angle = rng.uniform(0, 2 * np.pi, n)
    tails = Layer(jump * np.cos(angle), jump * np.sin(angle), np.zeros(n, bool))
    return Errors(plain, stated, bursts, tails, _drift(rng, lives, times), rng.uniform(8, 15, n))


def _sigma(lives: Lives, person: np.ndarray, motion: np.ndarray) -> np.ndarray:
    sigma = np.array([SIGMA_M[m] for m in (INDOORS, STANDING, MOVING)])[motion]
    flat = (lives.radius_m[person] == FLAT_M) & (motion == INDOORS)
    return np.where(flat, FLAT_SIGMA_M, sigma)


def correlated(rng: np.random.Generator, motion: np.ndarray) -> np.ndarray:
    """An Ornstein-Uhlenbeck walk of unit variance by (cell, person, axis); its memory follows the motion."""
    people, cells = motion.shape
    memory = np.exp(-STEP_S / np.array([TAU_S[m] for m in (INDOORS, STANDING, MOVING)]))
    a = memory[motion.T].astype(np.float32)[:, :, None]
    out = rng.standard_normal((cells, people, 2), dtype=np.float32)
    out[1:] *= np.sqrt(1 - a[1:] ** 2)
    for i in range(1, cells):
        out[i] += a[i] * out[i - 1]
    return out


def _bursts(rng: np.random.Generator, lives: Lives, times: Times) -> Layer:
    """Multipath: a fixed offset for some minutes. Candidates at the higher rate; indoors some are let go."""
    layer = Layer(np.zeros(len(times.t)), np.zeros(len(times.t)), np.zeros(len(times.t), bool))
    most = min(BURST_EVERY_S.values())
    for i in range(len(lives)):
        rows = times.of(i)
        for start in rng.uniform(0, END_S, rng.poisson(END_S / most)):
            motion = int(lives.motion[i, int(start) // STEP_S])
            length = min(rng.exponential(100.0), 360.0)
            size, angle = min(rng.lognormal(3.5, 0.6), 200.0), rng.uniform(0, 2 * np.pi)
            owned, let_go = rng.random() < 0.5, rng.random() > most / BURST_EVERY_S[motion]
            if let_go:
                continue
            a, b = np.searchsorted(times.t[rows], (start, start + length)) + rows.start
            layer.x[a:b], layer.y[a:b] = size * np.cos(angle), size * np.sin(angle)
            layer.owned[a:b] = owned
    return layer


def _drift(rng: np.random.Generator, lives: Lives, times: Times) -> Layer:
    """Once a day, indoors: away in three minutes, there for a while, and back in three minutes."""
    n = len(times.t)
    layer = Layer(np.zeros(n), np.zeros(n), np.ones(n, bool))
    for i in range(len(lives)):
        rows = times.of(i)
        for day in range(DAYS):
            starts = day * DAY_S + rng.uniform(0, DAY_S, 20)
            indoors = lives.motion[i, (starts // STEP_S).astype(int)] == INDOORS
            size, hold, angle = rng.uniform(30, 150), rng.uniform(300, 2400), rng.uniform(0, 2 * np.pi)
            if not indoors.any():
                continue
            start = float(starts[indoors][0])
            corners = start + np.array([0, RAMP_S, RAMP_S + hold, 2 * RAMP_S + hold])
            a, b = np.searchsorted(times.t[rows], (corners[0], corners[-1])) + rows.start
            away = np.interp(times.t[a:b], corners, [0, size, size, 0])
            away *= lives.motion[i, np.minimum(times.cell[a:b], CELLS - 1)] == INDOORS
            layer.x[a:b], layer.y[a:b] = away * np.cos(angle), away * np.sin(angle)
    return layer
