"""Alerts: the board as a list, one alert explained, claimed, decided, confirmed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from django.db.models import BigIntegerField, F, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Header, Path, Query, Router, Status
from pydantic import Field, StrictBool

from milepost.compliance.finding_kinds import FindingKind
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.api.doors import caller, needs
from milepost.service.api.endpoints import listed, one_of
from milepost.service.api.endpoints.findings import FindingRow, Level, finding_row
from milepost.service.api.enums import DecisionState
from milepost.service.api.explained import Explained, explain
from milepost.service.api.logged import consulted
from milepost.service.api.paging import After, Limit
from milepost.service.api.problems import ApiProblem
from milepost.service.api.scopes import Scope
from milepost.service.api.shapes import Asked, LongWords, Moment, Name, Page, Told, Words, of_us
from milepost.service.monitoring import actions
from milepost.service.monitoring.board import BoardRow, rows_of
from milepost.service.monitoring.models import (
    CallBack,
    Decision,
    DecisionKind,
    Incident,
    IncidentEvent,
    IncidentState,
)
from milepost.service.monitoring.sections import Section, section_in_sql, section_of

router = Router(tags=["Alerts"])
READ = needs(Scope.INCIDENTS_READ, Permission.VIEW_BOARD)
WRITE = needs(Scope.INCIDENTS_WRITE, Permission.DECIDE_INCIDENTS)
SECOND = needs(Scope.INCIDENTS_WRITE, Permission.SECOND_DECISIONS)
UNDECIDED = (IncidentState.OPEN, IncidentState.CLAIMED, IncidentState.WAITING_FOR_SECOND)
NO_CLOCK_US = 1 << 61
IncidentNumber = Annotated[int, Path(ge=1, le=1 << 53, description="Number of the alert")]
DecisionNumber = Annotated[int, Path(ge=1, le=1 << 53, description="Number of the decision")]
IfMatch = Annotated[
    str,
    Header(
        alias="If-Match", pattern=r'^"[0-9]{1,9}"$',
        description="The ETag of the alert as you saw it. Refused with 412 if it has changed since",
    ),
]  # fmt: skip


class IncidentRow(Told):
    """One thing a person must look at."""

    incident: int = Field(description="Its number")
    person: str = Field(description="Reference of the person")
    person_name: str
    state: IncidentState
    level: Level
    kind: FindingKind
    began_utc: dt.datetime = Field(description="When what it is about began")
    opened_utc: dt.datetime = Field(description="When it came onto the board")
    due_utc: dt.datetime | None = Field(description="By when the rules want it looked at; null: no clock")
    changed_utc: dt.datetime
    still_going: bool
    ended_utc: dt.datetime | None = Field(
        description="When it ended by itself; null: it goes on, or nothing is left"
    )
    section: Section | None = Field(
        description="Of the board, for you: now, held (others have it), second (waits for a second person), over (ended "
        "by itself, to decide); null once it is decided"
    )
    look_again: bool = Field(description="Later signals changed what was decided on")
    claimed_by: str | None = Field(description="Name of who has it in hand")
    claimed_by_me: bool
    revision: int = Field(description="Rises with every change; decisions name it (If-Match)")


class DecisionRow(Told):
    """What a person decided. Never changed: a new decision names the one it replaces."""

    decision: int = Field(description="Its number")
    kind: DecisionKind
    state: DecisionState
    reason_code: str
    explanation: str
    evidence: str
    counts_toward_total: bool
    incident_revision: int
    findings: list[str]
    rule_tables: list[str]
    by: str
    at_utc: dt.datetime
    second_by: str | None
    second_utc: dt.datetime | None
    second_note: str
    replaces: int | None


class HandedOver(Told):
    """It went from one person to another: handed over, or taken over where `by` is `to_name`."""

    from_name: str
    to_name: str
    by: str
    at_utc: dt.datetime


class CallBackRow(Told):
    """A time at which somebody has to be called again about an alert."""

    call_back: int = Field(description="Its number")
    incident: int
    person: str = Field(description="Reference of the person")
    state: CallBack.State
    due_utc: dt.datetime
    why: str
    by: str


class WholeIncident(IncidentRow):
    """An alert with its findings, each explained, and what was decided."""

    findings: list[FindingRow]
    explanations: list[Explained] = Field(
        description="Of each current finding; worked out again from the signals"
    )
    decisions: list[DecisionRow]
    handed_over: list[HandedOver] = Field(
        description="Each time it went from one to another, the first first"
    )
    call_back: CallBackRow | None = Field(description="The time to call again that waits")


class AbsenceTime(Asked):
    from_utc: Moment
    until_utc: Moment


class NewDecision(Asked):
    """A person's decision. decision_policy.toml says what each kind asks for."""

    kind: DecisionKind
    reason_code: Name
    explanation: LongWords = ""
    evidence: Words = Field(default="", description="What was seen as proof")
    asked_in_advance: StrictBool | None = None
    absence: AbsenceTime | None = Field(default=None, description="For authorised_absence: for which time")


class Answer(Asked):
    """The second person's answer."""

    answer: Literal["confirm", "refuse"]
    note: Words = ""


def _row(row: BoardRow, user: User) -> dict[str, Any]:
    incident = row.incident
    return {
        "incident": incident.pk, "person": incident.person.reference, "person_name": incident.person.name,
        "state": incident.state, "level": incident.level, "kind": incident.kind, "began_utc": of_us(incident.began_us),
        "opened_utc": of_us(incident.opened_us), "due_utc": of_us(incident.due_us),
        "changed_utc": of_us(incident.changed_us), "still_going": incident.still_going,
        "ended_utc": of_us(row.ended_us), "section": section_of(incident, user) if row.waits else None,
        "look_again": incident.superseded_since_decision,
        "claimed_by": incident.claimed_by.name if incident.claimed_by else None,
        "claimed_by_me": incident.claimed_by_id == user.pk, "revision": incident.revision,
    }  # fmt: skip


def _decision(row: Decision) -> DecisionRow:
    return DecisionRow(
        decision=row.pk, kind=DecisionKind(row.kind), state=Decision.State(row.state), reason_code=row.reason_code,
        explanation=row.explanation, evidence=row.evidence, counts_toward_total=row.counts_toward_total,
        incident_revision=row.incident_revision, findings=row.finding_ids, rule_tables=row.rule_tables,
        by=row.by.name, at_utc=row.at_utc, second_by=row.second_by.name if row.second_by else None,
        second_utc=row.second_utc, second_note=row.second_note, replaces=row.replaces_id,
    )  # fmt: skip


@router.get("/incidents", response=Page[IncidentRow], auth=READ)
def list_incidents(
    request: HttpRequest,
    show: Annotated[
        Literal["undecided", "look_again", "decided", "all"],
        Query(description="look_again: decided, but later signals changed what was decided on"),
    ] = "undecided",
    level: Annotated[Level | None, Query(description="Only of this level")] = None,
    kind: Annotated[FindingKind | None, Query(description="Only of this kind")] = None,
    whose: Annotated[
        Literal["mine", "unclaimed"] | None, Query(description="Only claimed by you, or by nobody")
    ] = None,
    section: Annotated[Section | None, Query(description="Only of this section of the board")] = None,
    person: Annotated[Name | None, Query(description="Only of this person")] = None,
    cursor: After = None,
    limit: Limit = None,
) -> Page[IncidentRow]:
    """Alerts about the people within your reach: what is due first comes first, what has no clock last."""
    user = caller(request).user
    rows = Incident.objects.visible_to(user).select_related("person", "claimed_by")
    if show == "undecided":
        rows = rows.filter(state__in=UNDECIDED)
    elif show == "look_again":
        rows = rows.filter(superseded_since_decision=True, state=IncidentState.DECIDED)
    elif show == "decided":
        rows = rows.filter(state__in=(IncidentState.DECIDED, IncidentState.CLOSED_BY_ITSELF))
    if level:
        rows = rows.filter(level=level)
    if kind:
        rows = rows.filter(kind=kind.value)
    if whose:
        rows = rows.filter(claimed_by=user) if whose == "mine" else rows.filter(claimed_by=None)
    if section:
        rows = rows.filter(state__in=UNDECIDED).annotate(section=section_in_sql(user)).filter(section=section)
    due = Coalesce(F("due_us"), Value(NO_CLOCK_US), output_field=BigIntegerField())
    rows = rows.annotate(due=due)
    found, after = listed(request, "api.incidents", rows, ["due", "pk"], cursor, limit, person=person)
    return Page[IncidentRow](
        items=[IncidentRow(**_row(row, user)) for row in rows_of(found, user)], next_cursor=after
    )


def whole_incident(incident: Incident, user: User, response: HttpResponse) -> WholeIncident:
    rows = list(incident.findings.order_by("start_us", "pk"))
    decisions = incident.decisions.select_related("by", "second_by")
    passed_on = incident.events.filter(kind=IncidentEvent.Kind.HANDED_OVER).select_related("by")
    waiting = incident.call_backs.filter(state=CallBack.State.WAITING).select_related("by").first()
    (row,) = rows_of([incident], user)
    response.headers["ETag"] = f'"{incident.revision}"'
    return WholeIncident(
        **_row(row, user),
        findings=[finding_row(f, incident.person.reference) for f in rows],
        explanations=explain(incident.person, [f.row_so_far for f in rows if f.current]),
        decisions=[_decision(d) for d in decisions],
        handed_over=[
            HandedOver(
                from_name=one.details["from_name"],
                to_name=one.details["to_name"],
                by=one.by.name if one.by else "",
                at_utc=one.at_utc,
            )
            for one in passed_on
            if "from_name" in one.details
        ],
        call_back=call_back_row(waiting, incident) if waiting else None,
    )


def call_back_row(row: CallBack, incident: Incident) -> CallBackRow:
    due_utc = of_us(row.due_us)
    assert due_utc is not None
    return CallBackRow(
        call_back=row.pk, incident=incident.pk, person=incident.person.reference, state=CallBack.State(row.state),
        due_utc=due_utc, why=row.why, by=row.by.name,
    )  # fmt: skip


def get_of(user: User, number: int) -> Incident:
    """Raises Http404: there is none, or not for this user."""
    found: Incident = one_of(Incident, user, pk=number)
    return found


@router.get("/incidents/{incident}", response=WholeIncident, auth=READ)
def get_incident(request: HttpRequest, response: HttpResponse, incident: IncidentNumber) -> WholeIncident:
    """One alert. The ETag is its revision: send it back as If-Match with your decision."""
    user = caller(request).user
    found = get_of(user, incident)
    consulted(request, "api.incident", subject=found.person.reference, incident=found.pk)
    return whole_incident(found, user, response)


@router.post("/incidents/{incident}/claim", response=WholeIncident, auth=WRITE)
def claim_incident(request: HttpRequest, response: HttpResponse, incident: IncidentNumber) -> WholeIncident:
    """Take it in hand. Of two who claim at once, one is told."""
    user = caller(request).user
    actions.claim(incident=get_of(user, incident), by=user)
    return whole_incident(get_of(user, incident), user, response)


@router.post("/incidents/{incident}/decisions", response={201: WholeIncident}, auth=WRITE)
def decide_incident(
    request: HttpRequest,
    response: HttpResponse,
    incident: IncidentNumber,
    decision: NewDecision,
    if_match: IfMatch,
) -> Status[WholeIncident]:
    """Decide, on the findings of the revision you name. It stands at once, or waits for a second person.

    A request that was lost can be sent again: the revision has then risen, and the answer is 412.
    """
    user = caller(request).user
    found = get_of(user, incident)
    wanted = decision.absence
    time = actions.AbsenceTime(wanted.from_utc, wanted.until_utc) if wanted else None
    actions.decide(
        incident=found, revision=revision_of(if_match), by=user, kind=decision.kind.value,
        reason_code=decision.reason_code, explanation=decision.explanation, evidence=decision.evidence,
        asked_in_advance=decision.asked_in_advance, absence=time,
    )  # fmt: skip
    return Status(201, whole_incident(get_of(user, incident), user, response))


def revision_of(if_match: str) -> int:
    match = re.fullmatch(r'"([0-9]{1,9})"', if_match)
    if match is None:
        raise ApiProblem(422, "invalid", "If-Match is the ETag of the alert, with its quotes.")
    return int(match.group(1))


@router.post("/incidents/{incident}/decisions/{decision}/second", response=WholeIncident, auth=SECOND)
def answer_decision(
    request: HttpRequest,
    response: HttpResponse,
    incident: IncidentNumber,
    decision: DecisionNumber,
    answer: Answer,
) -> WholeIncident:
    """Confirm or refuse a decision that waits for a second person. Never by whoever made it."""
    user = caller(request).user
    waiting = get_object_or_404(Decision.objects.visible_to(user), pk=decision, incident=incident)
    if answer.answer == "confirm":
        actions.confirm(decision=waiting, by=user, note=answer.note)
    elif not answer.note.strip():
        raise ApiProblem(409, "refused", "Say in note why you refuse it.")
    else:
        actions.refuse(decision=waiting, by=user, note=answer.note)
    return whole_incident(get_of(user, incident), user, response)
