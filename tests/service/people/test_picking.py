"""Picking a person by typing: what is found, and what must not be felt."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry, Shown
from milepost.service.orders.models import Device, Order
from milepost.service.people.models import ContactDetail, NearWord
from milepost.service.people.near import consonants, is_near, keys_of, one_slip
from milepost.service.people.picking import pick
from tests.service.world import World, make_person

pytestmark = pytest.mark.django_db


def picked(user, text: str) -> list[str]:
    return [person.reference for person in pick(user, text)]


@pytest.mark.parametrize("text", [
    "ada vale", "vale", "val ad", "P000001", "p0000", "tag-1", "O000001",
    "Adda Vale", "ada vael", "vlae", "vala", "07700 900123", "+44 7700 900123", "900123", "(07700) 900-123",
])  # fmt: skip
def test_found_by_name_nearly_the_name_reference_device_order_and_telephone(world: World, text):
    ContactDetail.objects.create(person=world.ada, kind="mobile", value="+44 7700 900123")
    assert picked(world.nora, text)[0] == "P000001"


@pytest.mark.parametrize(
    "text", ["xqj", "900", "99999", "moor", "P9", "", "'", "%", "_", "\u0660\u0661\u0662\u0663\u0664"]
)
def test_nothing_is_found_by_what_is_not_theirs(world: World, text):
    ContactDetail.objects.create(person=world.ada, kind="mobile", value="07700 900123")
    assert picked(world.nora, text) == []


def test_the_surest_come_first(world: World):
    make_person("P000020", "Jon Smyth", world.north)
    make_person("P000021", "John Smith", world.north)
    make_person("P000022", "Jo Smith", world.north)
    assert picked(world.nora, "john smith") == ["P000021", "P000020"]
    assert picked(world.nora, "smith")[:2] == ["P000022", "P000021"]
    assert "P000020" in picked(world.nora, "smith")


def test_names_that_are_written_in_many_ways_are_found(world: World):
    make_person("P000030", "Mohammed Ali", world.north)
    for text in ("muhammad", "Mohamed", "mohamad ali", "Muhamed"):
        assert picked(world.nora, text) == ["P000030"], text


@pytest.mark.parametrize(("word", "other", "near"), [
    ("smith", "smyth", True), ("smith", "smiht", True), ("smith", "smit", True), ("smith", "smithe", True),
    ("smith", "jones", False), ("smith", "smith", False), ("jon", "john", True), ("ann", "anna", True),
    ("catherine", "katherine", True), ("philip", "filip", True), ("lee", "leigh", False), ("mair", "marc", False),
])  # fmt: skip
def test_what_is_near(word, other, near):
    assert is_near(word, other) is near
    if near:
        assert keys_of(word) & keys_of(other), "and the index leads from one to the other"


def test_one_slip_is_what_counting_says():
    """Against the distance worked out the slow way (optimal string alignment), over all short words of three letters."""
    from itertools import product

    words = ["".join(letters) for n in range(1, 5) for letters in product("abc", repeat=n)]
    for a in words[::3]:
        for b in words[::2]:
            assert one_slip(a, b) == (_distance(a, b) <= 1), (a, b)
            if one_slip(a, b) and a != b and min(len(a), len(b)) >= 3:
                assert keys_of(a) & keys_of(b)


def _distance(a: str, b: str) -> int:
    d = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                d[i, j] = min(d[i, j], d[i - 2, j - 2] + 1)
    return d[len(a), len(b)]


def test_a_name_that_nobody_bears_any_more_is_in_no_table(world: World):
    una = make_person("P000040", "Una Quillfeather", world.north)
    other = make_person("P000041", "Una Vale", world.north)
    assert NearWord.objects.filter(word="quillfeather").exists()
    una.name = "Una Plain"
    una.save()
    assert not NearWord.objects.filter(word="quillfeather").exists()
    una.delete()
    assert not NearWord.objects.filter(word="plain").exists()
    assert NearWord.objects.filter(word="una").exists(), "the other Una's"
    assert consonants("una") == "un"
    other.delete()
    assert not NearWord.objects.filter(word="una").exists()


def test_somebody_hidden_is_answered_as_somebody_who_is_not_there(world: World, signed_in):
    """By name, nearly the name, telephone, reference: the same answer, the same questions, the same entries in the log."""
    officer = signed_in(world.users[Role.MONITORING_OFFICER])
    ContactDetail.objects.create(person=world.cy, kind="mobile", value="07700 900777")
    url = reverse("people:pick")
    officer.get(url, {"q": "warm"})
    for hidden, nobody in (("cy ashe", "xy osht"), ("ashhe", "qshht"), ("07700 900777", "07700 900778"),
                           ("P000003", "P000009")):  # fmt: skip
        asked = []
        for text in (hidden, nobody):
            count = Entry.objects.count()
            with CaptureQueriesContext(connection) as queries:
                answer = officer.get(url, {"q": text})
            asked.append((answer.content, len(queries), Entry.objects.count() - count))
        assert asked[0] == asked[1], hidden
    assert not Shown.objects.filter(reference="P000003").exists()


def test_who_was_listed_is_in_the_log_and_never_what_was_typed(world: World, signed_in):
    answer = signed_in(world.nora).get(reverse("people:pick"), {"q": "adda"}).json()
    assert answer["options"] == [
        {"key": "P000001", "text": "Ada Vale, P000001", "hint": "Born 2 April 1990", "more": {}}
    ]
    entry = world.entries().get(what="people.pick")
    assert [shown.reference for shown in Shown.objects.filter(entry=entry)] == ["P000001"]
    assert "adda" not in str(entry.details)


def test_an_order_is_started_by_a_name_and_the_form_asks_which(world: World, signed_in):
    make_person("P000050", "Ada Valer", world.north)
    client, url = signed_in(world.nora), reverse("orders:start")
    data = {"person": "ada val", "regime": "licence", "source": "Court"}
    page = client.post(url, data)
    text = page.content.decode()
    assert "Select one of those that were found" in text
    assert 'value="P000001"' in text
    assert 'value="P000050"' in text
    assert {s.reference for s in Shown.objects.filter(entry__what="order.start_form")} == {
        "P000001",
        "P000050",
    }
    client.post(url, data | {"person-chosen": "P000050", "person-asked": "ada val"})
    assert Order.objects.latest("pk").person.reference == "P000050"


def test_a_choice_that_was_made_up_opens_nobody_hidden(world: World, signed_in):
    client, url = signed_in(world.users[Role.SENIOR_PRACTITIONER]), reverse("orders:start")
    data = {"person": "cy", "regime": "licence", "person-chosen": "P000003", "person-asked": "cy"}
    page = client.post(url, data)
    assert page.status_code == 200
    assert "Cy Ashe" not in page.content.decode()
    assert not Order.objects.filter(person=world.cy).exists()


def test_a_device_in_stock_is_picked_by_the_end_of_its_number(world: World, signed_in):
    Device.objects.create(device_id="GB-00-4711")
    Device.objects.create(device_id="GB-00-4712", state="faulty")
    officer = signed_in(world.users[Role.MONITORING_OFFICER])
    keys = [o["key"] for o in officer.get(reverse("orders:device-pick"), {"q": "471"}).json()["options"]]
    assert keys == ["GB-00-4711"]
    page = officer.get(
        reverse("orders:device-fit", args=[Device.objects.get(device_id="GB-00-4711").pk]), {"person": "adda"}
    )
    assert "Ada Vale, P000001" in page.content.decode()
