"""What one person owed, how much of it is known, and the running totals."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import pyarrow as pa
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from milepost.compliance.batch import evaluate
from milepost.orders.clock import FAR_FUTURE_US
from milepost.orders.model import ConditionKind, OrderFile
from milepost.orders.schedules import expand
from milepost.service import clock
from milepost.service.accounts.roles import Permission
from milepost.service.api.doors import caller, needs
from milepost.service.api.endpoints import person_of
from milepost.service.api.endpoints.people import PersonReference
from milepost.service.api.logged import consulted
from milepost.service.api.policy_data import numbers
from milepost.service.api.problems import ApiProblem
from milepost.service.api.scopes import Scope
from milepost.service.api.shapes import Moment, Told, check_window, of_us
from milepost.service.kit.rules_in_force import rules_in_force
from milepost.service.monitoring.person_totals import totals_of_person
from milepost.service.orders.engine_file import order_file_of
from milepost.service.people.models import Person
from milepost.service.person_page.subject import Subject
from milepost.service.signals.worn import signals_while_worn
from milepost.times import DAY_US, to_us

router = Router(tags=["Duties"])
From = Annotated[Moment, Query(description="Start of the window")]
Until = Annotated[Moment, Query(description="End of the window, not included")]


class ObligationRow(Told):
    """One stretch of time in which one duty held. It may begin before the window and end after it."""

    order: str
    order_version: int
    condition_id: str
    kind: ConditionKind
    duty: str = Field(description="be_inside, be_outside, attend, be_tracked, be_sober or charge_and_wear")
    start_utc: dt.datetime
    end_utc: dt.datetime | None = Field(description="null: no end is laid down")
    timezone: str
    places: list[str] = Field(description="Ids of the places it names")
    not_evaluable: str | None = Field(description="Why it cannot be judged; null where it can")
    notes: list[str] = Field(
        description="What shaped it: clock change, public holiday, authorised absence ..."
    )


class CoverageRow(Told):
    """How much of an obligation, or of one local day of a long one, is known. Seconds. No signal is neither
    keeping nor breaking a duty."""

    order: str
    condition_id: str
    kind: str
    part_start_utc: dt.datetime
    part_end_utc: dt.datetime
    judged_until_utc: dt.datetime
    status: str = Field(description="judged or cannot_be_evaluated")
    reason: str
    judged_s: float
    met_s: float
    breached_s: float
    uncertain_s: float
    conflict_s: float
    no_data_s: float
    coverage: float | None = Field(description="Part of the judged time that is known, 0 to 1")
    too_inexact_share: float | None = Field(
        description="Of a circle to be in: the part of the positions that cannot show that somebody was in it, 0 to 1"
    )
    rule_table: str


class TotalRow(Told):
    """A running total of an order. ``found`` counts everything; ``counted`` leaves out what was excused."""

    order: str
    total: str
    description: str
    window_start_utc: dt.datetime
    window_end_utc: dt.datetime
    found_minutes: float
    counted_minutes: float
    found_count: int
    counted_count: int
    next_limit_minutes: float | None = Field(description="null: no further limit")
    minutes_left: float | None
    next_level: str | None
    reached_level: str | None
    rule_table: str


class Obligations(Told):
    items: list[ObligationRow]


class Coverage(Told):
    items: list[CoverageRow]


class Totals(Told):
    items: list[TotalRow]


def _file_of(person: Person) -> OrderFile:
    return order_file_of([person])


@router.get(
    "/people/{person}/obligations",
    response=Obligations,
    auth=needs(Scope.ORDERS_READ, Permission.VIEW_ORDERS),
)
def list_obligations(
    request: HttpRequest, person: PersonReference, from_utc: From, until_utc: Until
) -> Obligations:
    """What is required of a person in a window, under the versions then in force, absences taken out."""
    check_window(from_utc, until_utc, numbers().windows.obligations_days)
    found = person_of(caller(request).user, person)
    consulted(request, "api.obligations", subject=found.reference)
    rows = expand(_file_of(found), to_us(from_utc), to_us(until_utc))
    return Obligations(items=[
        ObligationRow(
            order=o.order_id, order_version=o.order_version, condition_id=o.condition_id, kind=o.kind, duty=o.duty,
            start_utc=of_us(o.start_us), end_utc=_end(o.end_us), timezone=o.timezone,
            places=list(o.target.place_ids) if o.target else [], not_evaluable=o.not_evaluable, notes=list(o.notes),
        )
        for o in rows
    ])  # fmt: skip


def _end(us: int) -> dt.datetime | None:
    """An end in the far future stands for "none"."""
    return None if us >= FAR_FUTURE_US else of_us(us)


@router.get(
    "/people/{person}/coverage", response=Coverage, auth=needs(Scope.FINDINGS_READ, Permission.VIEW_BOARD)
)
def get_coverage(request: HttpRequest, person: PersonReference, from_utc: From, until_utc: Until) -> Coverage:
    """How much is known of what was required of a person in a window; worked out again from the signals."""
    check_window(from_utc, until_utc, numbers().windows.coverage_days)
    found = person_of(caller(request).user, person)
    consulted(request, "api.coverage", subject=found.reference)
    subject = Subject(found)
    order_file = subject.order_file
    begin_us, until_us = to_us(from_utc), min(to_us(until_utc), clock.now_us())
    if begin_us >= until_us or not order_file.activations:
        return Coverage(items=[])
    early_us = begin_us - numbers().coverage.look_back_days * DAY_US
    signals = signals_while_worn(subject.worn, early_us, until_us)
    try:
        told = evaluate(
            order_file,
            expand,
            signals,
            rules_in_force(),
            begin_us=begin_us,
            until_us=until_us,
            timeline_of=set(),
        )
    except LookupError as error:
        raise ApiProblem(409, "no-rules", str(error).strip("'\"")) from None
    return Coverage(items=[_coverage(row) for row in _rows(told.coverage)])


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _coverage(row: dict[str, Any]) -> CoverageRow:
    same = CoverageRow.model_fields.keys() - {"order"}
    return CoverageRow(order=row["order_id"], **{name: row[name] for name in same})


@router.get(
    "/people/{person}/totals", response=Totals, auth=needs(Scope.FINDINGS_READ, Permission.VIEW_BOARD)
)
def get_totals(request: HttpRequest, person: PersonReference) -> Totals:
    """The running totals of a person's orders now, with and without excused minutes, and what would tip them."""
    found = person_of(caller(request).user, person)
    consulted(request, "api.totals", subject=found.reference)
    order_file, rules = _file_of(found), rules_in_force()
    try:
        lines = totals_of_person(found, order_file, rules, until_us=clock.now_us())
    except LookupError as error:
        raise ApiProblem(409, "no-rules", str(error).strip("'\"")) from None
    return Totals(items=[
        TotalRow(
            order=line.order_id, total=line.total, description=line.description,
            window_start_utc=of_us(line.window_start_us), window_end_utc=of_us(line.window_end_us),
            found_minutes=line.found_minutes, counted_minutes=line.counted_minutes,
            found_count=line.counted + line.excused, counted_count=line.counted,
            next_limit_minutes=line.next_limit_minutes, minutes_left=line.minutes_left,
            next_level=line.next_level or None, reached_level=line.reached_level or None, rule_table=line.rule_table,
        )
        for line in lines
    ])  # fmt: skip
