"""What a shift does beside single decisions: hand over, call back, decide many that are alike and over."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from milepost.compliance.finding_kinds import FindingKind
from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.api.doors import caller
from milepost.service.api.endpoints.incidents import (
    READ,
    WRITE,
    CallBackRow,
    IncidentNumber,
    WholeIncident,
    call_back_row,
    get_of,
    whole_incident,
)
from milepost.service.api.logged import consulted
from milepost.service.api.problems import ApiProblem
from milepost.service.api.shapes import Asked, LongWords, Moment, Name, Told, Words
from milepost.service.monitoring import actions
from milepost.service.monitoring.alike import alike_among, over_and_alike
from milepost.service.monitoring.call_backs import waiting_calls
from milepost.service.monitoring.incident_page import candidates
from milepost.service.monitoring.models import DecisionKind
from milepost.service.monitoring.policy_data import board_numbers
from milepost.times import HOUR_US, to_us

router = Router(tags=["Alerts"])


class NewHolder(Asked):
    """To whom an alert is handed over. Never oneself."""

    to: Name = Field(description="E-mail address of somebody else who may decide the alert")
    note: Words = Field(default="", description="What they should know")


class NewCallBack(Asked):
    at_utc: Moment = Field(description="When to call again; a time that was set before is replaced")
    why: Words = ""


class AlikeRow(Told):
    """Alerts of one kind that are over, of one night (noon to noon, named by the day it begins)."""

    kind: FindingKind
    night: dt.date
    count: int


class Shown(Asked):
    incident: int = Field(ge=1, le=1 << 53)
    revision: int = Field(ge=0, le=1 << 30, description="As you saw it: one that has changed since is left")


class ManyDecided(Asked):
    """One decision for many alerts that are alike and over. decision_policy.toml says which and how many."""

    incidents: list[Shown] = Field(min_length=1, max_length=1000)
    kind: DecisionKind
    reason_code: Name
    explanation: LongWords = ""


class LeftOut(Told):
    incident: int
    why: str


class WhatBecame(Told):
    decided: list[int] = Field(
        description="Alerts that are decided now, each with an entry of its own in the log"
    )
    left: list[LeftOut] = Field(description="Alerts that are as they were, each with the reason")


@router.post("/incidents/{incident}/hand-over", response=WholeIncident, auth=WRITE)
def hand_over_incident(
    request: HttpRequest, response: HttpResponse, incident: IncidentNumber, holder: NewHolder
) -> WholeIncident:
    """Give it to somebody else who may decide it. Both are named in `handed_over`, on the page and in the log."""
    user = caller(request).user
    found = get_of(user, incident)
    if holder.to.lower() == user.email.lower():
        raise ApiProblem(
            409, "refused", "You cannot hand an alert over to yourself. Name somebody else, or claim it."
        )
    to: User | None = candidates(found, user).filter(email__iexact=holder.to).first()
    if to is None:
        raise ApiProblem(
            409, "refused", "Nobody else who may decide this alert has that address. Name somebody else."
        )
    actions.hand_over(incident=found, to=to, by=user, note=holder.note)
    return whole_incident(get_of(user, incident), user, response)


@router.post("/incidents/{incident}/take-over", response=WholeIncident, auth=WRITE)
def take_over_incident(
    request: HttpRequest, response: HttpResponse, incident: IncidentNumber
) -> WholeIncident:
    """Take it from somebody else who has it in hand."""
    user = caller(request).user
    actions.take_over(incident=get_of(user, incident), by=user)
    return whole_incident(get_of(user, incident), user, response)


@router.post("/incidents/{incident}/call-back", response={201: CallBackRow}, auth=WRITE)
def set_call_back(request: HttpRequest, incident: IncidentNumber, call: NewCallBack) -> Status[CallBackRow]:
    """Set a time to call again. At that time the alert comes back on the board and on today's list."""
    user = caller(request).user
    found = get_of(user, incident)
    made = actions.set_call_back(incident=found, due_us=to_us(call.at_utc), by=user, why=call.why)
    return Status(201, call_back_row(made, found))


@router.get("/call-backs", response=list[CallBackRow], auth=READ)
def list_call_backs(
    request: HttpRequest,
    hours: Annotated[
        float, Query(ge=0, le=168, description="Due within so many hours; what is late comes too")
    ] = 8,
) -> list[CallBackRow]:
    """Everybody's times to call again that wait, about people within your reach: the first first."""
    until_us = clock.now_us() + round(hours * HOUR_US)
    found = list(waiting_calls(caller(request).user, until_us)[: board_numbers().shift.rows])
    consulted(request, "api.call_backs", shown=[one.person.reference for one in found])
    return [call_back_row(one, one.incident) for one in found]


@router.get("/alike-incidents", response=list[AlikeRow], auth=WRITE)
def list_alike(request: HttpRequest) -> list[AlikeRow]:
    """Which alerts that are over may be decided together: how many of each kind and night."""
    found = alike_among(over_and_alike(caller(request).user))
    return [AlikeRow(kind=FindingKind(one.kind), night=one.night, count=one.count) for one in found]


@router.post("/alike-incidents/decisions", response=WhatBecame, auth=WRITE)
def decide_together(request: HttpRequest, decision: ManyDecided) -> WhatBecame:
    """Decide many alike at once. What is urgent, goes on, changed, needs a second person or is in others' hands is left."""
    user = caller(request).user
    shown = {one.incident: one.revision for one in decision.incidents}
    done = actions.decide_together(
        incidents=shown, by=user, kind=decision.kind.value, reason_code=decision.reason_code,
        explanation=decision.explanation,
    )  # fmt: skip
    return WhatBecame(
        decided=[one.incident_id for one in done.decisions],
        left=[LeftOut(incident=one.pk, why=why) for one, why in done.left],
    )
