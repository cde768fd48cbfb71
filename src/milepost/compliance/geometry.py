"""Targets as the flat arrays the kernel reads: metres from each target's own origin.

Flat-earth per target: the origin is the centre of the target's bounding box, metres per degree come
from the WGS 84 ellipsoid at the origin's latitude. Distances to a circle's centre take the latitude
between, and are within 0.02 % of the geodesic up to 5 km. A polygon has the scale of its origin all over:
a distance east or west to its edge is off by the tangent of the latitude times the angle north or south of
the origin (at 54 degrees 0.04 % at 2 km, 0.11 % at 5 km, 2.6 % at 117 km). On which side of the edge a
position lies does not depend on it: both are projected alike. Differences of longitude are taken the short
way round, so that a zone may cross 180 degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from milepost.compliance import kernel
from milepost.orders.obligations import Target

E7 = 1e7


@dataclass(slots=True)
class TargetArrays:
    """Flat arrays of all targets. ``tgt_geo``: 5 numbers a target (origin lon, origin lat in 1e-7
    degrees, metres east and north per 1e-7 degree, change of the first per 1e-7 degree of latitude);
    ``shape_geo``: 5 numbers a shape (circle: centre from the origin in 1e-7 degrees, radius in metres;
    polygon: its box in metres)."""

    tgt_shape0: np.ndarray
    tgt_shape1: np.ndarray
    tgt_geo: np.ndarray
    shape_geo: np.ndarray
    shape_ring0: np.ndarray
    shape_ring1: np.ndarray
    ring_v0: np.ndarray
    ring_v1: np.ndarray
    vx: np.ndarray
    vy: np.ndarray

    def as_args(self) -> tuple[np.ndarray, ...]:
        return (
            self.tgt_shape0, self.tgt_shape1, self.tgt_geo, self.shape_geo, self.shape_ring0,
            self.shape_ring1, self.ring_v0, self.ring_v1, self.vx, self.vy,
        )  # fmt: skip


def origin_of(target: Target) -> tuple[float, float]:
    """Longitude and latitude in degrees: the centre of the box of circles' centres and polygons' points."""
    points = [p for s in target.shapes for p in (s.rings[0] if s.rings else ((s.lon, s.lat),))]
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


def arrays_of(targets: list[Target]) -> TargetArrays:
    """Targets in the order given. An empty list gives empty arrays."""
    tgt_shape: list[tuple[int, int]] = []
    tgt_geo: list[tuple[float, ...]] = []
    shape_geo: list[tuple[float, ...]] = []
    shape_ring: list[tuple[int, int]] = []
    ring_v: list[tuple[int, int]] = []
    vx: list[float] = []
    vy: list[float] = []
    for target in targets:
        lon0, lat0 = origin_of(target)
        north = kernel.north_per_e7(lat0)
        east = kernel.east_per_e7(lat0)
        # d(east)/d(latitude) = -M sin(latitude): metres per 1e-7 degree, per 1e-7 degree.
        slope = -north * math.sin(math.radians(lat0)) * kernel.RADIANS_PER_E7
        tgt_geo.append((lon0 * E7, lat0 * E7, east, north, slope))
        first_shape = len(shape_geo)
        for shape in target.shapes:
            first_ring = len(ring_v)
            for ring in shape.rings:
                first = len(vx)
                vx.extend((lon - lon0) * E7 * east for lon, _ in ring)
                vy.extend((lat - lat0) * E7 * north for _, lat in ring)
                ring_v.append((first, len(vx)))
            if shape.rings:
                a, b = ring_v[first_ring]
                shape_geo.append((min(vx[a:b]), min(vy[a:b]), max(vx[a:b]), max(vy[a:b]), 0.0))
            else:
                shape_geo.append(((shape.lon - lon0) * E7, (shape.lat - lat0) * E7, shape.radius_m, 0.0, 0.0))
            shape_ring.append((first_ring, len(ring_v)))
        tgt_shape.append((first_shape, len(shape_geo)))

    def pairs(of: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
        both = np.array(of, dtype=np.int64).reshape(-1, 2)
        return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])

    return TargetArrays(
        *pairs(tgt_shape),
        np.array(tgt_geo, dtype=np.float64).reshape(-1),
        np.array(shape_geo, dtype=np.float64).reshape(-1),
        *pairs(shape_ring),
        *pairs(ring_v),
        np.array(vx, dtype=np.float64),
        np.array(vy, dtype=np.float64),
    )
