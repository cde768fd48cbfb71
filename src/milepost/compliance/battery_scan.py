"""Section 8: where batteries ran low and died, found in one pass over all readings and events.

As ``kernel``, this file is loaded twice (``compiled.loaded_compiled``): as it stands for small inputs,
compiled for large ones.
The rules of that file hold here. What belongs together is one row of a structured array.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from milepost.compliance.jit import jit
from milepost.compliance.kernel import FUTURE, SAYS_NOTHING

# What a report says.
PERCENT = 0
LOW = 1
OK = 2
DEAD = 3

NEVER_ENDED = (1 << 63) - 1
BEYOND_ALL = 1e30
"""A percentage that none reaches."""

SLICE = np.dtype([("i0", np.int64), ("i1", np.int64)])
"""Rows of fixes of one tag while one person wore it."""
REPORT = np.dtype([("t", np.int64), ("says", np.int64), ("percent", np.float64), ("event", np.int64)])
"""What an event says of a battery; one that has a value is two reports. ``event``: its number."""
RULE = np.dtype(
    [("from_us", np.int64), ("until_us", np.int64), ("low_pct", np.float64), ("ok_pct", np.float64),
     ("dead_pct", np.float64), ("gap_us", np.float64)]
)  # fmt: skip
"""What holds for one person, from-until; between two of them nothing begins."""
WEARING = np.dtype(
    [(name, np.int64) for name in ("slice0", "slice1", "report0", "report1", "rule0", "rule1", "until_us")]
)
"""One activation: its slices, its reports and the rules of its person, each in order of time."""
FOUND = np.dtype(
    [(name, np.int64) for name in ("wearing", "dead", "start_us", "end_us", "first", "last", "count")]
)
"""A battery that was dead (1) or low (0); ``end_us`` NEVER_ENDED if nothing ended it. Its first and last evidence are
rows of fixes, or of reports as -1 - number. ``count``: the signals that are evidence."""


@jit
def is_usable(row: int, i0: int, t: Any, sequence: Any, source: Any, quality: Any) -> bool:
    """Whether the time of a row of a slice from ``i0`` is known, and it repeats none before it."""
    if quality[row] & FUTURE:
        return False
    before = row - 1
    while before >= i0 and quality[before] & FUTURE:
        before -= 1
    return before < i0 or not (
        t[before] == t[row] and sequence[before] == sequence[row] and source[before] == source[row]
    )


@jit
def next_reading(
    row: int,
    i0: int,
    stop: int,
    low_pct: float,
    ok_pct: float,
    t: Any,
    sequence: Any,
    source: Any,
    quality: Any,
    battery_pct: Any,
) -> int:
    """The first row from ``row`` on that reads at most or at least so much; ``stop`` if none before it does."""
    for i in range(row, stop):
        percent = battery_pct[i]
        if (percent <= low_pct or percent >= ok_pct) and is_usable(i, i0, t, sequence, source, quality):
            return i
    return stop


@jit
def next_contact(
    row: int, i0: int, i1: int, after_us: int, t: Any, sequence: Any, source: Any, quality: Any
) -> int:
    """The first contact from ``row`` on that is later; ``i1`` if there is none."""
    for i in range(row, i1):
        if (
            t[i] > after_us
            and quality[i] & SAYS_NOTHING == 0
            and is_usable(i, i0, t, sequence, source, quality)
        ):
            return i
    return i1


@jit
def battery_pass(
    w: int,
    w_end: int,
    end_us: int,
    wearings: Any,
    slices: Any,
    reports: Any,
    rules: Any,
    t: Any,
    sequence: Any,
    source: Any,
    quality: Any,
    battery_pct: Any,
    counted: Any,
    found: Any,
    counts: Any,
) -> int:
    """Appends to ``found`` what there is of the wearings from ``w`` on, of each the dead batteries before the low ones.

    ``end_us`` is the end of the evaluation; ``counted`` has an int64 for each event. ``counts[0]`` goes on with the
    number found. Returns the next wearing: less than ``w_end`` if ``found`` is too small for all of that one's.
    """
    # One look for each field: in the loop it would cost more than what is done with it.
    wearing_slice0, wearing_slice1 = wearings["slice0"], wearings["slice1"]
    wearing_report0, wearing_report1 = wearings["report0"], wearings["report1"]
    wearing_rule0, wearing_rule1, wearing_until = wearings["rule0"], wearings["rule1"], wearings["until_us"]
    slice_i0, slice_i1 = slices["i0"], slices["i1"]
    report_t, report_says = reports["t"], reports["says"]
    report_percent, report_event = reports["percent"], reports["event"]
    rule_from, rule_until, rule_gap_us = rules["from_us"], rules["until_us"], rules["gap_us"]
    rule_low, rule_ok, rule_dead = rules["low_pct"], rules["ok_pct"], rules["dead_pct"]
    found_wearing, found_dead, found_count = found["wearing"], found["dead"], found["count"]
    found_start, found_end = found["start_us"], found["end_us"]
    found_first, found_last = found["first"], found["last"]
    while w < w_end:
        slice0, slice1 = wearing_slice0[w], wearing_slice1[w]
        report0, report1 = wearing_report0[w], wearing_report1[w]
        rule0, rule1 = wearing_rule0[w], wearing_rule1[w]
        first_found = counts[0]
        n_found = first_found
        n_dead = first_found
        for report in range(report0, report1):
            counted[report_event[report]] = -1
        for looks_for_dead in (True, False):
            # What no rule of the person calls dead or low need not be looked at, until something has begun.
            most = -1.0
            for rule in range(rule0, rule1):
                most = max(most, rule_dead[rule])
                if not looks_for_dead:
                    most = max(most, rule_low[rule])
            n = slice0
            row = slice_i0[n] if n < slice1 else 0
            stop = -1
            contact_n = slice0
            contact = row
            report, rule = report0, rule0
            now = -1  # the number of what has begun and may go on
            now_rule = rule0
            while True:
                # The next reading or report in time; at the same time readings of fixes first.
                while n < slice1:
                    if stop < 0:
                        stop = slice_i1[n]
                        if report < report1:
                            stop = row + np.searchsorted(t[row:stop], report_t[report], "right")
                    ok_pct = rule_ok[now_rule] if now >= 0 and not looks_for_dead else BEYOND_ALL
                    row = next_reading(
                        row, slice_i0[n], stop, most, ok_pct, t, sequence, source, quality, battery_pct
                    )
                    if row < stop or stop < slice_i1[n]:
                        break
                    n += 1
                    row = slice_i0[n] if n < slice1 else 0
                    stop = -1
                if n < slice1 and row < stop:
                    when, says, percent, me, event = t[row], PERCENT, float(battery_pct[row]), row, -1
                    row += 1
                elif report < report1:
                    when, says, percent = report_t[report], report_says[report], report_percent[report]
                    me, event = -1 - report, report_event[report]
                    report += 1
                    stop = -1
                else:
                    break
                while rule < rule1 and rule_until[rule] <= when:
                    rule += 1
                in_force = rule < rule1 and rule_from[rule] <= when
                starts = False
                adds = False
                ends = False
                if looks_for_dead:
                    if not in_force or (says != PERCENT and says != DEAD):
                        continue
                    if now >= 0 and when < found_end[now]:
                        adds = says == DEAD or percent <= rule_dead[now_rule]
                    elif says == DEAD or percent <= rule_dead[rule]:
                        while contact_n < slice1:
                            contact = next_contact(
                                contact,
                                slice_i0[contact_n],
                                slice_i1[contact_n],
                                when,
                                t,
                                sequence,
                                source,
                                quality,
                            )
                            if contact < slice_i1[contact_n]:
                                break
                            contact_n += 1
                            contact = slice_i0[contact_n] if contact_n < slice1 else 0
                        silent_until = min(end_us, wearing_until[w])
                        if contact_n < slice1:
                            silent_until = t[contact]
                        starts = says == DEAD or silent_until - when > rule_gap_us[rule]
                elif now >= 0:
                    ends = says in (DEAD, OK) or (says == PERCENT and percent >= rule_ok[now_rule])
                    for dead in range(first_found, n_dead):
                        ends = ends or found_first[dead] == me
                    adds = ends or says == LOW or (says == PERCENT and percent <= rule_low[now_rule])
                elif in_force and (says == LOW or (says == PERCENT and percent <= rule_low[rule])):
                    starts = True
                    for dead in range(first_found, n_dead):
                        if found_start[dead] <= when and when < found_end[dead]:
                            starts = False
                if starts:
                    if n_found >= len(found):
                        return w
                    now = n_found
                    now_rule = rule
                    n_found += 1
                    found_wearing[now] = w
                    found_dead[now] = 1 if looks_for_dead else 0
                    found_start[now] = when
                    found_end[now] = NEVER_ENDED
                    found_first[now] = me
                    found_last[now] = me
                    found_count[now] = 1
                    if event >= 0:
                        counted[event] = now
                    if looks_for_dead and contact_n < slice1:
                        found_end[now] = t[contact]
                        found_last[now] = contact
                        found_count[now] = 2
                elif adds:
                    # One signal counts once, though it may be both an event and a reading.
                    if event < 0 or counted[event] != now:
                        found_count[now] += 1
                        if not looks_for_dead or found_end[now] == NEVER_ENDED:
                            found_last[now] = me
                        if event >= 0:
                            counted[event] = now
                    if ends:
                        found_end[now] = when
                        now = -1
            if looks_for_dead:
                n_dead = n_found
        counts[0] = n_found
        w += 1
    return w
