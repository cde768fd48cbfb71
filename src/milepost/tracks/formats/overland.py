"""Overland (iOS, Android): batches of GeoJSON points under ``locations``. Source: Overland's README, "API".

``speed`` is m/s, ``battery_level`` 0 to 1, ``horizontal_accuracy`` metres, taken as 68 % as for any phone; −1
is "not known", and a negative accuracy a position that is not valid. The device is ``device_id``, else
``unique_id``. A feature that says an ``action`` (a visit, a pause) is a position and an event; the summary of
a trip is neither, and is reported.
"""

from __future__ import annotations

from functools import partial

from milepost.tracks.formats.geojson import place
from milepost.tracks.formats.json_text import as_dict, as_list, parts
from milepost.tracks.formats.messages import (
    Collected,
    Raw,
    Where,
    as_text,
    read_file,
    read_message,
    unless_minus_one,
)
from milepost.tracks.record import DeviceEventKind, Source


def collect(raw: Raw, out: Collected) -> None:
    """Keeps the rows of ``raw`` in ``out``; what makes none is reported there."""
    for number, message, feature in parts(raw, out, _locations):
        if feature is message:
            out.bad(number, "locations", "This batch holds no locations", "Give a list of GeoJSON points.")
        else:
            _location(as_dict(feature), number, out)


def _locations(message: dict[str, object]) -> list[object] | None:
    inside = message.get("locations")
    return inside if isinstance(inside, list) else None


def _location(feature: dict[str, object], number: Where, out: Collected) -> None:
    said, geometry = as_dict(feature.get("properties")), as_dict(feature.get("geometry"))
    if said.get("type") == "trip":
        out.bad(number, "type", "The summary of a trip is no position", "Nothing to do; it was left out.")
        return
    if geometry.get("type") != "Point":
        out.bad(number, "geometry", "Only points say where somebody was", "Give GeoJSON points.",
                geometry.get("type"))  # fmt: skip
        return
    device = said.get("device_id") or out.device_id or said.get("unique_id")
    who = {"device_id": device, "recorded_at_utc": said.get("timestamp")}
    out.keep(
        number,
        {
            **who,
            **place(as_list(geometry.get("coordinates"))),
            **({"altitude_m": said["altitude"]} if said.get("altitude") is not None else {}),
            "precision_68_m": said.get("horizontal_accuracy"),
            "speed_mps": unless_minus_one(said.get("speed")),
            "heading_deg": unless_minus_one(said.get("course")),
            "battery_ratio": unless_minus_one(said.get("battery_level")),
        },
    )
    if (action := said.get("action")) is not None:
        event = {"event": DeviceEventKind.OTHER.value, "raw_code": f"action {as_text(action)}"}
        out.keep(number, {**who, **event})


read = partial(read_file, collect, source_is=Source.GPS)
parse_message = partial(read_message, collect, source_is=Source.GPS)
