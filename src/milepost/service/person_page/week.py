"""A week of duties: what was kept, what was broken, what is unknown; worked out by the engine from stored signals.

The engine's answer is kept in the cache under everything it depends on (orders, signals, rules, the time judged
until). What people decided is not kept with it: it is read each time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache

from milepost.compliance.batch import evaluate
from milepost.compliance.plain_times import as_us
from milepost.compliance.too_small import too_small
from milepost.orders.schedules import expand
from milepost.service.kit.local_days import start_of_local_day_us
from milepost.service.person_page.history import how_many, own_signals
from milepost.service.person_page.owed import parts_by_day
from milepost.service.person_page.policy_data import week_words
from milepost.service.person_page.subject import Subject
from milepost.service.web.language import LANGUAGE
from milepost.times import HOUR_US, MINUTE_US, SECOND_US

LEAD_US = 6 * HOUR_US
"""The engine begins so much before the week: it must have seen where somebody was to say when they left."""
NIGHT_US = 36 * HOUR_US
"""The night of Sunday ends on Monday."""
STEP_US = 5 * MINUTE_US
"""The current week is judged until the last whole five minutes, so that looking again is quick."""
KEPT_FOR_S = 24 * 3600

Key = tuple[str, str, dt.date]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time of one label: met, breached, uncertain, conflict, no_data (with its cause). Microseconds UTC."""

    start_us: int
    end_us: int
    label: str
    cause: str


@dataclass(slots=True)
class Cell:
    """One duty on one local day; a night belongs to the day it begins. Seconds."""

    order_id: str
    condition_id: str
    day: dt.date
    state: str = "not_owed"
    """not_owed, not_yet, cannot, kept, broken, unknown."""
    owed_s: float = 0.0
    met_s: float = 0.0
    broken_s: float = 0.0
    unknown_s: float = 0.0
    judged_s: float = 0.0
    too_small: str = ""
    """Where time is uncertain because the place is too small for the positions: that, in a sentence."""
    running: bool = False
    """Still going on: judged as far as now."""
    reason: str = ""
    parts: list[tuple[int, int]] = field(default_factory=list)

    @property
    def coverage(self) -> float | None:
        """Share of the time judged of which something is known. None: nothing was judged."""
        return (self.met_s + self.broken_s) / self.judged_s if self.judged_s else None


@dataclass(slots=True)
class Row:
    """One condition over the week."""

    order_id: str
    condition_id: str
    kind: str
    place: str
    cells: list[Cell]
    stretches: list[Stretch]
    owed: list[tuple[int, int]]


@dataclass(slots=True)
class Week:
    days: list[dt.date]
    bounds_us: list[int]
    """Local midnights: 8 of them, so that a day of 23 or 25 hours is as long as it is."""
    judged_until_us: int
    rows: list[Row]


TOLD_BY_FINDINGS = ("be_tracked", "be_sober", "charge_and_wear")
"""Duties that the engine judges by what a device reports, not by time: they have no minutes kept or broken."""


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def week_of(subject: Subject, monday: dt.date) -> Week:
    """Raises ``LookupError`` where no published rule table covers a regime on a date of the week."""
    days = [monday + dt.timedelta(days=n) for n in range(7)]
    bounds = [start_of_local_day_us(monday + dt.timedelta(days=n)) for n in range(8)]
    begin_us = bounds[0] - LEAD_US
    until_us = min(subject.now_us // STEP_US * STEP_US, bounds[-1] + NIGHT_US)
    coverage, timeline = _judged(subject, begin_us, until_us) if until_us > begin_us else ([], [])
    rows = _rows(subject, days, bounds)
    for row in rows.values():
        for cell in row.cells:
            _future(cell, until_us)
    _fill(rows, coverage, until_us)
    _explain_too_small(rows, coverage, subject)
    for line in timeline:
        found = rows.get((line["order_id"], line["condition_id"]))
        if found is not None and line["start_utc"] < bounds[-1] and line["end_utc"] > bounds[0]:
            found.stretches.append(
                Stretch(max(line["start_utc"], bounds[0]), line["end_utc"], line["label"], line["cause"])
            )
    return Week(days, bounds, until_us, list(rows.values()))


def _rows(subject: Subject, days: list[dt.date], bounds: list[int]) -> dict[tuple[str, str], Row]:
    rows: dict[tuple[str, str], Row] = {}
    for owed in expand(subject.order_file, bounds[0], bounds[-1]):
        if owed.duty in TOLD_BY_FINDINGS:
            continue
        key = (owed.order_id, owed.condition_id)
        if key not in rows:
            cells = [Cell(owed.order_id, owed.condition_id, day) for day in days]
            rows[key] = Row(*key, str(owed.kind), subject.place_of(owed), cells, [], [])
        row = rows[key]
        row.owed.append((max(owed.start_us, bounds[0]), min(owed.end_us, bounds[-1] + NIGHT_US)))
        for n, part in parts_by_day(owed, bounds):
            cell = row.cells[n]
            cell.parts.append(part)
            cell.owed_s += (part[1] - part[0]) / SECOND_US
            if owed.not_evaluable:
                cell.state, cell.reason = "cannot", owed.not_evaluable
    return rows


def _future(cell: Cell, until_us: int) -> None:
    if cell.parts and cell.state != "cannot":
        cell.state = "not_yet" if min(start for start, _ in cell.parts) >= until_us else "unknown"


def _fill(rows: dict[tuple[str, str], Row], coverage: Iterable[dict[str, Any]], until_us: int) -> None:
    """Adds up the parts that the engine judged, each in the cell of the day on which it began."""
    unknown_from, broken_from = (
        week_words().unknown_from_share_unseen.value,
        week_words().broken_from_seconds.value,
    )
    for line in coverage:
        row = rows.get((line["order_id"], line["condition_id"]))
        if row is None or line["status"] != "judged":
            continue
        start = line["part_start_utc"]
        for cell in row.cells:
            if any(a <= start < b for a, b in cell.parts):
                cell.met_s += line["met_s"]
                cell.broken_s += line["breached_s"]
                cell.unknown_s += line["uncertain_s"] + line["conflict_s"] + line["no_data_s"]
                cell.judged_s += line["judged_s"]
                break
    for row in rows.values():
        for cell in row.cells:
            if not cell.judged_s:
                continue
            cell.running = any(start < until_us < end for start, end in cell.parts)
            if cell.broken_s >= broken_from:
                cell.state = "broken"
            else:
                cell.state = "unknown" if cell.unknown_s / cell.judged_s >= unknown_from else "kept"


def _explain_too_small(
    rows: dict[tuple[str, str], Row], coverage: Iterable[dict[str, Any]], subject: Subject
) -> None:
    """In each cell with uncertain time, the share of the part in which most positions were too inexact."""
    begun = [line for line in coverage if line["uncertain_s"] and line["too_inexact_share"]]
    if not begun:
        return
    first = min(line["obligation_start_utc"] for line in begun)
    last = max(line["obligation_start_utc"] for line in begun)
    targets = {
        (o.order_id, o.condition_id, o.start_us): o.target
        for o in expand(subject.order_file, first, last + 1)
        if o.target is not None
    }
    for line in sorted(begun, key=lambda line: line["too_inexact_share"]):
        key = (line["order_id"], line["condition_id"])
        for cell in rows[key].cells if key in rows else ():
            if any(a <= line["part_start_utc"] < b for a, b in cell.parts):
                target = targets.get((*key, line["obligation_start_utc"]))
                cell.too_small = too_small(line["too_inexact_share"], target, LANGUAGE)


def _judged(
    subject: Subject, begin_us: int, until_us: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of coverage and timeline, times in microseconds: from the cache, or from the engine."""
    key = _key(subject, begin_us, until_us)
    known = cache.get(key)
    if known is None:
        results = evaluate(
            subject.order_file,
            expand,
            own_signals(subject, begin_us, until_us + 1),
            subject.rules,
            begin_us=begin_us,
            until_us=until_us,
            timeline_of={subject.person.reference},
        )
        known = (_plain(results.coverage.to_pylist()), _plain(results.timeline.to_pylist()))
        cache.set(key, known, KEPT_FOR_S)
    coverage, timeline = known
    return coverage, timeline


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in rows:
        for name in row:
            if name.endswith("_utc"):
                row[name] = as_us(row[name])
    return rows


def _key(subject: Subject, begin_us: int, until_us: int) -> str:
    depends = hashlib.sha256()
    depends.update(subject.order_file.model_dump_json(by_alias=True).encode())
    depends.update(repr((begin_us, until_us, how_many(subject, begin_us, until_us + 1))).encode())
    depends.update(repr(sorted(table.name for table in subject.rules.tables)).encode())
    return f"week:{subject.person.pk}:{depends.hexdigest()}"


def by_cell(week: Week, rows: Iterable[dict[str, Any]]) -> dict[Key, list[dict[str, Any]]]:
    """Findings (the engine's rows, microseconds) by the cell whose time they touch."""
    found: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    cells = {(row.order_id, row.condition_id): row.cells for row in week.rows}
    for finding in rows:
        for cell in cells.get((finding["order_id"], finding["condition_id"]), ()):
            if any(finding["start_utc"] < end and finding["end_utc"] >= start for start, end in cell.parts):
                found[cell.order_id, cell.condition_id, cell.day].append(finding)
    return found
