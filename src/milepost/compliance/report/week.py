"""The week view: one bar for each obligation (or each local day of a long one), drawn as SVG.

The table row that holds a bar says the same in words, so the table is its own twin.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from milepost.compliance.plain_times import (
    SECOND_US,
    as_us,
    at,
    clock,
    duration_short,
    short_day,
    zone,
)
from milepost.compliance.plain_words import CAUSE_WORDS, LABEL_WORDS, percent_words
from milepost.compliance.report.rows import Row
from milepost.compliance.results import NoDataCause
from milepost.compliance.too_small import too_small
from milepost.orders.obligations import Target

DAY_US = 24 * 3600 * SECOND_US
CAUSES = tuple(cause.name.lower() for cause in NoDataCause)
LABELS_BY_WEIGHT = ("breached", "conflict", "uncertain", "no_data", "met")
SIGNS = {"breached": "✕", "conflict": "≠", "uncertain": "?", "no_data": "–", "met": "✓", "none": "○"}
WORD_FITS_PERCENT = 14.0
MOST_ROWS = 42
"""Rows of one condition shown; further ones that were wholly kept are counted instead. Display only."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One piece of a bar, in percent of its width."""

    left: float
    width: float
    label: str
    text: str
    word: str


@dataclass(frozen=True, slots=True)
class Bar:
    title: str
    hours: str
    note: str
    stretches: tuple[Stretch, ...]
    owed_left: float
    owed_width: float
    sign: str
    verdict: str
    words: str
    coverage: str


@dataclass(frozen=True, slots=True)
class WeekView:
    order_id: str
    condition_id: str
    kind: str
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    kept_rows_left_out: int


def week_views(
    coverage: list[Row],
    timeline: list[Row],
    timezones: dict[tuple[str, str], str],
    targets: dict[tuple[str, str, int], Target],
) -> list[WeekView]:
    """The week views of one person, from their coverage and timeline rows.

    ``timezones`` maps (order id, condition id) to the time zone the condition is written in, ``targets`` these and the
    obligation's start (microseconds UTC) to the place.
    """
    stretches: dict[tuple[str, str, int], list[Row]] = defaultdict(list)
    for row in timeline:
        stretches[row["order_id"], row["condition_id"], row["obligation_start_utc"]].append(row)
    parts: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in coverage:
        if row["status"] == "judged" and (row["judged_s"] or 0) > 0:
            parts[row["order_id"], row["condition_id"]].append(row)
    return [
        _week_view(rows, stretches, timezones.get(key, "UTC"), targets)
        for key, rows in sorted(parts.items(), key=lambda item: (item[1][0]["kind"], item[0]))
    ]


def _week_view(
    rows: list[Row],
    stretches: dict[tuple[str, str, int], list[Row]],
    timezone: str,
    targets: dict[tuple[str, str, int], Target],
) -> WeekView:
    rows = sorted(rows, key=lambda row: row["part_start_utc"])
    shown = rows
    if len(rows) > MOST_ROWS:
        shown = [row for index, row in enumerate(rows) if not _wholly_kept(row) or index < MOST_ROWS // 2]
    overnight = any(_crosses_midnight(row, timezone) for row in rows)
    bars = [
        _bar(
            row,
            stretches[row["order_id"], row["condition_id"], row["obligation_start_utc"]],
            timezone,
            overnight,
            targets.get((row["order_id"], row["condition_id"], row["obligation_start_utc"])),
        )
        for row in shown
    ]
    first = 12 if overnight else 0
    ticks = tuple((hour / 24 * 100, f"{(first + hour) % 24:02}:00") for hour in range(0, 24, 3))
    head = rows[0]
    return WeekView(
        head["order_id"], head["condition_id"], head["kind"], tuple(bars), ticks, len(rows) - len(shown)
    )


def _wholly_kept(row: Row) -> bool:
    return bool(row["met_s"] >= row["judged_s"])


def _crosses_midnight(row: Row, timezone: str) -> bool:
    first, last = at(row["part_start_utc"], timezone), at(row["part_end_utc"] - 1, timezone)
    return first.date() != last.date()


def _axis_start_us(start_us: int, timezone: str, overnight: bool) -> int:
    """The local midnight, or for nights the local noon, at or before a moment."""
    moment = at(start_us, timezone)
    if overnight and moment.hour < 12:
        moment -= dt.timedelta(days=1)
    first = dt.datetime.combine(moment.date(), dt.time(12 if overnight else 0), tzinfo=zone(timezone))
    return as_us(first) or start_us


def _bar(row: Row, stretches: list[Row], timezone: str, overnight: bool, target: Target | None) -> Bar:
    start, end = row["part_start_utc"], row["part_end_utc"]
    axis = _axis_start_us(start, timezone, overnight)
    changes = at(start, timezone).utcoffset() != at(end, timezone).utcoffset()

    def percent(us: int) -> float:
        return max(0.0, min(100.0, (us - axis) / DAY_US * 100))

    drawn = []
    for stretch in sorted(stretches, key=lambda s: s["start_utc"]):
        left_us, right_us = max(stretch["start_utc"], start), min(stretch["end_utc"], end)
        if right_us <= left_us:
            continue
        label, cause = stretch["label"], CAUSE_WORDS.get(stretch["cause"], "")
        left, width = percent(left_us), percent(right_us) - percent(left_us)
        word = LABEL_WORDS.get(label) or str(label)
        text = f"{clock(left_us, timezone)}–{clock(right_us, timezone)} {word}" + (
            f" ({cause})" if cause else ""
        )
        drawn.append(Stretch(left, width, label, text, word if width >= WORD_FITS_PERCENT else ""))
    until = clock(end, timezone)
    hours = f"{clock(start, timezone)}–{'24:00' if until == '00:00' else until}"
    long = duration_short((end - start) / SECOND_US)
    verdict, sign = _verdict(row)
    notes = []
    if changes:
        notes.append(f"Clocks change: {long}, times after the change are drawn an hour off the scale.")
    if (row["uncertain_s"] or 0) > 0:
        notes.append(too_small(row["too_inexact_share"], target))
    return Bar(
        title=short_day(start, timezone),
        hours=hours,
        note=" ".join(filter(None, notes)),
        stretches=tuple(drawn),
        owed_left=percent(start),
        owed_width=percent(end) - percent(start),
        sign=sign,
        verdict=verdict,
        words=_seconds_in_words(row),
        coverage=percent_words(row["coverage"]) if row["coverage"] is not None else "",
    )


def _verdict(row: Row) -> tuple[str, str]:
    for label in LABELS_BY_WEIGHT:
        if (row[f"{label}_s"] or 0) > 0:
            partly = label == "no_data" and (row["met_s"] or 0) > 0
            word = "Kept as far as known" if partly else LABEL_WORDS[label].capitalize()
            return word, SIGNS[label]
    return "Nothing judged", SIGNS["none"]


def _seconds_in_words(row: dict[str, Any]) -> str:
    told = []
    for label in LABELS_BY_WEIGHT:
        seconds = row[f"{label}_s"] or 0
        if seconds <= 0:
            continue
        causes = (
            [CAUSE_WORDS[c] for c in CAUSES if (row[f"no_data_{c}_s"] or 0) > 0] if label == "no_data" else []
        )
        why = f" ({', '.join(causes)})" if causes else ""
        told.append(f"{LABEL_WORDS[label].capitalize()} {duration_short(seconds)}{why}.")
    return " ".join(told)
