"""The night as a strip: what is known of each moment of an obligation, drawn on the server. Pure.

Each label has a fill pattern and a sign besides its colour, and the strip has a table twin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from milepost.service.web.formats import local_time
from milepost.times import HOUR_US, SECOND_US

WIDTH, HEIGHT, LEFT, TOP, BAR = 900, 72, 24, 6, 34
SIGNS = {"met": "✓", "breached": "✕", "uncertain": "?", "conflict": "≠", "no_data": "–"}
FEWEST_PX_FOR_SIGN = 14
# Patterns carry the meaning without colour; the ids are of this drawing alone.
PATTERNS = mark_safe(
    '<defs>'
    '<pattern id="tl-breached" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="8" height="8" fill="#f4cdc6"/><rect width="4" height="8" fill="#ca3535"/></pattern>'
    '<pattern id="tl-uncertain" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#fff7bf"/><circle cx="3" cy="3" r="1.5" fill="#594d00"/></pattern>'
    '<pattern id="tl-conflict" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8" fill="#e5d9ee"/><path d="M0 0l8 8M8 0l-8 8" stroke="#54319f"/></pattern>'
    '<pattern id="tl-no_data" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8" fill="#fff"/><rect width="8" height="1" y="4" fill="#767676"/></pattern>'
    "</defs>"
)  # fmt: skip
FILLS = {"met": "#cce2d8"} | {
    name: f"url(#tl-{name})" for name in ("breached", "uncertain", "conflict", "no_data")
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of one label. Microseconds UTC."""

    start_us: int
    end_us: int
    label: str
    cause: str
    from_fixes: str
    from_home_unit: str

    @property
    def seconds(self) -> float:
        return (self.end_us - self.start_us) / SECOND_US


@dataclass(frozen=True, slots=True)
class Strip:
    """One obligation: its stretches, its drawing and what the drawing shows in a sentence."""

    condition_id: str
    start_us: int
    end_us: int
    stretches: list[Stretch]
    svg: SafeString
    summary: str

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Each sign that stands in the drawing, with its words."""
        return [
            (SIGNS[label], label_words(label))
            for label in SIGNS
            if any(s.label == label for s in self.stretches)
        ]


def label_words(label: str) -> str:
    return {
        "met": _("kept"), "breached": _("broken"), "uncertain": _("uncertain"),
        "conflict": _("sources disagree"), "no_data": _("nothing known"),
    }.get(label, label)  # fmt: skip


def code_words(code: str) -> str:
    """A cause of silence, or what one witness says, as the engine names it; empty where it names none."""
    return _(code.replace("_", " ")) if code else ""


def strips(rows: Sequence[dict[str, Any]]) -> list[Strip]:
    """One strip an obligation, from rows of ``results.TIMELINE`` with times in microseconds, in order of time."""
    by_obligation: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for row in rows:
        by_obligation.setdefault(
            (row["order_id"], row["condition_id"], row["obligation_start_utc"]), []
        ).append(row)
    return [_strip(condition_id, of) for (_order, condition_id, _start), of in by_obligation.items()]


def _strip(condition_id: str, rows: list[dict[str, Any]]) -> Strip:
    stretches = [
        Stretch(r["start_utc"], r["end_utc"], r["label"], r["cause"], r["from_fixes"], r["from_home_unit"])
        for r in rows
    ]
    start, end = stretches[0].start_us, stretches[-1].end_us
    seconds: dict[str, float] = {}
    for stretch in stretches:
        seconds[stretch.label] = seconds.get(stretch.label, 0) + stretch.seconds
    whole = sum(seconds.values()) or 1
    shares = ", ".join(
        f"{label_words(label)} {round(part / 60)} min ({part / whole:.0%})" for label, part in seconds.items()
    )
    summary = _("From %(start)s to %(end)s: %(shares)s.") % {
        "start": local_time(start), "end": local_time(end), "shares": shares,
    }  # fmt: skip
    return Strip(condition_id, start, end, stretches, _draw(stretches, start, end), summary)


def _draw(stretches: list[Stretch], start: int, end: int) -> SafeString:
    scale = (WIDTH - 2 * LEFT) / max(end - start, 1)

    def x(us: int) -> float:
        return round(LEFT + (us - start) * scale, 1)

    bars = []
    for s in stretches:
        wide = max(round(x(s.end_us) - x(s.start_us), 1), 0.5)
        bars.append((x(s.start_us), TOP, wide, BAR, FILLS.get(s.label, "#fff")))
    signs = [
        (round((x(s.start_us) + x(s.end_us)) / 2, 1), TOP + BAR / 2, SIGNS.get(s.label, ""))
        for s in stretches
        if x(s.end_us) - x(s.start_us) >= FEWEST_PX_FOR_SIGN
    ]
    step = next(n for n in (1, 2, 3, 6, 12, 24, 10_000) if (end - start) / HOUR_US / n <= 13) * HOUR_US
    ticks = [(x(t), local_time(t)) for t in range(-(-start // step) * step, end + 1, step)]
    return format_html(
        '<svg viewBox="0 0 {} {}" width="{}" height="{}" focusable="false">{}{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT,
        PATTERNS,
        format_html_join(
            "",
            '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="#0b0c0c" stroke-width="0.5"/>',
            bars,
        ),
        format_html_join(
            "",
            '<circle cx="{0}" cy="{1}" r="9" fill="#fff"/><text x="{0}" y="{1}" dy="5" text-anchor="middle" font-size="14" '
            'font-weight="700" fill="#0b0c0c">{2}</text>',
            signs,
        ),
        format_html_join(
            "",
            '<path d="M{0} 40v8" stroke="#0b0c0c"/><text x="{0}" y="64" text-anchor="middle" font-size="14" '
            'fill="#0b0c0c">{1}</text>',
            ticks,
        ),
    )
