"""OGC Moving Features JSON (19-045r3): MovingPoint (prism), and Trajectory features; and what MobilityDB
writes with ``asMFJSON``: a moving point by itself (``MovingPoint``, ``MovingGeomPoint``, ``MovingGeogPoint``),
an instant with one pair of coordinates and one time, offsets of whole hours such as ``+01``.

Coordinates are longitude, latitude, altitude; ``datetimes`` are ISO 8601 or epoch milliseconds. Of the
temporal properties, speed is read when it is sampled at the same times and says its unit. The device is
the property ``device_id``, else the feature's ``id`` or ``name``, else the file's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from milepost.tracks.formats.geojson import features, track
from milepost.tracks.formats.json_text import as_dict, as_list, parts
from milepost.tracks.formats.messages import Collected, Raw, Where, as_text, read_text
from milepost.tracks.formats.settle import Context
from milepost.tracks.record import Signals, Source

MOVING = ("MovingPoint", "MovingGeomPoint", "MovingGeogPoint")
SPEED_UNITS = {
    # UN/CEFACT and UCUM codes that the standard's examples use
    "KMH": "speed_kmh", "KM/H": "speed_kmh", "MTS": "speed_mps", "M/S": "speed_mps",
    "KNT": "speed_knots", "[KN_I]": "speed_knots", "HM": "speed_mph", "[MI_I]/H": "speed_mph",
}  # fmt: skip


def read(
    path: Path,
    *,
    context: Context | None = None,
    device_id: str | None = None,
    source_is: Source = Source.UNKNOWN,
) -> Signals:
    """Raises ``UnreadableFile`` if the positions are not WGS 84."""
    return collect(
        read_text(path), Collected(path.name, context or Context.of(), None, source_is), device_id, path.stem
    )


def collect(raw: Raw, out: Collected, device_id: str | None, stem: str) -> Signals:
    for number, _, feature in parts(raw, out, partial(features, source=out.source)):
        if isinstance(feature, dict):
            _feature(feature, number, out, device_id, stem)
        else:
            out.bad(number, None, "This is not a feature", "Give moving features.", feature)
    out.require_times()
    return out.finish()


def _feature(
    feature: dict[str, object], number: Where, out: Collected, device_id: str | None, stem: str
) -> None:
    properties = as_dict(feature.get("properties"))
    said = (device_id, properties.get("device_id"), feature.get("id"), properties.get("name"), stem)
    row = {"device_id": next(name for name in said if name)}
    geometries = list(_moving_points(feature.get("temporalGeometry", feature), 0))
    before = 0
    for geometry in geometries:
        before = _moving_point(geometry, row, feature, number, out, before)
    if geometries:
        return
    shape = as_dict(feature.get("geometry"))
    times = as_list(properties.get("datetimes"))
    if shape.get("type") == "LineString" and times:
        track(row, as_list(shape.get("coordinates")), times, number, out)
    else:
        out.bad(
            number, None, "This feature has no moving point", "Give temporalGeometry of type MovingPoint."
        )


def _moving_points(geometry: object, depth: int) -> Iterator[dict[str, object]]:
    shape = as_dict(geometry)
    if shape.get("type") in MOVING:
        if "sequences" in shape:  # MobilityDB writes a moving point with gaps as several sequences
            yield from ({"type": "MovingPoint", **as_dict(part)} for part in as_list(shape["sequences"]))
        else:
            yield shape
    elif depth < 5:
        for inner in as_list(shape.get("prisms")) or as_list(shape.get("members")):
            yield from _moving_points(inner, depth + 1)


def _moving_point(
    geometry: dict[str, object],
    row: dict[str, object],
    feature: dict[str, object],
    number: Where,
    out: Collected,
    before: int,
) -> int:
    coordinates, times = as_list(geometry.get("coordinates")), as_list(geometry.get("datetimes"))
    if isinstance(geometry.get("datetimes"), str):  # an instant
        coordinates, times = [coordinates], [geometry["datetimes"]]
    if not coordinates:
        out.bad(
            number, "coordinates", "This moving point has no coordinates", "Give coordinates and datetimes."
        )
        return before
    return track(row, coordinates, times, number, out, also=_speeds(feature, times), before=before)


def _speeds(feature: dict[str, object], times: list[object]) -> list[dict[str, object]]:
    """The speed at each of ``times``, as a field of the row; nothing where it is not said in a known unit."""
    for group in as_list(feature.get("temporalProperties")):
        speed = as_dict(as_dict(group).get("speed"))
        if speed and as_list(as_dict(group).get("datetimes")) == times:
            unit = as_text(speed.get("form") or speed.get("uom") or "").upper()
            if unit in SPEED_UNITS:
                return [{SPEED_UNITS[unit]: value} for value in as_list(speed.get("values"))]
    return []
