"""Which findings are one thing to look at, and how an incident follows from its findings. Pure functions.

- Findings of one obligation (this curfew night, this appointment) belong together.
- Findings of a condition without nights (a zone) belong together by the local day on which they began.
- Findings of a device belong together by what has to be done: charge it, find the person, look at the strap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from milepost.compliance.finding_kinds import described
from milepost.times import HOUR_US, day_of

Row = Mapping[str, Any]
LEVELS = ("note", "review", "urgent")
"""From least to most. A note makes no incident: it is on the person's page."""
OWED_FOR_DAYS_US = 36 * HOUR_US
"""Obligations longer than this have no nights of their own (as ``compliance.plan.LONG_OBLIGATION_US``)."""


def rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 0


def needs_a_look(level: str) -> bool:
    return rank(level) > 0


def group_key(row: Row, timezone: str) -> str:
    """What findings of one person must share to be one incident."""
    kind = described(row["kind"])
    if kind.of_device:
        return f"device|{row['activation_id']}|{kind.family.value}|{_day(row['start_utc'], timezone)}"
    owed_from, owed_until = row["obligation_start_utc"], row["obligation_end_utc"]
    part = f"{row['order_id']}|{row['condition_id']}"
    if owed_from is not None and owed_until is not None and owed_until - owed_from <= OWED_FOR_DAYS_US:
        return f"{part}|{owed_from}"
    return f"{part}|{_day(row['start_utc'], timezone)}"


def _day(us: int, timezone: str) -> str:
    return day_of(us, ZoneInfo(timezone)).isoformat()


@dataclass(frozen=True, slots=True)
class Look:
    """What an incident is, by its current findings."""

    level: str
    kind: str
    began_us: int
    still_going: bool
    act_within_minutes: int | None


def look_of(rows: Iterable[Row]) -> Look | None:
    """None: nothing is left of it (all withdrawn)."""
    rows = list(rows)
    if not rows:
        return None
    leading = max(rows, key=lambda r: (rank(r["level"]), r["seconds"], -r["start_utc"]))
    limits = [
        r["act_within_minutes"]
        for r in rows
        if r["level"] == leading["level"] and r["act_within_minutes"] is not None
    ]
    return Look(
        level=leading["level"],
        kind=leading["kind"],
        began_us=min(r["start_utc"] for r in rows),
        still_going=any(r["status"] == "open" for r in rows),
        act_within_minutes=min(limits, default=None),
    )
