"""Running totals of each order: with everything found, and with excused minutes taken off. Both are shown."""

from __future__ import annotations

from dataclasses import dataclass

from milepost.compliance.levels import running_totals
from milepost.service.monitoring.models import Decision, Finding
from milepost.service.person_page.owed import DAY_US
from milepost.service.person_page.subject import Subject


@dataclass(frozen=True, slots=True)
class TotalLine:
    """Minutes. ``counted_minutes`` leaves out what a person excused. ``rule_table`` is id@version."""

    order_id: str
    description: str
    window_start_us: int
    found_minutes: float
    counted_minutes: float
    next_limit_minutes: float | None
    minutes_left: float | None
    next_level: str
    reached_level: str
    rule_table: str

    @property
    def excused_minutes(self) -> float:
        return round(self.found_minutes - self.counted_minutes, 2)


def totals_of(subject: Subject) -> list[TotalLine]:
    """Two queries. Raises ``LookupError`` where no published rule table covers a regime."""
    if not subject.order_file.orders:
        return []
    days = max((total.window_days for table in subject.rules.tables for total in table.total), default=0)
    rows = list(
        Finding.objects.filter(
            person=subject.person, current=True, start_us__gte=subject.now_us - round(days * DAY_US)
        ).values_list("row", flat=True)
    )
    excused = excused_findings(subject)
    counted = [row for row in rows if row["finding_id"] not in excused]
    now_us = subject.now_us
    found = running_totals(subject.order_file, rows, subject.rules, now_us, now_us)
    less = running_totals(subject.order_file, counted, subject.rules, now_us, now_us)
    return [
        TotalLine(
            order_id=one["order_id"],
            description=one["description"],
            window_start_us=one["window_start_utc"],
            found_minutes=one["minutes"],
            counted_minutes=two["minutes"],
            next_limit_minutes=two["next_limit_minutes"],
            minutes_left=two["minutes_left"],
            next_level=two["next_level"],
            reached_level=two["reached_level"],
            rule_table=one["rule_table"],
        )
        for one, two in zip(found, less, strict=True)
    ]


def excused_findings(subject: Subject) -> set[str]:
    """Ids of current findings whose incident a standing decision took out of the totals."""
    decided = Decision.objects.filter(
        incident__person=subject.person, state=Decision.State.STANDS, counts_toward_total=False
    )
    ids = Finding.objects.filter(incident__in=decided.values("incident"), current=True)
    return set(ids.values_list("finding_id", flat=True))
