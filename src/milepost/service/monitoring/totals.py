"""The running totals of an order: with everything that was found, and with excused minutes taken off. Pure.

An excuse takes minutes off a total without deleting anything (law 4 of the design): both figures are always shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from milepost.compliance.levels import running_totals
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.model import OrderFile
from milepost.times import DAY_US

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TotalLine:
    """One total of one order. Minutes; times in microseconds UTC. ``counted`` leaves excused findings out."""

    order_id: str
    total: str
    """Its id in the rule table."""
    description: str
    window_start_us: int
    window_end_us: int
    found_minutes: float
    counted_minutes: float
    counted: int
    excused: int
    next_limit_minutes: float | None
    minutes_left: float | None
    next_level: str
    reached_level: str
    reached_level_with_excused: str
    rule_table: str

    @property
    def excused_minutes(self) -> float:
        return round(self.found_minutes - self.counted_minutes, 2)


def totals_of(
    order_file: OrderFile,
    rows: Iterable[Mapping[str, Any]],
    rules: RuleSet,
    *,
    until_us: int,
    excused: Collection[str] = (),
) -> list[TotalLine]:
    """Each total of each order in force at ``until_us``, and what would tip it.

    Args:
        rows: the person's current findings, as the engine gives them, times in microseconds UTC.
        excused: ids of findings whose minutes leave the total.

    Raises:
        LookupError: no published rule table covers a regime on that day.
    """
    everything = [dict(row) for row in rows]
    counted = [row for row in everything if row["finding_id"] not in excused]
    # "In force" is asked of a period; a total looks back from its end, so the period is that moment.
    found = running_totals(order_file, everything, rules, until_us, until_us)
    less = running_totals(order_file, counted, rules, until_us, until_us)
    return [
        TotalLine(
            order_id=one["order_id"],
            total=one["total"],
            description=one["description"],
            window_start_us=one["window_start_utc"],
            window_end_us=one["window_end_utc"],
            found_minutes=one["minutes"],
            counted_minutes=two["minutes"],
            counted=two["count"],
            excused=one["count"] - two["count"],
            next_limit_minutes=two["next_limit_minutes"],
            minutes_left=two["minutes_left"],
            next_level=two["next_level"],
            reached_level=two["reached_level"],
            reached_level_with_excused=one["reached_level"],
            rule_table=one["rule_table"],
        )
        for one, two in zip(found, less, strict=True)
    ]


def longest_window_us(rules: RuleSet) -> int:
    """How far back any total of any table looks."""
    days = [total.window_days for table in rules.tables for total in table.total]
    return round(max(days, default=0) * DAY_US)
