"""Two drawings of a score: where it lies among its bands, and what it is made of. No script, no style.

Each is shown beside the same figures as text, and says nothing by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

INK, BLUE, GREY, LINE = "#0b0c0c", "#1d70b8", "#f3f2f1", "#505a5f"
_WIDTH = 460


def band_bar(percentage: float, edges: Sequence[float], bands: Sequence[str]) -> Markup:
    """A bar from 0 to beyond the highest edge, in percent, with the edges of the bands and a mark at the score."""
    top = 100.0 if not edges or edges[-1] > 20 else max(edges[-1] * 1.5, percentage * 1.1, 1.0)
    scale = _WIDTH / top
    parts = [_open(84), f'<rect x="0" y="30" width="{_WIDTH}" height="22" fill="{GREY}" stroke="{LINE}"/>']
    parts.append(f'<rect x="0" y="30" width="{min(percentage, top) * scale:.1f}" height="22" fill="{BLUE}"/>')
    starts = [0.0, *edges] if edges else []
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else top
        middle = (start + end) / 2 * scale
        if number < len(bands) and (end - start) * scale > 52:
            parts.append(
                f'<text x="{middle:.1f}" y="12" text-anchor="middle" fill="{INK}">{escape(bands[number])}</text>'
            )
        if start:
            parts.append(
                f'<path d="M{start * scale:.1f} 26V56" stroke="{INK}" stroke-width="2" fill="none"/>'
            )
            parts.append(
                f'<text x="{start * scale:.1f}" y="72" text-anchor="middle" fill="{INK}">{start:g}%</text>'
            )
    at = min(percentage, top) * scale
    parts.append(f'<path d="M{at:.1f} 28l-6 -10h12z" fill="{INK}"/>')
    return Markup("".join([*parts, "</svg>"]))


def term_bars(terms: Sequence[Mapping[str, Any]]) -> Markup:
    """A bar for each part of a score: to the right it raised the score, to the left it lowered it."""
    row, label, half = 26, 250, 105
    largest = max((abs(term["value"]) for term in terms), default=1.0) or 1.0
    zero = label + half
    height = row * len(terms) + 8
    parts = [_open(height, label + 2 * half)]
    for number, term in enumerate(terms):
        y, value = number * row + 4, term["value"]
        width = abs(value) / largest * (half - 4)
        x = zero if value >= 0 else zero - width
        fill = BLUE if value >= 0 else "#fff"
        name = term["label"] if len(term["label"]) <= 38 else term["label"][:37] + "…"
        parts.append(f'<text x="0" y="{y + 15}" fill="{INK}">{escape(name)}</text>')
        parts.append(
            f'<rect x="{x:.1f}" y="{y + 2}" width="{max(width, 1.5):.1f}" height="{row - 8}" fill="{fill}" stroke="{LINE}"/>'
        )
    parts.append(f'<path d="M{zero} 0V{height}" stroke="{INK}" fill="none"/>')
    return Markup("".join([*parts, "</svg>"]))


def _open(height: float, width: float = _WIDTH) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-20 0 {width + 40} {height}" width="{width + 40}"'
        f' height="{height}" font-size="13" font-family="sans-serif">'
    )
