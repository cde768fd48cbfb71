"""The signal model: what a tag reports of where it truly was. All levels come from ``noise.toml``.

Errors are related in time: a quick wander outdoors, a slow one inside buildings, and bursts of
reflections that last minutes. The reported precision is the radius that holds 95 % (2.448 sigma of a
round normal error), except where it lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from milepost.synth.battery import Battery
from milepost.synth.devices import Wear
from milepost.synth.motion import Path, Span
from milepost.synth.noise import Noise
from milepost.synth.plane import Floats, Plane
from milepost.tracks.record import Quality, Source

RADIUS_95 = 2.4477468306808166
"""sqrt(-2 ln 0.05): the radius of a round normal error that holds 95 %, in sigmas."""


@dataclass(slots=True)
class Fixes:
    """One person's fixes as arrays of one length. ``wear`` is the number of the wear they belong to."""

    wear: NDArray[np.int64]
    recorded_us: NDArray[np.int64]
    received_us: NDArray[np.int64]
    sequence: NDArray[np.int64]
    source: NDArray[np.uint8]
    lon_e7: NDArray[np.int32]
    lat_e7: NDArray[np.int32]
    precision_m: NDArray[np.float32]
    speed_mps: NDArray[np.float32]
    heading_deg: NDArray[np.float32]
    battery_pct: NDArray[np.float32]
    quality: NDArray[np.uint16]
    true_s: Floats
    """When the sample was truly taken, seconds since the epoch."""
    usable: NDArray[np.bool_]
    """A GPS position, not one of the impossible ones: it may show where the tag was."""


@numba.njit(cache=True)
def related_noise(shocks: Floats, rho: float) -> Floats:
    """First-order autoregression of unit variance, from shocks (n, 2)."""
    out = np.empty_like(shocks)
    fresh = np.sqrt(1.0 - rho * rho)
    for axis in range(shocks.shape[1]):
        now = shocks[0, axis]
        out[0, axis] = now
        for i in range(1, shocks.shape[0]):
            now = rho * now + fresh * shocks[i, axis]
            out[i, axis] = now
    return out


def make_fixes(
    rng: np.random.Generator,
    noise: Noise,
    plane: Plane,
    path: Path,
    wears: list[Wear],
    battery: Battery,
    sigma_of: dict[str, float],
    start_s: float,
    end_s: float,
) -> tuple[Fixes, list[Span]]:
    """The fixes of one person's tags in [start, end), and when the tag was silent by chance.

    ``path`` is the tag's path; ``sigma_of`` says how badly GPS does in each building.
    """
    step = noise.sample_s
    t = (start_s + rng.uniform(0.0, step) + step * np.arange(int((end_s - start_s) / step) + 1)).astype(
        np.float64
    )
    t = np.floor(t[t < end_s])
    n = len(t)
    stay = path.stay_at(t)
    indoors = stay >= 0
    buildings = np.array([sigma_of[kind] for kind in path.stay_kind])
    sigma = np.where(indoors, buildings[np.maximum(stay, 0)], noise.gps_outdoor_sigma_m)
    quick = related_noise(rng.standard_normal((n, 2)), float(np.exp(-step / noise.gps_outdoor_tau_s)))
    slow = related_noise(rng.standard_normal((n, 2)), float(np.exp(-step / noise.gps_indoor_tau_s)))
    error = np.where(indoors[:, None], slow, quick) * sigma[:, None]
    precision = RADIUS_95 * sigma * np.exp(noise.precision_log_spread * rng.standard_normal(n))
    # A receiver that lies does so for a while: in stretches of thirty fixes.
    lying = np.repeat(rng.random(n // 30 + 1) < noise.precision_lying_share, 30)[:n]
    precision[lying] *= noise.precision_lying_factor
    _add_bursts(rng, noise, t, indoors, error, precision)

    source = np.full(n, Source.GPS, np.uint8)
    keep = np.ones(n, np.bool_)
    for begin, end in draw_spans(rng, noise.lbs_per_day, noise.lbs_median_min, 0.8, 600.0, start_s, end_s):
        i, j = np.searchsorted(t, [begin, end])
        keep[i:j] = np.arange(j - i) % max(round(noise.lbs_every_s / step), 1) == 0
        source[i:j] = Source.LBS
        low, high = np.log(noise.lbs_precision_min_m), np.log(noise.lbs_precision_max_m)
        precision[i:j] = np.exp(rng.uniform(low, high, j - i))
        error[i:j] = rng.standard_normal((j - i, 2)) * (precision[i:j, None] / RADIUS_95)
    gaps = draw_spans(
        rng, noise.gap_per_day, noise.gap_median_min, noise.gap_log_spread, noise.gap_max_min, start_s, end_s
    )
    for begin, end in [*gaps, *battery.dead]:
        i, j = np.searchsorted(t, [begin, end])
        keep[i:j] = False

    x, y = path.at(t)
    x0, y0 = path.at(t - 4.0)
    east, north = x - x0, y - y0
    speed = np.maximum(np.hypot(east, north) / 4.0 + 0.15 * np.abs(rng.standard_normal(n)), 0.0)
    heading = np.degrees(np.arctan2(east, north)) % 360.0
    heading[speed < 0.6] = np.nan

    usable = source == Source.GPS
    jump = (rng.random(n) < noise.jump_share) & usable
    error[jump] += rng.uniform(-25_000.0, 25_000.0, (int(jump.sum()), 2))
    lon, lat = plane.e7(x + error[:, 0], y + error[:, 1])
    quality = np.zeros(n, np.uint16)
    island = rng.random(n) < noise.zero_island_share
    lon[island], lat[island] = 0, 0
    quality[island] |= np.uint16(Quality.ZERO_ISLAND)
    unknown = (rng.random(n) < noise.precision_missing_share) | island
    precision[unknown] = np.nan
    quality[unknown] |= np.uint16(Quality.UNKNOWN_PRECISION)

    phase = rng.uniform(0.0, noise.upload_every_s)
    received = (
        np.ceil((t - phase) / noise.upload_every_s) * noise.upload_every_s + phase + rng.uniform(1, 9, n)
    )
    for begin, end in draw_spans(
        rng, noise.offline_per_day, noise.offline_median_min, 1.0, 1_440.0, start_s, end_s
    ):
        i, j = np.searchsorted(t, [begin, end])
        received[i:j] = np.maximum(received[i:j], end + 30.0 + rng.permutation(j - i) // 50)
    recorded = t.copy()
    ahead = np.zeros(n, np.bool_)
    for begin, end in draw_spans(rng, noise.future_clock_per_day, 4.0, 0.3, 10.0, start_s, end_s):
        i, j = np.searchsorted(t, [begin, end])
        recorded[i:j] += 3600.0 * rng.uniform(3.0, 30.0)
        ahead[i:j] = recorded[i:j] > received[i:j]
    quality[ahead] |= np.uint16(Quality.FUTURE)

    wear = np.full(n, -1, np.int64)
    for k, one in enumerate(wears):
        wear[(t >= one.from_s) & (t < one.until_s)] = k
    rows = np.flatnonzero(keep & (wear >= 0))
    again = rows[rng.random(len(rows)) < noise.duplicate_share]
    copies = np.concatenate([np.zeros(len(rows), np.int64), np.ones(len(again), np.int64)])
    rows = np.concatenate([rows, again])
    order = np.lexsort((copies, recorded[rows], wear[rows]))
    rows, copies = rows[order], copies[order]
    usable &= ~(jump | island | ahead)
    return Fixes(
        wear=wear[rows],
        recorded_us=(recorded[rows] * 1e6).astype(np.int64),
        received_us=((received[rows] + copies * noise.upload_every_s) * 1e3).astype(np.int64) * 1_000,
        sequence=rows.astype(np.int64),
        source=source[rows],
        lon_e7=lon[rows],
        lat_e7=lat[rows],
        precision_m=np.round(precision[rows], 1).astype(np.float32),
        speed_mps=np.where(source == Source.GPS, np.round(speed, 1), np.nan)[rows].astype(np.float32),
        heading_deg=np.where(source == Source.GPS, np.round(heading) % 360.0, np.nan)[rows].astype(
            np.float32
        ),
        battery_pct=np.round(np.interp(t, battery.t, battery.pct))[rows].astype(np.float32),
        quality=quality[rows],
        true_s=t[rows],
        usable=usable[rows],
    ), gaps


def _add_bursts(
    rng: np.random.Generator,
    noise: Noise,
    t: Floats,
    indoors: NDArray[np.bool_],
    error: Floats,
    precision: Floats,
) -> None:
    """Reflections: for some minutes all positions are displaced the same way, often unnoticed."""
    per_hour = np.where(indoors, noise.burst_per_hour_indoors, noise.burst_per_hour_outdoors)
    over = 0
    for i in np.flatnonzero(rng.random(len(t)) < per_hour * noise.sample_s / 3600):
        if i < over:
            continue
        over = j = int(np.searchsorted(t, t[i] + rng.uniform(noise.burst_min_s, noise.burst_max_s)))
        away = min(20.0 + float(rng.exponential(noise.burst_mean_m)), noise.burst_max_m)
        angle = rng.uniform(0.0, 2 * np.pi)
        error[i:j] += away * np.array([np.cos(angle), np.sin(angle)])
        if rng.random() >= noise.burst_lying_share:
            precision[i:j] = np.maximum(precision[i:j], away * rng.uniform(1.0, 1.6))


def draw_spans(
    rng: np.random.Generator,
    per_day: float,
    median_min: float,
    log_spread: float,
    longest_min: float,
    start_s: float,
    end_s: float,
) -> list[Span]:
    """Episodes at random times with log-normal lengths, in order."""
    count = rng.poisson(per_day * (end_s - start_s) / 86_400)
    starts = np.sort(rng.uniform(start_s, end_s, count))
    minutes = np.minimum(rng.lognormal(np.log(median_min), log_spread, count), longest_min)
    return [(float(a), float(a + 60 * m)) for a, m in zip(starts, minutes, strict=True)]
