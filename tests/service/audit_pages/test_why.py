"""What an auditor reads first: why and over which time, what is exceptional, people before machines, is the log sound."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from milepost.service.accounts.actors import Machine
from milepost.service.accounts.roles import Role
from milepost.service.audit import guards
from milepost.service.audit.models import Entry, Verification
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.audit_pages import outside, sound
from milepost.service.audit_pages.why import sentence
from milepost.service.kit.local_days import local_day, start_of_local_day_us
from milepost.service.people.actions.access import ask_access, review_access
from milepost.service.people.models import ExceptionalAccess, NamedAccess, Person
from tests.service.world import World

pytestmark = pytest.mark.django_db
C = Operation.CONSULTATION
HOUR_US = 3_600_000_000


def note(by, what: str = "person.page", operation: Operation = C, **more) -> Entry:
    with transaction.atomic():
        return write(by=by, operation=operation, what=what, **more)


@pytest.fixture
def auditor(world: World, signed_in) -> Client:
    return signed_in(world.users[Role.AUDITOR])


def main(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main")[1]).split())


def midnight(day: int) -> int:
    return start_of_local_day_us(dt.date(2026, 3, day))


@pytest.mark.parametrize(
    ("what", "reason", "details", "said"),
    [
        ("person.trail_shown", "", {"purpose": "alert", "from_us": midnight(3), "until_us": midnight(5)},
         "Looked at a person's location history of 3 Mar 2026 to 4 Mar 2026, because: To look into an alert"),
        ("person.trail_shown", "", {"purpose": "device", "from_us": midnight(3), "until_us": midnight(4)},
         "Looked at a person's location history of 3 Mar 2026, because: To look into a fault of the device"),
        ("person.trail_shown", "A week is needed", {
            "purpose": "other", "from_us": midnight(3) + 19 * HOUR_US, "until_us": midnight(4) + 7 * HOUR_US},
         "Looked at a person's location history from 3 Mar 2026 19:00 to 4 Mar 2026 07:00, because: Something else; "
         "A week is needed"),
        ("api.trail", "supervision", {"from_us": midnight(3), "until_us": midnight(3) + HOUR_US},
         "Read a person's location history through the API from 3 Mar 2026 00:00 to 01:00, because: Supervising the person"),
        ("incident.page", "incident 12", {}, ", because: to decide alert 12"),
        ("person.page", "", {"from_us": "x", "until_us": None}, "Looked at a person's record"),
        ("gone.code", "Asked by court", {"purpose": "gone"}, "gone.code, because: gone; Asked by court"),
    ],
)  # fmt: skip
def test_purpose_and_period_stand_in_words(what, reason, details, said):
    made = sentence(Entry(what=what, reason=reason, details=details))
    assert made.endswith(said)
    if not said.startswith(","):
        assert made == said


def test_the_entry_says_it_too_and_keeps_what_was_sealed(world: World, auditor: Client):
    kept = note(
        world.nora, "person.trail_shown", subject="P000001", shown=["P000002"],
        details={"purpose": "alert", "from_us": midnight(3), "until_us": midnight(4)},
    )  # fmt: skip
    page = main(auditor.get(f"/audit/entries/{kept.number}").text)
    assert "Why To look into an alert" in page
    assert "Time that was looked at of 3 Mar 2026" in page
    assert "Who else was shown P000002" in page
    assert kept.seal in page
    plain = note(world.nora, subject="P000001")
    assert "No reason is asked for this." in main(auditor.get(f"/audit/entries/{plain.number}").text)


def test_people_come_first_and_machines_are_folded_with_their_number(world: World, auditor: Client):
    older = note(world.nora, subject="P000001")
    for n in range(7):
        note(Machine("ingest", "http" if n else "mqtt"), "signals.batch", Operation.COLLECTION)
    newer = note(world.sam, subject="P000002")
    page = auditor.get("/audit/").text
    folded = re.search(r'href="/audit/\?by=machines&amp;before=(\d+)">7 entries', page)
    assert folded[1] == str(newer.number)
    assert page.index(f"/entries/{newer.number}") < folded.start() < page.index(f"/entries/{older.number}")
    kinds = main(page).split("What machines did in that time")[-1]
    assert re.search(r"ingest:http .*? 6 ingest:mqtt .*? 1", kinds)
    machines = auditor.get(f"/audit/?by=machines&before={newer.number}").text
    assert len(set(re.findall(r'href="/audit/entries/(\d+)"', machines))) >= 7
    narrowed = auditor.get("/audit/?by=people&subject=P000001").text
    assert "before=" not in narrowed, (
        "between entries about one person stand those about others, not machines alone"
    )


def test_exceptional_access_is_what_was_asked_for_and_not_all_that_has_a_reason(
    world: World, auditor: Client
):
    everyday = note(
        world.nora,
        "person.trail_shown",
        subject="P000001",
        reason="More than a day",
        details={"purpose": "other"},
    )
    ask_access(by=world.sam, person=world.ada, reason="On call for the other team this weekend")
    page = auditor.get("/audit/exceptional").text
    assert "On call for the other team this weekend" in page
    assert f"/entries/{everyday.number}" not in page
    assert "Not reviewed yet" in page
    review_access(
        by=world.users[Role.SENIOR_PRACTITIONER],
        access=ExceptionalAccess.objects.get(),
        outcome="not_in_order",
    )
    assert "Not justified" in auditor.get("/audit/exceptional").text
    first = main(auditor.get("/audit/").text)
    assert first.index("On call for the other team") < first.index("More than a day"), "it comes first, apart"
    assert "Ada Vale" not in page


def days() -> list[dt.date]:
    return [local_day(timezone.now())]


def test_a_look_outside_the_team_that_nothing_opened_is_named_first(world: World, auditor: Client):
    note(world.nora, subject="P000001")
    note(world.sam, subject="P000001")
    note(world.users[Role.MONITORING_OFFICER], subject="P000001")
    assert [(o.actor, o.subject, o.team, o.subject_team) for o in outside.outside(days())] == [
        (world.sam.audit_name, "P000001", "South", "North")
    ]
    page = main(auditor.get("/audit/exceptional").text)
    assert page.index("Sam South") < page.index("Asked for, with a reason")
    assert Entry.objects.latest("number").details["shown"] == ["P000001"]


@pytest.mark.parametrize("way", ["asked", "named", "held in prison"])
def test_what_something_opened_is_not_named_there(way, world: World):
    note(world.sam, subject="P000001")
    assert len(outside.outside(days())) == 1
    if way == "asked":
        ask_access(by=world.sam, person=world.ada, reason="On call for the other team")
    elif way == "named":
        NamedAccess.objects.create(person=world.ada, user=world.sam, by=world.nora)
    else:
        Person.objects.filter(pk=world.ada.pk).update(prison=world.south)
    assert outside.outside(days()) == []


def test_the_questions_to_the_database_do_not_grow_with_the_entries(world: World, auditor: Client):
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert auditor.get(path).status_code == 200
        return len(seen)

    def more(n: int) -> None:
        for i in range(n):
            person = Person.objects.create(reference=f"P7{n}{i:03d}", name=f"More {i}", team=world.north)
            note(world.sam, subject=person.reference)
            ask_access(by=world.sam, person=person, reason="On call for the other team")
            note(world.users[Role.PRACTITIONER], "person.page", subject=f"P8{n}{i:03d}")
            note(Machine("ingest", "http"), "signals.batch", Operation.COLLECTION)

    more(2)
    paths = ("/audit/", "/audit/exceptional", "/audit/sound")
    for path in paths:
        asked(path)  # what a process asks once
    few = [asked(path) for path in paths]
    more(12)
    assert [asked(path) for path in paths] == few


def test_the_log_is_checked_from_the_page_and_the_result_explained(
    world: World, auditor: Client, settings, tmp_path
):
    settings.DATA = tmp_path
    note(world.nora)
    answer = auditor.post("/audit/sound/check", follow=True)
    page = main(answer.text)
    assert "Intact when last checked" in page
    assert "none was changed, removed or moved" in page
    assert "1 entry was written since." in page, "that it was checked is in the log"
    assert (Entry.objects.latest("number").what, Entry.objects.latest("number").actor) == (
        "audit.verify", world.users[Role.AUDITOR].audit_name,
    )  # fmt: skip
    guards.remove(connection)
    Entry.objects.filter(number=1).update(subject="P9")
    page = main(auditor.post("/audit/sound/check", follow=True).text)
    assert "Entry 1 does not fit (changed)" in page
    assert "somebody changed it" in page


def test_a_log_too_long_to_wait_for_is_not_checked_by_a_page(world: World, auditor: Client, monkeypatch):
    note(world.nora)
    note(world.nora)
    monkeypatch.setattr(sound, "checked_now_at_most", lambda: 1)
    page = auditor.get("/audit/sound").text
    assert "Check all of the log now" not in page
    assert "milepost audit verify" in page
    assert "too long to be checked" in auditor.post("/audit/sound/check", follow=True).text
    assert not Verification.objects.exists()


def test_only_an_auditor_checks(world: World, signed_in):
    assert signed_in(world.nora).post("/audit/sound/check").status_code == 403
    assert not Verification.objects.exists()
