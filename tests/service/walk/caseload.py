from __future__ import annotations

import datetime as dt

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission, Role
from milepost.service.caseload.models import Snooze, WorkingHours
from milepost.service.monitoring.models import Decision
from milepost.service.orders.models import Absence, Order, OrderVersion
from milepost.service.people.models import ExceptionalAccess, Note, Person
from tests.service.monitoring.factory import plain_incident
from tests.service.walk.cases import Queries, View
from tests.service.world import World, approval_by, make_person

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def having(permission: Permission) -> list[Role]:
    return [role for role in Role if permission in role.facts.permissions]


TODAY, TEAM = having(Permission.VIEW_TODAY), having(Permission.VIEW_TEAM_WORK)


def busy(world: World, person: Person, n: int, practitioner: User | None) -> None:
    """One of everything that leads to a row."""
    now = clock.now_utc()
    Person.objects.filter(pk=person.pk).update(practitioner=practitioner)
    plain_incident(person, n)
    plain_incident(person, n + 1, state="decided", superseded_since_decision=True)
    waiting = plain_incident(person, n + 2, state="waiting_for_second")
    Decision.objects.create(
        incident=waiting, kind="breach", state="waiting", incident_revision=0, by=world.sam, at_utc=now
    )
    decided = plain_incident(person, n + 3, state="decided")
    Decision.objects.create(
        incident=decided, kind="warning", state="stands", incident_revision=0, by=world.sam, at_utc=now
    )
    plain_incident(person, n + 4, kind="no_contact").findings.update(incident=None, status="open")
    order = Order.objects.create(
        reference=f"O-{person.reference}-{n}", person=person, regime="licence", ends_utc=now + 3 * DAY
    )
    OrderVersion.objects.create(
        order=order, version=1, state="approved", decided_utc=now - HOUR, decided_by=world.sam, effective_from_utc=now,
        approval=approval_by(world.sam),
    )  # fmt: skip
    OrderVersion.objects.create(
        order=order, version=2, state="waiting", submitted_by=world.sam, submitted_utc=now
    )
    for waits in (True, False):
        Absence.objects.create(
            person=person, order=order, from_utc=now - HOUR, until_utc=now + 2 * HOUR, reason_code="x", by=world.sam,
            waits_for_second=waits,
        )  # fmt: skip
    ExceptionalAccess.objects.create(person=person, user=world.sam, reason="x", at_utc=now, until_utc=now)
    Note.objects.create(person=person, text="Called", by=world.sam, at_utc=now - HOUR)
    for user in world.users.values():
        Snooze.objects.create(
            user=user, person=person, kind="order_ends", key=f"order-{order.pk}", state=str(order.ends_utc),
            urgency="soon", until_utc=now + DAY, why_code="known",
        )  # fmt: skip


def some(world: World) -> dict:
    """Ada has one of everything, with whoever asks; somebody has nobody."""
    busy(world, world.ada, 200, world.nora)
    busy(world, make_person("P000050", "Nobody Yet", world.north), 200, None)
    return {}


def more(world: World) -> None:
    for i in range(3):
        person = make_person(f"P8{i:05d}", f"Busy {i}", world.north)
        busy(world, person, 100, world.nora if i < 2 else None)
        WorkingHours.objects.create(
            user=world.nora, hours=30, from_date=dt.date(2026, 1, 1 + i), by=world.nora
        )


def unallocated(world: World) -> dict:
    some(world)
    return {"whose": "unallocated"}


def of(person: str):
    def make(world: World) -> dict:
        of = getattr(world, person)
        Person.objects.filter(pk=world.ada.pk).update(practitioner=world.nora)
        incident = plain_incident(of, due_us=None)
        return {"reference": of.reference, "kind": "alert_review", "key": f"incident-{incident.pk}"}

    return make


def put_off(person: str, role: Role):
    def make(world: World) -> dict:
        made = Snooze.objects.create(
            user=world.users[role], person=getattr(world, person), kind="alert_review", key="incident-1",
            state="", urgency="today", until_utc=clock.now_utc() + DAY, why_code="known",
        )  # fmt: skip
        return {"pk": made.pk}

    return make


def nora(world: World) -> dict:
    some(world)
    WorkingHours.objects.create(user=world.nora, hours=30, from_date=dt.date(2026, 1, 1), by=world.nora)
    return {"pk": world.nora.pk}


def sam(world: World) -> dict:
    """Of another team."""
    return {"pk": world.sam.pk}


EVERY_SOURCE = Queries(32, "each source of today's work is asked once, for everybody on the list together")

VIEWS = {
    "caseload:today": View(right=TODAY, data=some, more=more, queries=EVERY_SOURCE),
    "caseload:rule": View(right=TODAY),
    "caseload:put-off": View(right=TODAY, args=of("ada"), other_team=of("ben"), queries=EVERY_SOURCE),
    "caseload:bring-back": View(
        right=TODAY[:1], args=put_off("ada", TODAY[0]), other_team=put_off("ben", TODAY[0]), method="post", status=302
    ),
    "caseload:team": View(right=TEAM, data=some, more=more, queries=EVERY_SOURCE),
    "caseload:practitioner": View(right=TEAM, args=nora, other_team=sam, more=more, queries=EVERY_SOURCE),
    "caseload:hours": View(right=TEAM, args=nora, other_team=sam),
}  # fmt: skip
