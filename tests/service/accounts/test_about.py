"""The doors to records: reading and logging are one act."""

from __future__ import annotations

import logging

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from milepost.service.accounts import about, naming
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry, Shown
from milepost.service.kit.looks import watched
from milepost.service.people.models import Person
from tests.service.world import World


def overview(world: World) -> str:
    return reverse("person_page:overview", kwargs={"reference": world.ada.reference})


def test_no_entry_no_page(world, signed_in, monkeypatch):
    def broken(**entry: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(about, "write", broken)
    client: Client = signed_in(world.nora)
    client.raise_request_exception = False
    for address in (overview(world), reverse("people:search") + "?q=vale", reverse("monitoring:board")):
        response = client.get(address)
        assert response.status_code == 500
        assert "Ada" not in response.text
        assert "P000001" not in response.text.replace(address, "")


def test_what_is_not_found_leaves_no_entry_of_a_look(world, signed_in):
    assert signed_in(world.nora).get(f"/people/{world.ben.reference}/edit").status_code == 404
    assert not world.entries().filter(operation="consultation").exists()


def test_a_list_says_whom_it_showed_and_nobody_else(world, signed_in):
    signed_in(world.nora).get(reverse("people:search"), {"q": "vale"})
    entry = world.entries().get()
    assert (entry.what, entry.details["shown"]) == ("people.search", ["P000001"])
    assert list(Shown.objects.values_list("entry_id", "reference")) == [(entry.number, "P000001")]


def test_who_looked_at_somebody_finds_the_lists_too(world, signed_in):
    signed_in(world.nora).get(reverse("people:search"), {"q": "vale"})
    signed_in(world.nora).get(overview(world))
    page = signed_in(world.users[Role.AUDITOR]).get("/audit/", {"subject": "P000001"})
    assert "Searched for people" in page.text
    assert "Looked at a person&#39;s overview" in page.text or "Looked at a person's overview" in page.text


def test_an_action_is_its_own_record(world, signed_in):
    signed_in(world.nora).post(f"/people/{world.ada.reference}/notes/add", {"text": "Called, no answer."})
    assert [entry.what for entry in world.entries()] == ["person.note_add"]


def test_an_entry_that_was_undone_is_no_record_of_the_look(world, signed_in, monkeypatch):
    """A dry run, or an action that was refused after its entry was written."""
    from django.db import transaction

    from milepost.service.kit.refusals import Refused
    from milepost.service.people.views import details

    write_note = details.actions.write_note

    def refused_late(**wanted: object) -> None:
        with transaction.atomic():
            write_note(**wanted)
            raise Refused("Not now.")

    monkeypatch.setattr(details.actions, "write_note", refused_late)
    page = signed_in(world.nora).post(f"/people/{world.ada.reference}/notes/add", {"text": "Called."})
    assert "Not now." in page.text
    assert [entry.what for entry in world.entries()] == ["person.form"]


def test_a_form_that_comes_back_is_a_look(world, signed_in):
    signed_in(world.nora).post(f"/people/{world.ada.reference}/notes/add", {"text": ""})
    assert [entry.what for entry in world.entries()] == ["person.form"]


def test_rows_that_come_by_themselves_name_people_once(world, signed_in):
    from tests.service.monitoring.factory import plain_incident

    about.shown_lately.forget()
    client = signed_in(world.nora)
    plain_incident(world.ada)
    for _ in range(3):
        assert "Ada Vale" in client.get(reverse("monitoring:rows")).text
    assert [entry.details["shown"] for entry in Entry.objects.filter(what="board.rows")] == [["P000001"]]
    plain_incident(world.cy)
    assert "Cy Ashe" in client.get(reverse("monitoring:rows")).text
    assert Entry.objects.filter(what="board.rows").last().details["shown"] == ["P000003"]


def test_tests_refuse_an_answer_that_names_somebody_without_an_entry(world):
    request = RequestFactory().get("/somewhere")
    with watched() as looks:
        text = f"<p>{Person.objects.get(pk=world.ada.pk).name}</p>"
        with pytest.raises(naming.NamedWithoutEntry, match="P000001"):
            naming.check(request, looks, text, 200)


def test_the_running_service_writes_the_entry_itself_and_says_that_it_had_to(world, settings, caplog):
    settings.NAMING_FAILS = False
    request = RequestFactory().get("/somewhere")
    request.user = world.nora
    with watched() as looks, caplog.at_level(logging.ERROR, "milepost.naming"):
        text = f"<p>{Person.objects.get(pk=world.ada.pk).name}</p>"
        naming.check(request, looks, text, 200)
    entry = world.entries().get()
    assert (entry.what, entry.actor, entry.details["shown"]) == (
        "view.named",
        world.nora.audit_name,
        ["P000001"],
    )
    assert "left no entry" in caplog.text
    assert "P000001" not in caplog.text


@pytest.mark.parametrize("name", ["Ada O'Vale", "Siân Vale", 'Ada "Al" Vale'])
@pytest.mark.parametrize("others", [0, 40])
def test_names_are_recognised_however_they_are_written(name, others):
    from html import escape
    from json import dumps

    with watched() as looks:
        looks.read = {f"P9{n:05d}": f"Other Person {n}x" for n in range(others)} | {"P1": name}
        assert looks.not_logged(f"<td>{escape(name)}</td>") == ["P1"]
        assert looks.not_logged(dumps({"name": name})) == ["P1"]
        assert looks.not_logged("<td>Ada Valery, P12</td>") == []
        looks.logged.add("P1")
        assert looks.not_logged(f"<td>{escape(name)}</td>") == []
