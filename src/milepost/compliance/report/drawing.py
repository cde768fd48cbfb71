"""Fitting places in metres onto a drawing in pixels, with a scale bar of a round length."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from milepost.compliance.display_geometry import LocalPlane, metres_per_degree
from milepost.orders.obligations import Shape

WIDTH_PX, HEIGHT_PX, MARGIN_PX = 720.0, 440.0, 36.0
SMALLEST_SPAN_M = 240.0
CIRCLE_POINTS = 72
MOST_STREET_POINTS = 20_000
"""Points of streets drawn on one map. Display only; the drawing says when it reached this."""
Box = tuple[float, float, float, float]
"""West, south, east, north in metres."""


@dataclass(frozen=True, slots=True)
class Frame:
    """From degrees to pixels: equirectangular around a point, north up, the same scale both ways."""

    plane: LocalPlane
    west_m: float
    north_m: float
    px_per_m: float

    def px(self, lon: float, lat: float) -> tuple[float, float]:
        east, north = self.plane.metres(lon, lat)
        return (
            MARGIN_PX + (east - self.west_m) * self.px_per_m,
            MARGIN_PX + (self.north_m - north) * self.px_per_m,
        )

    @property
    def scale_bar(self) -> tuple[float, str]:
        """Length in pixels and in words: the longest round one under a quarter of the width."""
        most_m = WIDTH_PX / 4 / self.px_per_m
        base = 10 ** math.floor(math.log10(most_m))
        metres = max(step * base for step in (1, 2, 5) if step * base <= most_m)
        return metres * self.px_per_m, f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km"


def fit(plane: LocalPlane, box: Box) -> Frame:
    """A frame that shows the box, centred, never closer than ``SMALLEST_SPAN_M``."""
    west, south, east, north = box
    wide, high = max(east - west, SMALLEST_SPAN_M), max(north - south, SMALLEST_SPAN_M)
    inner_w, inner_h = WIDTH_PX - 2 * MARGIN_PX, HEIGHT_PX - 2 * MARGIN_PX
    px_per_m = min(inner_w / wide, inner_h / high)
    middle_e, middle_n = (west + east) / 2, (south + north) / 2
    return Frame(plane, middle_e - inner_w / px_per_m / 2, middle_n + inner_h / px_per_m / 2, px_per_m)


def box_around(points: Iterable[tuple[float, float]]) -> Box:
    easts, norths = zip(*points, strict=True)
    return min(easts), min(norths), max(easts), max(norths)


def diagonal_m(box: Box) -> float:
    return math.hypot(box[2] - box[0], box[3] - box[1])


def outline(shape: Shape) -> list[list[tuple[float, float]]]:
    """The rings of a shape as (lon, lat); a circle as a ring of 72 points."""
    if shape.rings:
        return [list(ring) for ring in shape.rings]
    east, north = metres_per_degree(shape.lat)
    turns = [2 * math.pi * i / CIRCLE_POINTS for i in range(CIRCLE_POINTS)]
    r = shape.radius_m
    return [[(shape.lon + r * math.cos(t) / east, shape.lat + r * math.sin(t) / north) for t in turns]]


def path(frame: Frame, points: Iterable[tuple[float, float]], *, closed: bool = False) -> str:
    """The ``d`` of an SVG path."""
    drawn = " ".join(
        f"{'M' if i == 0 else 'L'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(frame.px(*p) for p in points)
    )
    return drawn + (" Z" if closed and drawn else "")


def street_paths(frame: Frame, streets: dict[str, Any] | None) -> tuple[list[str], bool]:
    """Lines of a GeoJSON FeatureCollection that touch the drawing, and whether some were left out.

    Anything that is not a line (RFC 7946 LineString or MultiLineString) is passed over.
    """
    drawn: list[str] = []
    points = 0
    for line in _lines(streets):
        pixels = [frame.px(lon, lat) for lon, lat in line]
        xs, ys = [x for x, _ in pixels], [y for _, y in pixels]
        if not pixels or max(xs) < 0 or min(xs) > WIDTH_PX or max(ys) < 0 or min(ys) > HEIGHT_PX:
            continue
        points += len(line)
        if points > MOST_STREET_POINTS:
            return drawn, True
        drawn.append(path(frame, line))
    return drawn, False


def _lines(streets: dict[str, Any] | None) -> Iterator[list[tuple[float, float]]]:
    for feature in (streets or {}).get("features") or []:
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if not isinstance(geometry, dict):
            continue
        coordinates = geometry.get("coordinates") or []
        lines = {"LineString": [coordinates], "MultiLineString": coordinates}.get(
            str(geometry.get("type")), []
        )
        for line in lines:
            try:
                yield [(float(point[0]), float(point[1])) for point in line]
            except (TypeError, ValueError, IndexError):
                continue
