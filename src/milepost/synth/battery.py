"""How the tag's battery falls and is charged, or is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from milepost.synth.motion import Path, Span
from milepost.synth.noise import Noise
from milepost.synth.plane import Floats


@dataclass(frozen=True, slots=True)
class Battery:
    """Level by time (straight between the points), when it was flat, when it was on charge."""

    t: Floats
    pct: Floats
    dead: list[Span]
    charging: list[Span]
    low_at: list[float]


def live_battery(
    rng: np.random.Generator, noise: Noise, path: Path, homes: set[str], start_s: float, end_s: float
) -> Battery:
    """Charged in the evening at home, except on the days when it is forgotten.

    A flat battery stays flat until it is next put on charge, at home.
    """
    drain = 100.0 / (noise.battery_hours * 3600)
    fill = 100.0 / (noise.charge_hours * 3600)
    now, level = start_s, float(rng.uniform(55.0, 100.0))
    t, pct = [now], [level]
    dead: list[Span] = []
    charging: list[Span] = []
    low_at: list[float] = []
    for at in _evenings(rng, path, homes, start_s, end_s):
        if at <= now:
            continue
        flat_at = now + level / drain
        low = now + (level - noise.battery_low_pct) / drain
        forgotten = rng.random() < noise.forget_charge_share
        if flat_at >= at and forgotten:
            continue
        if now < low < at:
            low_at.append(low)
        if flat_at < at:
            dead.append((flat_at, at + 120.0))
            t += [flat_at, at]
            pct += [0.0, 0.0]
            level = 0.0
        else:
            level -= (at - now) * drain
            t.append(at)
            pct.append(level)
        full_at = at + (100.0 - level) / fill
        charging.append((at, full_at))
        t.append(full_at)
        pct.append(100.0)
        now, level = full_at, 100.0
    flat_at = now + level / drain
    low = now + (level - noise.battery_low_pct) / drain
    if low < end_s:
        low_at.append(low)
    t.append(flat_at)
    pct.append(0.0)
    if flat_at < end_s:
        dead.append((flat_at, float("inf")))
    return Battery(np.array(t), np.array(pct), dead, charging, low_at)


def _evenings(
    rng: np.random.Generator, path: Path, homes: set[str], start_s: float, end_s: float
) -> list[float]:
    """Once a day, when the person is first at home for an hour in the evening or later."""
    at_home = [
        (a, b)
        for a, b, k in zip(path.stay_start, path.stay_end, path.stay_kind, strict=True)
        if k in homes and b - a > 3600
    ]
    found = []
    for day in range(int((end_s - start_s) // 86_400) + 1):
        wish = start_s + 86_400 * day + 3600 * rng.uniform(18.0, 22.5)
        at = next((max(a, wish) for a, b in at_home if b > wish + 1_800), None)
        if at is not None and at < end_s:
            found.append(float(at))
    return found
