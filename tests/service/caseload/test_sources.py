"""What leads to a row and what does not, source by source. The clock stands at Tuesday 17 November 2026, 08:00."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from milepost.service import clock
from milepost.service.accounts.roles import Role
from milepost.service.assessments.models import Assessment, Contest, Override, TierRecord
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.caseload import lists
from milepost.service.caseload.query import working_day_before
from milepost.service.monitoring.models import Decision
from milepost.service.orders.models import Absence, Order, OrderVersion
from milepost.service.people.models import ExceptionalAccess, Note, Person
from milepost.service.people.reasons import end_of
from tests.service.monitoring.factory import plain_incident
from tests.service.world import World, make_person

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def senior(world: World):
    return world.users[Role.SENIOR_PRACTITIONER]


@pytest.fixture(autouse=True)
def assessed(world: World) -> None:
    """So that no missing assessment hides what a test is about."""
    for person in (world.ada, world.ben):
        signed(person, next_due=dt.date(2027, 6, 1))


def signed(person: Person, **more) -> Assessment:
    values = {"number": 1, "state": "signed", "assessed_on": dt.date(2026, 6, 1)} | more
    return Assessment.objects.create(person=person, **values)


def told(user) -> dict[str, list[tuple[str, str]]]:
    """Person to (kind, class) of each reason, in the order of the list."""
    return {
        item.person.reference: [(p.reason.kind, p.urgency) for p in item.row.reasons]
        for item in lists.own_list(user).rows
    }


def soon_us(**length: float) -> int:
    return clock.now_us() + round(dt.timedelta(**length).total_seconds() * 1e6)


def test_nothing_happened_so_nobody_is_there(world: World, senior):
    TierRecord.objects.create(person=world.ada, tier="A", step="x", assessment=world.ada.assessments.get())
    assert told(world.nora) == {}
    assert {person.reference for person in lists.own_list(world.nora).quiet} == {"P000001", "P000003"}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"level": "urgent", "due_us": None}, ("alert_urgent", "now")),
        ({"due_us": "3h"}, ("alert_review", "today")),
        ({"due_us": "30m"}, ("alert_review", "now")),
        ({"state": "claimed", "claimed_by": "self", "due_us": None}, ("alert_review", "today")),
        ({"state": "claimed", "claimed_by": "other", "due_us": None, "level": "urgent"}, ("alert_held", "new")),
        ({"state": "decided", "superseded_since_decision": True}, ("look_again", "today")),
        ({"state": "decided"}, None),
        ({"state": "waiting_for_second"}, None),
    ],
)  # fmt: skip
def test_alerts(world: World, more, reason):
    who = {"self": world.nora, "other": world.users[Role.MONITORING_OFFICER]}
    if "claimed_by" in more:
        more = {**more, "claimed_by": who[more["claimed_by"]]}
    if isinstance(more.get("due_us"), str):
        more = {**more, "due_us": soon_us(hours=3) if more["due_us"] == "3h" else soon_us(minutes=30)}
    plain_incident(world.ada, **more)
    assert told(world.nora) == ({"P000001": [reason]} if reason else {})


def test_other_teams_and_other_caseloads_are_not_there(world: World):
    plain_incident(world.ben)
    colleague = make_person(
        "P000060", "Dot Lane", world.north, practitioner=world.users[Role.SENIOR_PRACTITIONER]
    )
    plain_incident(colleague)
    assert told(world.nora) == {}


def test_a_restricted_record_is_there_for_who_is_named_alone(world: World, senior):
    plain_incident(world.cy)
    Person.objects.filter(pk=world.cy.pk).update(practitioner=senior)
    assert told(senior) == {}
    Person.objects.filter(pk=world.cy.pk).update(practitioner=world.nora)
    assert list(told(world.nora)) == ["P000003"]


def test_a_device_in_trouble_only_where_no_alert_says_so(world: World):
    alert = plain_incident(world.ada, kind="no_contact", due_us=None)
    alert.findings.update(status="open")
    assert told(world.nora) == {"P000001": [("alert_review", "today")]}
    alert.findings.update(incident=None)
    alert.delete()
    assert told(world.nora) == {"P000001": [("device_trouble", "today")]}
    world.ada.findings.update(status="closed")
    assert told(world.nora) == {}


@pytest.mark.parametrize(
    ("length", "reason"),
    [
        (dt.timedelta(days=29), None), (dt.timedelta(days=27), ("order_ends", "soon")),
        (dt.timedelta(days=6), ("order_ends", "week")), (dt.timedelta(hours=20), ("order_ends", "today")),
        (-HOUR, None),
    ],
)  # fmt: skip
def test_orders_that_end(world: World, length, reason):
    world.order.ends_utc = clock.now_utc() + length
    world.order.save()
    assert told(world.nora) == ({"P000001": [reason]} if reason else {})


def test_a_draft_of_an_order_does_not_end(world: World):
    order = Order.objects.create(
        reference="O000009", person=world.ada, regime="community_order", by=world.nora,
        ends_utc=clock.now_utc() + 3 * DAY,
    )  # fmt: skip
    OrderVersion.objects.create(order=order, version=1, state="draft", document={}, made_by=world.nora)
    assert told(world.nora) == {}


def absence(world: World, from_h: float, until_h: float, **more) -> Absence:
    now = clock.now_utc()
    return Absence.objects.create(
        person=world.ada, order=world.order, from_utc=now + from_h * HOUR, until_utc=now + until_h * HOUR,
        reason_code="x", **({"by": world.nora} | more),
    )  # fmt: skip


def test_absences_end_for_the_practitioner_and_wait_for_the_senior(world: World, senior):
    absence(world, -2, 3)
    absence(world, -2, 40)
    absence(world, -2, 3, withdrawn_utc=clock.now_utc())
    absence(world, 3, 9, waits_for_second=True)
    assert told(world.nora) == {"P000001": [("absence_ends", "soon")]}
    assert told(senior) == {"P000001": [("absence_to_confirm", "now")]}
    Absence.objects.filter(waits_for_second=True).delete()
    absence(world, 3, 9, waits_for_second=True, by=senior)
    assert told(senior) == {}, "nobody is their own second person"


def test_decisions_wait_for_a_second_person_but_never_their_own(world: World, senior):
    incident = plain_incident(world.ada, state="waiting_for_second")
    decision = Decision.objects.create(
        incident=incident, kind="breach", state="waiting", incident_revision=0, by=world.nora,
        at_utc=clock.now_utc() - HOUR,
    )  # fmt: skip
    assert told(senior) == {"P000001": [("second_decision", "today")]}
    Decision.objects.update(at_utc=clock.now_utc() - 5 * HOUR)
    assert told(senior) == {"P000001": [("second_decision", "now")]}
    decision.delete()
    Decision.objects.create(
        incident=incident, kind="breach", state="waiting", incident_revision=0, by=senior, at_utc=clock.now_utc() - HOUR,
    )  # fmt: skip
    assert told(senior) == {}
    assert told(world.nora) == {}, "a practitioner cannot confirm"


def test_orders_wait_for_approval_by_somebody_who_did_not_write_them(world: World, senior):
    version = OrderVersion.objects.create(
        order=world.order, version=2, state="waiting", submitted_by=world.nora, submitted_utc=clock.now_utc()
    )
    assert told(senior) == {"P000001": [("order_to_approve", "today")]}
    version.hands = [senior.pk]
    version.save()
    assert told(senior) == {}


def test_exceptional_access_waits_for_a_review(world: World, senior):
    access = ExceptionalAccess.objects.create(
        person=world.ada,
        user=world.sam,
        reason="x",
        at_utc=clock.now_utc() - 3 * DAY,
        until_utc=clock.now_utc(),
    )
    assert told(senior) == {"P000001": [("exceptional_access", "week")]}
    access.reviewed_utc = clock.now_utc()
    access.save()
    assert told(senior) == {}


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (40, None),
        (20, ("assessment_due", "soon")),
        (5, ("assessment_due", "week")),
        (-50, ("assessment_due", "week")),
    ],
)
def test_assessments_that_are_due(world: World, days, reason):
    world.ada.assessments.update(next_due=dt.date(2026, 11, 17) + dt.timedelta(days=days))
    assert told(world.nora) == ({"P000001": [reason]} if reason else {})


def test_somebody_never_assessed_is_due_for_a_first_one(world: World):
    world.ada.assessments.all().delete()
    Person.objects.update(created_utc=clock.now_utc() - 60 * DAY)
    assert told(world.nora) == {"P000001": [("assessment_due", "week")]}, "Cy has no order that goes on"


def test_countersignatures_and_contests(world: World, senior):
    Person.objects.filter(pk=world.ada.pk).update(practitioner=world.nora)
    assessment = world.ada.assessments.get()
    Override.objects.create(
        person=world.ada, assessment=assessment, target="tier", from_value="B", to_value="C", direction="down",
        reason_code="x", explanation="x", by=world.nora, at_utc=clock.now_utc(),
    )  # fmt: skip
    Contest.objects.create(
        person=world.ada, assessment=assessment, raised_by="person", disputed="x", raised_on=dt.date(2026, 11, 10),
        due=dt.date(2026, 11, 20), by=world.nora, at_utc=clock.now_utc(),
    )  # fmt: skip
    assert told(senior) == {"P000001": [("countersign", "today"), ("contest", "week")]}
    assert told(world.nora) == {"P000001": [("contest", "week")]}


def test_what_others_changed_is_new_and_what_one_did_oneself_is_not(world: World, senior):
    now = clock.now_utc()
    Note.objects.create(person=world.ada, text="mine", by=world.nora, at_utc=now)
    Note.objects.create(person=world.ada, text="old", by=senior, at_utc=now - 5 * DAY)
    assert told(world.nora) == {}
    Note.objects.create(person=world.ada, text="hers", by=senior, at_utc=now - HOUR)
    world.order.versions.update(decided_utc=now - HOUR, decided_by=senior)
    incident = plain_incident(world.ada, state="decided")
    Decision.objects.create(
        incident=incident, kind="warning", state="stands", incident_revision=0, by=senior, at_utc=now - HOUR
    )
    plain_incident(world.ada, 2, state="closed_by_itself", changed_us=clock.now_us())
    with transaction.atomic():
        write(by=senior, operation=Operation.ALTERATION, what="person.allocate", subject="P000001")
    found = lists.own_list(world.nora).rows[0]
    assert {p.reason.text for p in found.row.reasons} == {
        "change_note", "change_approved", "change_decided", "change_closed", "change_allocated"
    }  # fmt: skip
    assert {p.urgency for p in found.row.reasons} == {"new"}


def test_one_person_is_one_row_and_the_most_pressing_reason_decides(world: World):
    other = make_person("P000070", "Una Held", world.north, practitioner=world.nora)
    signed(other, next_due=dt.date(2026, 11, 18))
    plain_incident(other, due_us=soon_us(hours=3))
    plain_incident(world.ada, due_us=soon_us(hours=2))
    world.order.ends_utc = clock.now_utc() + 9 * DAY
    world.order.save()
    assert told(world.nora) == {
        "P000001": [("alert_review", "today"), ("order_ends", "soon")],
        "P000070": [("alert_review", "today"), ("assessment_due", "week")],
    }
    assert list(told(world.nora)) == ["P000001", "P000070"]


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-17T08:00", "2026-11-16T00:00"), ("2026-11-16T08:00", "2026-11-13T00:00"),
        ("2026-11-15T23:30", "2026-11-13T00:00"), ("2026-07-02T00:30", "2026-06-30T23:00"),
    ],
)  # fmt: skip
def test_new_since_the_working_day_before(now, since):
    """The last: 01:30 of Thursday by the summer clock, so Wednesday's midnight, which is 23:00 UTC of the day before."""
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    assert working_day_before(moment) == dt.datetime.fromisoformat(since).replace(tzinfo=dt.UTC)


def test_the_end_of_a_day_on_which_the_clocks_change():
    assert end_of(dt.date(2026, 10, 25)) == dt.datetime(2026, 10, 25, 23, 59, 59, tzinfo=dt.UTC)
    assert end_of(dt.date(2026, 10, 24)) == dt.datetime(2026, 10, 24, 22, 59, 59, tzinfo=dt.UTC)
