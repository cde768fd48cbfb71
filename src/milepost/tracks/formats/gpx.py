"""GPX 1.0 and 1.1: track points, and waypoints that say a time. Source: topografix.com/GPX/1/1.

The device is the track's name, else the file's. Speed is m/s (GPX 1.0 and the TrackPointExtension).
GPX has no standard for accuracy, so precision is unknown unless an extension named as in the record
(``precision_m``) gives it; ``fix`` "none" marks a point as not valid.
"""

from __future__ import annotations

from pathlib import Path

from milepost.tracks.formats.messages import Collected
from milepost.tracks.formats.settle import Context
from milepost.tracks.formats.xml_text import Element, walk
from milepost.tracks.record import Quality, Signals, Source

POINTS = frozenset({"trkpt", "wpt", "rtept"})
EXTENDED = (
    "precision_m", "battery_pct", "sequence", "received_at_utc", "source", "device_id", "valid", "mock",
)  # fmt: skip


def read(
    path: Path,
    *,
    context: Context | None = None,
    device_id: str | None = None,
    source_is: Source = Source.GPS,
) -> Signals:
    """Raises ``UnreadableFile`` for XML that is unsafe or broken from the start."""
    out = Collected(path.name, context or Context.of(), None, source_is)

    def visit(point: Element, inside: tuple[Element, ...]) -> None:
        if point.name == "rtept":
            out.bad(
                point.line, None, "A route is a plan, not where somebody was", "Export the track instead."
            )
            return
        named = next((e.said("name") for e in reversed(inside) if e.name == "trk"), None)
        _point(point, device_id or named or path.stem, out)

    walk(path, out, POINTS, visit)
    out.require_times()
    return out.finish()


def _point(point: Element, device_id: str, out: Collected) -> None:
    quality = Quality.NOT_VALID if point.said("fix") == "none" else Quality.NONE
    stored = point.said("quality") or ""
    row: dict[str, object] = {name: point.said(name) for name in EXTENDED}
    row["source"] = row["source"] or _source(point.said("src"))
    out.keep(
        out.place_on(point.line),
        {
            **row,
            "device_id": row["device_id"] or device_id,
            "lat": point.attributes.get("lat"),
            "lon": point.attributes.get("lon"),
            "recorded_at_utc": point.said("time"),
            "altitude_m": point.said("ele"),
            "speed_mps": point.said("speed", "speed_mps"),
            "heading_deg": point.said("course", "heading_deg"),
            "hdop": point.said("hdop"),
            "quality": quality.value
            | (int(stored) & 0xFFFF if stored.isdecimal() and len(stored) < 6 else 0),
        },
    )


def _source(text: str | None) -> str | None:
    # Phone loggers write "gps" or "network" here; others write the maker's name, which says nothing.
    return text.lower() if text and text.lower() in {"gps", "network", "cell", "wifi"} else None
