"""What an import brings of people whom its sender does not see: it waits, and nothing is lost."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.refusals import Refused
from milepost.service.orders.actions import checking
from milepost.service.orders.load import load_order_file
from milepost.service.orders.models import Activation, Device, OrderVersion, ToCheck
from milepost.service.people.models import Person
from tests.service.orders.test_load import file_of


def sent(world, person: str = "N1") -> ToCheck:
    order_file = file_of(activations=[])
    order_file.people[0].id = order_file.orders[0].person_id = person
    load_order_file(order_file, by=world.nora, team=world.north)
    return ToCheck.objects.get(reference=person)


def decide(client, part: ToCheck, decision: str, note: str = "x"):
    return client.post(reverse("orders:to-check-one", args=[part.pk]), {"decision": decision, "note": note})


def test_somebody_new_is_made_when_a_records_officer_takes_the_part_in(world, signed_in):
    part = sent(world)
    assert not Person.objects.filter(reference="N1").exists()
    officer = signed_in(world.users[Role.RECORDS_OFFICER])
    assert (
        "Nobody here has this reference"
        in officer.get(reverse("orders:to-check-one", args=[part.pk])).content.decode()
    )
    assert decide(officer, part, "take").status_code == 302
    version = OrderVersion.objects.get(order__file_reference="NO1")
    assert (version.state, version.made_by, version.order.person.team) == ("draft", world.nora, world.north)


def test_orders_of_somebody_hidden_become_drafts_of_their_record_and_the_sender_sees_nothing(
    world, signed_in
):
    part = sent(world, "P000002")
    officer = signed_in(world.users[Role.RECORDS_OFFICER])
    page = officer.get(reverse("orders:to-check-one", args=[part.pk])).content.decode()
    assert "There is a record with this reference" in page
    assert Entry.objects.filter(what="orders.to_check_one", operation="consultation").exists()
    decide(officer, part, "take")
    version = OrderVersion.objects.get(order__file_reference="NO1")
    assert (version.order.person, version.hands) == (world.ben, [world.nora.pk])
    assert (
        signed_in(world.nora).get(reverse("orders:order", args=[version.order.reference])).status_code == 404
    )
    assert (
        signed_in(world.sam).get(reverse("orders:order", args=[version.order.reference])).status_code == 200
    )


def test_a_part_is_left_out_with_a_reason_and_its_content_goes(world, signed_in):
    part = sent(world)
    officer = signed_in(world.users[Role.RECORDS_OFFICER])
    assert decide(officer, part, "leave", "").status_code == 200
    decide(officer, part, "leave", "Wrong reference")
    part.refresh_from_db()
    assert (part.state, part.part, part.note) == ("left_out", {}, "Wrong reference")
    with pytest.raises(Refused, match="already"):
        checking.take_part_in(by=world.users[Role.RECORDS_OFFICER], part=part)


def test_sent_twice_it_waits_once(world):
    sent(world)
    sent(world)
    assert ToCheck.objects.count() == 1


def test_who_sent_a_part_never_checks_it(world):
    part = sent(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        ToCheck.objects.filter(pk=part.pk).update(state="taken_in", decided_by=world.nora)
    with pytest.raises(IntegrityError), transaction.atomic():
        ToCheck.objects.filter(pk=part.pk).update(state="taken_in")


def test_a_device_that_was_not_free_goes_on_when_the_register_is_right(world):
    tag = Device.objects.create(device_id="tag-5", state="fitted")
    worn = Activation.objects.create(
        reference="A5", device=tag, person=world.cy, from_utc="2026-02-01T00:00:00Z"
    )
    officer, records = world.users[Role.MONITORING_OFFICER], world.users[Role.RECORDS_OFFICER]
    told = {"id": "x", "device_id": "tag-5", "person_id": "P000001", "from_utc": "2026-03-01T00:00:00Z"}
    load_order_file(file_of(people=[], orders=[], activations=[told]), by=officer, team=None)
    part = ToCheck.objects.get(kind="device")
    with pytest.raises(Refused, match="not free"):
        checking.take_part_in(by=records, part=part)
    Activation.objects.filter(pk=worn.pk).update(until_utc="2026-02-20T00:00:00Z")
    checking.take_part_in(by=records, part=part)
    assert Activation.objects.get(device=tag, person=world.ada).fitted_by == officer
