"""The map of one finding as numbers for an SVG: no tiles, no picture, no request."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from milepost.compliance.display_contacts import Contact
from milepost.compliance.display_geometry import LocalPlane, centre
from milepost.compliance.explain import Explanation
from milepost.compliance.explain_case import Case
from milepost.compliance.explain_evidence import EvidenceRow, contacts_between, fix_row, silences
from milepost.compliance.plain_times import SECOND_US, exact_local
from milepost.compliance.plain_words import CONDITION_WORDS, count_words, words
from milepost.compliance.report.drawing import (
    HEIGHT_PX,
    WIDTH_PX,
    Frame,
    box_around,
    diagonal_m,
    fit,
    outline,
    path,
    street_paths,
)

AROUND_US = 30 * 60 * SECOND_US
"""How much of the trail before and after a finding is drawn. Display only."""
MOST_OTHER_FIXES = 150
"""Fixes drawn that are not evidence; further ones are thinned, and the page says so. Display only."""
SHOW_WHOLE_ZONE_TIMES = 3.0
"""A zone more than this many times as wide as the trail is drawn only near the trail. Display only."""


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    accuracy_px: float
    kind: str  # "evidence", "other" or "weak"
    title: str
    label: str


@dataclass(frozen=True, slots=True)
class MapView:
    """Pixels of a 720 x 440 drawing, and the rows of the table that says the same."""

    zones: tuple[str, ...]
    zone_kind: str
    zone_label: str
    streets: tuple[str, ...]
    streets_cut: bool
    track: str
    gaps: str
    dots: tuple[Dot, ...]
    scale_px: float
    scale_words: str
    thinning: str
    others: tuple[EvidenceRow, ...]
    summary: str
    width: float = WIDTH_PX
    height: float = HEIGHT_PX

    @property
    def has_evidence(self) -> bool:
        return any(dot.kind == "evidence" for dot in self.dots)

    @property
    def has_weak(self) -> bool:
        return any(dot.kind == "weak" for dot in self.dots)


def map_of(explanation: Explanation, streets: dict[str, Any] | None) -> MapView | None:
    """The map of a finding; None where no position is known around it."""
    case = explanation.case
    first = min(case.us("start_earliest_utc"), case.us("start_utc")) - AROUND_US
    last = max(case.us("end_latest_utc"), case.us("end_utc")) + AROUND_US
    shown = {(row.device_id, row.time_us) for row in explanation.evidence if row.lon is not None}
    farthest = [first, last, *(us for _, us in shown)]
    around = [
        c
        for c in contacts_between(case, min(farthest), max(farthest))
        if first <= c.fix.time_us <= last or _key(c) in shown
    ]
    if not around:
        return None
    evidence = [c for c in around if _key(c) in shown]
    others = [c for c in around if _key(c) not in shown]
    step = -(-len(others) // MOST_OTHER_FIXES)
    thinned = others[::step] if step > 1 else others
    frame = _frame(case, around)
    kept = sorted([*evidence, *thinned], key=lambda c: c.fix.time_us)
    track, gaps = _lines(case, frame, around)
    scale_px, scale_words = frame.scale_bar
    drawn_streets, cut = street_paths(frame, streets)
    target = case.geometry.target if case.geometry else None
    kind = case.obligation.kind.value if case.obligation else ""
    return MapView(
        zones=tuple(
            " ".join(path(frame, ring, closed=True) for ring in outline(shape))
            for shape in (target.shapes if target else ())
        ),
        zone_kind="exclusion" if kind == "exclusion_zone" else "place",
        zone_label=f"{words(kind, CONDITION_WORDS)}: {case.place}" if target else "",
        streets=tuple(drawn_streets),
        streets_cut=cut,
        track=track,
        gaps=gaps,
        dots=tuple(_dots(case, frame, kept, shown)),
        scale_px=scale_px,
        scale_words=scale_words,
        thinning=(
            f"Of the {len(others)} positions that are not evidence, one in {step} is drawn as a dot. "
            "All evidence is drawn."
            if step > 1
            else ""
        ),
        others=tuple(fix_row(case, contact) for contact in thinned),
        summary=f"{count_words(len(evidence), 'position')} that are evidence, {len(thinned)} around them.",
    )


def _key(contact: Contact) -> tuple[str, int]:
    return contact.fix.device_id, contact.fix.time_us


def _frame(case: Case, contacts: list[Contact]) -> Frame:
    """Shows every strong position, and the place if it is not far larger or farther than they are."""
    strong = [c for c in contacts if c.standing == "strong"] or contacts
    shapes = case.geometry.target.shapes if case.geometry else ()
    origin = centre(shapes[0]) if shapes else (strong[0].fix.lon, strong[0].fix.lat)
    plane = LocalPlane(*origin)
    seen = [plane.metres(c.fix.lon, c.fix.lat) for c in strong]
    trail = box_around(seen)
    points = [plane.metres(*p) for shape in shapes for ring in outline(shape) for p in ring]
    if points and diagonal_m(box_around(points)) <= SHOW_WHOLE_ZONE_TIMES * max(diagonal_m(trail), 500.0):
        return fit(plane, box_around([*seen, *points]))
    return fit(plane, trail)


def _lines(case: Case, frame: Frame, contacts: list[Contact]) -> tuple[str, str]:
    """The trail through strong positions: solid, and dotted where the tag was silent."""
    gaps = silences(case)
    solid: list[str] = []
    dotted: list[str] = []
    strong = [c.fix for c in contacts if c.standing == "strong"]
    for before, after in pairwise(strong):
        piece = path(frame, [(before.lon, before.lat), (after.lon, after.lat)])
        silent = any(before.time_us < b and a < after.time_us for a, b in gaps)
        (dotted if silent else solid).append(piece)
    return " ".join(solid), " ".join(dotted)


def _dots(case: Case, frame: Frame, contacts: list[Contact], shown: set[tuple[str, int]]) -> list[Dot]:
    evidence = [c for c in contacts if _key(c) in shown]
    labels = {}
    if evidence:
        labels[_key(evidence[-1])] = "last"
        labels[_key(evidence[0])] = "first"
    dots = []
    for contact in contacts:
        fix = contact.fix
        x, y = frame.px(fix.lon, fix.lat)
        kind = "evidence" if _key(contact) in shown else "weak" if contact.standing == "weak" else "other"
        when = exact_local(fix.time_us, case.timezone, with_offset=case.with_offset)
        title = f"{when}, precision {contact.used_precision_m:.0f} m"
        dots.append(
            Dot(x, y, contact.used_precision_m * frame.px_per_m, kind, title, labels.get(_key(contact), ""))
        )
    return sorted(dots, key=lambda dot: dot.kind == "evidence")
