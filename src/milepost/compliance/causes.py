"""Section 9: why there was no data. Each gap gets the first cause that holds."""

from __future__ import annotations

import bisect

import numpy as np

from milepost.compliance import kernel as k
from milepost.compliance.columns import Columns
from milepost.compliance.device_log import DeviceEvent, DeviceLog
from milepost.compliance.kernel_results import Facts
from milepost.compliance.plan import Plan
from milepost.compliance.results import NoDataCause
from milepost.compliance.worn import Wearings

BATTERY_EVENTS = {"battery_low", "battery_dead", "battery_ok", "power_off", "power_on"}
BACK = {"power_off": "power_on", "device_fault": "fault_cleared"}


def last_reading(facts: Facts, wearings: Wearings, track: int, gap: int) -> tuple[int, float]:
    """Time and percent of the last battery reading from a fix before a gap; NaN if there is none.

    Only readings of tags that were still worn when the gap began count.
    """
    if facts.gap_i[gap] < 0:
        return k.NEVER, float("nan")
    c = facts.groups[facts.trk_group[track]].columns
    i0, i1 = int(facts.trk_i0[track]), int(facts.trk_i1[track])
    start = int(facts.gap_t0[gap])
    for row in range(k.first_at_or_after(c.t, i0, i1, start + 1) - 1, i0 - 1, -1):
        if c.battery_pct[row] != c.battery_pct[row] or c.quality[row] & k.FUTURE:
            continue
        if _repeats(c, row, i0):
            continue
        worn = wearings.wearer(c.devices[c.device[row]], int(c.t[row]))
        if worn is not None and worn.until_us > start:
            return int(c.t[row]), float(c.battery_pct[row])
    return k.NEVER, float("nan")


def _repeats(c: Columns, row: int, i0: int) -> bool:
    """Whether an earlier row is the same fix; rows whose time is not known are no such row."""
    before = row - 1
    while before >= i0 and c.quality[before] & k.FUTURE:
        before -= 1
    names = ("t", "sequence", "source", "device")
    return before >= i0 and all(getattr(c, name)[row] == getattr(c, name)[before] for name in names)


def cause_gaps(plan: Plan, facts: Facts, wearings: Wearings, log: DeviceLog) -> np.ndarray:
    """Cause of every gap, int8 array as long as the gaps."""
    causes = np.full(len(facts.gap_t0), int(NoDataCause.NO_SIGNAL), np.int8)
    dead_pct = np.array([t.evidence.battery.dead_pct for t in plan.tables])
    for group in facts.groups:
        tracks = [t for t in group.tracks if facts.trk_gap1[t] > facts.trk_gap0[t]]
        if not tracks or not len(group.columns):
            continue
        gaps = np.concatenate([np.arange(facts.trk_gap0[t], facts.trk_gap1[t]) for t in tracks])
        track_of = np.repeat(tracks, [facts.trk_gap1[t] - facts.trk_gap0[t] for t in tracks])
        c = group.columns
        # Nearly all gaps begin with a contact that is the last row of its instant, and end with the next row.
        row = facts.gap_i[gaps]
        at, last = np.maximum(row, 0), facts.trk_i1[track_of] - 1
        following = np.minimum(at + 1, last)
        starts_there = (row >= 0) & (c.t[at] == facts.gap_t0[gaps])
        reading = np.where(row >= 0, np.nan, np.inf)
        plain = starts_there & ((at == last) | (c.t[following] > c.t[at])) & ~np.isnan(c.battery_pct[at])
        reading[plain] = c.battery_pct[at[plain]]
        if np.fmin.reduce(c.battery_pct) <= dead_pct.max():  # else no reading is low enough to matter
            for i in np.flatnonzero(np.isnan(reading)).tolist():
                reading[i] = last_reading(facts, wearings, int(track_of[i]), int(gaps[i]))[1]
        causes[gaps[reading <= dead_pct[plan.trk_row[track_of] // k.P_WIDTH]]] = int(NoDataCause.BATTERY)
        if (c.quality & k.SAYS_NOTHING).any():
            ends_there = (c.t[following] == facts.gap_t1[gaps]) & (group.strength[following] != k.IGNORED)
            silent = starts_there & ((at == last) | ends_there)
            asked = ~silent & (causes[gaps] == int(NoDataCause.NO_SIGNAL))
            for i in np.flatnonzero(asked).tolist():
                if _spoke(facts, c, int(track_of[i]), int(gaps[i])):
                    causes[gaps[i]] = int(NoDataCause.NO_POSITION)
    for track, person in enumerate(plan.trk_person):
        events = log.by_person.get(plan.persons[person])
        if not events:
            continue
        tags = [e for e in events if e.wearing is not None and e.wearing.device_kind != "home_unit"]
        columns = facts.groups[facts.trk_group[track]].columns
        dead = dead_pct[plan.trk_row[track] // k.P_WIDTH]
        for gap in range(facts.trk_gap0[track], facts.trk_gap1[track]):
            t0, t1 = int(facts.gap_t0[gap]), int(facts.gap_t1[gap])
            # Only what the tags fitted at some time in the gap have said.
            own = [e for e in tags if e.wearing and e.wearing.from_us < t1 and e.wearing.until_us > t0]
            said = [e for e in own if e.unit == "%" and e.value is not None and e.t <= t0]
            if said and facts.gap_i[gap] >= 0:
                read_at, _ = last_reading(facts, wearings, track, gap)
                if said[-1].t >= read_at:  # the event's reading is the later: it decides
                    if said[-1].value is not None and said[-1].value <= dead:
                        causes[gap] = int(NoDataCause.BATTERY)
                    elif causes[gap] == NoDataCause.BATTERY:
                        causes[gap] = int(NoDataCause.NO_SIGNAL)
            if causes[gap] == NoDataCause.BATTERY:
                continue
            cause = _from_events(own, [e.t for e in own], *reach_of(facts, track, gap))
            if cause != NoDataCause.NO_SIGNAL:
                causes[gap] = cause
            elif causes[gap] == NoDataCause.NO_SIGNAL and _spoke(facts, columns, track, gap):
                causes[gap] = int(NoDataCause.NO_POSITION)
    return causes


def reach_of(facts: Facts, track: int, gap: int) -> tuple[int, int]:
    """Times between which (exclusive) a signal lies in the gap: open where no contact bounds it."""
    group = facts.groups[facts.trk_group[track]]
    i1 = int(facts.trk_i1[track])
    t0, t1 = int(facts.gap_t0[gap]), int(facts.gap_t1[gap])
    after = k.first_at_or_after(group.columns.t, int(facts.trk_i0[track]), i1, t1)
    while after < i1 and group.strength[after] == k.IGNORED:
        after += 1
    bounded = after < i1 and group.columns.t[after] == t1
    return t0 if facts.gap_i[gap] >= 0 else k.NEVER, t1 if bounded else -k.NEVER


def _spoke(facts: Facts, columns: Columns, track: int, gap: int) -> bool:
    """Whether the tag sent fixes in the gap that gave no position."""
    i0, i1 = int(facts.trk_i0[track]), int(facts.trk_i1[track])
    later_than, before = reach_of(facts, track, gap)
    a = k.first_at_or_after(columns.t, i0, i1, later_than + 1)
    b = k.first_at_or_after(columns.t, i0, i1, before)
    return bool((columns.quality[a:b] & k.FUTURE == 0).any())


def _from_events(events: list[DeviceEvent], times: list[int], t0: int, t1: int) -> int:
    before = events[: bisect.bisect_right(times, t0)]
    inside = events[bisect.bisect_right(times, t0) : bisect.bisect_left(times, t1)]
    battery = [e.kind for e in before if e.kind in BATTERY_EVENTS]
    if any(e.kind == "battery_dead" for e in inside) or (battery and battery[-1] == "battery_dead"):
        return int(NoDataCause.BATTERY)
    for started, cause in (("power_off", NoDataCause.POWER), ("device_fault", NoDataCause.FAULT)):
        lasting = {e.device_id: e.kind == started for e in before if e.kind in (started, BACK[started])}
        if any(e.kind == started for e in inside) or any(lasting.values()):
            return int(cause)
    return int(NoDataCause.NO_POSITION if inside else NoDataCause.NO_SIGNAL)
