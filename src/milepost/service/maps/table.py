"""The table twin of a map: everything the map shows, for those who cannot or would rather not see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from milepost.service.maps import map_words
from milepost.service.maps.map_words import _
from milepost.service.maps.rows import FixRow, GapRow, ZoneRow


@dataclass(frozen=True, slots=True)
class TableRow:
    id: str
    """The id of the feature that the row stands for."""
    cells: tuple[str, ...]
    marked: bool = False
    """Evidence of a finding."""


@dataclass(frozen=True, slots=True)
class TableSection:
    caption: str
    headers: tuple[str, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class MapTable:
    """Sections in the order they are printed; those with no rows are left out."""

    sections: tuple[TableSection, ...]

    def __bool__(self) -> bool:
        return bool(self.sections)


def table_of(
    fixes: Sequence[FixRow],
    zones: Sequence[ZoneRow],
    gaps: Sequence[GapRow],
    timezone: str,
    rows: range | None = None,
) -> MapTable:
    """``fixes`` in the order of the map's features, for the ids of rows and features must agree.

    ``rows``: the numbers of the fixes to print; None: all.
    """
    sections = (_zones(zones), _fixes(fixes, timezone, rows), _gaps(gaps, timezone))
    return MapTable(tuple(section for section in sections if section.rows))


def _fixes(fixes: Sequence[FixRow], timezone: str, rows: range | None) -> TableSection:
    shown = range(len(fixes)) if rows is None else range(rows.start, min(rows.stop, len(fixes)))
    headers = (_("Time"), _("Position"), _("Accuracy"), _("Found by"), _("Speed"), _("Notes"), _("Number"))
    return TableSection(
        _("Positions"),
        headers,
        tuple(
            TableRow(
                f"fix-{n}",
                (
                    map_words.time_words(fix.time_us, timezone),
                    f"{fix.lat:.5f}, {fix.lon:.5f}",
                    map_words.accuracy_words(fix.precision_m),
                    map_words.source_words(fix),
                    map_words.speed_words(fix.speed_mps),
                    _notes(fix),
                    str(n + 1),
                ),
                bool(fix.evidence),
            )
            for n, fix in ((n, fixes[n]) for n in shown)
        ),
    )


def _notes(fix: FixRow) -> str:
    evidence = map_words.evidence_words(fix)
    said = [fix.label, evidence[:1].upper() + evidence[1:], map_words.doubt_words(fix)]
    return ". ".join(part.rstrip(".") for part in said if part)


def _zones(zones: Sequence[ZoneRow]) -> TableSection:
    return TableSection(
        _("Places and zones"),
        (_("Name"), _("Kind"), _("When"), _("Shape")),
        tuple(
            TableRow(f"zone-{n}", (zone.name, map_words.kind_words(zone.kind), zone.when, _shape(zone)))
            for n, zone in enumerate(zones)
        ),
    )


def _shape(zone: ZoneRow) -> str:
    buffer = ""
    if zone.buffer_m:
        buffer = "; " + _("buffer line at %(metres)s m") % {"metres": f"{zone.buffer_m:,.0f}"}
    if zone.geometry is not None:
        return _("drawn area") + buffer
    if zone.circle is not None:
        return _("circle of %(metres)s m") % {"metres": f"{zone.circle[2]:,.0f}"} + buffer
    return zone.why_not or _("not drawn: cannot be shown on the map")


def _gaps(gaps: Sequence[GapRow], timezone: str) -> TableSection:
    return TableSection(
        _("Times without positions"),
        (_("From"), _("Until"), _("Cause")),
        tuple(
            TableRow(
                f"gap-{n}",
                (
                    map_words.time_words(gap.start_us, timezone),
                    map_words.time_words(gap.end_us, timezone),
                    map_words.cause_words(gap.cause),
                ),
            )
            for n, gap in enumerate(gaps)
        ),
    )
