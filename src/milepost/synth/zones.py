"""Shapes of synthetic zones, and where to put one so that daily life does not cross it."""

from __future__ import annotations

import math

import numpy as np

from milepost.orders.model import Circle, Geometry
from milepost.synth.motion import Area, Disc, Ring
from milepost.synth.plane import Floats, Plane


def draw_ring(rng: np.random.Generator, x: float, y: float, radius_m: float) -> Ring:
    """A wavy polygon of 20 to 200 vertices around a point; nowhere farther from it than ``radius_m``."""
    count = int(rng.integers(20, 201))
    angle = np.linspace(0.0, 2 * math.pi, count, endpoint=False)
    reach = np.ones(count)
    for wave in range(2, 6):
        reach += rng.uniform(0.0, 0.10) * np.cos(wave * angle + rng.uniform(0, 2 * math.pi))
    reach *= radius_m / reach.max()
    return Ring(np.column_stack([x + reach * np.cos(angle), y + reach * np.sin(angle)]))


def as_geometry(plane: Plane, ring: Ring) -> Geometry:
    """GeoJSON Polygon, closed, anticlockwise outside (RFC 7946, section 3.1.6)."""
    line = [list(plane.lon_lat(float(x), float(y))) for x, y in ring.points]
    return Geometry(type="Polygon", coordinates=[[*line, line[0]]])


def as_circle(plane: Plane, disc: Disc) -> Circle:
    lon, lat = plane.lon_lat(disc.x, disc.y)
    return Circle(lon=lon, lat=lat, radius_m=disc.radius_m)


def distance_to_lines(x: float, y: float, lines: list[Floats]) -> float:
    """Metres from a point to the nearest of the lines."""
    starts = np.concatenate([line[:-1] if len(line) > 1 else line for line in lines])
    ends = np.concatenate([line[1:] if len(line) > 1 else line for line in lines])
    along = ends - starts
    squared = np.maximum((along**2).sum(axis=1), 1e-9)
    here = np.array([x, y])
    u = np.clip(((here - starts) * along).sum(axis=1) / squared, 0.0, 1.0)
    return float(np.sqrt((((starts + u[:, None] * along) - here) ** 2).sum(axis=1).min()))


def place_zone(
    rng: np.random.Generator, nodes: Floats, daily_ways: list[Floats], largest_m: float
) -> Area | None:
    """An area around a crossing, clear of the daily ways by 30 m or more; None where there is no room.

    Zones around a victim's home are drawn so that a person can keep them. The truth does not rest on
    this: whoever crosses one has entered it, whatever was meant.
    """
    for _ in range(25):
        x, y = (float(v) for v in nodes[int(rng.integers(len(nodes)))])
        room = distance_to_lines(x, y, daily_ways) - 30.0
        if room < 110.0:
            continue
        radius = round(float(rng.uniform(100.0, min(room, largest_m))), 1)
        return Disc(x, y, radius) if rng.random() < 0.4 else draw_ring(rng, x, y, radius)
    return None
