"""Section 8: low and dead batteries, from readings on fixes and from events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np

from milepost.compliance import battery_scan, compiled
from milepost.compliance.columns import Columns
from milepost.compliance.device_findings import begin, reference_to_event
from milepost.compliance.device_log import DeviceEvent
from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.proof import reference_to_fix
from milepost.compliance.standing import Standings
from milepost.compliance.worn import Wearing, WornFixes
from milepost.tracks.record import DeviceEventKind as Event

_SAYS = {
    Event.BATTERY_LOW: battery_scan.LOW,
    Event.BATTERY_OK: battery_scan.OK,
    Event.BATTERY_DEAD: battery_scan.DEAD,
}
Row = dict[str, Any]


def battery_findings(
    worn: WornFixes,
    people: Iterable[str],
    events: dict[str, list[DeviceEvent]],
    standings: Standings,
    until_us: int,
    low_pct: float,
    kernel: ModuleType,
) -> dict[str, list[Row]]:
    """Low and dead batteries by person.

    ``events``: of each person, in time order. ``low_pct``: no table in use calls a higher reading low or dead.
    ``kernel``: plain or compiled.
    """
    look = _Look(standings)
    for person_id in people:
        said, slices = events.get(person_id, ()), worn.slices.get(person_id, [])
        if said or any(_any_low(worn.columns, i0, i1, low_pct) for i0, i1, _ in slices):
            look.add_person(person_id, slices, said)
    if not look.wearings:
        return {}
    rows: dict[str, list[Row]] = defaultdict(list)
    for found in look.scan(worn.columns, until_us, kernel).tolist():
        row = look.row_of(worn.columns, found, until_us)
        rows[row["person_id"]].append(row)
    return rows


def _any_low(columns: Columns, i0: int, i1: int, low_pct: float) -> bool:
    """Nothing has to be looked at of whoever has no low reading, unless an event says something."""
    return bool(np.fmin.reduce(columns.battery_pct[i0:i1], initial=np.inf) <= low_pct)


class _Look:
    """The wearings to be looked at, as the arrays of ``battery_scan``."""

    def __init__(self, standings: Standings) -> None:
        self._standings = standings
        self.wearings: list[Wearing] = []
        self._numbers: list[tuple[int, ...]] = []
        self._slices: list[tuple[int, int]] = []
        self._reports: list[tuple[int, int, float, int]] = []
        self._events: list[DeviceEvent] = []
        self._rules: list[tuple[float, ...]] = []

    def add_person(
        self, person_id: str, slices: list[tuple[int, int, Wearing]], events: Iterable[DeviceEvent]
    ) -> None:
        rule0 = len(self._rules)
        for from_us, until_us, evidence in self._standings.evidence_in_force(person_id):
            battery = evidence.battery
            self._rules.append(
                (from_us, until_us, battery.low_pct, battery.ok_pct, battery.dead_pct, evidence.gap_s * 1e6)
            )
        own: dict[Wearing, tuple[list[tuple[int, int]], list[DeviceEvent]]] = {}
        for i0, i1, wearing in slices:
            own.setdefault(wearing, ([], []))[0].append((i0, i1))
        for event in events:
            if event.wearing is not None:
                own.setdefault(event.wearing, ([], []))[1].append(event)
        for wearing in sorted(own, key=lambda w: (w.from_us, w.activation_id)):
            slice0, report0 = len(self._slices), len(self._reports)
            self._slices += sorted(own[wearing][0])
            self._add_events(own[wearing][1])
            self.wearings.append(wearing)
            self._numbers.append(
                (slice0, len(self._slices), report0, len(self._reports), rule0, len(self._rules), wearing.until_us)
            )  # fmt: skip

    def _add_events(self, events: list[DeviceEvent]) -> None:
        """Of events at the same time first what they read, then what they are."""
        reports: list[tuple[int, bool, int, float, int]] = []
        for event in events:
            number = len(self._events)
            self._events.append(event)
            if event.unit == "%" and event.value is not None:
                reports.append((event.t, False, battery_scan.PERCENT, event.value, number))
            says = _SAYS.get(event.kind)  # type: ignore[call-overload]
            if says is not None:
                reports.append((event.t, True, says, np.nan, number))
        reports.sort(key=lambda report: report[:2])
        self._reports += [(t, says, percent, number) for t, _, says, percent, number in reports]

    def scan(self, columns: Columns, until_us: int, kernel: ModuleType) -> np.ndarray:
        """What there is, as an array of ``battery_scan.FOUND``."""
        module = compiled.loaded_compiled(battery_scan, kernel)
        numbers = np.array(self._numbers, battery_scan.WEARING)
        given = (
            np.array(self._slices, battery_scan.SLICE),
            np.array(self._reports, battery_scan.REPORT),
            np.array(self._rules, battery_scan.RULE),
            columns.t, columns.sequence, columns.source, columns.quality, columns.battery_pct,
            np.empty(len(self._events), np.int64),
        )  # fmt: skip
        found = np.empty(64 + 2 * len(numbers), battery_scan.FOUND)
        counts = np.zeros(1, np.int64)
        w = 0
        while True:
            w = module.battery_pass(w, len(numbers), until_us, numbers, *given, found, counts)
            if w == len(numbers):
                return found[: counts[0]]
            found = np.concatenate([found, found])

    def row_of(self, columns: Columns, found: tuple[int, ...], until_us: int) -> Row:
        w, is_dead, start_us, end_us, first, last, count = found
        wearing = self.wearings[w]
        kind = FindingKind.BATTERY_DEAD if is_dead else FindingKind.BATTERY_LOW
        lasting = begin(kind, wearing, start_us, self._standings)
        assert lasting is not None  # the scan begins nothing where no rule is in force
        lasting.evidence = [self._reference(columns, wearing, i) for i in (first, last)]
        never_ended = end_us == battery_scan.NEVER_ENDED
        row = lasting.never_ended(until_us) if never_ended else lasting.row(end_us, is_open=False)
        row["evidence_count"] = count
        return row

    def _reference(self, columns: Columns, wearing: Wearing, i: int) -> str:
        if i < 0:
            return reference_to_event(self._events[self._reports[-1 - i][3]])
        return reference_to_fix(wearing.device_id, int(columns.t[i]), int(columns.source[i]))
