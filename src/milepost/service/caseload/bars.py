"""How full each week is, as a drawing made on the server: one bar each, and a line where the week is full.

What lies over the line is hatched, so that it can be told without colour; the table beside it says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from markupsafe import Markup

LEFT, WIDTH, RIGHT, ROW, TOP, BAR = 190, 560, 150, 34, 26, 20
OVER = Markup(
    '<defs><pattern id="bar-over" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8" fill="#ca3535"/>'
    '<path d="M-1 9L9 -1M-1 1L1 -1M7 9L9 7" stroke="#fff" stroke-width="2"/></pattern></defs>'
)


def draw(rows: Sequence[tuple[str, Decimal | None, str]], full: int) -> Markup:
    """``rows``: name, percentage (None: no hours to fill), the words at the end of the bar. ``full``: percent."""
    most = max([float(full) * 1.1, *[float(share) for _name, share, _words in rows if share is not None]])
    scale = WIDTH / most
    height = TOP + ROW * len(rows) + 6
    line = LEFT + full * scale
    parts = [
        OVER,
        Markup('<text x="{:.1f}" y="14" font-size="13" fill="#0b0c0c" text-anchor="middle">{}</text>').format(
            line, _("full: %(n)s%%") % {"n": full}
        ),
    ]
    bars = [
        _row(name, share, words, TOP + n * ROW, scale, full) for n, (name, share, words) in enumerate(rows)
    ]
    parts.extend(bar for bar, _words in bars)
    parts.append(
        Markup(
            '<path d="M{0:.1f} {1}V{2}" stroke="#0b0c0c" stroke-width="2" stroke-dasharray="6 3"/>'
        ).format(line, TOP - 6, height)
    )
    parts.extend(words for _bar, words in bars)  # over the line, on a white edge: no figure is struck through
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true" '
        'focusable="false" font-family="system-ui, sans-serif">{2}</svg>'
    ).format(LEFT + WIDTH + RIGHT, height, Markup("").join(parts))


def _row(
    name: str, share: Decimal | None, words: str, y: int, scale: float, full: int
) -> tuple[Markup, Markup]:
    """The bar, and the words at its end."""
    short = name if len(name) <= 25 else name[:24] + "…"
    parts = [Markup('<text x="0" y="{}" font-size="14" fill="#0b0c0c">{}</text>').format(y + 15, short)]
    length = float(share or 0) * scale
    within = min(length, full * scale)
    if within:
        parts.append(
            Markup('<rect x="{}" y="{}" width="{:.1f}" height="{}" fill="#1a65a6"/>').format(
                LEFT, y, within, BAR
            )
        )
    if length > within:
        parts.append(
            Markup('<rect x="{:.1f}" y="{}" width="{:.1f}" height="{}" fill="url(#bar-over)"/>').format(
                LEFT + within, y, length - within, BAR
            )
        )
    said = Markup(
        '<text x="{:.1f}" y="{}" font-size="14" fill="#0b0c0c" stroke="#fff" stroke-width="5" paint-order="stroke">'
        "{}</text>"
    ).format(LEFT + length + 8, y + 15, words)
    return Markup("").join(parts), said
