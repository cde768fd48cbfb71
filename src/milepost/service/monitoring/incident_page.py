"""Everything the incident page shows, put together from a number of queries that does not grow with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from milepost.compliance.rule_tables import RuleSet
from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission, Reach, Role
from milepost.service.kit.local_days import service_zone, today
from milepost.service.kit.rules_in_force import rules_in_force
from milepost.service.maps.features import MapData
from milepost.service.monitoring import policies
from milepost.service.monitoring.board import BoardRow, ended, leading
from milepost.service.monitoring.evidence import Material, gather
from milepost.service.monitoring.history import Line, history_of
from milepost.service.monitoring.incident_map import map_of
from milepost.service.monitoring.models import CallBack, Decision, Finding, Incident, IncidentState
from milepost.service.monitoring.person_totals import totals_of_person
from milepost.service.monitoring.policy_data import board_numbers
from milepost.service.monitoring.supersession import Difference, differences
from milepost.service.monitoring.timeline import Strip, strips
from milepost.service.monitoring.totals import TotalLine
from milepost.service.monitoring.zone_plan import ZoneHelp, help_with_zones
from milepost.service.orders.engine_file import order_file_of
from milepost.service.orders.summary import KIND_WORDS
from milepost.times import DAY_US


@dataclass(frozen=True, slots=True)
class IncidentPage:
    incident: Incident
    row: BoardRow
    findings: list[Finding]
    """Those that stand."""
    material: Material | None
    strips: list[Strip]
    map: MapData | None
    totals: list[TotalLine]
    unjudged: str
    """Why totals or explanations are missing, in words; empty where they are not."""
    decisions: list[Decision]
    standing: Decision | None
    waiting: Decision | None
    changed: list[Difference]
    """What later signals made of what was decided on; empty where nothing changed."""
    history: list[Line]
    similar: list[Incident]
    similar_count: int
    contacts: list[Any]
    call_back: CallBack | None
    """The one that waits."""
    zones: list[ZoneHelp]
    """Help where the findings are about zones that protect people."""
    risks: list[Any]
    orders: list[Any]
    rule_tables: list[str]

    @property
    def kinds(self) -> set[str]:
        return {f.kind for f in self.findings}

    def duty(self, condition_id: str) -> str:
        """What kind of duty a condition is, in words; its id where the orders no longer have it."""
        orders = self.material.order_file.orders if self.material else ()
        conditions = (c for order in orders for version in order.versions for c in version.conditions)
        found = next((c for c in conditions if c.id == condition_id), None)
        return str(KIND_WORDS[found.kind]) if found else condition_id

    @property
    def minutes(self) -> float:
        return sum(f.seconds_so_far for f in self.findings) / 60


def incident_page(incident: Incident, user: User) -> IncidentPage:
    """``incident`` comes through ``visible_to``, with its person and team."""
    person, rules = incident.person, rules_in_force()
    revisions = list(incident.findings.order_by("told_us", "pk"))
    current = sorted((f for f in revisions if f.current), key=lambda f: (f.start_us, f.pk))
    rows = [f.row_so_far for f in current]
    decisions = list(incident.decisions.select_related("by", "second_by", "absence", "replaces"))
    standing = next((d for d in decisions if d.state == Decision.State.STANDS), None)
    order_file = order_file_of([person])
    unjudged, material, totals = "", None, []
    try:
        material = gather(person, rows, rules, order_file)
        totals = _totals(incident, order_file, rules, {f.order_reference for f in revisions})
    except LookupError as error:
        unjudged = str(error)
    similar = _similar(incident)
    return IncidentPage(
        incident=incident,
        row=BoardRow(
            incident,
            leading(rows),
            sum(f.seconds_so_far for f in current),
            incident.claimed_by_id == user.pk,
            ended(incident, rows),
        ),
        findings=current,
        material=material,
        strips=strips(material.timeline) if material else [],
        map=map_of(material, rows, str(service_zone()))
        if material and user.may(Permission.VIEW_TRAILS)
        else None,
        totals=totals,
        unjudged=unjudged,
        decisions=decisions,
        standing=standing,
        waiting=next((d for d in decisions if d.state == Decision.State.WAITING), None),
        changed=_changed(incident, standing, revisions),
        history=history_of(incident.events.select_related("by"), revisions, decisions),
        similar=list(similar[: board_numbers().incident.similar_shown]),
        similar_count=similar.count(),
        contacts=list(person.contacts.filter(ended_utc=None).order_by("-preferred", "pk")),
        call_back=incident.call_backs.filter(state=CallBack.State.WAITING).select_related("by").first(),
        zones=help_with_zones(person, rows, order_file, user),
        risks=list(person.staff_risks.filter(Q(ended=None) | Q(ended__gt=today()))),
        orders=list(person.orders.filter(reference__in={f.order_reference for f in revisions})),
        rule_tables=sorted({row["rule_table"] for row in rows}),
    )


def _totals(incident: Incident, order_file: Any, rules: RuleSet, orders: set[str]) -> list[TotalLine]:
    lines = totals_of_person(incident.person, order_file, rules, until_us=clock.now_us())
    return [line for line in lines if line.order_id in orders]


def _changed(incident: Incident, standing: Decision | None, revisions: list[Finding]) -> list[Difference]:
    if standing is None:
        return []
    named = set(standing.finding_ids)
    current = [f.row_so_far for f in revisions if f.current]
    if {row["finding_id"] for row in current} == named:
        return []
    if standing.absence_id is not None and not current:
        return []  # as was decided: the engine no longer counts the time
    if incident.state == IncidentState.DECIDED and not incident.superseded_since_decision:
        return []  # somebody looked again, and the decision still stands
    decided = [f.row for f in revisions if f.finding_id in named]
    return differences(decided, current, [f.row for f in revisions])


def _similar(incident: Incident) -> QuerySet[Incident]:
    since = incident.began_us - board_numbers().incident.similar_within_days * DAY_US
    return (
        Incident.objects.filter(
            person=incident.person_id,
            kind=incident.kind,
            began_us__gte=since,
            began_us__lte=incident.began_us,
        )
        .exclude(pk=incident.pk)
        .prefetch_related("decisions")
        .order_by("-began_us")
    )


def candidates(incident: Incident, user: User) -> QuerySet[User]:
    """To whom it may be handed: others who decide alerts and have this person within reach, and have it not already."""
    deciding = [r for r in Role if Permission.DECIDE_INCIDENTS in r.facts.permissions]
    everywhere = [str(r) for r in deciding if r.facts.reach in (Reach.ON_TAG, Reach.EVERYONE)]
    of_team = [str(r) for r in deciding if r.facts.reach is Reach.OWN_TEAM]
    within = Q(role__in=everywhere) | Q(role__in=of_team, team=incident.person.team_id)
    if incident.person.restricted:
        within = Q(pk__in=incident.person.named_access.values("user"))
    found = User.objects.filter(within, is_active=True, role__in=[str(r) for r in deciding])
    return found.exclude(pk__in=[pk for pk in (user.pk, incident.claimed_by_id) if pk]).order_by("name")


def may_do(page: IncidentPage, user: User) -> dict[str, bool]:
    """What the page offers this user now."""
    waiting = page.waiting is not None
    return {
        "work": policies.can_work(user),
        "claim": policies.can_claim(page.incident, user),
        "release": policies.can_release(page.incident, user),
        "hand_over": policies.can_hand_over(page.incident, user),
        "take_over": policies.can_take_over(page.incident, user),
        "call_back": policies.can_work(user) and page.incident.state != IncidentState.CLOSED_BY_ITSELF,
        "decide": policies.can_decide(page.incident, user, waiting),
        "keep": bool(page.changed) and policies.can_keep(page.incident, user, page.standing),
        "second": page.waiting is not None and policies.can_second(page.waiting, user),
    }
