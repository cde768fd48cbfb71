"""British National Grid against what Ordnance Survey publishes."""

from __future__ import annotations

import numpy as np
import pytest

from milepost.tracks.formats.national_grid import ACCURACY_M, grid_to_osgb36, grid_to_wgs84
from milepost.tracks.formats.settle_place import great_circle_m

# Ordnance Survey, OSTN15 developer pack: test points with easting, northing, ETRS89 latitude, longitude.
# Not those in Scilly and the Western Isles, where Ordnance Survey says the transformation is weakest.
TEST_POINTS = [
    ("TP04", 449816.371, 75335.861, 50.57563665000, -1.29782277240),
    ("TP06", 292184.870, 168003.465, 51.40078220140, -3.55128349240),
    ("TP07", 639821.835, 169565.858, 51.37447025550, 1.44454730409),
    ("TP08", 362269.991, 169978.690, 51.42754743020, -2.54407618349),
    ("TP09", 530624.974, 178388.464, 51.48936564950, -0.11992557180),
    ("TP12", 389544.190, 261912.153, 52.25529381630, -2.15458614387),
    ("TP13", 474335.969, 262047.755, 52.25160951230, -0.91248956970),
    ("TP20", 422242.186, 433818.701, 53.80021519630, -1.66379168242),
    ("TP27", 319188.434, 670947.534, 55.92478265510, -3.29479219337),
]


def dms(degrees: int, minutes: int, seconds: float) -> float:
    return degrees + minutes / 60 + seconds / 3600


def test_projection_is_the_worked_example_of_the_guide() -> None:
    """Ordnance Survey, "A guide to coordinate systems in Great Britain", annex C (on Airy's ellipsoid)."""
    lat, lon = grid_to_osgb36(np.array([651409.903]), np.array([313177.270]))
    assert lat[0] == pytest.approx(dms(52, 39, 27.2531), abs=1e-8)
    assert lon[0] == pytest.approx(dms(1, 43, 4.5177), abs=1e-8)


def test_datum_is_the_published_helmert_result() -> None:
    """The same point on WGS 84 by the seven parameters, as published: 52°39′28.723″N 1°42′57.787″E."""
    lat, lon = grid_to_wgs84(np.array([651409.903]), np.array([313177.270]))
    assert lat[0] == pytest.approx(dms(52, 39, 28.723), abs=1e-6)
    assert lon[0] == pytest.approx(dms(1, 42, 57.787), abs=1e-6)


@pytest.mark.parametrize(("name", "easting", "northing", "lat", "lon"), TEST_POINTS)
def test_points_are_where_ordnance_survey_says(
    name: str, easting: float, northing: float, lat: float, lon: float
) -> None:
    found_lat, found_lon = grid_to_wgs84(np.array([easting]), np.array([northing]))
    assert great_circle_m(found_lat, found_lon, lat, lon)[0] < ACCURACY_M
