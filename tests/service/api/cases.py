"""Every operation: how to ask for it, with which scope, as which roles; another team's record; restricted ones."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission as P
from milepost.service.accounts.roles import Role
from milepost.service.api.scopes import Scope as S
from milepost.service.monitoring.models import Decision, Incident
from milepost.service.orders.models import Absence, Device, Order, OrderVersion, VersionState
from milepost.service.people.models import Person
from tests.service.api.conftest import iso, make_incident
from tests.service.world import World, approval_by

WINDOW = "from_utc=2025-03-03T00:00:00Z&until_utc=2025-03-04T00:00:00Z"


@dataclass(frozen=True)
class Case:
    method: str
    scope: S | None
    permission: P | None
    path: Callable[[World, Person], str]
    """The address of something of this person, made if need be."""
    body: Callable[[World, Person], Any] | None = None
    of_person: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200


def _order(world: World, person: Person) -> Order:
    found = Order.objects.filter(person=person).first()
    if found is None:
        found = Order.objects.create(
            reference=f"O-{person.reference}", person=person, regime="community_order"
        )
        OrderVersion.objects.create(
            order=found, version=1, state=VersionState.APPROVED, document=world.order.versions.get(version=1).document,
            effective_from_utc=timezone.now() - dt.timedelta(days=9), decided_by=world.users[Role.SENIOR_PRACTITIONER],
            approval=approval_by(world.users[Role.SENIOR_PRACTITIONER]),
        )  # fmt: skip
    return found


def _draft(world: World, person: Person) -> OrderVersion:
    order = _order(world, person)
    values = {
        "document": world.order.versions.get(version=1).document, "made_by": world.nora, "hands": [world.nora.pk],
        "effective_from_utc": timezone.now() + dt.timedelta(days=1),
    }  # fmt: skip
    return OrderVersion.objects.get_or_create(order=order, version=2, defaults=values)[0]


def _absence(world: World, person: Person) -> Absence:
    return Absence.objects.create(
        person=person, order=_order(world, person), from_utc=timezone.now(),
        until_utc=timezone.now() + dt.timedelta(hours=1), reason_code="medical", by=world.nora,
    )  # fmt: skip


def _waiting(world: World, person: Person, by: User | None = None) -> Decision:
    found = Decision.objects.filter(incident__person=person, state="waiting", by=by or world.nora).first()
    if found is not None:
        return found
    incident = make_incident(person)
    incident.state = "waiting_for_second"
    incident.save()
    return Decision.objects.create(
        incident=incident, kind="breach", state="waiting", incident_revision=3, by=by or world.nora,
        finding_ids=[f.finding_id for f in incident.findings.all()],
    )  # fmt: skip


def _colleague() -> User:
    """A monitoring officer who is none of the world's users."""
    values = {"name": "Olly Officer", "role": Role.MONITORING_OFFICER}
    return User.objects.get_or_create(email="olly@example.org", defaults=values)[0]


def _claimed(world: World, person: Person) -> Incident:
    incident = make_incident(person)
    incident.state, incident.claimed_by = "claimed", world.sam
    incident.save()
    return incident


def _activation(world: World, person: Person):
    device, _ = Device.objects.get_or_create(
        device_id=f"tag-of-{person.reference}", defaults={"state": "fitted"}
    )
    since = timezone.now() - dt.timedelta(hours=3)
    found, _ = device.activations.get_or_create(
        reference=f"A-{person.reference}", person=person, defaults={"from_utc": since}
    )
    return found


def _spare(world: World) -> str:
    return Device.objects.get_or_create(device_id="tag-spare")[0].device_id


def fixed(path: str) -> Callable[[World, Person], str]:
    return lambda world, person: path.format(person=person.reference)


ORDER_FILE = {
    "milepost": 1,
    "people": [{"id": "P777", "name": "New Person", "synthetic": True}],
    "orders": [
        {
            "id": "O777", "person_id": "P777", "regime": "community_order",
            "versions": [{"version": 1, "effective_from_utc": "2025-03-01T12:00:00Z", "places": [], "conditions": []}],
        }
    ],
}  # fmt: skip


def order_file(world: World, person: Person) -> dict[str, Any]:
    return ORDER_FILE


def an_hour_ago() -> str:
    return iso(timezone.now() - dt.timedelta(hours=1))


MAN = {
    "person_id": "S1", "assessment_date": "2026-06-01", "sex": "male", "date_of_birth": "1994-02-28",
    "conviction_date": "2025-01-31", "age_at_first_sanction": 16, "sanctions": 14, "violent_sanctions": 5,
    "offence_code": "12511",
}  # fmt: skip


CASES: dict[str, Case] = {
    "api:v1:score_people": Case(
        "post", S.RISK_SCORE, P.VIEW_ASSESSMENTS, fixed("/risk/score"), lambda w, p: {"people": [MAN]}, of_person=False,
    ),
    "api:v1:tier_people": Case(
        "post", S.RISK_SCORE, P.VIEW_ASSESSMENTS, fixed("/risk/tier"),
        lambda w, p: {"people": [{"arp_percentage": 10, "csrp_percentage": 0.2}]}, of_person=False,
    ),
    "api:v1:list_algorithms": Case(
        "get", S.RISK_READ, P.VIEW_ALGORITHMS, fixed("/risk/instruments"), of_person=False
    ),
    "api:v1:get_record": Case(
        "get", S.RISK_READ, P.VIEW_ALGORITHMS, fixed("/risk/instruments/arp/record?kind=card"), of_person=False
    ),
    "api:v1:who_am_i": Case("get", None, None, fixed("/me"), of_person=False),
    "api:v1:get_status": Case("get", None, None, fixed("/status"), of_person=False),
    "api:v1:list_rules": Case("get", S.RULES_READ, P.VIEW_RULES, fixed("/rules"), of_person=False),
    "api:v1:list_people": Case("get", S.PEOPLE_READ, P.VIEW_PEOPLE, fixed("/people"), of_person=False),
    "api:v1:get_person": Case("get", S.PEOPLE_READ, P.VIEW_PEOPLE, fixed("/people/{person}")),
    "api:v1:get_assessment": Case(
        "get", S.ASSESSMENTS_READ, P.VIEW_ASSESSMENTS, fixed("/people/{person}/assessment")
    ),
    "api:v1:list_orders": Case("get", S.ORDERS_READ, P.VIEW_ORDERS, fixed("/orders?person={person}")),
    "api:v1:create_drafts": Case(
        "post", S.ORDERS_WRITE, P.EDIT_ORDERS, fixed("/orders"), order_file, of_person=False, status=201
    ),
    "api:v1:get_order": Case(
        "get", S.ORDERS_READ, P.VIEW_ORDERS, lambda w, p: f"/orders/{_order(w, p).reference}"
    ),
    "api:v1:get_version": Case(
        "get", S.ORDERS_READ, P.VIEW_ORDERS, lambda w, p: f"/orders/{_order(w, p).reference}/versions/1"
    ),
    "api:v1:submit_version": Case(
        "post", S.ORDERS_WRITE, P.EDIT_ORDERS,
        lambda w, p: f"/orders/{_draft(w, p).order.reference}/versions/2/submit",
        lambda w, p: {"read": keys_of(p), "reason": "All of it is meant."},
    ),
    "api:v1:list_devices": Case("get", S.DEVICES_WRITE, P.FIT_DEVICES, fixed("/devices"), of_person=False),
    "api:v1:list_activations": Case("get", S.DEVICES_READ, P.VIEW_ORDERS, fixed("/activations?person={person}")),
    "api:v1:fit_device": Case(
        "post", S.DEVICES_WRITE, P.FIT_DEVICES, fixed("/activations"),
        lambda w, p: {"device_id": _spare(w), "person": p.reference, "from_utc": an_hour_ago()}, status=201,
    ),
    "api:v1:remove_device": Case(
        "post", S.DEVICES_WRITE, P.FIT_DEVICES,
        lambda w, p: f"/activations/{_activation(w, p).reference}/removal",
        lambda w, p: {"until_utc": an_hour_ago(), "reason": "The order ended"},
    ),
    "api:v1:list_absences": Case("get", S.ABSENCES_READ, P.VIEW_ORDERS, fixed("/absences?person={person}")),
    "api:v1:add_absence": Case(
        "post", S.ABSENCES_WRITE, P.AUTHORISE_ABSENCES, fixed("/absences"),
        lambda w, p: {
            "order": _order(w, p).reference, "from_utc": iso(timezone.now() + dt.timedelta(hours=1)),
            "until_utc": iso(timezone.now() + dt.timedelta(hours=3)), "reason_code": a_reason(),
            "reason": "A visit", "evidence": "A letter",
        },
        status=201,
    ),
    "api:v1:withdraw_absence": Case(
        "post", S.ABSENCES_WRITE, P.AUTHORISE_ABSENCES, lambda w, p: f"/absences/{_absence(w, p).pk}/withdrawal"
    ),
    "api:v1:list_obligations": Case(
        "get", S.ORDERS_READ, P.VIEW_ORDERS, fixed("/people/{person}/obligations?" + WINDOW)
    ),
    "api:v1:get_coverage": Case(
        "get", S.FINDINGS_READ, P.VIEW_BOARD, fixed("/people/{person}/coverage?" + WINDOW)
    ),
    "api:v1:get_totals": Case("get", S.FINDINGS_READ, P.VIEW_BOARD, fixed("/people/{person}/totals")),
    "api:v1:get_trail": Case(
        "get", S.SIGNALS_READ, P.VIEW_TRAILS, fixed("/people/{person}/signals?purpose=court&" + WINDOW)
    ),
    "api:v1:list_findings": Case("get", S.FINDINGS_READ, P.VIEW_BOARD, fixed("/findings?person={person}")),
    "api:v1:list_incidents": Case("get", S.INCIDENTS_READ, P.VIEW_BOARD, fixed("/incidents?person={person}")),
    "api:v1:get_incident": Case(
        "get", S.INCIDENTS_READ, P.VIEW_BOARD, lambda w, p: f"/incidents/{make_incident(p).pk}"
    ),
    "api:v1:claim_incident": Case(
        "post", S.INCIDENTS_WRITE, P.DECIDE_INCIDENTS, lambda w, p: f"/incidents/{make_incident(p).pk}/claim"
    ),
    "api:v1:hand_over_incident": Case(
        "post", S.INCIDENTS_WRITE, P.DECIDE_INCIDENTS, lambda w, p: f"/incidents/{make_incident(p).pk}/hand-over",
        lambda w, p: {"to": _colleague().email, "note": "My break"},
    ),
    "api:v1:take_over_incident": Case(
        "post", S.INCIDENTS_WRITE, P.DECIDE_INCIDENTS,
        lambda w, p: f"/incidents/{_claimed(w, p).pk}/take-over",
    ),
    "api:v1:set_call_back": Case(
        "post", S.INCIDENTS_WRITE, P.DECIDE_INCIDENTS, lambda w, p: f"/incidents/{make_incident(p).pk}/call-back",
        lambda w, p: {"at_utc": iso(timezone.now() + dt.timedelta(hours=1)), "why": "No answer"}, status=201,
    ),
    "api:v1:list_call_backs": Case("get", S.INCIDENTS_READ, P.VIEW_BOARD, fixed("/call-backs"), of_person=False),
    "api:v1:list_alike": Case(
        "get", S.INCIDENTS_WRITE, P.DECIDE_INCIDENTS, fixed("/alike-incidents"), of_person=False
    ),
    "api:v1:decide_together": Case(
        "post", S.INCIDENTS_WRITE, P.DECIDE_INCIDENTS, fixed("/alike-incidents/decisions"),
        lambda w, p: {
            "incidents": [{"incident": make_incident(p).pk, "revision": 3}], "kind": "no_action",
            "reason_code": "small_and_explained",
        },
        of_person=False,
    ),
    "api:v1:decide_incident": Case(
        "post", S.INCIDENTS_WRITE, P.DECIDE_INCIDENTS, lambda w, p: f"/incidents/{make_incident(p).pk}/decisions",
        lambda w, p: no_action(), headers=(("If-Match", '"3"'),), status=201,
    ),
    "api:v1:answer_decision": Case(
        "post", S.INCIDENTS_WRITE, P.SECOND_DECISIONS,
        lambda w, p: "/incidents/{0.incident_id}/decisions/{0.pk}/second".format(_waiting(w, p)),
        lambda w, p: {"answer": "confirm"},
    ),
}  # fmt: skip


def keys_of(person: Person) -> list[str]:
    """The warnings of the person's draft, as somebody who read them would name them."""
    from milepost.service.orders.draft_checks import check_draft

    draft = OrderVersion.objects.filter(order__person=person, state="draft").first()
    return [answer.key for answer in check_draft(draft)] if draft else []


def a_reason() -> str:
    """A reason that every role may authorise at any time, with no second person."""
    from milepost.service.orders.policy_data import read_reasons

    roles = {Role.MONITORING_OFFICER, Role.PRACTITIONER, Role.SENIOR_PRACTITIONER, Role.MONITORING_SUPERVISOR}
    return next(
        r.code for r in read_reasons().values() if r.authorised_by >= roles and r.in_advance != "after"
    )


def no_action() -> dict[str, Any]:
    from milepost.service.monitoring.policy_data import reasons

    reason = reasons().of("no_action")[0]
    asked = None if reason.when == "either" else reason.when == "in_advance"
    return {
        "kind": "no_action", "reason_code": reason.code, "explanation": "Looked at it: the tag was slow.",
        "evidence": "A call", "asked_in_advance": asked,
    }  # fmt: skip


FILES = dict.fromkeys(CASES, "api/cases.py")
"""Where each case stands. An app that adds operations of its own has its cases in ``tests/service/<app>/api_cases.py``."""
for _file in sorted(Path(__file__).parents[1].glob("*/api_cases.py")):
    _cases = importlib.import_module(f"tests.service.{_file.parent.name}.api_cases").CASES
    assert not CASES.keys() & _cases.keys(), f"twice: {CASES.keys() & _cases.keys()}"
    CASES |= _cases
    FILES |= dict.fromkeys(_cases, f"{_file.parent.name}/api_cases.py")
