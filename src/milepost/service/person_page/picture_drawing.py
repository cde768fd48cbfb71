"""The drawings of a person's first page: the next 24 hours as a line of time, and the broken time of four weeks.

Each has its table beside it. Patterns and heights tell them apart without colour.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from markupsafe import Markup

from milepost.service.person_page.month import Month
from milepost.service.person_page.owed import Owed
from milepost.service.web.formats import duration, local_time, short_date
from milepost.times import DAY_US, HOUR_US

WIDTH, LEFT, TOP, ROW = 720, 4, 26, 44
EVERY_HOURS = 3
INK, BLUE, LINE = "#0b0c0c", "#1a65a6", "#cecece"
LONGEST_NAME = 70
_SVG = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true" '
    'focusable="false" font-family="system-ui, sans-serif">{2}</svg>'
)
_STRIPES = Markup(
    '<defs><pattern id="picture-broken" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8" fill="#ca3535"/>'
    '<path d="M-1 9L9 -1M-1 1L1 -1M7 9L9 7" stroke="#fff" stroke-width="2"/></pattern></defs>'
)


def draw_next_day(owed: Sequence[Owed], now_us: int) -> Markup:
    """A bar for each duty of the 24 hours from now. What cannot be checked is an empty frame."""
    height = TOP + ROW * len(owed) + 4
    inner = WIDTH - 2 * LEFT

    def x(us: int) -> float:
        return LEFT + inner * min(max((us - now_us) / DAY_US, 0.0), 1.0)

    parts = []
    first = -(-now_us // HOUR_US) * HOUR_US
    for n in range(0, 24, EVERY_HOURS):
        at = first + n * HOUR_US
        parts.append(Markup('<path d="M{0:.1f} 20V{1}" stroke="{2}"/>').format(x(at), height, LINE))
        # The first and the last would be cut by the edge.
        if LEFT + 18 < x(at) < WIDTH - 24:
            parts.append(_text(x(at), 14, local_time(at), anchor="middle"))
    for n, duty in enumerate(owed):
        y = TOP + n * ROW
        name = duty.duty if len(duty.duty) <= LONGEST_NAME else duty.duty[: LONGEST_NAME - 1] + "…"
        start, end = x(duty.start_us), x(duty.end_us)
        anchor = "end" if start > WIDTH * 0.6 else "start"
        parts.append(_text(end if anchor == "end" else start, y + 12, name, anchor=anchor))
        fill = "none" if duty.cannot else BLUE
        parts.append(
            Markup('<rect x="{:.1f}" y="{}" width="{:.1f}" height="14" fill="{}" stroke="{}"/>').format(
                start, y + 18, max(end - start, 2), fill, INK if duty.cannot else BLUE
            )
        )
    return _SVG.format(WIDTH, height, Markup("").join(parts))


BAR_WIDTH, HIGHEST = 90, 70


def draw_weeks(month: Month) -> Markup:
    """Broken time of each of the four weeks, the oldest left."""
    seconds = [sum(day.broken_s for day in week) for week in month.weeks]
    most = max(*seconds, 1.0)
    parts = [_STRIPES]
    for n, (week, broken_s) in enumerate(zip(month.weeks, seconds, strict=True)):
        x = 10 + n * (BAR_WIDTH + 30)
        high = round(HIGHEST * broken_s / most, 1)
        base = 24 + HIGHEST
        if broken_s:
            parts.append(
                Markup(
                    '<rect x="{}" y="{}" width="{}" height="{}" fill="url(#picture-broken)" stroke="{}"/>'
                ).format(x, base - high, BAR_WIDTH, high, INK)
            )
        parts.append(Markup('<path d="M{} {}h{}" stroke="{}"/>').format(x, base, BAR_WIDTH, INK))
        said = duration(broken_s) if broken_s else _("none")
        parts.append(_text(x + BAR_WIDTH / 2, base - high - 6, said, anchor="middle"))
        parts.append(_text(x + BAR_WIDTH / 2, base + 18, short_date(week[0].day), anchor="middle"))
    return _SVG.format(20 + 4 * BAR_WIDTH + 3 * 30, 50 + HIGHEST, Markup("").join(parts))


def _text(x: float, y: float, words: str, *, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{}" font-size="13" fill="{}" text-anchor="{}">{}</text>').format(
        x, y, INK, anchor, words
    )
