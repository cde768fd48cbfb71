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
    polygon: its box in metres); ``rings``: 3 numbers a ring (its first corner, the one after its last, its first
    box); ``corners``: east and north of each in metres; ``boxes``: west, south, east and north, metres, of each
    ``kernel.EDGES_OF_A_BOX`` edges of a ring. The edge of a corner leads to it from the one before."""

    tgt_shape0: np.ndarray
    tgt_shape1: np.ndarray
    tgt_geo: np.ndarray
    shape_geo: np.ndarray
    shape_ring0: np.ndarray
    shape_ring1: np.ndarray
    rings: np.ndarray
    corners: np.ndarray
    boxes: np.ndarray

    def as_args(self) -> tuple[np.ndarray, ...]:
        return (
            self.tgt_shape0, self.tgt_shape1, self.tgt_geo, self.shape_geo, self.shape_ring0,
            self.shape_ring1, self.rings, self.corners, self.boxes,
        )  # fmt: skip


def arrays_of(targets: list[Target]) -> TargetArrays:
    """Targets in the order given. An empty list gives empty arrays.

    The origin of a target is the centre of the box of its circles' centres and its polygons' outsides.
    """
    shapes = [shape for target in targets for shape in target.shapes]
    shape1 = np.cumsum(_ints([len(target.shapes) for target in targets]))
    shape0 = _before(shape1)
    target_of_shape = np.repeat(np.arange(len(targets)), shape1 - shape0)
    ends = [shape.rings.ends for shape in shapes]
    ring1 = np.cumsum(_ints([len(of) for of in ends]))
    ring0 = _before(ring1)
    v1 = np.cumsum(_ints([end - before for of in ends for before, end in zip((0, *of), of, strict=False)]))
    v0 = _before(v1)
    drawn = np.flatnonzero(ring1 > ring0)
    corners = np.concatenate([np.zeros((0, 2)), *(shapes[s].rings.corners for s in drawn.tolist())])
    lon, lat = np.ascontiguousarray(corners[:, 0]), np.ascontiguousarray(corners[:, 1])

    def box_of(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """West, south, east and north of the outside of each drawn shape."""
        if not len(drawn):
            return np.zeros((0, 4))
        least, most = np.minimum, np.maximum
        sides = [least.reduceat(x, v0), least.reduceat(y, v0), most.reduceat(x, v0), most.reduceat(y, v0)]
        return np.column_stack(sides)[ring0[drawn]]

    centre = np.array([(shape.lon, shape.lat) for shape in shapes], dtype=np.float64).reshape(-1, 2)
    box = np.column_stack([centre, centre])
    box[drawn] = box_of(lon, lat)
    least = np.minimum.reduceat(box[:, :2], shape0) if len(shapes) else box[:, :2]
    most = np.maximum.reduceat(box[:, 2:], shape0) if len(shapes) else box[:, 2:]
    origin = (least + most) / 2
    lon0, lat0 = origin[:, 0], origin[:, 1]
    # One by one: numpy's own sine may differ from the kernel's in the last bit.
    norths = np.array([kernel.north_per_e7(at) for at in lat0.tolist()])
    easts = np.array([kernel.east_per_e7(at) for at in lat0.tolist()])
    sines = np.array([math.sin(math.radians(at)) for at in lat0.tolist()])
    # d(east)/d(latitude) = -M sin(latitude): metres per 1e-7 degree, per 1e-7 degree.
    slopes = -norths * sines * kernel.RADIANS_PER_E7
    target_of_corner = np.repeat(target_of_shape[np.repeat(np.arange(len(shapes)), ring1 - ring0)], v1 - v0)
    vx = (lon - lon0[target_of_corner]) * E7 * easts[target_of_corner]
    vy = (lat - lat0[target_of_corner]) * E7 * norths[target_of_corner]
    shape_geo = np.zeros((len(shapes), 5))
    shape_geo[:, :2] = (centre - origin[target_of_shape]) * E7
    shape_geo[:, 2] = [shape.radius_m for shape in shapes]
    shape_geo[drawn, :4] = box_of(vx, vy)
    return TargetArrays(
        shape0, shape1, np.column_stack([lon0 * E7, lat0 * E7, easts, norths, slopes]).reshape(-1),
        shape_geo.reshape(-1), ring0, ring1, *_boxed(v0, v1, vx, vy),
    )  # fmt: skip


def _boxed(v0: np.ndarray, v1: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    """``rings``, ``corners`` and ``boxes`` of rings that begin and end at these corners."""
    n_boxes = -(-(v1 - v0) // kernel.EDGES_OF_A_BOX)
    b0 = _before(np.cumsum(n_boxes))
    rings = np.column_stack([v0, v1, b0]).reshape(-1)
    corners = np.column_stack([x, y])
    if not len(corners):
        return rings, corners.reshape(-1), np.zeros(0)
    ring_of_box = np.repeat(np.arange(len(v0)), n_boxes)
    first = v0[ring_of_box] + (np.arange(len(ring_of_box)) - b0[ring_of_box]) * kernel.EDGES_OF_A_BOX
    before = np.where(first > v0[ring_of_box], first - 1, v1[ring_of_box] - 1)
    least = np.minimum(np.minimum.reduceat(corners, first), corners[before])
    most = np.maximum(np.maximum.reduceat(corners, first), corners[before])
    return rings, corners.reshape(-1), np.column_stack([least, most]).reshape(-1)


def _ints(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def _before(ends: np.ndarray) -> np.ndarray:
    """Where each of the ranges that end there begins."""
    return np.concatenate([np.zeros(min(len(ends), 1), np.int64), ends[:-1]])
