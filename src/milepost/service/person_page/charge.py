"""Battery and contact of a person's tags over a time: a line and marks, and the same by the hour as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from markupsafe import Markup

from milepost.service.maps.rows import FixRow, GapRow
from milepost.service.web.formats import local_time, weekday_time
from milepost.times import HOUR_US

WIDTH, LEFT, RIGHT, TOP, HIGH, BAND = 720, 44, 12, 16, 100, 18
MARKS_AT_MOST = 8
INK, BLUE, LINE = "#0b0c0c", "#1a65a6", "#cecece"


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour, or as much of it as was asked for. Percent; None: no reading."""

    start_us: int
    positions: int
    lowest_pct: float | None
    highest_pct: float | None
    silent_s: float


def hours_of(fixes: Sequence[FixRow], gaps: Sequence[GapRow], from_us: int, until_us: int) -> list[Hour]:
    """Every hour of [from, until), counted from its beginning. ``fixes`` in order of time."""
    count = max(0, -(-(until_us - from_us) // HOUR_US))
    readings: list[list[float]] = [[] for _hour in range(count)]
    heard = [0] * count
    for fix in fixes:
        n = (fix.time_us - from_us) // HOUR_US
        if 0 <= n < count:
            heard[n] += 1
            if fix.battery_pct is not None:
                readings[n].append(fix.battery_pct)
    hours = []
    for n in range(count):
        start, end = from_us + n * HOUR_US, min(from_us + (n + 1) * HOUR_US, until_us)
        silent_us = sum(max(0, min(gap.end_us, end) - max(gap.start_us, start)) for gap in gaps)
        hours.append(
            Hour(
                start,
                heard[n],
                min(readings[n], default=None),
                max(readings[n], default=None),
                silent_us / 1e6,
            )
        )
    return hours


def charge_words(fixes: Sequence[FixRow], gaps: Sequence[GapRow]) -> str:
    """What the chart shows, in a sentence."""
    readings = [fix.battery_pct for fix in fixes if fix.battery_pct is not None]
    said = (
        _("Battery between %(low).0f and %(high).0f of 100, last %(last).0f.")
        % {"low": min(readings), "high": max(readings), "last": readings[-1]}
        if readings
        else _("The battery is not known.")
    )
    silent = [_("No position from %(start)s until %(end)s.") % {
        "start": weekday_time(gap.start_us), "end": weekday_time(gap.end_us)} for gap in gaps[:3]]  # fmt: skip
    return " ".join([said, *silent])


def draw_charge(fixes: Sequence[FixRow], gaps: Sequence[GapRow], from_us: int, until_us: int) -> Markup:
    """The battery as a line; below it a band: full where positions came, empty and framed where none did."""
    inner, height = WIDTH - LEFT - RIGHT, TOP + HIGH + BAND + 44

    def x(us: int) -> float:
        return LEFT + inner * min(max((us - from_us) / max(until_us - from_us, 1), 0.0), 1.0)

    def y(percent: float) -> float:
        return TOP + HIGH * (1 - min(max(percent, 0.0), 100.0) / 100)

    parts = []
    for percent in (0, 50, 100):
        parts.append(
            Markup('<path d="M{} {:.1f}H{}" stroke="{}"/>').format(LEFT, y(percent), WIDTH - RIGHT, LINE)
        )
        parts.append(_text(LEFT - 6, y(percent) + 4, f"{percent}%", "end"))
    every = max(1, -(-(until_us - from_us) // HOUR_US) // MARKS_AT_MOST)
    first = -(-from_us // HOUR_US) * HOUR_US
    for at in range(first, until_us, every * HOUR_US):
        if LEFT + 10 < x(at) < WIDTH - 24:
            parts.append(_text(x(at), height - 6, local_time(at), "middle"))
    readings = [(fix.time_us, fix.battery_pct) for fix in fixes if fix.battery_pct is not None]
    step = max(1, len(readings) // 360)
    shown = [r for n, r in enumerate(readings) if n % step == 0 or n == len(readings) - 1]
    for line in _unbroken(shown, gaps):
        points = " ".join(f"{x(us):.1f},{y(percent):.1f}" for us, percent in line)
        parts.append(
            Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="2.5"/>').format(points, BLUE)
        )
    top = TOP + HIGH + 8
    parts.append(
        Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(LEFT, top, inner, BAND, BLUE)
    )
    for gap in gaps:
        left, right = x(gap.start_us), x(gap.end_us)
        parts.append(
            Markup(
                '<rect x="{:.1f}" y="{}" width="{:.1f}" height="{}" fill="#fff" stroke="{}" stroke-dasharray="2 3"/>'
            ).format(left, top, max(right - left, 1), BAND, INK)
        )
    parts.append(_text(LEFT - 6, top + 13, _("heard"), "end"))
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true" '
        'focusable="false" font-family="system-ui, sans-serif">{2}</svg>'
    ).format(WIDTH, height, Markup("").join(parts))


def _unbroken(readings: Sequence[tuple[int, float]], gaps: Sequence[GapRow]) -> list[list[tuple[int, float]]]:
    """Lines that do not run across a gap: nobody knows the battery there."""
    lines: list[list[tuple[int, float]]] = []
    for n, reading in enumerate(readings):
        before_us = readings[n - 1][0] if n else None
        if before_us is None or any(before_us <= gap.start_us < reading[0] for gap in gaps):
            lines.append([])
        lines[-1].append(reading)
    return lines


def _text(x: float, y: float, words: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" font-size="13" fill="{}" text-anchor="{}">{}</text>').format(
        x, y, INK, anchor, words
    )
