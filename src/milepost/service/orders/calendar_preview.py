"""What an order means night by night: the next nights as rows, and a strip drawn from them. Pure functions.

A night runs from local noon to local noon, so that a curfew over midnight is one block. On the nights the clock
changes it has 23 or 25 hours, and a curfew of 12 hours on the clock has 11 or 13.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.utils.translation import gettext as _
from markupsafe import Markup

from milepost.orders.clock import local_to_us, us_to_local
from milepost.orders.model import Order, OrderFile
from milepost.orders.obligations import Obligation
from milepost.orders.schedules import expand, find_cuts
from milepost.service.orders.summary import KIND_WORDS
from milepost.service.web.formats import duration, local_time, short_date
from milepost.times import HOUR_US, SECOND_US

NIGHTS = 14


@dataclass(frozen=True, slots=True)
class Piece:
    """One interval of a night: owed, or lifted by an absence. Not clipped to the night."""

    start_us: int
    end_us: int
    words: str
    where: str
    lifted: bool = False
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> int:
        return (self.end_us - self.start_us) // SECOND_US


@dataclass(frozen=True, slots=True)
class Night:
    """From local noon of ``day`` to the next noon."""

    day: dt.date
    start_us: int
    end_us: int
    pieces: tuple[Piece, ...]

    @property
    def clock_changes(self) -> int:
        """Hours more (1, the clock goes back) or fewer (-1) than 24; 0 on an ordinary night."""
        return round((self.end_us - self.start_us) / HOUR_US) - 24


@dataclass(frozen=True, slots=True)
class Preview:
    nights: tuple[Night, ...]
    always: tuple[str, ...]
    """Duties without hours, in words."""
    not_evaluable: tuple[str, ...]


def preview(order: Order, first: dt.date, nights: int = NIGHTS, timezone: str = "Europe/London") -> Preview:
    """The nights from ``first`` on, with what is owed and what is lifted in each."""
    edges = [_noon(first + dt.timedelta(days=n), timezone) for n in range(nights + 1)]
    owed = expand(OrderFile(orders=[order]), edges[0], edges[-1])
    # An absence cuts even a duty without hours into pieces: the condition says whether it has hours.
    timed = {(v.version, c.id) for v in order.versions for c in v.conditions
             if c.schedule or c.dates or c.first_night}  # fmt: skip
    long = [o for o in owed if (o.order_version, o.condition_id) not in timed and o.not_evaluable is None]
    short = [o for o in owed if (o.order_version, o.condition_id) in timed and o.not_evaluable is None]
    lifted = _lifted(order, timezone)
    rows = tuple(
        Night(
            first + dt.timedelta(days=n), start, end,
            tuple(sorted([*_pieces(short, order, start, end),
                          *(p for p in lifted if p.start_us < end and start < p.end_us)],
                         key=lambda p: (p.start_us, p.end_us))),
        )
        for n, (start, end) in enumerate(itertools.pairwise(edges))
    )  # fmt: skip
    return Preview(
        rows,
        tuple(dict.fromkeys(_words(o, order) for o in long)),
        tuple(dict.fromkeys(o.not_evaluable for o in owed if o.not_evaluable)),
    )


def _noon(day: dt.date, timezone: str) -> int:
    return local_to_us(dt.datetime(day.year, day.month, day.day, 12), timezone, "start")  # noqa: DTZ001 - local


def _pieces(owed: Sequence[Obligation], order: Order, start: int, end: int) -> list[Piece]:
    return [
        Piece(o.start_us, o.end_us, _words(o, order), _where(o, order), False, o.notes)
        for o in owed
        if o.start_us < end and start < o.end_us
    ]


def _words(owed: Obligation, order: Order) -> str:
    return str(KIND_WORDS[owed.kind])


def _where(owed: Obligation, order: Order) -> str:
    ids = owed.target.place_ids if owed.target else ()
    names = {p.id: p.name or p.address or p.id for v in order.versions for p in v.places}
    return ", ".join(names.get(i, i) for i in ids)


def _lifted(order: Order, timezone: str) -> list[Piece]:
    """Every time in which a duty is lifted, each once."""
    found: dict[tuple[int, int, str], Piece] = {}
    for version in order.versions:
        for condition in version.conditions:
            for cut in find_cuts(condition, version):
                if cut.start_us < cut.end_us:
                    key = (cut.start_us, cut.end_us, cut.note)
                    found[key] = Piece(cut.start_us, cut.end_us, _(cut.note).capitalize(), "", True)
    return list(found.values())


def table_of(nights: Sequence[Night]) -> list[dict[str, str]]:
    """One row for each piece of each night: night, start, end, elapsed length, what, where, notes."""
    rows = []
    for night in nights:
        day = f"{us_to_local(night.start_us, 'Europe/London'):%a} {short_date(night.day)}"
        if not night.pieces:
            rows.append({"night": day, "start": "–", "end": "–", "length": "", "what": _("Nothing required"),
                         "where": "", "notes": ""})  # fmt: skip
        for piece in night.pieces:
            rows.append(
                {
                    "night": day,
                    "start": local_time(piece.start_us),
                    "end": local_time(piece.end_us),
                    "length": duration(piece.seconds),
                    "what": piece.words,
                    "where": piece.where,
                    "notes": ", ".join(_(note) for note in piece.notes),
                }
            )
    return rows


_ROW, _LEFT, _WIDTH, _RIGHT, _TOP = 24, 120, 600, 24, 22


def strip_svg(nights: Sequence[Night]) -> Markup:
    """A bar for each night, noon to noon: full blocks are owed, hatched ones lifted. No script, no style."""
    hours = max((n.end_us - n.start_us) / HOUR_US for n in nights) if nights else 24
    height, width = _TOP + _ROW * len(nights) + 6, _LEFT + _WIDTH + _RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-size="13" font-family="sans-serif">',
        '<defs><pattern id="lifted" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="6" height="6" fill="#fff"/><rect width="3" height="6" fill="#505a5f"/></pattern></defs>',
    ]
    scale = _WIDTH / hours
    for hour in (0, 6, 12, 18, 24):
        x = _LEFT + hour * scale
        parts.append(
            f'<text x="{x:.0f}" y="14" text-anchor="middle" fill="#0b0c0c">{(12 + hour) % 24:02d}:00</text>'
        )
        parts.append(f'<path d="M{x:.1f} 18V{height}" stroke="#b1b4b6" fill="none"/>')
    for number, night in enumerate(nights):
        parts += _strip_row(night, _TOP + number * _ROW, scale)
    parts.append("</svg>")
    return Markup("".join(parts))


def _strip_row(night: Night, y: int, scale: float) -> list[str]:
    label = escape(f"{us_to_local(night.start_us, 'Europe/London'):%a} {night.day.day} {night.day:%b}")
    change = {1: " +1h", -1: " −1h"}.get(night.clock_changes, "")
    parts = [f'<text x="0" y="{y + 15}" fill="#0b0c0c">{label}{change}</text>']
    length = (night.end_us - night.start_us) / HOUR_US * scale
    parts.append(f'<rect x="{_LEFT}" y="{y + 2}" width="{length:.1f}" height="{_ROW - 6}" fill="#f3f2f1"/>')
    for piece in sorted(night.pieces, key=lambda p: p.lifted):
        start, end = max(piece.start_us, night.start_us), min(piece.end_us, night.end_us)
        x = _LEFT + (start - night.start_us) / HOUR_US * scale
        width = max(2.0, (end - start) / HOUR_US * scale)
        fill = "url(#lifted)" if piece.lifted else "#1d70b8"
        parts.append(
            f'<rect x="{x:.1f}" y="{y + 2}" width="{width:.1f}" height="{_ROW - 6}" fill="{fill}">'
            f"<title>{escape(piece.words)}</title></rect>"
        )
    return parts
