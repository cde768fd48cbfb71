"""Section 11, levels: what a finding means by its rule table, and the running totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from milepost.compliance.rule_tables import Response, RuleSet, Total
from milepost.compliance.times import SECOND_US, from_us, to_us
from milepost.orders.model import Order, OrderFile

DAY_US = 86_400 * SECOND_US
Row = dict[str, Any]


def _named(response: Response, row: Row) -> bool:
    named = "*" in response.findings or row["kind"] in response.findings
    return named and row["seconds"] / 60 >= response.from_minutes


def _is_repeat(response: Response, other: Row, row: Row) -> bool:
    before_us = row["end_utc"] - other["end_utc"]
    in_window = response.within_days is None or before_us <= response.within_days * DAY_US
    return before_us >= 0 and in_window and _named(response, other)


def set_levels(rows: list[Row], settled: Sequence[Row] = ()) -> None:
    """Sets level, action, clock and rule: the last response that fits. With none, it is a note.

    ``settled``: earlier findings that are not judged again, but count as repeats.
    """
    by_order: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_order[row["person_id"], row["order_id"]].append(row)
    before: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in settled:
        before[row["person_id"], row["order_id"]].append(row)
    for key, of_order in by_order.items():
        counted = [*before.get(key, ()), *of_order]
        for row in of_order:
            row.update(level="note", action="", act_within_minutes=None, rule="")
            for response in row["_table"].response:
                if not _named(response, row):
                    continue
                if response.repeats > 1 and (
                    sum(_is_repeat(response, other, row) for other in counted) < response.repeats
                ):
                    continue
                row.update(
                    level=response.level,
                    action=response.action,
                    act_within_minutes=response.act_within_minutes,
                    rule=response.id,
                )


def _in_force(order: Order, begin_us: int, until_us: int) -> bool:
    if not order.versions:
        return False
    starts = min(to_us(v.effective_from_utc) for v in order.versions)
    return starts <= until_us and (order.ends_utc is None or to_us(order.ends_utc) > begin_us)


def running_totals(
    order_file: OrderFile, rows: list[Row], rules: RuleSet, begin_us: int, until_us: int
) -> list[Row]:
    """One row for each total of each order in force in the evaluation, and what would tip it."""
    by_order: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_order[row["person_id"], row["order_id"]].append(row)
    day = from_us(until_us).date()
    orders = [o for o in order_file.orders if _in_force(o, begin_us, until_us)]
    result: list[Row] = []
    for order in sorted(orders, key=lambda o: (o.person_id, o.id)):
        table = rules.for_regime(order.regime, day)
        of_order = by_order.get((order.person_id, order.id), [])
        result.extend(
            {
                "person_id": order.person_id,
                "order_id": order.id,
                **_total(t, of_order, until_us),
                "rule_table": table.name,
            }
            for t in table.total
        )
    return result


def _total(total: Total, rows: list[Row], until_us: int) -> Row:
    begin_us = until_us - round(total.window_days * DAY_US)
    counted = [
        row
        for row in rows
        if ("*" in total.findings or row["kind"] in total.findings)
        and begin_us <= row["start_utc"] <= until_us
    ]
    minutes = sum(round(row["seconds"] * SECOND_US) for row in counted) / SECOND_US / 60
    limits = sorted(total.limits, key=lambda limit: limit.minutes)
    ahead = [limit for limit in limits if limit.minutes > minutes]
    reached = [limit for limit in limits if limit.minutes <= minutes]
    return {
        "total": total.id,
        "description": total.description,
        "window_start_utc": begin_us,
        "window_end_utc": until_us,
        "minutes": round(minutes, 2),
        "count": len(counted),
        "next_limit_minutes": ahead[0].minutes if ahead else None,
        "minutes_left": round(ahead[0].minutes - minutes, 2) if ahead else None,
        "next_level": ahead[0].level if ahead else "",
        "reached_level": reached[-1].level if reached else "",
    }
