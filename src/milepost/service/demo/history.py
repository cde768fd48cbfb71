"""The days before the visitor came, lived through: signals judged, alerts opened when they would have, and decided.

Nothing here makes up a finding. The batch engine judges the past days, as it judges closed days anywhere; the
code that writes live findings writes these; decisions go through the same actions as anyone's. The clock
stands at each moment in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
from django.db import connection

from milepost.compliance.batch import evaluate
from milepost.orders.schedules import expand
from milepost.service import clock
from milepost.service.demo.officers import Officers
from milepost.service.demo.policy_data import numbers
from milepost.service.demo.population import Staff
from milepost.service.demo.town import Times, TownSignals
from milepost.service.kit.rules_in_force import rules_in_force
from milepost.service.monitoring.overdue import announce_overdue
from milepost.service.monitoring.reconcile import reconcile
from milepost.service.orders.engine_file import order_file_of
from milepost.service.people.models import Person
from milepost.times import MINUTE_US

Row = dict[str, Any]


def live_through(
    people: dict[str, Person],
    signals: TownSignals,
    times: Times,
    staff: Staff,
    progress: Callable[[float], None],
) -> None:
    """Judges everything received until the visit and has officers decide as they would have.

    ``progress`` is told the share that is done, 0 to 1.
    """
    known = _by_time(_judge(people, signals, times), times)
    progress(0.3)
    says: dict[str, list[Row]] = {}
    begins = dict.fromkeys(people, times.begin_us)
    officers = Officers(staff, times.visit_us)
    step = numbers().past.step_minutes * MINUTE_US
    now = times.begin_us
    while now < times.visit_us:
        now = min(now + step, times.visit_us)
        new = known.get(-(-(now - times.begin_us) // step), [])
        for row in new:
            says.setdefault(row["person_id"], []).append(row)
        with clock.pinned(now):
            reconcile(
                [people[reference] for reference in sorted({row["person_id"] for row in new})],
                says=lambda references: [row for r in sorted(references) for row in says.get(r, [])],
                begins_us=begins, worker="demo-past", check=lambda people: None,
            )  # fmt: skip
            officers.work(now)
            announce_overdue()
        progress(0.3 + 0.7 * (now - times.begin_us) / (times.visit_us - times.begin_us))
    with clock.pinned(times.visit_us):
        officers.leave_for_second(times.visit_us)


def _judge(people: dict[str, Person], signals: TownSignals, times: Times) -> list[Row]:
    """What the batch engine finds in all that was received before the visit: rows of the findings table."""
    rules = rules_in_force()
    results = evaluate(
        order_file_of(people.values()), expand, signals.received_in(0, times.visit_us), rules,
        begin_us=times.begin_us, until_us=times.visit_us, timeline_of=set(),
    )  # fmt: skip
    table = results.findings
    for number, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(number, field.name, table.column(field.name).cast(pa.int64()))
    rows: list[Row] = table.to_pylist()
    return rows


def _by_time(rows: list[Row], times: Times) -> dict[int, list[Row]]:
    """Findings by the step in which they came onto the board: when they had ended, or some time after they began."""
    step = numbers().past.step_minutes * MINUTE_US
    later = numbers().past.told_after_minutes * MINUTE_US
    last = -(-(times.visit_us - times.begin_us) // step)
    by_step: dict[int, list[Row]] = {}
    for row in rows:
        told_us = row["start_utc"] + later if row["status"] == "open" else row["end_utc"]
        at = min(max(-(-(told_us - times.begin_us) // step), 1), last)
        by_step.setdefault(at, []).append(row)
    return by_step


def write_quickly() -> None:
    """What is made can be made again: no need to wait for the disk at each commit."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")


def write_safely() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # from here on everything is on the disk
