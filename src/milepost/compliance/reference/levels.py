"""Section 11, *Levels*: what a finding means, and running totals."""

from __future__ import annotations

from collections.abc import Iterable

from milepost.compliance.reference.finding import Finding
from milepost.compliance.reference.intervals import DAY_US, SECOND_US, utc_date
from milepost.compliance.rule_tables import Response, RuleSet, RuleTable, Total
from milepost.orders.model import Order


def set_levels(findings: list[Finding]) -> None:
    """The last row of the table that fits sets level, action and clock; with none, it is a note."""
    for finding in findings:
        finding.level = "note"
        for response in finding.table.response:
            if fits(response, finding, findings):
                finding.level = response.level
                finding.action = response.action
                finding.act_within_minutes = response.act_within_minutes
                finding.rule = response.id


def fits(response: Response, finding: Finding, findings: Iterable[Finding]) -> bool:
    if not is_named(response, finding):
        return False
    if response.repeats == 1:
        return True
    return sum(is_repeat(response, other, finding) for other in findings) >= response.repeats


def is_named(response: Response, finding: Finding) -> bool:
    named = "*" in response.findings or finding.kind.value in response.findings
    return named and finding.seconds / 60 >= response.from_minutes


def is_repeat(response: Response, other: Finding, finding: Finding) -> bool:
    """Same person and order, named by the row too, ended within the days before this one's end."""
    same = (other.person_id, other.order_id) == (finding.person_id, finding.order_id)
    before_us = finding.end_utc - other.end_utc
    in_window = response.within_days is None or before_us <= response.within_days * DAY_US
    return same and before_us >= 0 and in_window and is_named(response, other)


def totals(
    orders: Iterable[Order], findings: list[Finding], rules: RuleSet, end: int
) -> list[dict[str, object]]:
    rows = []
    for order in sorted(orders, key=lambda o: (o.person_id, o.id)):
        table = rules.for_regime(order.regime, utc_date(end))
        for total in table.total:
            rows.append(total_row(order, total, table, findings, end))
    return rows


def total_row(
    order: Order, total: Total, table: RuleTable, findings: list[Finding], end: int
) -> dict[str, object]:
    begin = end - round(total.window_days * DAY_US)
    counted = [
        f
        for f in findings
        if (f.person_id, f.order_id) == (order.person_id, order.id)
        and ("*" in total.findings or f.kind.value in total.findings)
        and begin <= f.start_utc <= end
    ]
    minutes = sum(round(f.seconds * SECOND_US) for f in counted) / SECOND_US / 60
    limits = sorted(total.limits, key=lambda limit: limit.minutes)
    ahead = [limit for limit in limits if limit.minutes > minutes]
    reached = [limit for limit in limits if limit.minutes <= minutes]
    return {
        "person_id": order.person_id,
        "order_id": order.id,
        "total": total.id,
        "description": total.description,
        "window_start_utc": begin,
        "window_end_utc": end,
        "minutes": round(minutes, 2),
        "count": len(counted),
        "next_limit_minutes": ahead[0].minutes if ahead else None,
        "minutes_left": round(ahead[0].minutes - minutes, 2) if ahead else None,
        "next_level": ahead[0].level if ahead else "",
        "reached_level": reached[-1].level if reached else "",
        "rule_table": table.name,
    }
