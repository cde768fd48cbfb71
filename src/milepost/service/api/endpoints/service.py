"""The service itself: who am I, is it well, which rules are in force."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import version
from typing import Annotated

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from milepost.compliance.rule_tables import RuleTable
from milepost.orders.model import Regime
from milepost.service import clock
from milepost.service.accounts.roles import Permission, Role
from milepost.service.api.doors import caller, needs
from milepost.service.api.scopes import Scope
from milepost.service.api.shapes import Day, Told, of_us
from milepost.service.kit.rules_in_force import rules_in_force
from milepost.service.monitoring.models import Lease

router = Router(tags=["Service"])


class TokenRow(Told):
    """The token you came with."""

    prefix: str
    name: str
    scopes: list[Scope]
    expires_utc: dt.datetime


class Me(Told):
    """Who asks, and what they may do."""

    user: int
    name: str
    role: Role
    team: str | None
    permissions: list[Permission]
    token: TokenRow | None = Field(description="null in a signed-in browser")


class Status(Told):
    """How the service is."""

    version: str
    synthetic: bool = Field(description="Everything here is made up")
    now_utc: dt.datetime = Field(description="The service's clock; that of the demo may run fast")
    judged_utc: dt.datetime | None = Field(
        description="When the engine last finished a step, of its slowest part; real time. null: it never ran"
    )


class RuleTableRow(Told):
    """A rule table: numbers of policy, published, dated, with a source and an owner."""

    name: str = Field(description="id@version, as findings name it")
    regimes: list[Regime]
    status: str
    illustrative: bool = Field(description="An illustration, not an official rule")
    owner: str
    published_by: str | None
    effective_from: dt.date
    source_document: str
    in_force_for: list[Regime] = Field(description="The regimes for which it holds on the day asked about")
    table: RuleTable = Field(description="Every number of it")


class Rules(Told):
    items: list[RuleTableRow]


@router.get("/me", response=Me, auth=needs(None))
def who_am_i(request: HttpRequest) -> Me:
    """Who you are here, and with which token."""
    who = caller(request)
    user = who.user
    role = Role(user.role)
    token = who.token
    return Me(
        user=user.pk, name=user.name, role=role, team=user.team.name if user.team else None,
        permissions=sorted(role.facts.permissions),
        token=TokenRow(prefix=token.prefix, name=token.name, scopes=token.scopes, expires_utc=token.expires_utc)
        if token else None,
    )  # fmt: skip


@router.get("/status", response=Status, auth=needs(None))
def get_status(request: HttpRequest) -> Status:
    """Whether the service is well, and how far the engine has come."""
    judged = list(Lease.objects.values_list("judged_us", flat=True))
    slowest = min(judged, default=0)
    return Status(
        version=version("milepost"), synthetic=settings.DEMO, now_utc=clock.now_utc(),
        judged_utc=of_us(slowest) if slowest else None,
    )  # fmt: skip


@router.get("/rules", response=Rules, auth=needs(Scope.RULES_READ, Permission.VIEW_RULES))
def list_rules(
    request: HttpRequest,
    on: Annotated[Day | None, Query(description="In force on this day; today if not given")] = None,
) -> Rules:
    """The rule tables, and for which regimes each is in force on a day (UTC)."""
    rules = rules_in_force()
    day = on or clock.now_utc().date()
    holds: dict[str, list[Regime]] = {}
    for regime in Regime:
        try:
            holds.setdefault(rules.for_regime(regime, day).name, []).append(regime)
        except LookupError:
            continue
    return Rules(items=[
        RuleTableRow(
            name=t.name, regimes=t.table.regimes, status=t.table.status, illustrative=t.table.illustrative,
            owner=t.table.owner, published_by=t.table.published_by, effective_from=t.table.effective_from,
            source_document=t.table.source_document, in_force_for=holds.get(t.name, []), table=t,
        )
        for t in rules.tables
    ])  # fmt: skip
