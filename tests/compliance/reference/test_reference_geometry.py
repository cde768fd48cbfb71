"""The flat earth of the reference engine against published values and shapely."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scenarios import circle, square

from milepost.compliance.reference.geometry import (
    distance_m,
    east_m_per_degree,
    east_slope,
    north_m_per_degree,
    origin_of,
    signed_distance_m,
)
from milepost.compliance.reference.sides import RADIUS_95_IN_SIGMAS, reach_m
from milepost.orders.obligations import Shape, Target


@pytest.mark.parametrize(
    ("lat", "north_m", "east_m"),
    # Length of a degree on WGS 84: National Geospatial-Intelligence Agency, "Length of a degree of latitude
    # and longitude" calculator, and the table in Wikipedia, "Geographic coordinate system"
    [
        (0, 110_574.3, 111_319.5),
        (30, 110_852.4, 96_486.3),
        (45, 111_131.8, 78_846.8),
        (60, 111_412.2, 55_800.0),
    ],
)
def test_metres_per_degree(lat: float, north_m: float, east_m: float) -> None:
    assert north_m_per_degree(lat) == pytest.approx(north_m, abs=0.5)
    assert east_m_per_degree(lat) == pytest.approx(east_m, abs=0.5)


@given(st.floats(-80, 80))
def test_the_slope_is_the_derivative(lat: float) -> None:
    step = 1e-4
    measured = (east_m_per_degree(lat + step) - east_m_per_degree(lat - step)) / (2 * step)
    assert east_slope(lat) == pytest.approx(measured, abs=1e-2)


@given(st.floats(-400, 400), st.floats(-400, 400))
def test_polygons_with_holes_against_shapely(east: float, north: float) -> None:
    shape = square(0, 0, 200, hole_half_m=80)
    target = Target((shape,))
    lon0, lat0 = origin_of(target)
    x, y = east_m_per_degree(lat0), north_m_per_degree(lat0)
    rings = [[((lon - lon0) * x, (lat - lat0) * y) for lon, lat in ring] for ring in shape.rings]
    polygon = shapely.Polygon(rings[0], rings[1:])
    point = shapely.Point(east, north)
    expected = polygon.boundary.distance(point) * (1 if polygon.contains(point) else -1)
    found = signed_distance_m(target, lon0 + east / x, lat0 + north / y)
    assert found == pytest.approx(expected, abs=1e-5)


@given(st.floats(0, 2 * math.pi), st.floats(0, 500))
def test_circles(angle: float, away_m: float) -> None:
    """Walk from the centre: what is left to the boundary is the radius less the way."""
    lon, lat, radius_m = -1.5, 53.0, 100.0
    north = away_m * math.sin(angle)
    to_lat = lat + north / north_m_per_degree(lat)
    to_lon = lon + away_m * math.cos(angle) / east_m_per_degree((lat + to_lat) / 2)
    found = signed_distance_m(Target((Shape(lon, lat, radius_m),)), to_lon, to_lat)
    assert found == pytest.approx(radius_m - away_m, abs=1e-4)
    assert distance_m(lon, lat, to_lon, to_lat) == pytest.approx(away_m, rel=1e-5, abs=1e-6)


def test_of_several_shapes_the_largest_distance_counts() -> None:
    here, there = circle(0, 0, 50), circle(1_000, 0, 80)
    both = Target((here, there))
    for east_m, expected in ((0, 50), (1_000, 80), (500, -420)):
        point = circle(east_m, 0, 1)
        assert signed_distance_m(both, point.lon, point.lat) == pytest.approx(expected, abs=0.1)


def test_the_precision_is_the_reach_of_a_round_error() -> None:
    """95 % of a round normal error lies within the root of -2 ln 0.05 sigmas: the 95 % radius itself."""
    assert reach_m(0.95, 20.0 / RADIUS_95_IN_SIGMAS) == pytest.approx(20.0)
    assert pytest.approx(math.sqrt(-2 * math.log(0.05)), abs=5e-4) == RADIUS_95_IN_SIGMAS
