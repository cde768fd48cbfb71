"""Which fixes cannot be reached from the last trusted one: the definition of
docs/explanation/how-the-engine-decides.md, section 2, for one device after another.

A first pass over whole columns finds the steps that are too fast; only what follows one is walked.
"""

from __future__ import annotations

import math

import numpy as np

WGS84_A, WGS84_E2 = 6_378_137.0, 6.694_379_990_14e-3


def metres_per_degree(lat_deg: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Metres per degree of longitude and of latitude at a latitude, on the WGS 84 ellipsoid."""
    lat = np.radians(lat_deg)
    w2 = 1 - WGS84_E2 * np.sin(lat) ** 2
    east = np.pi / 180 * WGS84_A * np.cos(lat) / np.sqrt(w2)
    north = np.pi / 180 * WGS84_A * (1 - WGS84_E2) / w2**1.5
    return east, north


def impossible_speed(
    device: np.ndarray,
    time_us: np.ndarray,
    lon_e7: np.ndarray,
    lat_e7: np.ndarray,
    precision_m: np.ndarray,
    max_speed_mps: float,
    escape_fixes: int,
) -> np.ndarray:
    """True for each fix that is refused. Rows are in order of device, then the engine's order."""
    refused = np.zeros(len(device), dtype=bool)
    if len(device) < 2:
        return refused
    lon, lat = lon_e7 / 1e7, lat_e7 / 1e7
    same = device[1:] == device[:-1]
    east, north = metres_per_degree((lat[1:] + lat[:-1]) / 2)
    step = np.hypot(_short_way(lon[1:] - lon[:-1]) * east, (lat[1:] - lat[:-1]) * north)
    seconds = (time_us[1:] - time_us[:-1]) / 1e6
    fast = same & (step - precision_m[1:] - precision_m[:-1] > max_speed_mps * seconds)

    def too_far(i: int, anchor: int) -> bool:
        east_m, north_m = _one_metres_per_degree(float(lat[i] + lat[anchor]) / 2)
        distance = math.hypot(_short_way(lon[i] - lon[anchor]) * east_m, (lat[i] - lat[anchor]) * north_m)
        return bool(
            distance - precision_m[i] - precision_m[anchor]
            > max_speed_mps * ((time_us[i] - time_us[anchor]) / 1e6)
        )

    # While nothing is refused the anchor is the fix before, so only what follows a fast step is walked,
    # until a fix is accepted again.
    done = 0
    for first in np.flatnonzero(fast) + 1:
        if first < done:
            continue
        anchor, i, in_a_row = int(first) - 1, int(first), 0
        while i < len(device) and device[i] == device[anchor]:
            if not (in_a_row < escape_fixes - 1 and too_far(i, anchor)):
                break
            refused[i] = True
            in_a_row += 1
            i += 1
        # Fix i is accepted (or of the next device): it is the anchor of the steps after it.
        done = i + 1
    return refused


def _short_way[Degrees: (np.ndarray, float)](turn: Degrees) -> Degrees:
    """Differences of longitudes the short way round the globe, across 180 degrees too."""
    return turn - 360 * np.round(turn / 360)


def _one_metres_per_degree(lat_deg: float) -> tuple[float, float]:
    lat = math.radians(lat_deg)
    w2 = 1 - WGS84_E2 * math.sin(lat) ** 2
    east = math.pi / 180 * WGS84_A * math.cos(lat) / math.sqrt(w2)
    return east, math.pi / 180 * WGS84_A * (1 - WGS84_E2) / w2**1.5
