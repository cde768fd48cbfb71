"""Positions as the ministry's data-insights service answers them: ``{"locations": [...]}`` with ``positionId``,
``deviceId``, ``gpsDate``, ``latitude``, ``longitude``, ``precision``, ``lbs``.
Source: hmpps-electronic-monitoring-data-insights-api, location/model/Location.kt.

``precision`` is the radius that holds 95 % (its map help: "around 95% accurate"); ``lbs`` is the number of
``GeolocationMechanism``. ``speed`` and ``direction`` are shown in one unit here and another there, so they are
not read, and that is said.
"""

from __future__ import annotations

from pathlib import Path

from milepost.tracks.formats.json_text import as_dict, as_list, messages
from milepost.tracks.formats.messages import Collected, Raw, read_text
from milepost.tracks.formats.settle import Context
from milepost.tracks.record import Signals, Source

UNIT_NOT_PUBLISHED = ("speed", "direction")


def read(
    path: Path,
    *,
    context: Context | None = None,
    device_id: str | None = None,
    source_is: Source = Source.UNKNOWN,
) -> Signals:
    """A file of one answer, or of one a line. Pages are numbered through."""
    out = Collected(path.name, context or Context.of(), device_id, source_is)
    collect(read_text(path), out)
    return out.finish()


def collect(raw: Raw, out: Collected) -> None:
    number, left = 0, set()
    for at, message in messages(raw, out):
        if not isinstance(message.get("locations"), list):
            out.bad(at, "locations", "This answer holds no locations", "Give the answer of /locations.")
        for item in as_list(message.get("locations")):
            number += 1
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
