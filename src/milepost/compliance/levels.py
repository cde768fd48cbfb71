"""Section 11, levels: what a finding means by its rule table, and the running totals."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from milepost.compliance.findings import Findings, column
from milepost.compliance.rule_tables import Response, RuleSet, Total
from milepost.compliance.times import SECOND_US, from_us, to_us
from milepost.orders.model import Order, OrderFile

DAY_US = 86_400 * SECOND_US
Row = dict[str, Any]
COUNTED = ("person_id", "order_id", "kind", "start_utc", "seconds")
"""What a running total reads of a finding."""


def _counts(response: Response, kind: str, seconds: float) -> bool:
    return ("*" in response.findings or kind in response.findings) and seconds / 60 >= response.from_minutes


def set_levels(findings: Findings, settled: Sequence[Row] = ()) -> None:
    """Sets level, action, clock and rule: the last response that fits. With none, it is a note.

    ``settled``: earlier findings (rows) that are not judged again, but count as repeats.
    """
    kinds, seconds, ends = (findings.values(name) for name in ("kind", "seconds", "end_utc"))
    before: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in settled:
        before[row["person_id"], row["order_id"]].append(row)
    chosen: list[Response | None] = [None] * len(findings)
    for key, of_order in findings.by_order().items():
        counted = [(row["kind"], row["seconds"], row["end_utc"]) for row in before.get(key, ())]
        counted += [(kinds[i], seconds[i], ends[i]) for i in of_order]
        for i in of_order:
            for response in findings.tables[i].response:
                if not _counts(response, kinds[i], seconds[i]):
                    continue
                if response.repeats > 1 and _repeats(response, counted, ends[i]) < response.repeats:
                    continue
                chosen[i] = response
    findings.columns |= {
        "level": column("level", [r.level if r else "note" for r in chosen]),
        "action": column("action", [r.action if r else "" for r in chosen]),
        "act_within_minutes": column(
            "act_within_minutes", [r.act_within_minutes if r else None for r in chosen]
        ),
        "rule": column("rule", [r.id if r else "" for r in chosen]),
    }


def _repeats(response: Response, counted: list[tuple[str, float, int]], end_us: int) -> int:
    """How many findings that the response names ended by then, and no longer ago than it looks back."""
    least_us = end_us - (response.within_days * DAY_US if response.within_days is not None else math.inf)
    return sum(
        least_us <= other_us <= end_us and _counts(response, kind, seconds)
        for kind, seconds, other_us in counted
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
