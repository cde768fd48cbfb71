"""A town is small enough to be flat: metres east and north of its centre, and back to degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milepost.tracks.record import DEGREES_TO_E7

Floats = NDArray[np.float64]

WGS84_SEMI_MAJOR_M = 6_378_137.0
WGS84_FLATTENING = 1 / 298.257223563


@dataclass(frozen=True, slots=True)
class Plane:
    """The flat earth around one point (degrees, WGS 84). Exact at the centre, 0.1 % off 5 km from it."""

    lon: float
    lat: float

    @property
    def metres_per_degree(self) -> tuple[float, float]:
        """Metres for one degree of longitude and of latitude at the centre.

        From the ellipsoid's radii of curvature (NGA.STND.0036, WGS 84): the prime vertical times
        the cosine of the latitude, and the meridian.
        """
        e2 = WGS84_FLATTENING * (2 - WGS84_FLATTENING)
        phi = math.radians(self.lat)
        w2 = 1 - e2 * math.sin(phi) ** 2
        prime_vertical = WGS84_SEMI_MAJOR_M / math.sqrt(w2)
        meridian = WGS84_SEMI_MAJOR_M * (1 - e2) / w2**1.5
        return math.radians(prime_vertical * math.cos(phi)), math.radians(meridian)

    def lon_lat(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Degrees, rounded to 1e-7 (about 1 cm), the resolution of the record of signals."""
        per_lon, per_lat = self.metres_per_degree
        return round(self.lon + x_m / per_lon, 7), round(self.lat + y_m / per_lat, 7)

    def e7(self, x_m: Floats, y_m: Floats) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Fixed-point degrees x 10^7, as fixes are stored."""
        per_lon, per_lat = self.metres_per_degree
        lon = np.rint((self.lon + x_m / per_lon) * DEGREES_TO_E7).astype(np.int32)
        lat = np.rint((self.lat + y_m / per_lat) * DEGREES_TO_E7).astype(np.int32)
        return lon, lat

    def metres(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Metres east and north of the centre, of positions in degrees."""
        per_lon, per_lat = self.metres_per_degree
        return (lon - self.lon) * per_lon, (lat - self.lat) * per_lat
