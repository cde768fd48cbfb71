"""Where somebody truly is at every moment, and exactly when they cross a boundary.

A path is a line through space and time with straight pieces: seconds since the epoch, metres east and
north of the town's centre. Between two vertices the speed is constant, so a crossing is solved, not
sampled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milepost.synth.plane import Floats

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle in metres."""

    x: float
    y: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Ring:
    """A simple polygon in metres, without the repeated last point."""

    points: Floats


Area = Disc | Ring


@dataclass(frozen=True, slots=True)
class Path:
    t: Floats
    x: Floats
    y: Floats
    stay_start: Floats
    stay_end: Floats
    stay_kind: list[str]
    """"home", "second_home", or what ``Spot.name`` says. Between two stays the person is under way."""

    def at(self, t: Floats) -> tuple[Floats, Floats]:
        """True position at these times, metres."""
        return np.interp(t, self.t, self.x), np.interp(t, self.t, self.y)

    def stay_at(self, t: Floats) -> NDArray[np.int64]:
        """Number of the stay at these times, -1 under way."""
        i = np.searchsorted(self.stay_start, t, side="right") - 1
        inside = (i >= 0) & (t < self.stay_end[np.maximum(i, 0)])
        return np.where(inside, i, -1)


def is_inside(area: Area, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Point in circle, or point in polygon by the parity of edges crossed eastwards."""
    if isinstance(area, Disc):
        return np.asarray((x - area.x) ** 2 + (y - area.y) ** 2 <= area.radius_m**2)
    x1, y1 = area.points.T
    x2, y2 = np.roll(x1, -1), np.roll(y1, -1)
    px, py = x[:, None], y[:, None]
    spans = (y1 > py) != (y2 > py)
    slope = np.where(y2 == y1, 0.0, (x2 - x1) / np.where(y2 == y1, 1.0, y2 - y1))
    return np.asarray((spans & (px < x1 + (py - y1) * slope)).sum(axis=1) % 2 == 1)


def inside_spans(path: Path, area: Area) -> list[Span]:
    """When the path is inside: (from, until) in order, seconds since the epoch."""
    cuts = np.unique(np.concatenate([path.t[[0, -1]], _crossings(path, area)]))
    middle = (cuts[:-1] + cuts[1:]) / 2
    inside = is_inside(area, *path.at(middle))
    spans: list[Span] = []
    for i in np.flatnonzero(inside):
        if spans and spans[-1][1] == cuts[i]:
            spans[-1] = (spans[-1][0], float(cuts[i + 1]))
        else:
            spans.append((float(cuts[i]), float(cuts[i + 1])))
    return spans


def unite(spans: list[Span]) -> list[Span]:
    """The union of spans, in order."""
    united: list[Span] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    return united


def clip(spans: list[Span], start: float, end: float) -> list[Span]:
    return [(max(a, start), min(b, end)) for a, b in spans if min(b, end) > max(a, start)]


def _crossings(path: Path, area: Area) -> Floats:
    ax, ay = path.x[:-1], path.y[:-1]
    dx, dy, dt = np.diff(path.x), np.diff(path.y), np.diff(path.t)
    moving = (dx != 0) | (dy != 0)
    lo_x, hi_x = np.minimum(ax, path.x[1:]), np.maximum(ax, path.x[1:])
    lo_y, hi_y = np.minimum(ay, path.y[1:]), np.maximum(ay, path.y[1:])
    if isinstance(area, Disc):
        r = area.radius_m
        near = (lo_x <= area.x + r) & (hi_x >= area.x - r) & (lo_y <= area.y + r) & (hi_y >= area.y - r)
    else:
        (left, bottom), (right, top) = area.points.min(axis=0), area.points.max(axis=0)
        near = (lo_x <= right) & (hi_x >= left) & (lo_y <= top) & (hi_y >= bottom)
    k = np.flatnonzero(moving & near)
    if not len(k):
        return np.empty(0)
    ax, ay, dx, dy, dt, t0 = ax[k], ay[k], dx[k], dy[k], dt[k], path.t[:-1][k]
    if isinstance(area, Disc):
        a = dx**2 + dy**2
        b = (ax - area.x) * dx + (ay - area.y) * dy
        root = np.sqrt(
            np.maximum(b**2 - a * ((ax - area.x) ** 2 + (ay - area.y) ** 2 - area.radius_m**2), 0.0)
        )
        u = np.concatenate([(-b - root) / a, (-b + root) / a])
        t = np.concatenate([t0, t0]) + u * np.concatenate([dt, dt])
        return np.asarray(t[(u >= 0) & (u <= 1)])
    ex, ey = area.points.T
    fx, fy = np.roll(ex, -1) - ex, np.roll(ey, -1) - ey
    cross = dx[:, None] * fy - dy[:, None] * fx
    parallel = cross == 0
    safe = np.where(parallel, 1.0, cross)
    wx, wy = ex - ax[:, None], ey - ay[:, None]
    u = (wx * fy - wy * fx) / safe
    v = (wx * dy[:, None] - wy * dx[:, None]) / safe
    hit = ~parallel & (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
    return np.asarray((t0[:, None] + u * dt[:, None])[hit])
