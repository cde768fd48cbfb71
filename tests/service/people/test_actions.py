"""Changing a person's record: who may, what is kept, what the log says."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.refusals import Refused
from milepost.service.people.actions import access, allocation, details
from milepost.service.people.models import ContactDetail, ExceptionalAccess, Note, Person, StaffRisk
from milepost.service.people.policy_data import exceptional_access_lasts
from tests.service.world import World, make_person

pytestmark = pytest.mark.django_db
SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def identity(person: Person, **more) -> dict:
    return {"revision": person.revision, "name": person.name, "also_known_as": "", "date_of_birth": person.date_of_birth,
            "preferred_language": "cy", "communication_needs": "", **more}  # fmt: skip


def test_identity_is_changed_and_the_log_names_fields_not_values(world: World):
    changed = details.edit_identity(by=world.nora, person=world.ada, **identity(world.ada, name="Ada Moor"))
    assert changed == ["name", "preferred_language"]
    entry = Entry.objects.get(what="person.edit")
    assert (entry.operation, entry.subject, entry.details) == (
        "alteration", "P000001", {"fields": ["name", "preferred_language"]},
    )  # fmt: skip
    assert Person.objects.get(reference="P000001").search_name == "ada moor"


def test_a_change_over_somebody_elses_is_refused(world: World):
    stale = identity(world.ada, name="First")
    details.edit_identity(by=world.nora, person=Person.objects.get(pk=world.ada.pk), **stale)
    with pytest.raises(Refused, match="Somebody changed"):
        details.edit_identity(
            by=world.nora, person=Person.objects.get(pk=world.ada.pk), **(stale | {"name": "Second"})
        )
    assert Person.objects.get(pk=world.ada.pk).name == "First"


def test_officers_do_not_edit_and_practitioners_do_not_allocate(world: World):
    with pytest.raises(Refused):
        details.add_risk(
            by=world.users[Role.MONITORING_OFFICER],
            person=world.ada,
            text="x",
            source="y",
            since=dt.date(2026, 1, 1),
        )
    with pytest.raises(Refused):
        allocation.allocate(by=world.nora, person=world.ada, revision=0, team=world.south, practitioner=None)


def test_contacts_and_risks_end_and_stay(world: World):
    first = details.add_contact(by=world.nora, person=world.ada, kind="mobile", value="1", preferred=True)
    second = details.add_contact(by=world.nora, person=world.ada, kind="mobile", value="2", preferred=True)
    assert not ContactDetail.objects.get(pk=first.pk).preferred
    details.end_contact(by=world.nora, contact=second)
    assert ContactDetail.objects.get(pk=second.pk).ended_utc is not None
    risk = details.add_risk(
        by=world.nora, person=world.ada, text="Dog", source="Police", since=dt.date(2026, 1, 1)
    )
    details.end_risk(by=world.nora, risk=risk)
    assert StaffRisk.objects.get(pk=risk.pk).ended is not None
    with pytest.raises(Refused, match="ended already"):
        details.end_risk(by=world.nora, risk=risk)


def test_a_correction_is_a_new_note_beside_the_old(world: World, signed_in):
    note = details.write_note(by=world.nora, person=world.ada, text="Seen on Monday")
    client = signed_in(world.nora)
    client.post(reverse("people:note-correct", args=["P000001", note.pk]), {"text": "Seen on Tuesday"})
    assert list(Note.objects.order_by("pk").values_list("text", "corrects")) == [
        ("Seen on Monday", None),
        ("Seen on Tuesday", note.pk),
    ]
    page = client.get(reverse("person_page:notes", args=["P000001"])).content.decode()
    assert "Seen on Monday" in page
    assert "Corrected by a later note" in page
    ben = Note.objects.create(person=world.ben, text="x", by=world.sam)
    with pytest.raises(Refused):
        details.write_note(by=world.nora, person=world.ada, text="y", corrects=ben)


def test_allocation_goes_to_a_practitioner_of_the_team(world: World, signed_in):
    senior = world.users[Role.SENIOR_PRACTITIONER]
    with pytest.raises(Refused, match="team that holds"):
        allocation.allocate(by=senior, person=world.ada, revision=0, team=world.north, practitioner=world.sam)
    answer = signed_in(senior).post(
        reverse("people:allocate", args=["P000001"]), {"revision": 0, "to": "other", "team": world.south.pk}
    )
    assert answer.headers["Location"] == reverse(
        "people:search"
    )  # the senior does not see the record any more
    moved = Person.objects.get(pk=world.ada.pk)
    assert (moved.team, moved.practitioner) == (world.south, None)


def test_a_restriction_names_somebody_and_shuts_out_the_others(world: World, signed_in):
    senior = world.users[Role.SENIOR_PRACTITIONER]
    client = signed_in(senior)
    url = reverse("people:restrict", args=["P000001"])
    assert client.post(url, {"revision": 0}).status_code == 200  # nobody named
    assert not Person.objects.get(pk=world.ada.pk).restricted
    officer = world.users[Role.MONITORING_OFFICER]
    client.post(url, {"revision": 0, "named": [str(world.nora.pk)], "others": f"{officer.email}\n"})
    page = reverse("person_page:overview", args=["P000001"])
    assert [signed_in(u).get(page).status_code for u in (world.nora, officer, senior)] == [200, 200, 404]
    assert Entry.objects.get(what="person.restrict").details == {"named": sorted([world.nora.pk, officer.pk])}


def test_an_unknown_address_names_itself(world: World, signed_in):
    client = signed_in(world.users[Role.SENIOR_PRACTITIONER])
    answer = client.post(
        reverse("people:restrict", args=["P000001"]), {"revision": 0, "others": "nobody@example.org"}
    )
    assert "Nobody signs in as nobody@example.org" in answer.content.decode()


def test_exceptional_access_opens_for_a_day_and_is_logged_with_its_reason(world: World, signed_in):
    client = signed_in(world.nora)
    page = reverse("person_page:overview", args=["P000002"])
    assert client.get(page).status_code == 404
    assert client.post(reverse("people:ask", args=["P000002"]), {"reason": "duty"}).status_code == 200
    answer = client.post(
        reverse("people:ask", args=["P000002"]), {"reason": "On duty, police called about him"}
    )
    assert answer.headers["Location"] == page
    assert client.get(page).status_code == 200
    entry = Entry.objects.get(what="person.exceptional_access")
    assert (entry.subject, entry.reason) == ("P000002", "On duty, police called about him")
    row = ExceptionalAccess.objects.get()
    assert row.until_utc - row.at_utc == exceptional_access_lasts()
    ExceptionalAccess.objects.update(until_utc=timezone.now())
    assert client.get(page).status_code == 404


def test_a_restricted_record_cannot_be_asked_for(world: World, signed_in):
    assert signed_in(world.sam).post(
        reverse("people:ask", args=["P000003"]), {"reason": "On duty, police called about her"}
    ).status_code == 404  # fmt: skip
    with pytest.raises(Refused):
        access.ask_access(by=world.sam, person=world.cy, reason="On duty, police called about her")


def test_the_senior_of_the_team_reviews_and_may_end_it(world: World, signed_in):
    senior_south = User.objects.create_user(
        "s@example.org", name="S", role=Role.SENIOR_PRACTITIONER, team=world.south
    )
    row = access.ask_access(by=world.nora, person=world.ben, reason="On duty, police called about him")
    assert "police called" not in signed_in(world.users[Role.SENIOR_PRACTITIONER]).get(
        reverse("people:access-reviews")).content.decode()  # fmt: skip
    client = signed_in(senior_south)
    assert "police called" in client.get(reverse("people:access-reviews")).content.decode()
    client.post(
        reverse("people:access-review", args=[row.pk]), {"outcome": "not_in_order", "note": "Follow up"}
    )
    row.refresh_from_db()
    assert (row.outcome, row.reviewed_by) == ("not_in_order", senior_south)
    assert signed_in(world.nora).get(reverse("person_page:overview", args=["P000002"])).status_code == 404


def test_nobody_reviews_their_own_access(world: World):
    senior = world.users[Role.SENIOR_PRACTITIONER]
    row = access.ask_access(by=senior, person=world.ben, reason="On duty, police called about him")
    with pytest.raises(Refused, match="Somebody else"):
        access.review_access(by=senior, access=row, outcome="in_order")


def test_scripts_in_every_text_field_stay_text(world: World, signed_in):
    person = make_person("P000020", SCRIPT, world.north, also_known_as=SCRIPT, communication_needs=SCRIPT)
    senior = world.users[Role.SENIOR_PRACTITIONER]
    details.add_contact(by=world.nora, person=person, kind="mobile", value=SCRIPT, note=SCRIPT)
    details.add_risk(by=world.nora, person=person, text=SCRIPT, source=SCRIPT, since=dt.date(2026, 1, 1))
    note = details.write_note(by=world.nora, person=person, text=SCRIPT)
    now = timezone.now()
    row = ExceptionalAccess.objects.create(
        person=person, user=world.sam, reason=SCRIPT, review_note=SCRIPT, until_utc=now
    )
    client = signed_in(senior)
    urls = [
        reverse(f"person_page:{n}", args=["P000020"])
        for n in ("overview", "week", "trail", "zones", "orders", "history", "devices", "notes", "details")
    ]
    urls += [
        reverse(f"people:{n}", args=["P000020"])
        for n in ("edit", "contact-add", "risk-add", "note-add", "allocate", "restrict")
    ]
    urls += [reverse("people:search"), reverse("people:access-reviews"), reverse("people:access-review", args=[row.pk]),
             reverse("people:note-correct", args=["P000020", note.pk])]  # fmt: skip
    for url in urls:
        answer = client.get(url)
        assert answer.status_code == 200, url
        text = answer.content.decode()
        assert "<script>alert(1)" not in text, url
        assert "<img src=x" not in text, url
