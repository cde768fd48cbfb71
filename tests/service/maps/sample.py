"""An evening that nobody lived: a walk through a synthetic town, with every kind of fix in it."""

from __future__ import annotations

import numpy as np

from milepost.service.maps.features import MapData, build_map
from milepost.service.maps.rows import FixRow, GapRow, ZoneKind, ZoneRow
from milepost.synth.town import COLUMNS, build_town
from milepost.tracks.record import Quality, Source

MINUTE_US = 60_000_000
START_US = 1_741_028_400_000_000  # 3 March 2025, 19:00 in London
SILENCE = (34, 52)
"""Minutes with no position."""


def town():
    return build_town(7, 0)


def walk_home() -> list[FixRow]:
    """70 minutes along streets, a fix a minute, noise of 8 m; then the odd ones."""
    place = town()
    rng = np.random.default_rng(3)
    row = 16
    corners = [row * COLUMNS + column for column in range(8, 20)] + [
        (row + up) * COLUMNS + 19 for up in range(1, 6)
    ]
    way = np.array([place.nodes[node] for node in corners])
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
    fixes = []
    for minute in range(70):
        if SILENCE[0] < minute < SILENCE[1]:
            continue
        along = lengths[-1] * minute / 69
        x, y = (np.interp(along, lengths, way[:, axis]) + rng.normal(0, 8) for axis in (0, 1))
        lon, lat = place.plane.lon_lat(float(x), float(y))
        heading = 90.0 if along < lengths[11] else 0.0
        source = Source.WIFI if minute in (20, 21) else Source.GPS
        fixes.append(
            FixRow(
                START_US + minute * MINUTE_US,
                lon,
                lat,
                float(rng.uniform(8, 30)),
                source,
                speed_mps=1.1,
                heading_deg=heading,
                battery_pct=80 - minute / 2,
                device_id="synthetic-tag-1",
            )
        )
    fixes[10] = fixes[10]._replace(precision_m=None, quality=Quality.UNKNOWN_PRECISION)
    fixes[15] = fixes[15]._replace(source=Source.LBS, precision_m=420.0, lat=fixes[15].lat + 0.002)
    fixes[25] = fixes[25]._replace(lon=fixes[25].lon - 0.02, quality=Quality.IMPOSSIBLE_SPEED)
    fixes[28] = fixes[28]._replace(evidence="first")
    fixes[29] = fixes[29]._replace(evidence="during")
    fixes[34] = fixes[34]._replace(evidence="last")
    return fixes


def zones() -> list[ZoneRow]:
    fixes = walk_home()
    home, middle, start = fixes[-1], fixes[29], fixes[2]
    lon, lat = middle.lon, middle.lat
    keep_out = [[lon - 0.004, lat - 0.003], [lon + 0.005, lat - 0.002], [lon + 0.004, lat + 0.003]]
    keep_out += [[lon - 0.003, lat + 0.0025], keep_out[0]]
    return [
        ZoneRow("Curfew address", ZoneKind.HOME, circle=(home.lon, home.lat, 60.0), when="19:00 to 07:00"),
        ZoneRow(
            "Market Square",
            ZoneKind.EXCLUSION,
            geometry={"type": "Polygon", "coordinates": [keep_out]},
            buffer_m=60.0,
            when="always",
        ),
        ZoneRow("Probation office", ZoneKind.ATTENDANCE, circle=(start.lon, start.lat + 0.004, 80.0)),
        ZoneRow("An area told in words only", ZoneKind.RESTRICTION),
    ]


def evening() -> MapData:
    gap = GapRow(START_US + SILENCE[0] * MINUTE_US, START_US + SILENCE[1] * MINUTE_US, "battery")
    return build_map(fixes=walk_home(), zones=zones(), gaps=[gap])
