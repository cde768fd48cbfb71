"""Section 8: low and dead batteries, from readings on fixes and from events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from milepost.compliance import kernel as k
from milepost.compliance.columns import Columns
from milepost.compliance.device_findings import FixReference, Lasting, begin, reference_to_event
from milepost.compliance.device_log import DeviceEvent
from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.proof import reference_to_fix
from milepost.compliance.rule_tables import BatteryRule
from milepost.compliance.standing import Standings
from milepost.compliance.worn import Wearing, WornFixes
from milepost.tracks.record import DeviceEventKind as Event

BATTERY_EVENTS = (Event.BATTERY_LOW, Event.BATTERY_OK, Event.BATTERY_DEAD)


@dataclass(frozen=True, slots=True)
class Report:
    """What a device said of its battery: a reading in percent, or an event (``percent`` None)."""

    t: int
    reference: str | FixReference
    percent: float | None
    event: str | None
    signal: object
    """The row of the fix or the event: one signal counts once."""

    def is_low(self, rule: BatteryRule) -> bool:
        return self.event == Event.BATTERY_LOW or (self.percent is not None and self.percent <= rule.low_pct)

    def is_ok(self, rule: BatteryRule) -> bool:
        return self.event == Event.BATTERY_OK or (self.percent is not None and self.percent >= rule.ok_pct)

    def reads_dead(self, rule: BatteryRule) -> bool:
        return self.percent is not None and self.percent <= rule.dead_pct


@dataclass(slots=True)
class Dead:
    lasting: Lasting
    first: Report
    back_us: int | None
    back_reference: str
    back_row: int

    def lasts_at(self, t: int) -> bool:
        return self.back_us is None or t < self.back_us


def _usable(columns: Columns, i0: int, i1: int) -> np.ndarray:
    """Rows of a device's slice that are neither FUTURE nor a repeat."""
    future = columns.quality[i0:i1] & k.FUTURE
    t = columns.t[i0:i1]
    if not future.any() and (t[1:] > t[:-1]).all():
        return np.arange(i0, i1)
    rows = i0 + np.flatnonzero(future == 0)
    same = np.zeros(len(rows), bool)
    same[1:] = True
    for name in ("t", "sequence", "source"):
        values = getattr(columns, name)[rows]
        same[1:] &= values[1:] == values[:-1]
    kept: np.ndarray = rows[~same]
    return kept


def _readings(columns: Columns, rows: np.ndarray, low_pct: float, events: list[DeviceEvent]) -> list[Report]:
    """Readings that can matter: every low one; of a run of others those higher than all before in the run.

    A run ends with a low reading or an event, for after either an equal reading may be the one that says ok.
    """
    percent = columns.battery_pct[rows]
    known = ~np.isnan(percent)
    rows, percent = rows[known], percent[known]
    low = percent <= low_pct
    keep = low.copy()
    other = np.flatnonzero(~low)
    if len(other):
        told = np.searchsorted([e.t for e in events], columns.t[rows[other]], "left")
        after_low = other - np.append(-1, other[:-1]) > 1
        run = np.cumsum(after_low | (np.diff(told, prepend=told[0]) != 0))
        # No reading reaches a million per cent: each run lies above the one before.
        height = percent[other].astype(np.float64) + run * 1e6
        highest = np.maximum.accumulate(height)
        keep[other] = np.append(True, height[1:] > highest[:-1])
    device = columns.devices[columns.device[rows[0]]] if len(rows) else ""
    kept = rows[keep]
    fields = (columns.t[kept], columns.source[kept], columns.battery_pct[kept], kept)
    return [
        Report(t, (device, t, source), percent, None, row)
        for t, source, percent, row in zip(*(values.tolist() for values in fields), strict=True)
    ]


def needs_a_look(columns: Columns, i0: int, i1: int, low_pct: float) -> bool:
    """Whether any reading of the slice is low."""
    percent = columns.battery_pct[i0:i1]
    return bool(len(percent) and np.fmin.reduce(percent) <= low_pct)


def battery_findings(
    worn: WornFixes,
    person_id: str,
    events: list[DeviceEvent],
    standings: Standings,
    until_us: int,
    low_pct: float,
) -> list[dict[str, Any]]:
    """Low and dead batteries of one person. ``low_pct``: the highest of the tables in use."""
    rows: list[dict[str, Any]] = []
    slices = {w: (i0, i1) for i0, i1, w in worn.slices.get(person_id, [])}
    wearings = {*slices, *(e.wearing for e in events if e.wearing is not None)}
    for wearing in sorted(wearings, key=lambda w: (w.from_us, w.activation_id)):
        own = [e for e in events if e.wearing == wearing]
        usable = _usable(worn.columns, *slices[wearing]) if wearing in slices else np.zeros(0, np.int64)
        quick = _quick(worn.columns, usable, own, wearing, standings, until_us)
        if quick is not None:
            rows.extend(quick)
            continue
        reports = _readings(worn.columns, usable, low_pct, own)
        of_events = [
            Report(e.t, reference_to_event(e), e.value, None, e)
            for e in own
            if e.unit == "%" and e.value is not None
        ]
        of_events += [Report(e.t, reference_to_event(e), None, e.kind, e) for e in own]
        reports = sorted([*reports, *of_events], key=lambda r: r.t)
        contacts = usable[(worn.columns.quality[usable] & k.SAYS_NOTHING) == 0]
        dead = _dead(reports, worn.columns, contacts, wearing, standings, until_us)
        for d in dead:
            if d.back_us is None:
                rows.append(d.lasting.never_ended(until_us))
            else:
                d.lasting.add(d.back_reference, d.back_row)
                rows.append(d.lasting.row(d.back_us, is_open=False))
        rows.extend(_low(reports, dead, wearing, standings, until_us, low_pct))
    return rows


def _quick(
    columns: Columns,
    rows: np.ndarray,
    events: list[DeviceEvent],
    wearing: Wearing,
    standings: Standings,
    until_us: int,
) -> list[dict[str, Any]] | None:
    """Low batteries in the usual case: none dead, one order in force, one battery rule for all.

    Nearly everyone's battery runs low at times; this is what makes a nation quick. None: not that simple.
    """
    percent = columns.battery_pct[rows]
    known = ~np.isnan(percent)
    rows, percent = rows[known], percent[known]
    rule = standings.one_battery_rule
    told = [e for e in events if e.kind in BATTERY_EVENTS or (e.unit == "%" and e.value is not None)]
    if rule is None or any(e.kind == Event.BATTERY_DEAD for e in told):
        return None
    if len({e.t for e in told}) < len(told):
        return None  # several at one instant: their order matters
    values = np.array([e.value if e.unit == "%" and e.value is not None else np.nan for e in told])
    t = np.concatenate([columns.t[rows], np.array([e.t for e in told], np.int64)])
    low = np.concatenate([percent <= rule.low_pct, (values <= rule.low_pct) | _is(told, Event.BATTERY_LOW)])
    fine = np.concatenate([percent >= rule.ok_pct, (values >= rule.ok_pct) | _is(told, Event.BATTERY_OK)])
    if not len(t):
        return []
    order = np.argsort(t, kind="stable")  # readings of fixes before events of the same time
    t, low, fine = t[order], low[order], fine[order]
    dead = (
        min(np.fmin.reduce(percent, initial=np.inf), np.fmin.reduce(values, initial=np.inf)) <= rule.dead_pct
    )
    whole = any(a <= t[0] and t[-1] < b for a, b in standings.in_force(wearing.person_id))
    if dead or not whole or (low & fine).any():
        return None

    def reference(i: int) -> str:
        j = int(order[i])
        if j >= len(rows):
            return reference_to_event(told[j - len(rows)])
        return reference_to_fix(wearing.device_id, int(t[i]), int(columns.source[rows[j]]))

    low_at, fine_at = np.flatnonzero(low), np.flatnonzero(fine)
    found: list[dict[str, Any]] = []
    at = 0
    while at < len(low_at):
        start = int(low_at[at])
        ends = int(np.searchsorted(fine_at, start))
        end = int(fine_at[ends]) if ends < len(fine_at) else None
        nxt = len(low_at) if end is None else int(np.searchsorted(low_at, end))
        lasting = begin(FindingKind.BATTERY_LOW, wearing, int(t[start]), standings)
        if lasting is None:
            return None
        lasting.evidence = [reference(start), reference(int(low_at[nxt - 1]) if end is None else end)]
        row = lasting.never_ended(until_us) if end is None else lasting.row(int(t[end]), is_open=False)
        row["evidence_count"] = nxt - at + (end is not None)
        found.append(row)
        at = nxt
    return found


def _is(events: list[DeviceEvent], kind: str) -> np.ndarray:
    return np.array([e.kind == kind for e in events], bool)


def _dead(
    reports: list[Report],
    columns: Columns,
    contacts: np.ndarray,
    wearing: Wearing,
    standings: Standings,
    until_us: int,
) -> list[Dead]:
    found: list[Dead] = []
    times = columns.t[contacts]
    for report in reports:
        says_dead = report.event == Event.BATTERY_DEAD
        if report.percent is None and not says_dead:
            continue
        if not says_dead and report.percent is not None and report.percent > standings.dead_pct:
            continue
        lasting = begin(FindingKind.BATTERY_DEAD, wearing, report.t, standings)
        if lasting is None:
            continue
        if found and found[-1].lasts_at(report.t):
            if says_dead or report.reads_dead(found[-1].lasting.table.evidence.battery):
                found[-1].lasting.add(report.reference, report.signal)
            continue
        evidence = lasting.table.evidence
        if not says_dead and not report.reads_dead(evidence.battery):
            continue
        i = int(np.searchsorted(times, report.t, "right"))
        back = int(times[i]) if i < len(times) else None
        silent_until = min(until_us, wearing.until_us) if back is None else back
        if says_dead or silent_until - report.t > evidence.gap_s * 1e6:
            lasting.add(report.reference, report.signal)
            row = int(contacts[i]) if back is not None else -1
            reference = (
                reference_to_fix(wearing.device_id, back, int(columns.source[row]))
                if back is not None
                else ""
            )
            found.append(Dead(lasting, report, back, reference, row))
    return found


def _low(
    reports: list[Report],
    dead: list[Dead],
    wearing: Wearing,
    standings: Standings,
    until_us: int,
    low_pct: float,
) -> list[dict[str, Any]]:
    """A dead battery ends a low one, and while it is dead it is not also low."""
    rows: list[dict[str, Any]] = []
    now: Lasting | None = None
    deaths = {id(d.first) for d in dead}
    for report in reports:
        if now is not None:
            rule = now.table.evidence.battery
            dies = report.event == Event.BATTERY_DEAD or id(report) in deaths
            if dies or report.is_ok(rule):
                now.add(report.reference, report.signal)
                rows.append(now.row(report.t, is_open=False))
                now = None
            elif report.is_low(rule):
                now.add(report.reference, report.signal)
        elif report.event != Event.BATTERY_LOW and (report.percent is None or report.percent > low_pct):
            continue  # not low by any table
        elif not any(d.lasting.start_us <= report.t and d.lasts_at(report.t) for d in dead):
            lasting = begin(FindingKind.BATTERY_LOW, wearing, report.t, standings)
            if lasting and report.is_low(lasting.table.evidence.battery):
                lasting.add(report.reference, report.signal)
                now = lasting
    if now is not None:
        rows.append(now.never_ended(until_us))
    return rows
