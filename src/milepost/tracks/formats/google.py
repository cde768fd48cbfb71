"""Google location history: Takeout's ``Records.json``, and what phones export as Timeline (Android: an object
with ``semanticSegments`` and ``rawSignals``; iOS: an array of segments).

Fixes are the positions of ``Records.json`` and of ``rawSignals``, the points of each ``timelinePath``, and both
ends of an ``activity``. Points and ends are what Google worked out: they say no precision, and iOS says their
time to the minute. A ``visit`` is a place that Google guessed, not a position: visits are counted and left out.
``accuracy`` is metres, 68 %; ``velocity`` m/s. The device is ``deviceTag``, else the file's name.
Google publishes no description: shapes are those that phones export (seen 2024 to 2026).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

from milepost.tracks.formats.json_text import as_dict, as_list, messages
from milepost.tracks.formats.messages import Collected, Raw, as_text, read_text
from milepost.tracks.formats.settle import Context
from milepost.tracks.record import Signals, Source

_is_place = re.compile(r"(?:geo:)?\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*°?").fullmatch
PLACE_REMEDY = "It should read geo:51.5074,-0.1278 or 51.5074°, -0.1278°."


def read(
    path: Path,
    *,
    context: Context | None = None,
    device_id: str | None = None,
    source_is: Source = Source.UNKNOWN,
) -> Signals:
    """A file of any of the three kinds."""
    out = Collected(path.name, context or Context.of(), device_id or path.stem, source_is)
    collect(read_text(path), out, named=device_id is not None)
    return out.finish()


def collect(raw: Raw, out: Collected, *, named: bool = False) -> None:
    """Keeps the rows of ``raw`` in ``out``. ``named``: all of it is of the device that ``out`` names."""
    history = _History(out, named)
    for at, message in messages(raw, out):
        if "locations" in message:
            for record in as_list(message["locations"]):
                history.record(as_dict(record))
        elif "semanticSegments" in message:
            for segment in as_list(message["semanticSegments"]):
                history.segment(as_dict(segment))
            for signal in as_list(message.get("rawSignals")):
                history.raw_signal(as_dict(signal))
        elif "startTime" in message:
            history.segment(message)
        else:
            out.bad(at, None, "This is no location history that is known",
                    "Give Records.json, or the Timeline that a phone exports.")  # fmt: skip
    history.finish()


class _History:
    """Rows are numbered as the parts come: records, or segments and then raw signals."""

    def __init__(self, out: Collected, named: bool) -> None:
        self.out, self.named = out, named
        self.number = 0
        self.visits: list[int] = []
        self.without_place: list[int] = []

    def record(self, record: dict[str, object]) -> None:
        self.number += 1
        tag = record.get("deviceTag")
        self.out.keep(
            self.number,
            {
                "device_id": as_text(tag) if tag is not None and not self.named else None,
                "recorded_at_utc": record.get("timestamp"),
                "recorded_at_epoch_ms": record.get("timestampMs"),
                "received_at_utc": record.get("serverTimestamp"),
                "lat_e7": record.get("latitudeE7"),
                "lon_e7": record.get("longitudeE7"),
                "precision_68_m": record.get("accuracy"),
                "altitude_m": record.get("altitude"),
                "speed_mps": record.get("velocity"),
                "heading_deg": record.get("heading"),
                "source": _source(record.get("source")),
            },
        )

    def segment(self, segment: dict[str, object]) -> None:
        self.number += 1
        start, end = segment.get("startTime"), segment.get("endTime")
        known = False
        for point in map(as_dict, as_list(segment.get("timelinePath"))):
            known = True
            when = point.get("time") or _after(start, point.get("durationMinutesOffsetFromStartTime"))
            self._keep(point.get("point"), when, "timelinePath", {})
        if "activity" in segment:
            activity = as_dict(segment["activity"])
            for name, when in (("start", start), ("end", end)):
                place = activity.get(name)
                if place is not None:
                    known = True
                    self._keep(as_dict(place).get("latLng", place), when, f"activity.{name}", {})
        if "visit" in segment:
            known = True
            self.visits.append(self.number)
        if not known and "timelineMemory" not in segment:
            self.out.bad(self.number, None, "This segment holds no path, activity or visit",
                         "Nothing to do; it was left out.")  # fmt: skip

    def raw_signal(self, signal: dict[str, object]) -> None:
        self.number += 1
        said = as_dict(signal.get("position"))
        if not said:  # what the phone heard and did (Wi-Fi scans, activity): no position
            self.without_place.append(self.number)
            return
        more = {
            "precision_68_m": said.get("accuracyMeters"),
            "altitude_m": said.get("altitudeMeters"),
            "speed_mps": said.get("speedMetersPerSecond"),
            "source": _source(said.get("source")),
        }
        self._keep(said.get("LatLng", said.get("latLng")), said.get("timestamp"), "position", more)

    def finish(self) -> None:
        if self.visits:
            self.out.warn(
                self.visits[0],
                "visit",
                "Visits were left out: a visit is a place that Google guessed, not a position",
                "Nothing to do; positions were read.",
                len(self.visits),
            )
        if self.without_place:
            self.out.warn(
                self.without_place[0],
                "rawSignals",
                "Raw signals without a position were left out: what the phone heard and did",
                "Nothing to do; positions were read.",
                len(self.without_place),
            )

    def _keep(self, place: object, when: object, name: str, more: dict[str, object]) -> None:
        found = _is_place(place) if isinstance(place, str) else None
        if found is None:
            self.out.bad(self.number, name, "This is not a place", PLACE_REMEDY, place)
            return
        where = {"lat": found[1], "lon": found[2]}
        self.out.keep(self.number, {"recorded_at_utc": when, **where, **more})


def _source(value: object) -> object:
    """GPS, WIFI and CELL are words of the record; any other ("UNKNOWN", "VISIT_DEPARTURE") says nothing."""
    return value if isinstance(value, str) and value.lower() in {"gps", "wifi", "cell"} else None


def _after(start: object, minutes: object) -> object:
    try:
        moment = datetime.fromisoformat(str(start)) + timedelta(minutes=float(str(minutes)))
        return moment.isoformat() if minutes is not None else None
    except (ValueError, OverflowError):
        return None
