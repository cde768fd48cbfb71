"""The register: fit, remove, swap, mark; who may see what; what follows for the person."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.refusals import Refused
from milepost.service.orders.actions import devices
from milepost.service.orders.engine_file import order_file_of
from milepost.service.orders.forms.moments import from_utc as local_split
from milepost.service.orders.models import Activation, Device, ToJudge
from milepost.service.orders.policy_data import FAR_OFF, sight_after_removal
from milepost.service.people.models import Person
from milepost.times import to_us


@pytest.fixture
def officer(world):
    return world.users[Role.MONITORING_OFFICER]


@pytest.fixture
def spare(db) -> Device:
    return Device.objects.create(device_id="tag-2", kind="tag")


def ago(**length) -> dt.datetime:
    return (timezone.now() - dt.timedelta(**length)).replace(microsecond=0)


def worn(world) -> Activation:
    return Activation.objects.get(reference="A000001")


def test_a_swap_leaves_no_second_without_a_device(world, officer, spare):
    moment = ago(minutes=5)
    new = devices.swap(by=officer, activation=worn(world), new_device=spare, at_utc=moment, reason="Battery")
    assert (worn(world).until_utc, new.from_utc) == (moment, moment)
    assert (Device.objects.get(device_id="tag-1").state, Device.objects.get(device_id="tag-2").state) == (
        "faulty",
        "fitted",
    )
    world.ada.refresh_from_db()
    assert world.ada.monitored_until_utc == FAR_OFF
    assert ToJudge.objects.filter(person=world.ada).exists()
    assert list(Entry.objects.filter(subject="P000001").values_list("what", flat=True)) == [
        "device.remove",
        "device.fit",
    ]


def test_after_the_last_removal_monitoring_sees_the_record_for_the_published_time(world, officer):
    moment = ago(minutes=1)
    devices.remove(by=officer, activation=worn(world), until_utc=moment, reason="Order over")
    world.ada.refresh_from_db()
    assert world.ada.monitored_until_utc == moment + sight_after_removal()
    assert Person.objects.visible_to(officer).filter(pk=world.ada.pk).exists()
    Person.objects.filter(pk=world.ada.pk).update(monitored_until_utc=ago(days=1))
    assert not Person.objects.visible_to(officer).filter(pk=world.ada.pk).exists()


def test_one_tag_is_never_on_two_people_at_the_same_time(world, officer):
    devices.remove(by=officer, activation=worn(world), until_utc=ago(hours=1), reason="Moved")
    tag = Device.objects.get(device_id="tag-1")
    with pytest.raises(Refused, match="later time"):
        devices.fit(by=officer, device=tag, person=world.cy, from_utc=ago(hours=2))
    devices.fit(by=officer, device=tag, person=world.cy, from_utc=ago(hours=1))
    with pytest.raises(Refused, match="in stock"):
        devices.fit(by=officer, device=tag, person=world.ada, from_utc=ago(minutes=1))


@pytest.mark.parametrize(
    "moment", [timezone.now() + dt.timedelta(days=1), dt.datetime(2025, 3, 1, 11, tzinfo=dt.UTC)]
)
def test_a_removal_is_not_in_the_future_nor_before_the_fitting(world, officer, moment):
    with pytest.raises(Refused):
        devices.remove(by=officer, activation=worn(world), until_utc=moment, reason="x")
    assert worn(world).until_utc is None


def test_a_device_that_is_on_somebody_cannot_be_marked_lost(world, officer):
    with pytest.raises(Refused, match="Remove it first"):
        devices.mark_device(by=officer, device=world.tag, state="lost", note="")


def test_only_fitting_makes_a_device_fitted(world, officer, spare):
    with pytest.raises(Refused, match="in stock, faulty, lost or retired"):
        devices.mark_device(by=officer, device=spare, state="fitted", note="")
    with pytest.raises(Refused, match="in stock, faulty, lost or retired"):
        devices.remove(
            by=officer,
            activation=worn(world),
            until_utc=ago(minutes=1),
            reason="Worn out",
            device_state="fitted",
        )
    spare.refresh_from_db()
    assert (spare.state, worn(world).until_utc) == ("in_stock", None)


def test_a_swap_to_another_kind_of_device_is_refused_and_changes_nothing(world, officer):
    unit = Device.objects.create(device_id="hu-1", kind="home_unit")
    with pytest.raises(Refused, match="another kind"):
        devices.swap(by=officer, activation=worn(world), new_device=unit, at_utc=ago(minutes=1), reason="x")
    assert worn(world).until_utc is None


def test_a_practitioner_fits_nothing(world, spare):
    with pytest.raises(Refused):
        devices.fit(by=world.nora, device=spare, person=world.ada, from_utc=ago(minutes=1))


def test_a_home_unit_is_fitted_into_a_place_of_the_order_through_the_pages(world, officer, signed_in):
    unit = Device.objects.create(device_id="hu-1", kind="home_unit")
    address = reverse("orders:device-fit", args=[unit.pk]) + "?person=P000001"
    client = signed_in(officer)
    page = client.get(address).content.decode()
    assert "Ada Vale" in page
    day, clock = local_split(ago(minutes=3))
    data = {"date": f"{day:%d/%m/%Y}", "time": f"{clock:%H:%M}", "place": "home"}
    assert client.post(address, data).status_code == 302
    assert Activation.objects.get(device=unit).place == "home"


def test_nobody_is_found_who_may_not_be_seen(world, officer, signed_in, spare):
    address = reverse("orders:device-fit", args=[spare.pk])
    answer = signed_in(officer).get(address, {"person": "P000003"}).content.decode()  # restricted
    absent = signed_in(officer).get(address, {"person": "P999999"}).content.decode()
    assert "nobody with this name, number or reference" in answer
    answer, absent = (re.sub(r'nonce="[^"]*"|value="[^"]*"|P\d{6}', "", page) for page in (answer, absent))
    assert answer == absent


def test_the_name_of_a_restricted_person_is_not_on_the_page_of_their_device(world, officer, signed_in):
    tag = Device.objects.create(device_id="tag-cy", state="fitted")
    Activation.objects.create(
        reference="ACY", device=tag, person=world.cy, from_utc=ago(days=1), place="mothers"
    )
    page = signed_in(officer).get(reverse("orders:device", args=[tag.pk])).content.decode()
    assert "Cy Ashe" not in page
    assert "mothers" not in page
    assert "It is not free" in page
    assert "Cy Ashe" not in signed_in(officer).get(reverse("orders:devices")).content.decode()


def test_the_same_number_is_registered_once(world, officer, signed_in):
    answer = signed_in(officer).post(reverse("orders:device-register"), {"device_id": "tag-1", "kind": "tag"})
    assert "on the register already" in answer.content.decode()
    made = signed_in(officer).post(
        reverse("orders:device-register"), {"device_id": "tag-77", "kind": "radio_tag"}
    )
    assert made.status_code == 302


def test_a_device_says_its_model_and_whoever_wore_it_is_judged_again(world, officer, signed_in):
    client, tag = signed_in(officer), Device.objects.get(device_id="tag-1")
    assert "model not known" in client.get(reverse("orders:device", args=[tag.pk])).content.decode()
    ToJudge.objects.all().delete()
    answer = client.post(reverse("orders:device-model", args=[tag.pk]), {"model": "Band 3"})
    assert answer.status_code == 302
    assert "Band 3" in client.get(reverse("orders:device", args=[tag.pk])).content.decode()
    asked = ToJudge.objects.get()
    assert (asked.person, asked.from_us) == (world.ada, to_us(worn(world).from_utc))
    entry = Entry.objects.get(what="device.model")
    assert entry.details == {"device": "tag-1", "from": "", "to": "Band 3", "shown": [world.ada.reference]}
    (activation,) = order_file_of([world.ada]).activations
    assert activation.device_model == "Band 3"


def test_the_engine_is_told_no_model_where_none_is_known(world):
    (activation,) = order_file_of([world.ada]).activations
    assert activation.device_model is None


def test_a_practitioner_says_no_model(world):
    with pytest.raises(Refused):
        devices.correct_model(by=world.nora, device=world.tag, model="Band 3")
