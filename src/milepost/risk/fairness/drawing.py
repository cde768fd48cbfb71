"""Two small pictures as SVG, with no style and no script: intervals by group, and predicted against observed.

Colours are attributes, and text takes the page's own colour, so that they stand on any page. Every picture has a table
beside it that says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

ROW_PX, LABEL_PX, PLOT_PX, TOP_PX, RIGHT_PX = 28, 190, 360, 12, 30
SIDE_PX, EDGE_PX = 300, 46
BLUE = "#1d70b8"


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: its label, value and interval. Without an interval the dot is hollow."""

    label: str
    value: float
    low: float | None
    high: float | None


def nice_ticks(low: float, high: float) -> list[float]:
    """Round numbers that cover the range, about five of them."""
    span = max(high - low, 1e-6)
    size = 10.0 ** (len(str(int(1 / span))) * -1 if span < 1 else len(str(int(span))) - 1)
    step = next((s * size for s in (0.1, 0.2, 0.5, 1, 2, 5, 10) if span / (s * size) <= 6), size * 10)
    first = int(low / step // 1)
    ticks = []
    at = first
    while at * step < high + step * 0.999:
        ticks.append(round(at * step, 10))
        at += 1
    return ticks


def intervals(bars: Sequence[Bar], *, line_at: float | None, words: str, percent: bool = True) -> str:
    """A dot and a line for each group. ``line_at``: a dashed line, such as everybody's value. ``words``: what it
    shows, for those who do not see it."""
    ends = [v for b in bars for v in (b.value, b.low, b.high) if v is not None]
    ends += [line_at] if line_at is not None else []
    ticks = nice_ticks(min([*ends, 0.0] if percent and min(ends) >= 0 else ends), max(ends))
    low, high = ticks[0], ticks[-1]

    def x(value: float) -> float:
        return LABEL_PX + PLOT_PX * (value - low) / (high - low)

    height = TOP_PX + ROW_PX * len(bars) + 34
    bottom = TOP_PX + ROW_PX * len(bars)
    parts = [_open(LABEL_PX + PLOT_PX + RIGHT_PX, height, words)]
    for tick in ticks:
        parts.append(_line(x(tick), TOP_PX, x(tick), bottom, "#b1b4b6", 1))
        parts.append(_text(x(tick), bottom + 20, _number(tick, percent, ticks[1] - ticks[0]), "middle"))
    if line_at is not None:
        parts.append(_line(x(line_at), TOP_PX, x(line_at), bottom, "currentColor", 1.5, "5 4"))
    for at, bar in enumerate(bars):
        y = TOP_PX + ROW_PX * (at + 0.5)
        parts.append(_text(LABEL_PX - 12, y + 5, bar.label, "end"))
        if bar.low is not None and bar.high is not None:
            parts.append(_line(x(bar.low), y, x(bar.high), y, BLUE, 3))
        fill = BLUE if bar.low is not None else "none"
        parts.append(f'<circle cx="{x(bar.value):.1f}" cy="{y:.1f}" r="5" fill="{fill}" stroke="{BLUE}" stroke-width="2"/>')  # fmt: skip  # noqa: E501
    return "".join([*parts, "</svg>"])


def calibration(
    points: Sequence[tuple[float, float, float, float]], *, words: str, across: str, up: str
) -> str:
    """Mean prediction across, what happened up, each point with its interval; on the dashed line they are equal."""
    most = max(max(p[0], p[3]) for p in points)
    ticks = nice_ticks(0.0, min(most, 1.0))
    top = ticks[-1]

    def x(value: float) -> float:
        return EDGE_PX + SIDE_PX * value / top

    def y(value: float) -> float:
        return TOP_PX + SIDE_PX * (1 - min(value, top) / top)

    parts = [_open(EDGE_PX + SIDE_PX + 30, TOP_PX + SIDE_PX + 52, words)]
    for tick in ticks:
        name = _number(tick, True, ticks[1] - ticks[0])
        parts.append(_line(x(tick), y(0), x(tick), y(top), "#b1b4b6", 1))
        parts.append(_line(x(0), y(tick), x(top), y(tick), "#b1b4b6", 1))
        parts.append(_text(x(tick), y(0) + 18, name, "middle"))
        parts.append(_text(x(0) - 6, y(tick) + 5, name, "end"))
    parts.append(_line(x(0), y(0), x(top), y(top), "currentColor", 1.5, "5 4"))
    for p, rate, low, high in points:
        parts.append(_line(x(p), y(low), x(p), y(high), BLUE, 3))
        parts.append(f'<circle cx="{x(p):.1f}" cy="{y(rate):.1f}" r="5" fill="{BLUE}"/>')
    parts.append(_text(x(top / 2), y(0) + 42, f"{across} →", "middle"))
    parts.append(_text(x(0) + 6, TOP_PX + 14, f"↑ {up}", "start"))
    return "".join([*parts, "</svg>"])


def _open(width: float, height: float, words: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" font-size="15" font-family="Arial, sans-serif" fill="currentColor">'
        f"<title>{escape(words)}</title>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _number(value: float, percent: bool, step: float) -> str:
    if not percent:
        return f"{value:g}"
    return f"{100 * value:.0f}%" if step >= 0.01 else f"{100 * value:.2g}%"
