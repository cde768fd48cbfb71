"""Findings: what the engine says, every revision of it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from milepost.compliance.finding_kinds import FindingKind
from milepost.service.accounts.roles import Permission
from milepost.service.api.doors import caller, needs
from milepost.service.api.endpoints import listed, one_of
from milepost.service.api.paging import After, Limit
from milepost.service.api.scopes import Scope
from milepost.service.api.shapes import Name, Page, Told, of_us
from milepost.service.monitoring.models import Finding, Incident

router = Router(tags=["Findings"])
Level = Literal["note", "review", "urgent"]


class FindingRow(Told):
    """One revision of one finding. A finding is not a decision: only a person decides."""

    finding_id: str
    revision: int
    supersedes: str = Field(description="finding_id of the revision before; empty for the first")
    current: bool
    withdrawn: bool = Field(description="Later signals show that there was none")
    incident: int | None
    person: str = Field(description="Reference of the person")
    order: str
    condition_id: str = Field(description="Empty where no condition is the basis")
    kind: FindingKind
    status: Literal["open", "closed"] = Field(description="open: it is still going on")
    start_utc: dt.datetime
    end_utc: dt.datetime = Field(
        description="Last evidence so far while open: it moves on without a new revision"
    )
    seconds: float = Field(description="Broken time; uncertain and unseen time inside is not counted")
    coverage: float | None = Field(description="Known part of the finding's own time, 0 to 1")
    certainty: float | None = Field(description="0 to 1")
    witness: str = Field(description="fixes, home_unit, both or device")
    evidence_count: int
    level: Level
    action: str
    act_within_minutes: int | None
    rule: str = Field(description="Row of the rule table that set the level")
    rule_table: str = Field(description="id@version")
    told_utc: dt.datetime = Field(description="When this revision was written")
    ended_utc: dt.datetime | None = Field(description="When it was superseded or withdrawn")


def finding_row(finding: Finding, person: str) -> FindingRow:
    row: dict[str, Any] = finding.row_so_far
    return FindingRow(
        finding_id=finding.finding_id, revision=finding.revision, supersedes=finding.supersedes,
        current=finding.current, withdrawn=finding.withdrawn, incident=finding.incident_id, person=person,
        order=finding.order_reference, condition_id=finding.condition_id, kind=FindingKind(finding.kind),
        status=finding.status, start_utc=of_us(finding.start_us), end_utc=of_us(row["end_utc"]),
        seconds=row["seconds"], coverage=row.get("coverage"), certainty=row.get("certainty"),
        witness=row.get("witness") or "", evidence_count=row.get("evidence_count") or 0, level=finding.level,
        action=finding.action, act_within_minutes=finding.act_within_minutes, rule=row.get("rule") or "",
        rule_table=row.get("rule_table") or "", told_utc=of_us(finding.told_us), ended_utc=of_us(finding.ended_us),
    )  # fmt: skip


@router.get("/findings", response=Page[FindingRow], auth=needs(Scope.FINDINGS_READ, Permission.VIEW_BOARD))
def list_findings(
    request: HttpRequest,
    person: Annotated[Name | None, Query(description="Only of this person")] = None,
    incident: Annotated[Name | None, Query(description="Only of the alert with this number")] = None,
    revisions: Annotated[
        Literal["current", "all"], Query(description="all: also what was superseded or withdrawn")
    ] = "current",
    cursor: After = None,
    limit: Limit = None,
) -> Page[FindingRow]:
    """Findings of the people within your reach, newest first by when they were written."""
    user = caller(request).user
    rows = Finding.objects.visible_to(user).select_related("person")
    if incident:
        number = int(incident) if incident.isascii() and incident.isdecimal() and len(incident) < 18 else 0
        rows = rows.filter(incident=one_of(Incident, user, pk=number))
    if revisions == "current":
        rows = rows.filter(current=True)
    found, after = listed(
        request, "api.findings", rows, ["-pk"], cursor, limit, person=person, revisions=revisions
    )
    return Page[FindingRow](items=[finding_row(f, f.person.reference) for f in found], next_cursor=after)
