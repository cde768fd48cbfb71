"""What truly happened, from the true path and the true windows: never from signals, never from intent.

An interval begins and ends when the path crosses the boundary, solved to the microsecond. Kinds are
those of ``FindingKind``, decided by position alone: a curfew absence that covers the start of the
window is a late return, one that covers its end is out at end, both is absent entire.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from milepost.compliance.finding_kinds import FindingKind
from milepost.orders.model import ConditionKind
from milepost.synth.devices import TrueEvent
from milepost.synth.motion import Area, Path, Span, clip, inside_spans, unite
from milepost.synth.people import Resident
from milepost.synth.plane import Floats
from milepost.synth.windows import Window, subtract
from milepost.tracks.record import UTC_US

TRUTH = pa.schema(
    [
        ("person_id", pa.string()),
        ("order_id", pa.string()),
        ("condition_id", pa.string()),  # "" for what befell a device
        ("device_id", pa.string()),  # "" for what the person did
        ("kind", pa.string()),  # FindingKind
        ("basis", pa.string()),  # "position" or "device"
        ("obligation_start_utc", UTC_US),
        ("obligation_end_utc", UTC_US),  # null: the order names none
        ("start_utc", UTC_US),
        ("end_utc", UTC_US),  # null: still so at the end of the period
        ("seconds", pa.float64()),  # within the period
        ("observed_share", pa.float64()),  # of its minutes, with a usable fix of a tag on the person
        ("unit_share", pa.float64()),  # of its time, with a home unit of that place alive; null: has none
        ("beyond_period", pa.bool_()),  # began before or goes on after the period of the signals
        ("note", pa.string()),
    ]
)

POSITION_KINDS = {
    ConditionKind.CURFEW,
    ConditionKind.EXCLUSION_ZONE,
    ConditionKind.INCLUSION_ZONE,
    ConditionKind.RESTRICTION_ZONE,
    ConditionKind.ATTENDANCE,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What could be seen of one person: when usable fixes were taken, when home units were alive."""

    fix_s: Floats
    unit_alive: dict[str, list[Span]]
    """By place id."""

    def fix_share(self, start: float, end: float) -> float:
        """Share of the minutes of an interval that have a usable fix."""
        i, j = np.searchsorted(self.fix_s, [start, end])
        minutes = max(int(np.ceil((end - start) / 60)), 1)
        return min(len(np.unique((self.fix_s[i:j] - start) // 60)) / minutes, 1.0)

    def unit_share(self, places: list[str], start: float, end: float) -> float | None:
        alive = [span for place in places if place in self.unit_alive for span in self.unit_alive[place]]
        if not any(place in self.unit_alive for place in places) or end <= start:
            return None
        return sum(b - a for a, b in clip(unite(alive), start, end)) / (end - start)


def window_areas(resident: Resident, window: Window) -> list[Area]:
    """Where the window's duty points to: its zone, or the discs of its places."""
    if window.condition.id in resident.zone_areas:
        return [resident.zone_areas[window.condition.id]]
    return [resident.place_areas[place] for place in window_places(window)]


def window_places(window: Window) -> list[str]:
    return [window.place] if isinstance(window.place, str) else list(window.place or [])


def position_truth(resident: Resident, path: Path, seen: Seen, start_s: float, end_s: float) -> list[dict]:
    """Rows of ``TRUTH`` for every condition that is kept or broken by where the person was."""
    rows = []
    inside_of: dict[int, list[Span]] = {}
    for window in resident.windows:
        if window.condition.kind not in POSITION_KINDS:
            continue
        inside: list[Span] = []
        for area in window_areas(resident, window):
            if id(area) not in inside_of:
                inside_of[id(area)] = inside_spans(path, area)
            inside += inside_of[id(area)]
        inside = unite(inside)
        for kind, a, b in find_violations(window, inside):
            first, last = max(a, start_s), min(b, end_s)
            if last <= first or (window.end_s > end_s and window.condition.kind is ConditionKind.ATTENDANCE):
                continue
            counted = sum(y - x for x, y in clip(_broken(window, inside), first, last))
            rows.append(
                _row(resident, kind, "position", first, last)
                | {
                    "condition_id": window.condition.id,
                    "obligation_start_utc": _us(window.start_s),
                    "obligation_end_utc": _us(window.end_s) if math.isfinite(window.end_s) else None,
                    "seconds": counted,
                    "observed_share": seen.fix_share(first, last),
                    "unit_share": seen.unit_share(window_places(window), first, last),
                    "beyond_period": a < start_s or b > end_s,
                }
            )
    return rows


def find_violations(window: Window, inside: list[Span]) -> list[tuple[FindingKind, float, float]]:
    """Kind, start and end of every breach of one window; ``inside`` is when the person was in the area."""
    kind, start, end = window.condition.kind, window.start_s, window.end_s
    broken = _broken(window, inside)
    if kind is ConditionKind.EXCLUSION_ZONE:
        return [(FindingKind.ZONE_ENTRY, a, b) for a, b in broken]
    if kind is not ConditionKind.CURFEW and kind is not ConditionKind.ATTENDANCE:
        return [(FindingKind.ZONE_EXIT, a, b) for a, b in broken]
    if kind is ConditionKind.CURFEW:
        return [(_curfew_kind(a == start, b == end), a, b) for a, b in broken]
    there = clip(inside, start, end)
    if not there:
        return [(FindingKind.ATTENDANCE_MISSED, start, end)]
    found = []
    if there[0][0] > start:
        found.append((FindingKind.ATTENDANCE_LATE, start, there[0][0]))
    if there[-1][1] < end:
        found.append((FindingKind.ATTENDANCE_LEFT_EARLY, there[-1][1], end))
    return found


def device_truth(
    resident: Resident, events: list[TrueEvent], seen: Seen, start_s: float, end_s: float
) -> list[dict]:
    """Rows for what befell the person's devices."""
    rows = []
    for event in events:
        last = min(event.end_s if event.end_s is not None else end_s, end_s)
        first = max(event.start_s, start_s)
        if event.start_s >= end_s or last < first:
            continue
        beyond = event.end_s is None or event.end_s > end_s
        row = _row(resident, FindingKind(event.kind), "device", first, last)
        row |= {
            "device_id": event.device_id,
            "seconds": last - first,
            "observed_share": seen.fix_share(first, last),
            "beyond_period": beyond or event.start_s < start_s,
            "note": event.note,
        }
        if beyond:
            row["end_utc"] = None
        rows.append(row)
    return rows


def _broken(window: Window, inside: list[Span]) -> list[Span]:
    if window.condition.kind is ConditionKind.EXCLUSION_ZONE:
        return clip(inside, window.start_s, window.end_s)
    return subtract([(window.start_s, window.end_s)], inside)


def _curfew_kind(covers_start: bool, covers_end: bool) -> FindingKind:
    if covers_start:
        return FindingKind.ABSENT_ENTIRE if covers_end else FindingKind.LATE_RETURN
    return FindingKind.OUT_AT_END if covers_end else FindingKind.LEFT_DURING


def _row(resident: Resident, kind: FindingKind, basis: str, start: float, end: float) -> dict:
    return {
        "person_id": resident.person.id,
        "order_id": resident.order.id if resident.order else "",
        "condition_id": "",
        "device_id": "",
        "kind": kind.value,
        "basis": basis,
        "start_utc": _us(start),
        "end_utc": _us(end),
        "note": "",
    }


def _us(seconds: float) -> int:
    return round(seconds * 1e6)
