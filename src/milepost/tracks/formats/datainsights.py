"""Positions as the ministry's data-insights service answers them: ``{"locations": [...]}`` with ``positionId``,
``deviceId``, ``gpsDate``, ``latitude``, ``longitude``, ``precision``, ``lbs``.
Source: hmpps-electronic-monitoring-data-insights-api, location/model/Location.kt.

``precision`` is the radius that holds 95 % (its map help: "around 95% accurate"); ``lbs`` is the number of
``GeolocationMechanism``. ``speed`` and ``direction`` are shown in one unit here and another there, so they are
not read, and that is said.
"""

from __future__ import annotations

from functools import partial

from milepost.tracks.formats.json_text import as_dict, parts
from milepost.tracks.formats.messages import Collected, Raw, read_file
from milepost.tracks.record import Source

UNIT_NOT_PUBLISHED = ("speed", "direction")


def collect(raw: Raw, out: Collected) -> None:
    """Keeps the rows of ``raw`` in ``out``; what makes none is reported there."""
    left: set[str] = set()
    for number, message, item in parts(raw, out, _locations):
        if item is message:
            out.bad(number, "locations", "This answer holds no locations", "Give the answer of /locations.")
            continue
        said = as_dict(item)
        left |= {name for name in UNIT_NOT_PUBLISHED if said.get(name)}
        out.keep(
            number,
            {
                "device_id": said.get("deviceId"),
                "recorded_at_utc": said.get("gpsDate"),
                "lat": said.get("latitude"),
                "lon": said.get("longitude"),
                "precision_m": said.get("precision"),
                "source": said.get("lbs"),
            },
        )
    if left:
        out.warn(None, None, "Fields that were not read: their unit is not published",
                 "Nothing to do: where somebody was does not depend on them.", ", ".join(sorted(left)))  # fmt: skip


def _locations(message: dict[str, object]) -> list[object] | None:
    inside = message.get("locations")
    return inside if isinstance(inside, list) else None


read = partial(read_file, collect, source_is=Source.UNKNOWN)
