"""Whole files whose positions lie where nobody is: their axes are exchanged, or their unit is another.

Nothing is moved or left out: what is meant is for people to say. But positions in the sea would read as absence.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from milepost.likely_area import EAST, is_likely
from milepost.problems import Problem
from milepost.tracks.record import DEGREES_TO_E7, Signals

RADIANS = (1.5708, 3.1416)
"""Half and a whole pi: beyond them no latitude and no longitude goes in radians. As degrees, sea without an island."""


def warn_of_odd_places(signals: Signals, source: str) -> None:
    """Adds a warning to the problems if all positions (but those at 0, 0) show the same mistake."""
    lat, lon = (signals.fixes.column(name) for name in ("lat_e7", "lon_e7"))
    highest = _ends(lat)
    if highest is None or highest[1] > max(EAST, RADIANS[0]):
        return  # nearly every file: both mistakes leave all latitudes small
    somewhere = pc.or_(pc.not_equal(lat, 0), pc.not_equal(lon, 0))
    lats, lons = (_ends(column.filter(somewhere)) for column in (lat, lon))
    if lats is None or lons is None:
        return
    if max(map(abs, lats)) <= RADIANS[0] and max(map(abs, lons)) <= RADIANS[1]:
        message = "All positions lie in the sea south of Ghana: these look like radians, read as degrees"
        remedy = "If they are radians, multiply them by 57.29577951308232 (180 / pi)."
    elif all(is_likely(a, o) for a in lats for o in lons):
        message = (
            "All positions lie far from the United Kingdom, and would lie in it with latitude and longitude "
            "exchanged"
        )
        remedy = "If they are exchanged, name the columns the other way round; GeoJSON has longitude first."
    else:
        return
    shown = f"{lats[0]:g}, {lons[0]:g}"
    signals.problems.add(Problem(source, None, "lat", message, remedy, shown, "warning"))


def _ends(column: pa.ChunkedArray) -> tuple[float, float] | None:
    ends = pc.min_max(column)
    if ends["min"].as_py() is None:
        return None
    return ends["min"].as_py() / DEGREES_TO_E7, ends["max"].as_py() / DEGREES_TO_E7
