"""The evaluation as a whole: section 11, *Period*, *Rule table* and *Identity*."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from milepost.compliance.reference.absences import Case, absences, conflicts
from milepost.compliance.reference.attendance import attendance
from milepost.compliance.reference.basis import Bases, time_of
from milepost.compliance.reference.battery import batteries
from milepost.compliance.reference.coverage import (
    cannot_be_evaluated,
    coverage_row,
    moments_of,
    parts_of,
    timeline_rows,
)
from milepost.compliance.reference.device_findings import device_events
from milepost.compliance.reference.finding import Finding, order_of_finding
from milepost.compliance.reference.intervals import utc_date
from milepost.compliance.reference.levels import set_levels, totals
from milepost.compliance.reference.signals import PersonSignals, whose_signals
from milepost.compliance.reference.silence import silences
from milepost.compliance.reference.witnesses import what_is_known
from milepost.compliance.results import COVERAGE, FINDINGS, TIMELINE, TOTALS, Results
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.model import ConditionKind, OrderFile
from milepost.orders.obligations import DUTY_OF_KIND, Obligation
from milepost.tracks.record import Signals

NEEDS_A_PLACE = ("be_inside", "be_outside", "attend")


def evaluate_slowly(
    order_file: OrderFile,
    obligations: list[Obligation],
    signals: Signals,
    rules: RuleSet,
    *,
    until_us: int | None = None,
) -> Results:
    """Judges all obligations, one by one, word by word as "How the engine decides" says.

    Args:
        until_us: the end of the evaluation, microseconds UTC; None: the latest time recorded.

    Raises:
        LookupError: no published rule table covers a regime on a date.
    """
    read = whose_signals(order_file, signals, until_us, rules.learned)
    if read.start is None or read.start > read.end:
        return Results(period_start_us=read.end, period_end_us=read.end, counts=read.counts)
    start, end = read.start, read.end

    findings: list[Finding] = []
    coverage: list[dict[str, Any]] = []
    timeline: list[dict[str, Any]] = []
    for obligation in sorted(obligations, key=order_of_obligation):
        if obligation.start_us < obligation.end_us and overlaps(obligation, start, end):
            person = read.people.get(obligation.person_id, PersonSignals(obligation.person_id))
            judge(obligation, person, rules, start, end, findings, coverage, timeline)

    bases = Bases(order_file, obligations, rules)
    for person in read.people.values():
        findings += device_events(person, bases, end)
        findings += batteries(person, bases, end)
        findings += silences(person, bases, start, end)

    set_levels(findings)
    findings.sort(key=order_of_finding)
    in_force = [o for o in order_file.orders if o.versions and time_of(o)[0] <= end and time_of(o)[1] > start]
    return Results(
        findings=as_table([f.row() for f in findings], FINDINGS),
        coverage=as_table(coverage, COVERAGE),
        timeline=as_table(timeline, TIMELINE),
        totals=as_table(totals(in_force, findings, rules, end), TOTALS),
        period_start_us=start,
        period_end_us=end,
        counts=read.counts,
    )


def order_of_obligation(obligation: Obligation) -> tuple[object, ...]:
    o = obligation
    return (o.person_id, o.order_id, o.condition_id, o.start_us, o.end_us, o.order_version)


def overlaps(obligation: Obligation, start: int, end: int) -> bool:
    return obligation.start_us < end and obligation.end_us > start


def why_not(obligation: Obligation) -> str:
    """Why this cannot be evaluated, or nothing."""
    if obligation.not_evaluable is not None:
        return obligation.not_evaluable
    needs_a_place = DUTY_OF_KIND[obligation.kind] in NEEDS_A_PLACE
    has_none = obligation.target is None or not obligation.target.shapes
    return "has no place" if needs_a_place and has_none else ""


def judge(
    obligation: Obligation,
    person: PersonSignals,
    rules: RuleSet,
    start: int,
    end: int,
    findings: list[Finding],
    coverage: list[dict[str, Any]],
    timeline: list[dict[str, Any]],
) -> None:
    table = rules.for_regime(obligation.regime, utc_date(obligation.start_us))
    reason = why_not(obligation)
    if reason:
        coverage.append(cannot_be_evaluated(obligation, reason, end, table.name))
        return
    knowledge = what_is_known(obligation, person, table.evidence, start, end)
    moments = moments_of(obligation, knowledge, person, table.evidence, start, end)
    for part in parts_of(obligation, start, end):
        coverage.append(coverage_row(obligation, part, moments, knowledge, table.evidence, end, table.name))
    timeline.extend(timeline_rows(obligation, moments, knowledge.breach))
    if obligation.target is None:
        return
    case = Case(obligation, knowledge, moments, table, end)
    findings.extend(attendance(case) if obligation.kind == ConditionKind.ATTENDANCE else absences(case))
    findings.extend(conflicts(case))


def as_table(rows: Iterable[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    listed = list(rows)
    columns = []
    for column in schema:
        values = [row[column.name] for row in listed]
        kind = pa.int64() if pa.types.is_timestamp(column.type) else column.type
        columns.append(pa.array(values, kind).cast(column.type))
    return pa.Table.from_arrays(columns, schema=schema)
