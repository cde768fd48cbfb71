"""National grid references to longitude and latitude.

Two grids: the National Grid of Great Britain, and the Irish Grid, in which the postcode directory gives Northern Ireland.
Each is a transverse Mercator on an ellipsoid of its own; from there to WGS 84 it is seven numbers (Helmert). Formulas and
numbers: Ordnance Survey, "A guide to coordinate systems in Great Britain", annexes A to C and section 6.6; for the
Irish Grid EPSG 29903 with transformation 1954.

Accuracy: within about 5 m of the exact transformation, by the guide. The exact one (OSTN15) is a table of tens of
megabytes, and the middle of a postcode is tens of metres from a house anyway. An address file that gives latitude and
longitude beside the grid is read from those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Floats = np.ndarray
ARC_SECOND = np.pi / 180 / 3600
WGS84_M = 6378137.0, 6356752.314245
ROUNDS = 8
"""Of the two loops below: each makes the rest a hundred times smaller, and the first rest is below a degree."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Lengths in metres, angles in degrees, turns in seconds of arc, scale in parts per million."""

    axes_m: tuple[float, float]
    scale: float
    lat_0: float
    lon_0: float
    false_east_m: float
    false_north_m: float
    shift_m: tuple[float, float, float]
    turn_s: tuple[float, float, float]
    stretch_ppm: float
    most_east_m: float
    most_north_m: float


GREAT_BRITAIN = Grid(
    axes_m=(6377563.396, 6356256.909), scale=0.9996012717, lat_0=49.0, lon_0=-2.0, false_east_m=400_000,
    false_north_m=-100_000, shift_m=(446.448, -125.157, 542.060), turn_s=(0.1502, 0.2470, 0.8421), stretch_ppm=-20.4894,
    most_east_m=700_000, most_north_m=1_300_000,
)  # fmt: skip
IRELAND = Grid(
    axes_m=(6377340.189, 6356034.448), scale=1.000035, lat_0=53.5, lon_0=-8.0, false_east_m=200_000,
    false_north_m=250_000, shift_m=(482.5, -130.6, 564.6), turn_s=(-1.042, -0.214, -0.631), stretch_ppm=8.15,
    most_east_m=400_000, most_north_m=500_000,
)  # fmt: skip


def to_degrees(east_m: Floats, north_m: Floats, grid: Grid = GREAT_BRITAIN) -> tuple[Floats, Floats]:
    """Longitudes and latitudes in degrees, WGS 84, of eastings and northings in metres; NaN stays NaN."""
    lon, lat = _on_own_ellipsoid(np.asarray(east_m, float), np.asarray(north_m, float), grid)
    # The shift is for a point on the ground; the height is not known. It moves the answer by less than a centimetre.
    x, y, z = _space(lon, lat, grid.axes_m)
    turn_x, turn_y, turn_z = (seconds * ARC_SECOND for seconds in grid.turn_s)
    stretch = 1 + grid.stretch_ppm * 1e-6
    dx, dy, dz = grid.shift_m
    return _surface(
        dx + stretch * x - turn_z * y + turn_y * z,
        dy + turn_z * x + stretch * y - turn_x * z,
        dz - turn_y * x + turn_x * y + stretch * z,
    )


def _on_own_ellipsoid(east_m: Floats, north_m: Floats, grid: Grid) -> tuple[Floats, Floats]:
    """The guide's annex C, in radians; its letters."""
    a, b = grid.axes_m
    e2 = 1 - (b / a) ** 2
    lat_0 = np.radians(grid.lat_0)
    lat = lat_0 + (north_m - grid.false_north_m) / (a * grid.scale)
    for _ in range(ROUNDS):
        lat = lat + (north_m - grid.false_north_m - _arc(lat, lat_0, grid)) / (a * grid.scale)
    sin, cos, tan = np.sin(lat), np.cos(lat), np.tan(lat)
    nu = a * grid.scale / np.sqrt(1 - e2 * sin**2)
    rho = nu * (1 - e2) / (1 - e2 * sin**2)
    eta2, t2, sec = nu / rho - 1, tan**2, 1 / cos
    vii = tan / (2 * rho * nu)
    viii = tan / (24 * rho * nu**3) * (5 + 3 * t2 + eta2 - 9 * t2 * eta2)
    ix = tan / (720 * rho * nu**5) * (61 + 90 * t2 + 45 * t2**2)
    x = sec / nu
    xi = sec / (6 * nu**3) * (nu / rho + 2 * t2)
    xii = sec / (120 * nu**5) * (5 + 28 * t2 + 24 * t2**2)
    xiia = sec / (5040 * nu**7) * (61 + 662 * t2 + 1320 * t2**2 + 720 * t2**3)
    d = east_m - grid.false_east_m
    lon = np.radians(grid.lon_0) + d * x - d**3 * xi + d**5 * xii - d**7 * xiia
    return lon, lat - d**2 * vii + d**4 * viii - d**6 * ix


def _arc(lat: Floats, lat_0: float, grid: Grid) -> Floats:
    """Metres along the meridian, scaled."""
    a, b = grid.axes_m
    n = (a - b) / (a + b)
    less, more = lat - lat_0, lat + lat_0
    return (
        b * grid.scale * (
            (1 + n + 5 / 4 * (n**2 + n**3)) * less
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * np.sin(less) * np.cos(more)
            + 15 / 8 * (n**2 + n**3) * np.sin(2 * less) * np.cos(2 * more)
            - 35 / 24 * n**3 * np.sin(3 * less) * np.cos(3 * more)
        )
    )  # fmt: skip


def _space(lon: Floats, lat: Floats, axes_m: tuple[float, float]) -> tuple[Floats, Floats, Floats]:
    a, b = axes_m
    e2 = 1 - (b / a) ** 2
    nu = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    return nu * np.cos(lat) * np.cos(lon), nu * np.cos(lat) * np.sin(lon), (1 - e2) * nu * np.sin(lat)


def _surface(x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats]:
    a, b = WGS84_M
    e2 = 1 - (b / a) ** 2
    p = np.hypot(x, y)
    lat = np.arctan2(z, p * (1 - e2))
    for _ in range(ROUNDS):
        nu = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
        lat = np.arctan2(z + e2 * nu * np.sin(lat), p)
    return np.degrees(np.arctan2(y, x)), np.degrees(lat)
