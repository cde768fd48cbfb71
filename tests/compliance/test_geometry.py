"""Distances across the 180th meridian, and how good they are; both engines and the drawing geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest

from milepost.compliance import kernel
from milepost.compliance.display_geometry import TargetGeometry
from milepost.compliance.geometry import arrays_of
from milepost.compliance.reference.geometry import distance_m, signed_distance_m
from milepost.orders.model import Circle, Condition, ConditionKind, Geometry, OrderVersion
from milepost.orders.obligations import Target
from milepost.orders.places import TargetCache, find_target
from milepost.tracks.speed import impossible_speed


def square(west: float, south: float, width: float, height: float) -> list[list[float]]:
    """A closed ring, longitudes written from -180 to 180."""
    east = west + width
    corners = [(west, south), (east, south), (east, south + height), (west, south + height), (west, south)]
    return [[(lon + 180) % 360 - 180, lat] for lon, lat in corners]


def zone(geometry: Geometry | None = None, circle: Circle | None = None) -> Target:
    condition = Condition.model_validate(
        {"id": "Z", "kind": ConditionKind.EXCLUSION_ZONE, "from": "2026-01-01", "geometry": geometry,
         "circle": circle}
    )  # fmt: skip
    version = OrderVersion.model_validate({"version": 1, "effective_from_utc": "2026-01-01T00:00:00Z"})
    target, reason = find_target(condition, version, None, TargetCache())
    assert target is not None, reason
    return target


def engine_distance_m(target: Target, lon: float, lat: float) -> float:
    arguments = arrays_of([target]).as_args()
    return kernel.signed_distance_m(0, lon * 1e7, lat * 1e7, 1e12, *arguments)


DRAWN = {
    "ring": lambda at: zone(Geometry(type="Polygon", coordinates=[square(at - 0.01, -17.01, 0.02, 0.02)])),
    "ring with a hole": lambda at: zone(
        Geometry(
            type="Polygon",
            coordinates=[square(at - 0.01, -17.01, 0.02, 0.02), square(at - 0.001, -17.001, 0.002, 0.002)],
        )
    ),
    "cut at the meridian": lambda at: zone(
        Geometry(
            type="MultiPolygon",
            coordinates=[[square(at - 0.01, -17.01, 0.01, 0.02)], [square(at, -17.01, 0.01, 0.02)]],
        )
    ),
    "circle": lambda at: zone(circle=Circle(lon=at - 0.0005, lat=-17.0, radius_m=900)),
    "ring and circle": lambda at: zone(
        Geometry(type="Polygon", coordinates=[square(at - 0.01, -17.01, 0.009, 0.02)]),
        Circle(lon=(at + 0.008 + 180) % 360 - 180, lat=-17.0, radius_m=300),
    ),
}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("east", [-0.02, -0.0099, -0.0005, 0.0, 0.0005, 0.0095, 0.03, 180.0])
def test_a_zone_across_180_degrees_is_measured_as_the_same_zone_elsewhere(name: str, east: float) -> None:
    there, here = DRAWN[name](180.0), DRAWN[name](10.0)
    lon = (180.0 + east + 180) % 360 - 180
    expected = engine_distance_m(here, 10.0 + east, -17.0)
    assert engine_distance_m(there, lon, -17.0) == pytest.approx(expected, abs=0.02)
    assert signed_distance_m(there, lon, -17.0) == pytest.approx(expected, abs=0.02)
    if abs(east) < 1:
        assert TargetGeometry(there).signed_distance_m(lon, -17.0) == pytest.approx(expected, abs=3)


def test_nobody_at_longitude_0_is_in_a_zone_across_180_degrees() -> None:
    for draw in DRAWN.values():
        assert engine_distance_m(draw(180.0), 0.0, -17.0) < -1e6


def test_a_step_across_180_degrees_is_a_step() -> None:
    assert distance_m(179.9999, -17.0, -179.9999, -17.0) == pytest.approx(21.3, abs=0.1)
    refused = impossible_speed(
        np.zeros(2, np.int64), np.array([0, 60_000_000]), np.array([1_799_999_000, -1_799_999_000]),
        np.array([-170_000_000] * 2), np.array([5.0, 5.0]), 90.0, 3,
    )  # fmt: skip
    assert not refused.any()


def geodesic_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Vincenty's inverse formula on WGS 84 (Survey Review XXIII, 176, 1975)."""
    a, f = 6_378_137.0, 1 / 298.257223563
    b = a * (1 - f)
    u1, u2 = (math.atan((1 - f) * math.tan(math.radians(lat))) for lat in (lat_a, lat_b))
    turn = lam = math.radians(lon_b - lon_a)
    for _ in range(50):
        sin_sigma = math.hypot(
            math.cos(u2) * math.sin(lam),
            math.cos(u1) * math.sin(u2) - math.sin(u1) * math.cos(u2) * math.cos(lam),
        )
        cos_sigma = math.sin(u1) * math.sin(u2) + math.cos(u1) * math.cos(u2) * math.cos(lam)
        sigma = math.atan2(sin_sigma, cos_sigma)
        sin_alpha = math.cos(u1) * math.cos(u2) * math.sin(lam) / sin_sigma
        cos2_alpha = 1 - sin_alpha**2
        cos_2m = cos_sigma - 2 * math.sin(u1) * math.sin(u2) / cos2_alpha if cos2_alpha else 0.0
        c = f / 16 * cos2_alpha * (4 + f * (4 - 3 * cos2_alpha))
        lam = turn + (1 - c) * f * sin_alpha * (
            sigma + c * sin_sigma * (cos_2m + c * cos_sigma * (2 * cos_2m**2 - 1))
        )
    k = cos2_alpha * (a * a - b * b) / (b * b)
    big_a = 1 + k / 16384 * (4096 + k * (-768 + k * (320 - 175 * k)))
    big_b = k / 1024 * (256 + k * (-128 + k * (74 - 47 * k)))
    delta = big_b * sin_sigma * (
        cos_2m + big_b / 4 * (cos_sigma * (2 * cos_2m**2 - 1)
        - big_b / 6 * cos_2m * (4 * sin_sigma**2 - 3) * (4 * cos_2m**2 - 3))
    )  # fmt: skip
    return b * big_a * (sigma - delta)


def worst_error(half_height: float, north: float, lat: float = 54.0) -> float:
    """Of distances to the west edge of a square, from points east of it at the latitude ``north`` of the
    origin: how far from the geodesic, as a share. Degrees."""
    target = zone(
        Geometry(type="Polygon", coordinates=[square(0.0, lat - half_height, 1.0, 2 * half_height)])
    )
    worst = 0.0
    for east in (0.0005, 0.002, 0.01):
        found = engine_distance_m(target, east, lat + north)
        worst = max(worst, abs(found / geodesic_m(0.0, lat + north, east, lat + north) - 1))
    return worst


def test_distances_are_as_good_as_the_docstring_says() -> None:
    circle = zone(circle=Circle(lon=2.0, lat=54.0, radius_m=100))
    for lon, lat in ((2.07, 54.0), (2.0, 54.045), (2.05, 54.03), (1.95, 53.97)):
        truth = geodesic_m(2.0, 54.0, lon, lat)
        assert abs((100 - engine_distance_m(circle, lon, lat)) / truth - 1) < 0.000_2
    assert worst_error(0.05, 0.0179) == pytest.approx(0.000_43, abs=0.000_02)  # 2 km north of the origin
    assert worst_error(1.2, 1.05) == pytest.approx(0.026, abs=0.001)  # 117 km north of it
