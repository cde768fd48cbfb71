"""OGC Moving Features JSON (19-045r3): MovingPoint (prism), and Trajectory features; and what MobilityDB
writes with ``asMFJSON``: a moving point by itself (``MovingPoint``, ``MovingGeomPoint``, ``MovingGeogPoint``),
an instant with one pair of coordinates and one time, offsets of whole hours such as ``+01``.

Coordinates are longitude, latitude, altitude; ``datetimes`` are ISO 8601 or epoch milliseconds. Of the
temporal properties, speed is read when it is sampled at the same times and says its unit. The device is
the property ``device_id``, else the feature's ``id`` or ``name``, else the file's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from milepost.tracks.formats.geojson import check_reference_system, track
from milepost.tracks.formats.json_text import as_dict, as_list, messages
from milepost.tracks.formats.messages import Collected, Raw, as_text, read_text
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
    before = 0
    for line, message in messages(raw, out):
        check_reference_system(message, out.source)
        features = message.get("features")
        for number, feature in enumerate(features if isinstance(features, list) else [message], before + 1):
            if isinstance(feature, dict):
                _feature(feature, number if isinstance(features, list) else line, out, device_id, stem)
            else:
                out.bad(number, None, "This is not a feature", "Give moving features.", feature)
        before += len(features) if isinstance(features, list) else 0
    return out.finish()


def _feature(
    feature: dict[str, object], number: int, out: Collected, device_id: str | None, stem: str
) -> None:
    properties = as_dict(feature.get("properties"))
    said = (device_id, properties.get("device_id"), feature.get("id"), properties.get("name"), stem)
    row = {"device_id": next(name for name in said if name)}
    geometries = list(_moving_points(feature.get("temporalGeometry", feature), 0))
    for geometry in geometries:
        _moving_point(geometry, row, feature, number, out)
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
    number: int,
    out: Collected,
) -> None:
    coordinates, times = as_list(geometry.get("coordinates")), as_list(geometry.get("datetimes"))
    if isinstance(geometry.get("datetimes"), str):  # an instant
        coordinates, times = [coordinates], [geometry["datetimes"]]
    if not coordinates:
        out.bad(
            number, "coordinates", "This moving point has no coordinates", "Give coordinates and datetimes."
        )
        return
    name, speeds = _speeds(feature, times)
    if name is None:
        track(row, coordinates, times, number, out)
        return
    for i, (coordinate, moment) in enumerate(zip(coordinates, times, strict=False)):
        known = {**row, name: speeds[i]} if i < len(speeds) else row
        track(known, [coordinate], [moment], number, out)
    longest = min(len(coordinates), len(times))
    track(row, coordinates[longest:], times[longest:], number, out)


def _speeds(feature: dict[str, object], times: list[object]) -> tuple[str | None, list[object]]:
    for group in as_list(feature.get("temporalProperties")):
        speed = as_dict(as_dict(group).get("speed"))
        if speed and as_list(as_dict(group).get("datetimes")) == times:
            unit = as_text(speed.get("form") or speed.get("uom") or "").upper()
            if unit in SPEED_UNITS:
                return SPEED_UNITS[unit], as_list(speed.get("values"))
    return None, []
