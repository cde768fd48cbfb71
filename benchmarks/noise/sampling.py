"""When a tag reports, and what of it is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.noise.people import CELLS, DAY_S, DAYS, MOVING, STEP_S, Lives

REST_S, JITTER_S, MOVING_S = 60.0, 2.0, 10.0
MOVING_SHARE = 0.6
"""Of the steps on the move, those that are short; the others last as long as at rest."""
GAP_MEAN_S, BLOCK_MEAN_S = 720.0, 900.0
END_S = DAYS * DAY_S


@dataclass(slots=True)
class Times:
    """Fixes by person and time: whose, seconds since the start, and the cell of the truth."""

    person: np.ndarray
    t: np.ndarray
    cell: np.ndarray

    def of(self, person: int) -> slice:
        a, b = np.searchsorted(self.person, (person, person + 1))
        return slice(int(a), int(b))


def draw_times(seed: int, lives: Lives) -> Times:
    """One gap a day is part of every scenario."""
    rng = np.random.default_rng([seed, 2])
    persons, times = [], []
    for i in range(len(lives)):
        moving = (lives.motion[i] == MOVING).tolist()
        jitter = rng.uniform(-JITTER_S, JITTER_S, CELLS).tolist()
        short = (rng.random(CELLS) < MOVING_SHARE).tolist()
        own, t, k = [], float(rng.uniform(0, REST_S)), 0
        while t < END_S:
            own.append(t)
            quick = moving[int(t) // STEP_S] and short[k]
            t += MOVING_S if quick else REST_S + jitter[k]
            k += 1
        at = np.array(own)
        starts = np.arange(DAYS) * DAY_S + rng.uniform(0, DAY_S, DAYS)
        at = at[~_within(at, starts, rng.exponential(GAP_MEAN_S, DAYS))]
        persons.append(np.full(len(at), i, np.int32))
        times.append(at)
    t_s = np.concatenate(times)
    return Times(np.concatenate(persons), t_s, (t_s // STEP_S).astype(np.int64))


def _within(t: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    lost = np.zeros(len(t), bool)
    for a, length in zip(starts, lengths, strict=True):
        i, j = np.searchsorted(t, (a, a + length))
        lost[i:j] = True
    return lost


def kept_of(seed: int, times: Times, missing: float) -> np.ndarray:
    """Which fixes arrive when a share is missing: half of it in blocks, half one by one."""
    rng = np.random.default_rng([seed, 3, round(missing * 100)])
    lost = np.zeros(len(times.t), bool)
    if not missing:
        return ~lost
    for i in range(int(times.person.max()) + 1):
        rows = times.of(i)
        t = times.t[rows]
        n = len(t)
        in_blocks = np.zeros(n, bool)
        while in_blocks.sum() < missing / 2 * n:
            in_blocks |= _within(t, rng.uniform(0, END_S, 1), rng.exponential(BLOCK_MEAN_S, 1))
        still = np.flatnonzero(~in_blocks)
        singles = rng.choice(still, max(0, round(missing * n) - int(in_blocks.sum())), replace=False)
        in_blocks[singles] = True
        lost[rows] = in_blocks
    return ~lost
