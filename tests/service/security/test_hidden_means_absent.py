"""Somebody who looks up a former partner: each way in, asked for a restricted record, for one of another team and for
a reference that nobody has, gives the same answer, the same entry in the log and asks the database the same."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.orders.models import Activation, Device, Order
from tests.service.api.conftest import Caller
from tests.service.world import DOCUMENT, make_person

NOBODY = "P000099"
HIDDEN = ("P000002", "P000003")
"""South's Ben, and Cy, who is restricted."""


def order_file(person: str, order: str = "NO1") -> dict:
    version = {"version": 1, "effective_from_utc": "2026-03-01T12:00:00Z", **DOCUMENT}
    return {"milepost": 1, "people": [{"id": person, "name": "New Person"}],
            "orders": [{"id": order, "person_id": person, "regime": "community_order", "versions": [version]}]}  # fmt: skip


def sent(client, person: str):
    """The import page: chosen, looked at, taken in."""
    file = SimpleUploadedFile("orders.json", json.dumps(order_file(person)).encode())
    looked = client.post(reverse("orders:import"), {"file": file}, follow=True)
    return looked.content.decode() + client.post(looked.redirect_chain[-1][0]).content.decode()


PAGES = {
    "import": sent,
    "ask": lambda client, person: client.get(reverse("people:ask", args=[person])),
    "page": lambda client, person: client.get(reverse("person_page:overview", args=[person])),
    "edit": lambda client, person: client.post(reverse("people:edit", args=[person]), {"name": "x"}),
    "start": lambda client, person: client.post(
        reverse("orders:start"), {"person": person, "regime": "licence"}
    ),
}
CALLS = {
    "orders": lambda api, person: api.post("/orders", order_file(person)),
    "orders of": lambda api, person: api.get(f"/orders?person={person}"),
    "person": lambda api, person: api.get(f"/people/{person}"),
    "absences of": lambda api, person: api.get(f"/absences?person={person}"),
    "assessments of": lambda api, person: api.get(f"/people/{person}/assessment"),
}


def plain(answer, person: str) -> str:
    """Without what differs from one request to the next, and without what was asked."""
    text = answer if isinstance(answer, str) else f"{answer.status_code} {answer.content.decode()}"
    text = re.sub(r'(value|nonce)="[^"]+"|[0-9a-f]{16}|/import/\d+', "", text)
    return text.replace(person, "WHO")


def shape(queries) -> list[str]:
    """Which questions, not with which values."""
    return [re.sub(r"'[^']*'|\b\d+\b|SAVEPOINT .*", "?", query["sql"])[:400] for query in queries]


def felt(ask, who, person: str) -> tuple[str, list[str], list]:
    before = Entry.objects.count()
    with CaptureQueriesContext(connection) as queries:
        answer = ask(who, person)
    rows = Entry.objects.filter(number__gt=before).order_by("number")
    logged = [(e.operation, e.what, e.subject.replace(person, "WHO"),
               json.dumps(e.details).replace(person, "WHO")) for e in rows]  # fmt: skip
    logged = [tuple(re.sub(r'[0-9a-f]{64}|"pk": \d+', "digest", part) for part in entry) for entry in logged]
    return plain(answer, person), shape(queries), logged


@pytest.fixture
def asker(world):
    """North's senior practitioner: sees neither of the hidden two, and may ask for, import and start everything."""
    return world.users[Role.SENIOR_PRACTITIONER]


@pytest.mark.parametrize("way", PAGES)
def test_no_page_tells_a_hidden_record_from_one_that_is_not_there(world, asker, signed_in, way):
    client = signed_in(asker)
    PAGES[way](client, "P000098")  # what is made once and kept
    hidden = (
        ["P000003"] if way == "ask" else HIDDEN
    )  # of another team's a page may be asked for: that is what it is for
    absent = felt(PAGES[way], client, NOBODY)
    for person in hidden:
        found = felt(PAGES[way], client, person)
        for one, other in zip(absent, found, strict=True):
            assert one == other, person


@pytest.mark.parametrize("way", CALLS)
def test_no_call_tells_a_hidden_record_from_one_that_is_not_there(world, asker, way):
    api = Caller(asker)
    CALLS[way](api, "P000098")
    absent = felt(CALLS[way], api, NOBODY)
    for person in HIDDEN:
        found = felt(CALLS[way], api, person)
        for one, other in zip(absent, found, strict=True):
            assert one == other, person


@pytest.mark.parametrize("way", [*PAGES, *CALLS])
def test_each_attempt_is_in_the_log_as_refused_under_the_reference_that_was_asked_for(
    world, asker, signed_in, way
):
    if way in PAGES:
        PAGES[way](signed_in(asker), "P000003")
    else:
        CALLS[way](Caller(asker), "P000003")
    entry = Entry.objects.filter(operation="denied").latest("number")
    assert (entry.what, entry.subject, entry.actor) == ("record.not_there", "P000003", f"user:{asker.pk}")
    assert entry.details["asked"] == ["P000003"]


def test_a_name_typed_as_a_reference_does_not_go_into_the_log(world, asker, signed_in):
    """A box takes names, too: one that finds nobody is no reference that was tried."""
    before = Entry.objects.count()
    signed_in(asker).post(reverse("orders:start"), {"person": "Cy Ashe", "regime": "licence"})
    assert not Entry.objects.filter(what="record.not_there").exists()
    assert not [
        entry
        for entry in Entry.objects.order_by("-number")[: Entry.objects.count() - before]
        if "Ashe" in str(entry.details)
    ]
    signed_in(asker).post(reverse("orders:start"), {"person": "P000003", "regime": "licence"})
    assert Entry.objects.get(what="record.not_there").details["asked"] == ["P000003"]


@pytest.mark.parametrize("taken", ["O000001", "O000777"])
def test_an_order_reference_that_somebody_hidden_has_is_as_good_as_a_fresh_one(world, taken):
    """Sam does not see Ada, whose order is O000001. His order of that name for Ben is made, and found by it."""
    api = Caller(world.sam)
    told = api.post("/orders", order_file("P000002", taken)).json()
    (reference,) = told["orders"]
    assert told["file_references"] == {reference: taken}
    assert not told["problems"]
    made = Order.objects.get(file_reference=taken)
    assert (made.person, api.get(f"/orders/{reference}").status_code) == (world.ben, 200)
    assert api.get(f"/orders/{taken}").status_code == 404
    again = api.post("/orders", order_file("P000002", taken)).json()
    assert (again["orders"], again["known"]["orders"]) == ([], 1)


def test_a_device_that_a_hidden_person_wears_says_the_same_as_one_that_a_person_in_sight_wears(
    world, signed_in
):
    """The register is of devices: that one is not free is told, never on whom or since when; and it is not lost."""
    officer = world.users[Role.MONITORING_OFFICER]
    dee = make_person("P000020", "Dee Iris", world.north, monitored_until_utc=world.ada.monitored_until_utc)
    answers = []
    for number, wearer in ((5, world.cy), (6, dee)):
        tag = Device.objects.create(device_id=f"tag-{number}", state="fitted")
        Activation.objects.create(
            reference=f"A{number}", device=tag, person=wearer, from_utc="2026-02-01T00:00:00Z"
        )
        table = f"device_id,person_id,from_utc,id\ntag-{number},P000001,2026-03-01T00:00:00Z,A{number}\n"
        client = signed_in(officer)
        file = SimpleUploadedFile("devices.csv", table.encode())
        looked = client.post(reverse("orders:import-devices"), {"file": file}, follow=True)
        page = looked.content.decode() + client.post(looked.redirect_chain[-1][0]).content.decode()
        answers.append(plain(page, f"tag-{number}").replace(f"A{number}", "A"))
    assert answers[0] == answers[1]
    assert "waits to be checked" in answers[0]


def test_the_page_of_a_device_on_a_hidden_person_says_neither_since_when_nor_when_it_was_heard(
    world, signed_in
):
    tag = Device.objects.create(device_id="tag-5", state="fitted")
    Activation.objects.create(
        reference="A5", device=tag, person=world.cy, from_utc="2026-02-01T13:14:00Z", place="mothers"
    )
    page = signed_in(world.users[Role.MONITORING_OFFICER]).get(reverse("orders:device", args=[tag.pk]))
    text = page.content.decode()
    assert "It is not free" in text
    assert "13:14" not in text
    assert "Last heard" not in text
