"""Grid references against places that others published."""

from __future__ import annotations

import numpy as np
import pytest

from milepost.gazetteer.grid import IRELAND, to_degrees

ORDNANCE_SURVEY = [
    (91492.146, 11318.804, 49.92226393730, -6.29977752014),
    (170370.718, 11572.405, 49.96006137820, -5.20304609998),
    (250359.811, 62016.569, 50.43885825610, -4.10864563561),
    (651409.903, 313177.270, 52.65800783, 1.71607397),
]
"""Easting, northing, latitude, longitude: stations of Ordnance Survey's test file for OSTN15, the exact transformation;
the last is the worked example of its guide, with the exact place."""
METRES_A_DEGREE = 111_195


@pytest.mark.parametrize(("east_m", "north_m", "lat", "lon"), ORDNANCE_SURVEY)
def test_the_grid_of_great_britain_is_within_the_accuracy_that_pages_say(east_m, north_m, lat, lon):
    found_lon, found_lat = to_degrees(np.array([east_m]), np.array([north_m]))
    away_m = METRES_A_DEGREE * np.hypot((found_lon - lon) * np.cos(np.radians(lat)), found_lat - lat)
    assert away_m[0] < 6


def test_both_grids_are_those_of_proj_to_a_centimetre():
    """Answers of PROJ 9 for the same seven numbers (EPSG 27700 and 29903 to 4326), made once."""
    lon, lat = to_degrees(np.array([512345.0]), np.array([180000.0]))
    assert (lon[0], lat[0]) == pytest.approx((-0.38260939, 51.50777259), abs=1e-7)
    lon, lat = to_degrees(np.array([334316.0]), np.array([374675.0]), IRELAND)
    assert (lon[0], lat[0]) == pytest.approx((-5.92229147, 54.60244481), abs=1e-7)


def test_no_place_stays_none():
    lon, lat = to_degrees(np.array([np.nan, 512345.0]), np.array([np.nan, 180000.0]))
    assert np.isnan(lon[0])
    assert np.isnan(lat[0])
    assert np.isfinite(lon[1])
