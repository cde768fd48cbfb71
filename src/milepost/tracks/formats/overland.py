"""Overland (iOS, Android): batches of GeoJSON points under ``locations``. Source: Overland's README, "API".

``speed`` is m/s, ``battery_level`` 0 to 1, ``horizontal_accuracy`` metres, taken as 68 % as for any phone; −1
is "not known", and a negative accuracy a position that is not valid. The device is ``device_id``, else
``unique_id``. A feature that says an ``action`` (a visit, a pause) is a position and an event; the summary of
a trip is neither, and is reported.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from milepost.tracks.formats.geojson import place
from milepost.tracks.formats.json_text import as_dict, as_list, messages
from milepost.tracks.formats.messages import Collected, Raw, as_text, fingerprint, read_text, unless_minus_one
from milepost.tracks.formats.settle import Context
from milepost.tracks.record import DeviceEventKind, Signals, Source


def read(
    path: Path,
    *,
    context: Context | None = None,
    device_id: str | None = None,
    source_is: Source = Source.GPS,
) -> Signals:
    """A file of one batch, or of one a line."""
    out = Collected(path.name, context or Context.of(), device_id, source_is)
    collect(read_text(path), out)
    return out.finish()


def parse_message(
    raw: Raw,
    *,
    device_id: str | None = None,
    received_at_utc: datetime | None = None,
    context: Context | None = None,
    source_is: Source = Source.GPS,
) -> Signals:
    """One batch, as the app sends it."""
    out = Collected(
        "message", context or Context.of(), device_id, source_is, received_at_utc, fingerprint(raw)
    )
    collect(raw, out)
    return out.finish()


def collect(raw: Raw, out: Collected) -> None:
    """Keeps the rows of ``raw`` in ``out``. Locations are numbered from 1 through all batches."""
    number = 0
    for at, message in messages(raw, out):
        if not isinstance(message.get("locations"), list):
            out.bad(at, "locations", "This batch holds no locations", "Give a list of GeoJSON points.")
        for feature in as_list(message.get("locations")):
            if out.is_too_many:
                return
            number += 1
            _location(as_dict(feature), number, out)


def _location(feature: dict[str, object], number: int, out: Collected) -> None:
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
