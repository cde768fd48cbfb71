"""GeoJSON (RFC 7946): Point features, and LineStrings with a time for each place.

Coordinates are longitude, latitude, altitude. Properties are read like the columns of a table, so a
column map says what they mean. A LineString's times are a property ``times``, ``coordTimes``,
``timestamps`` or ``datetimes``, or ``coordinateProperties.times`` (togeojson), one per coordinate; those of
a MultiLineString one list for each of its lines. The device is the property ``device_id``, else the
feature's ``id`` (LineString), else the file's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path

from milepost.problems import Problem, UnreadableFile
from milepost.tracks.formats.columns import ColumnMap
from milepost.tracks.formats.headers import report_columns
from milepost.tracks.formats.json_text import as_dict, as_list, parts
from milepost.tracks.formats.messages import Collected, Raw, Where, as_text, position_in, read_text
from milepost.tracks.formats.settle import Context
from milepost.tracks.record import Signals, Source

TIMES = ("times", "coordTimes", "timestamps", "datetimes")
PER_COORDINATE = "coordinateProperties"
DEGREES = ("CRS84", "4326", "WGS84", "WGS 84")
MOST_NAMES = 100
"""Of properties that are not read: so many are told by name."""


def read(
    path: Path,
    *,
    context: Context | None = None,
    device_id: str | None = None,
    source_is: Source = Source.UNKNOWN,
    columns: ColumnMap | None = None,
) -> Signals:
    """Features, collections of them, one per line, or a text sequence (RFC 8142)."""
    out = Collected(path.name, context or Context.of(), None, source_is, columns=columns or ColumnMap())
    return collect(read_text(path), out, device_id, path.stem)


def collect(raw: Raw, out: Collected, device_id: str | None, stem: str) -> Signals:
    properties: dict[str, str | None] = {}  # each that was met: what it was read as
    for number, _, feature in parts(raw, out, partial(features, source=out.source)):
        if isinstance(feature, dict):
            _feature(feature, number, out, device_id, stem, properties)
        else:
            out.bad(number, None, "This is not a feature", "Give GeoJSON features.", feature)
    out.require_times()
    names = {ours: theirs for theirs, ours in properties.items() if ours is not None}
    also = (*TIMES, PER_COORDINATE)
    report_columns(out.source, list(properties), names, out.columns, out.context.problems, also)
    return out.finish()


def features(message: dict[str, object], source: str) -> list[object] | None:
    """What a FeatureCollection holds; None for a feature by itself. Raises ``UnreadableFile`` if the positions of
    the ``source`` are not WGS 84."""
    check_reference_system(message, source)
    inside = message.get("features")
    return inside if isinstance(inside, list) else None


def check_reference_system(message: dict[str, object], source: str) -> None:
    """Raises ``UnreadableFile`` if a ``crs`` member says that these are not WGS 84 degrees."""
    crs = message.get("crs")
    name = as_text(as_dict(as_dict(crs).get("properties")).get("name") or "")
    if name and not any(known in name for known in DEGREES):
        raise UnreadableFile(
            Problem(
                source, None, "crs", "The positions are not WGS 84", "Export longitude and latitude.", name
            )
        )


def _feature(
    feature: dict[str, object],
    number: Where,
    out: Collected,
    device_id: str | None,
    stem: str,
    met: dict[str, str | None],
) -> None:
    properties = as_dict(feature.get("properties"))
    bare = "coordinates" in feature
    geometry = feature if bare else as_dict(feature.get("geometry"))
    names = out.columns.resolve(properties, has_place=bool(geometry))
    read_as = {theirs: ours for ours, theirs in names.items()}
    for name in properties:
        if met.get(name) is None and (name in read_as or len(met) < MOST_NAMES):
            met[name] = read_as.get(name)
    row: dict[str, object] = {ours: properties[theirs] for ours, theirs in names.items()}
    row["device_id"] = device_id or row.get("device_id") or (out.columns.device_id_is)
    coordinates = as_list(geometry.get("coordinates"))
    kind = geometry.get("type")
    if kind == "Point":
        row["device_id"] = row["device_id"] or stem
        out.keep(number, {**row, **place(coordinates)})
    elif kind in ("LineString", "MultiPoint"):
        row["device_id"] = row["device_id"] or feature.get("id") or stem
        track(row, coordinates, _times(properties), number, out)
    elif kind == "MultiLineString":
        row["device_id"] = row["device_id"] or feature.get("id") or stem
        before = 0
        for line, times in zip_longest(coordinates, _times(properties)):
            before = track(row, as_list(line), as_list(times), number, out, before=before)
    elif kind is None and not geometry and ({"event", "presence"} & row.keys()):
        out.keep(number, row)  # an event has no place of its own
    else:
        out.bad(number, "geometry", "Only points and lines say where somebody was", "Export points.", kind)


def _times(properties: dict[str, object]) -> list[object]:
    given = (properties, as_dict(properties.get(PER_COORDINATE)))
    return next((as_list(said[name]) for said in given for name in TIMES if name in said), [])


def place(coordinates: list[object]) -> dict[str, object]:
    lon, lat, altitude = (*coordinates, None, None, None)[:3]
    where = {"lon": lon, "lat": lat}
    return where if altitude is None else {**where, "altitude_m": altitude}


def track(
    row: dict[str, object],
    coordinates: list[object],
    times: list[object],
    number: Where,
    out: Collected,
    *,
    also: Sequence[dict[str, object]] = (),
    before: int = 0,
) -> int:
    """One row per coordinate, with the time of the same place in ``times`` (ISO text or epoch ms), and what is
    said of that place in ``also``. ``before``: so many positions of the feature came before these.

    Returns how many there are with these.
    """
    row = {name: value for name, value in row.items() if not name.startswith("recorded_at")}
    n = before
    for n, (coordinate, moment, more) in enumerate(zip_longest(coordinates, times, also), before + 1):
        where = position_in(number, n)
        if n - before > max(len(coordinates), len(times)):
            continue  # only ``also`` goes on, of places that are not there
        if coordinate is None and moment is not None:
            out.bad(
                where, "times", "There are more times than places", "Give one time per coordinate.", moment
            )
        elif not isinstance(coordinate, list):
            out.bad(
                where, "coordinates", "This is not a coordinate", "Give [longitude, latitude].", coordinate
            )
        else:
            is_number = isinstance(moment, int | float) and not isinstance(moment, bool)
            name = "recorded_at_epoch_ms" if is_number else "recorded_at_utc"
            out.keep(where, {**row, **(more or {}), **place(coordinate), name: moment})
    return n
