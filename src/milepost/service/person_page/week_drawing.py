"""The week as a drawing made on the server: time from left to right, a line for each duty.

Each label has a pattern and a height of its own, so that it can be told without colour; the table twin says the same.
"""

from __future__ import annotations

from django.utils import dateformat
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from milepost.service.person_page.week import Row, Week

DAY_WIDTH, LEFT, ROW_HEIGHT, TOP, BAR = 118, 190, 44, 26, 24
FILLS = {
    "met": "kept",
    "breached": "broken",
    "uncertain": "unsure",
    "conflict": "unsure",
    "no_data": "unseen",
}
PATTERNS = Markup(
    '<defs><pattern id="week-broken" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8" fill="#ca3535"/>'
    '<path d="M-1 9L9 -1M-1 1L1 -1M7 9L9 7" stroke="#fff" stroke-width="2"/></pattern>'
    '<pattern id="week-unsure" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8" fill="#fff"/><circle cx="4" cy="4" r="2" fill="#484949"/></pattern></defs>'
)


def draw(week: Week, titles: list[str]) -> Markup:
    """``titles``: what each row is called, in the order of the rows."""
    width, height = LEFT + 7 * DAY_WIDTH + 2, TOP + ROW_HEIGHT * len(week.rows) + 36
    parts = [PATTERNS]
    for n, day in enumerate(week.days):
        x = LEFT + n * DAY_WIDTH
        name = dateformat.format(day, "D j M")
        parts.append(
            Markup('<text x="{}" y="16" font-size="14" fill="#0b0c0c">{}</text>').format(x + 4, name)
        )
        parts.append(_line(x, height - 36))
    parts.append(_line(LEFT + 7 * DAY_WIDTH, height - 36))
    for n, (row, title) in enumerate(zip(week.rows, titles, strict=True)):
        parts.append(_row(week, row, title, TOP + n * ROW_HEIGHT))
    now = _x(week, week.judged_until_us)
    if LEFT < now < LEFT + 7 * DAY_WIDTH:
        parts.append(
            Markup(
                '<path d="M{0:.1f} {1}V{2}" stroke="#0b0c0c" stroke-width="2" stroke-dasharray="6 3"/>'
            ).format(now, TOP - 4, height - 36)
        )
    parts.append(_legend(height - 22))
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true" '
        'focusable="false" font-family="system-ui, sans-serif">{2}</svg>'
    ).format(width, height, Markup("").join(parts))


def _x(week: Week, us: int) -> float:
    """Days are equally wide, also those of 23 or 25 hours: each is filled by its own length."""
    bounds = week.bounds_us
    for n in range(7):
        if us < bounds[n + 1] or n == 6:
            share = (us - bounds[n]) / (bounds[n + 1] - bounds[n])
            return LEFT + (n + min(max(share, 0.0), 1.0)) * DAY_WIDTH
    return float(LEFT)


def _line(x: float, bottom: float) -> Markup:
    return Markup('<path d="M{} 4V{}" stroke="#cecece"/>').format(x, bottom)


def _row(week: Week, row: Row, title: str, y: int) -> Markup:
    # Long names are cut in the drawing alone: the table has them whole.
    short = title if len(title) <= 26 else title[:25] + "…"
    parts = [Markup('<text x="0" y="{}" font-size="13" fill="#0b0c0c">{}</text>').format(y + 20, short)]
    for start, end in row.owed:
        x, right = _x(week, start), _x(week, end)
        parts.append(
            Markup(
                '<rect x="{:.1f}" y="{}" width="{:.1f}" height="{}" fill="none" stroke="#0b0c0c"/>'
            ).format(x, y + 4, max(right - x, 1), BAR)
        )
    for stretch in row.stretches:
        x, right = _x(week, stretch.start_us), _x(week, stretch.end_us)
        if right <= x:
            continue
        parts.append(
            _bar(FILLS[stretch.label], x, y + 4, max(right - x, 1.5 if stretch.label == "breached" else 0.3))
        )
    return Markup("").join(parts)


def _bar(fill: str, x: float, y: float, width: float) -> Markup:
    """Kept is a low solid bar; broken is high and striped; unsure is dotted; unseen stays empty."""
    if fill == "unseen":
        return Markup("")
    low = {"kept": 8, "broken": 0, "unsure": 4}[fill]
    colour = "#1a65a6" if fill == "kept" else f"url(#week-{fill})"
    return Markup('<rect x="{:.1f}" y="{}" width="{:.2f}" height="{}" fill="{}"/>').format(
        x, y + low, width, BAR - 2 * low, colour
    )


def _legend(y: int) -> Markup:
    words = {"kept": _("kept"), "broken": _("broken"), "unsure": _("uncertain"), "unseen": _("nothing known")}
    parts = []
    for n, (fill, word) in enumerate(words.items()):
        x = LEFT + n * 160
        frame = Markup('<rect x="{}" y="{}" width="30" height="18" fill="none" stroke="#0b0c0c"/>').format(
            x, y
        )
        scaled = Markup('<g transform="translate({} {}) scale(1 0.75)">{}</g>').format(
            x, y, _bar(fill, 0, 0, 30)
        )
        parts.append(frame + scaled)
        parts.append(
            Markup('<text x="{}" y="{}" font-size="13" fill="#0b0c0c">{}</text>').format(
                x + 36, y + 14, escape(word)
            )
        )
    return Markup("").join(parts)
