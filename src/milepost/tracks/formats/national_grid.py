"""British National Grid (EPSG:27700) to WGS 84.

Formulas, constants and the seven-parameter transformation are those of Ordnance Survey, "A guide to
coordinate systems in Great Britain", annexes B and C and section 6.6. The transformation is good to
about 5 m; the OSTN15 grid shift that would give centimetres is not a part of Milepost.
"""

from __future__ import annotations

import numpy as np

ACCURACY_M = 5.0
"""What the seven-parameter transformation is good for, as Ordnance Survey states it."""

AIRY_A, AIRY_B = 6_377_563.396, 6_356_256.909
WGS84_A, WGS84_B = 6_378_137.0, 6_356_752.314_245
F0, LAT0, LON0, E0, N0 = 0.999_601_271_7, np.radians(49.0), np.radians(-2.0), 400_000.0, -100_000.0
SHIFT_M = (446.448, -125.157, 542.060)
ROTATION_RAD = tuple(np.radians(seconds / 3600) for seconds in (0.1502, 0.2470, 0.8421))
SCALE = -20.4894e-6


def inside_grid(easting_m: np.ndarray, northing_m: np.ndarray) -> np.ndarray:
    """Which points lie in the grid's 700 km by 1300 km; outside, the projection means nothing."""
    inside: np.ndarray = (
        (easting_m >= 0) & (easting_m <= 700_000) & (northing_m >= 0) & (northing_m <= 1_300_000)
    )
    return inside


def grid_to_osgb36(easting_m: np.ndarray, northing_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude in degrees on the Airy ellipsoid (OSGB36). NaN in, NaN out."""
    e2 = 1 - (AIRY_B / AIRY_A) ** 2
    lat = LAT0 + (northing_m - N0) / (AIRY_A * F0)
    for _ in range(10):
        lat = lat + (northing_m - N0 - _meridian_arc(lat)) / (AIRY_A * F0)
    sin2 = np.sin(lat) ** 2
    nu = AIRY_A * F0 / np.sqrt(1 - e2 * sin2)
    rho = AIRY_A * F0 * (1 - e2) * (1 - e2 * sin2) ** -1.5
    eta2, t2, sec = nu / rho - 1, np.tan(lat) ** 2, 1 / np.cos(lat)
    d = easting_m - E0
    vii = np.tan(lat) / (2 * rho * nu)
    viii = np.tan(lat) / (24 * rho * nu**3) * (5 + 3 * t2 + eta2 - 9 * t2 * eta2)
    ix = np.tan(lat) / (720 * rho * nu**5) * (61 + 90 * t2 + 45 * t2**2)
    x = sec / nu
    xi = sec / (6 * nu**3) * (nu / rho + 2 * t2)
    xii = sec / (120 * nu**5) * (5 + 28 * t2 + 24 * t2**2)
    xiia = sec / (5040 * nu**7) * (61 + 662 * t2 + 1320 * t2**2 + 720 * t2**3)
    latitude = lat - vii * d**2 + viii * d**4 - ix * d**6
    longitude = LON0 + x * d - xi * d**3 + xii * d**5 - xiia * d**7
    return np.degrees(latitude), np.degrees(longitude)


def _meridian_arc(lat: np.ndarray) -> np.ndarray:
    n = (AIRY_A - AIRY_B) / (AIRY_A + AIRY_B)
    minus, plus = lat - LAT0, lat + LAT0
    arc: np.ndarray = (AIRY_B * F0) * (
        (1 + n + 1.25 * n**2 + 1.25 * n**3) * minus
        - (3 * n + 3 * n**2 + 21 / 8 * n**3) * np.sin(minus) * np.cos(plus)
        + (15 / 8 * n**2 + 15 / 8 * n**3) * np.sin(2 * minus) * np.cos(2 * plus)
        - 35 / 24 * n**3 * np.sin(3 * minus) * np.cos(3 * plus)
    )
    return arc


def grid_to_wgs84(easting_m: np.ndarray, northing_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """WGS 84 latitude and longitude in degrees, good to about 5 m in Great Britain."""
    lat, lon = (np.radians(axis) for axis in grid_to_osgb36(easting_m, northing_m))
    e2 = 1 - (AIRY_B / AIRY_A) ** 2
    nu = AIRY_A / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    x, y, z = nu * np.cos(lat) * np.cos(lon), nu * np.cos(lat) * np.sin(lon), (1 - e2) * nu * np.sin(lat)
    (tx, ty, tz), (rx, ry, rz), s = SHIFT_M, ROTATION_RAD, 1 + SCALE
    x, y, z = tx + s * x - rz * y + ry * z, ty + rz * x + s * y - rx * z, tz - ry * x + rx * y + s * z
    e2 = 1 - (WGS84_B / WGS84_A) ** 2
    p = np.hypot(x, y)
    lat = np.arctan2(z, p * (1 - e2))
    for _ in range(6):
        nu = WGS84_A / np.sqrt(1 - e2 * np.sin(lat) ** 2)
        lat = np.arctan2(z + e2 * nu * np.sin(lat), p)
    return np.degrees(lat), np.degrees(np.arctan2(y, x))
