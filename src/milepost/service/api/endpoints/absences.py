"""Authorised absences, permitted purposes and suspensions."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Status
from pydantic import Field

from milepost.service.accounts.roles import Permission
from milepost.service.api.doors import caller, needs
from milepost.service.api.endpoints import listed, one_of
from milepost.service.api.enums import AbsenceKind
from milepost.service.api.logged import consulted_again
from milepost.service.api.once import RepeatKey, once
from milepost.service.api.paging import After, Limit
from milepost.service.api.scopes import Scope
from milepost.service.api.shapes import Asked, Moment, Name, Page, Told, Words
from milepost.service.orders.actions import absences
from milepost.service.orders.models import Absence, Order

router = Router(tags=["Absences"])
READ = needs(Scope.ABSENCES_READ, Permission.VIEW_ORDERS)
WRITE = needs(Scope.ABSENCES_WRITE, Permission.AUTHORISE_ABSENCES)
AbsenceNumber = Annotated[int, Path(ge=1, le=1 << 53, description="Number of the absence")]


class AbsenceRow(Told):
    """A time in which a duty is lifted."""

    absence: int = Field(description="Its number")
    person: str = Field(description="Reference of the person")
    order: str = Field(description="Reference of the order")
    condition_id: str = Field(description="Empty: every condition of the order")
    kind: AbsenceKind
    from_utc: dt.datetime
    until_utc: dt.datetime
    reason_code: str
    reason: str
    evidence: str
    waits_for_second: bool = Field(description="Has no effect before a second person confirms it")
    withdrawn_utc: dt.datetime | None


class NewAbsence(Asked):
    """Lifts a duty for a time. The table of reasons says who may authorise what, and what has to be seen."""

    order: Name = Field(description="Reference of the order")
    condition_id: Name | None = Field(default=None, description="null: every condition of the order")
    kind: AbsenceKind = Absence.Kind.AUTHORISED_ABSENCE
    from_utc: Moment
    until_utc: Moment
    reason_code: Name
    reason: Words = ""
    evidence: Words = Field(default="", description="What was seen: a letter, a call back, a booking")


def _row(absence: Absence) -> AbsenceRow:
    return AbsenceRow(
        absence=absence.pk, person=absence.person.reference, order=absence.order.reference,
        condition_id=absence.condition_id, kind=Absence.Kind(absence.kind), from_utc=absence.from_utc,
        until_utc=absence.until_utc, reason_code=absence.reason_code, reason=absence.reason,
        evidence=absence.evidence, waits_for_second=absence.waits_for_second, withdrawn_utc=absence.withdrawn_utc,
    )  # fmt: skip


@router.get("/absences", response=Page[AbsenceRow], auth=READ)
def list_absences(
    request: HttpRequest,
    person: Annotated[Name | None, Query(description="Only of this person")] = None,
    cursor: After = None,
    limit: Limit = None,
) -> Page[AbsenceRow]:
    """Absences of the people within your reach, newest first; those withdrawn too."""
    rows = Absence.objects.visible_to(caller(request).user).select_related("person", "order")
    found, after = listed(request, "api.absences", rows, ["-pk"], cursor, limit, person=person)
    return Page[AbsenceRow](items=[_row(a) for a in found], next_cursor=after)


@router.post("/absences", response={201: AbsenceRow}, auth=WRITE)
def add_absence(
    request: HttpRequest, response: HttpResponse, absence: NewAbsence, key: RepeatKey = None
) -> Status[AbsenceRow]:
    """Authorise an absence, in advance or afterwards. The engine honours it from the next step."""
    user = caller(request).user
    order = one_of(Order, user, reference=absence.order)

    def make() -> str:
        made = absences.add_absence(
            by=user, order=order, from_utc=absence.from_utc, until_utc=absence.until_utc,
            reason_code=absence.reason_code, kind=absence.kind, condition_id=absence.condition_id or "",
            reason=absence.reason, evidence=absence.evidence,
        )  # fmt: skip
        return str(made.pk)

    found: Absence = one_of(Absence, user, pk=int(once(request, response, key, make)))
    consulted_again(request, response, found.person)
    return Status(201, _row(found))


@router.post("/absences/{absence}/withdrawal", response=AbsenceRow, auth=WRITE)
def withdraw_absence(request: HttpRequest, absence: AbsenceNumber) -> AbsenceRow:
    """The duty holds again, as if the absence had not been; the row stays."""
    user = caller(request).user
    absences.withdraw_absence(by=user, absence=one_of(Absence, user, pk=absence))
    return _row(one_of(Absence, user, pk=absence))
