"""A small still map as SVG, for print, for messages and for pages without JavaScript.

Zones, trail, fixes with their accuracy, gaps, a scale bar and north. No tiles, no request, no script, no
style sheet: it may stand in a page, in a PDF or alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from django.utils.translation import pgettext

from milepost.compliance.display_geometry import LocalPlane
from milepost.compliance.report.drawing import HEIGHT_PX, WIDTH_PX, Frame, box_around, fit, path
from milepost.service.maps import geometry as geo
from milepost.service.maps import map_words
from milepost.service.maps.features import Facts, trail_features
from milepost.service.maps.rows import FixRow, GapRow, ZoneKind, ZoneRow, in_time

INK, PAPER, TRAIL, FIX, EVIDENCE = "#0b0c0c", "#ffffff", "#1d4f91", "#1d4f91", "#ffdd00"
COLOURS = {
    ZoneKind.EXCLUSION: "#b00034",
    ZoneKind.INCLUSION: "#00613a",
    ZoneKind.RESTRICTION: "#7d4a00",
    ZoneKind.ATTENDANCE: "#5b2d90",
    ZoneKind.HOME: "#1d4f91",
}
DASHES = {
    ZoneKind.EXCLUSION: "",
    ZoneKind.INCLUSION: "12 4",
    ZoneKind.RESTRICTION: "3 3",
    ZoneKind.ATTENDANCE: "8 3 2 3",
    ZoneKind.HOME: "",
}
"""So that a grey print still tells the kinds apart."""
FONT = 'font-family="Arial, Helvetica, sans-serif"'


def map_picture(
    *,
    fixes: Sequence[FixRow] = (),
    zones: Sequence[ZoneRow] = (),
    gaps: Sequence[GapRow] = (),
    timezone: str = "Europe/London",
    title: str,
) -> str:
    """An SVG document, 720 by 440. Empty text where nothing can be drawn. ``title`` is read out in its place."""
    ordered = in_time(fixes)
    areas = [(zone, area) for zone in zones if (area := geo.drawn(zone)) is not None]
    sure = [fix for fix in ordered if not fix.proves_no_place] or ordered
    box = geo.join(
        [geo.box_around((f.lon, f.lat) for f in sure), *(geo.bounds(area) for _zone, area in areas)]
    )
    if box is None:
        return ""
    frame = _frame(box)
    parts = [_zone(frame, zone, area) for zone, area in areas]
    parts += _trail(frame, ordered, gaps, timezone)
    parts += [_fix(frame, fix) for fix in sorted(ordered, key=lambda fix: bool(fix.evidence))]
    parts += [_zone_label(frame, zone, area) for zone, area in areas]
    parts += [_fix_label(frame, fix, timezone) for fix in ordered if fix.evidence in ("first", "last")]
    width, height = round(WIDTH_PX), round(HEIGHT_PX)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<rect width="{width}" height="{height}" fill="#f6f5f1"/>{"".join(parts)}'
        f"{_scale(frame)}{_north()}"
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" fill="none" stroke="#b1b4b6"/></svg>'
    )


def _frame(box: geo.Box) -> Frame:
    west, south, east, north = box
    plane = LocalPlane((west + east) / 2, (south + north) / 2)
    return fit(plane, box_around([plane.metres(west, south), plane.metres(east, north)]))


def _zone(frame: Frame, zone: ZoneRow, area: dict[str, Any]) -> str:
    colour = COLOURS[zone.kind]
    drawn = (
        f'<path d="{_outline(frame, area)}" fill="{colour}" fill-opacity=".1" fill-rule="evenodd" '
        f'stroke="{colour}" stroke-width="2" stroke-dasharray="{DASHES[zone.kind]}"/>'
    )
    wider = geo.widened(area, zone.buffer_m) if zone.buffer_m else None
    if wider is not None:
        drawn += f'<path d="{_outline(frame, wider)}" fill="none" stroke="{colour}" stroke-dasharray="6 4"/>'
    return drawn


def _outline(frame: Frame, area: dict[str, Any]) -> str:
    polygons = [area["coordinates"]] if area["type"] == "Polygon" else area["coordinates"]
    return " ".join(
        path(frame, [(p[0], p[1]) for p in ring[:-1]], closed=True)
        for polygon in polygons
        for ring in polygon
    )


def _zone_label(frame: Frame, zone: ZoneRow, area: dict[str, Any]) -> str:
    x, y = frame.px(*geo.top_point(area))
    return _text(x, y - 6, f"{map_words.short_kind(zone.kind)}: {zone.name}", COLOURS[zone.kind])


def _trail(frame: Frame, fixes: Sequence[FixRow], gaps: Sequence[GapRow], timezone: str) -> list[str]:
    parts = []
    for feature in trail_features(fixes, gaps, timezone, Facts()):
        properties, geometry = feature["properties"], feature["geometry"]
        if properties["layer"] == "gap-label":
            x, y = frame.px(*geometry["coordinates"])
            parts.append(_text(x, y + 16, properties["label"], INK))
            continue
        gap = properties["layer"] == "gap"
        colour, dash = (INK, ' stroke-dasharray="1 6"') if gap else (TRAIL, "")
        drawn = path(frame, [(p[0], p[1]) for p in geometry["coordinates"]])
        parts.append(
            f'<path d="{drawn}" fill="none" stroke="{colour}" stroke-width="2" '
            f'stroke-linecap="round" stroke-linejoin="round"{dash}/>'
        )
    return parts


def _fix(frame: Frame, fix: FixRow) -> str:
    x, y = frame.px(fix.lon, fix.lat)
    if not (-HEIGHT_PX < x < WIDTH_PX + HEIGHT_PX and -HEIGHT_PX < y < 2 * HEIGHT_PX):
        return ""
    at = f'cx="{x:.1f}" cy="{y:.1f}"'
    parts = []
    if fix.evidence:
        parts.append(f'<circle {at} r="8" fill="none" stroke="{INK}" stroke-width="5"/>')
        parts.append(f'<circle {at} r="8" fill="none" stroke="{EVIDENCE}" stroke-width="3"/>')
    if fix.proves_no_place or fix.precision_m is None:
        parts.append(f'<circle {at} r="5.5" fill="{PAPER}" stroke="{FIX}" stroke-width="1.5"/>')
        sign = "×" if fix.proves_no_place else "?"
        parts.append(_text(x, y + 3.2, sign, FIX, size=9))
        return "".join(parts)
    parts.insert(
        0,
        f'<circle {at} r="{fix.precision_m * frame.px_per_m:.1f}" fill="{FIX}" fill-opacity=".07" '
        f'stroke="{FIX}" stroke-opacity=".5"/>',
    )
    parts.append(f'<circle {at} r="3.5" fill="{FIX}" stroke="{PAPER}"/>')
    return "".join(parts)


def _fix_label(frame: Frame, fix: FixRow, timezone: str) -> str:
    x, y = frame.px(fix.lon, fix.lat)
    first = fix.evidence == "first"
    return _text(
        x - 13 if first else x + 13,
        y + 4,
        map_words.mark_words(fix, timezone),
        INK,
        anchor="end" if first else "start",
    )


def _text(x: float, y: float, words: str, colour: str, *, size: int = 13, anchor: str = "middle") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" {FONT} font-size="{size}" font-weight="bold" text-anchor="{anchor}" '
        f'fill="{colour}" stroke="{PAPER}" stroke-width="3" paint-order="stroke">{escape(words)}</text>'
    )


def _scale(frame: Frame) -> str:
    length, words = frame.scale_bar
    x, y = 16.0, HEIGHT_PX - 16
    line = f'<path d="M{x} {y - 6} V{y} H{x + length:.1f} V{y - 6}" fill="none" stroke="{INK}" stroke-width="2"/>'
    return line + _text(x + length / 2, y - 6, words, INK, size=12)


def _north() -> str:
    x, y = WIDTH_PX - 24, 18.0
    side = 7 * math.sqrt(3) / 2
    arrow = f'<path d="M{x} {y} l{side:.1f} 18 l-{side:.1f} -5 l-{side:.1f} 5 Z" fill="{INK}"/>'
    return arrow + _text(x, y + 33, pgettext("compass", "N"), INK, size=12)
