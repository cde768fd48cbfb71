"""KML: ``gx:Track`` / ``Track`` (``when`` and ``coord``), Placemarks with a TimeStamp and a Point, and
Placemarks with a TimeSpan: a Point was there at its begin and at its end, a LineString began and ended there.

Coordinates are longitude, latitude, altitude (OGC 12-007r2). The device is ``device_id`` in the
ExtendedData, else the name of the track's Placemark, else the file's.
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

from milepost.tracks.formats.messages import Collected
from milepost.tracks.formats.settle import Context
from milepost.tracks.formats.xml_text import Element, walk
from milepost.tracks.record import Signals, Source

EXTENDED = (
    "precision_m", "speed_mps", "heading_deg", "battery_pct", "sequence", "received_at_utc", "source", "valid",
    "mock",
)  # fmt: skip


def read(
    path: Path,
    *,
    context: Context | None = None,
    device_id: str | None = None,
    source_is: Source = Source.UNKNOWN,
) -> Signals:
    """Raises ``UnreadableFile`` for XML that is unsafe or broken from the start."""
    out = Collected(path.name, context or Context.of(), None, source_is)

    def visit(placemark: Element, inside: tuple[Element, ...]) -> None:
        data = _extended(placemark)
        tracks = _all(placemark, "Track")
        device = device_id or data.get("device_id")
        for track in tracks:
            _track(track, device or placemark.said("name") or path.stem, out)
        span = placemark.first("TimeSpan")
        if not tracks and span is not None:
            _span(placemark, span, device or path.stem, data, out)
        elif not tracks:
            _point(placemark, device or path.stem, data, out)

    walk(path, out, frozenset({"Placemark"}), visit)
    out.require_times()
    return out.finish()


def _all(element: Element, name: str) -> list[Element]:
    found = [child for child in element.children if child.name == name]
    return found + [inner for child in element.children for inner in _all(child, name)]


def _extended(placemark: Element) -> dict[str, str]:
    said = {d.attributes.get("name", ""): d.said("value") or "" for d in _all(placemark, "Data")}
    said |= {d.attributes.get("name", ""): d.text.strip() for d in _all(placemark, "SimpleData")}
    return {name: value for name, value in said.items() if value}


def _track(track: Element, device_id: str, out: Collected) -> None:
    whens = [child for child in track.children if child.name == "when"]
    coords = [child for child in track.children if child.name == "coord"]
    for when, coord in zip_longest(whens, coords):
        if when is None or coord is None:
            lone = when or coord
            out.bad(
                lone.line,
                lone.name,
                "A track needs as many times as places",
                "The file may be cut off.",
                lone.text,
            )
            continue
        if not coord.text.strip():
            out.bad(when.line, "coord", "The track has no place at this time", "Nothing to do.", when.text)
            continue
        lon, lat, altitude = (*coord.text.split(), None, None, None)[:3]
        row = {"device_id": device_id, "recorded_at_utc": when.text.strip(), "lat": lat, "lon": lon}
        out.keep(out.place_on(when.line), {**row, "altitude_m": altitude})


def _span(placemark: Element, span: Element, device_id: str, data: dict[str, str], out: Collected) -> None:
    """The two ends of a time span. What lies between has no time of its own, and none is made up."""
    shape = placemark.first("Point", "LineString")
    places = (shape.said("coordinates") or "").split() if shape else []
    if shape is None or not places:
        out.bad(placemark.line, None, "This time span has neither a point nor a line",
                "Export tracks, points or lines.")  # fmt: skip
        return
    if len(places) > 2:
        message = "Places between the ends of a time span have no time of their own; they were left out"
        remedy = "Export a track (gx:Track), which says them."
        out.warn(placemark.line, "coordinates", message, remedy, len(places) - 2)
    row = {**{name: data.get(name) for name in EXTENDED}, "device_id": device_id}
    ends = [(span.said("begin"), places[0]), (span.said("end"), places[-1])]
    said = [(when, place) for when, place in ends if when]
    if not said:
        out.bad(span.line, "TimeSpan", "This time span says neither begin nor end", "Give begin and end.")
    for when, place in said:
        lon, lat, altitude = (*place.split(","), None, None, None)[:3]
        out.keep(
            out.place_on(span.line),
            {**row, "recorded_at_utc": when, "lat": lat, "lon": lon, "altitude_m": altitude},
        )


def _point(placemark: Element, device_id: str, data: dict[str, str], out: Collected) -> None:
    point = placemark.first("Point")
    if point is None:
        out.bad(
            placemark.line, None, "This Placemark is neither a track nor a point", "Export tracks or points."
        )
        return
    stamp = placemark.first("TimeStamp")
    lon, lat, altitude = (*(point.said("coordinates") or "").split(","), None, None, None)[:3]
    out.keep(
        out.place_on(placemark.line),
        {
            **{name: data.get(name) for name in EXTENDED},
            "device_id": device_id,
            "recorded_at_utc": stamp.said("when") if stamp else None,
            "lat": lat,
            "lon": lon,
            "altitude_m": altitude,
        },
    )
