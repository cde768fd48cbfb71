"""The auditor asks who looked at whom; sees codes and references, no names of persons; and is logged too."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import io
import re
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from milepost.service.accounts.actors import Machine
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.audit import guards, store
from milepost.service.audit.models import Entry, Verification
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.audit_pages import patterns
from milepost.service.audit_pages.policy_data import AgainAndAgain, PeopleInADay, pattern_numbers
from milepost.service.audit_pages.words import OPERATIONS
from milepost.service.kit.capabilities import audit_words

pytestmark = pytest.mark.django_db
SERVICE = Path(__file__).parents[3] / "src" / "milepost" / "service"
SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
C = Operation.CONSULTATION


def note(by, what: str = "person.page", operation: Operation = C, **more) -> Entry:
    with transaction.atomic():
        return write(by=by, operation=operation, what=what, **more)


@pytest.fixture
def auditor(world, signed_in) -> Client:
    return signed_in(world.users[Role.AUDITOR])


def numbers_in(page: str) -> set[int]:
    return {int(n) for n in re.findall(r'href="/audit/entries/(\d+)"', page)}


def test_what_people_did_is_a_list_without_machines(world, auditor):
    mine, machines = note(world.nora), note(Machine("ingest", "http"), "signals.batch", Operation.COLLECTION)
    people = numbers_in(auditor.get("/audit/?by=people").content.decode())
    assert mine.number in people
    assert machines.number not in people
    assert machines.number in numbers_in(auditor.get("/audit/?by=machines").content.decode())
    assert machines.number in numbers_in(auditor.get("/audit/?by=any").content.decode())


def test_every_question_narrows_the_list(world, auditor):
    nora, sam = (
        note(world.nora, subject="P000001"),
        note(world.sam, subject="P000001", reason="Asked by court"),
    )
    other = note(world.nora, "incident.decide", Operation.ALTERATION, subject="P000002")

    def found(**asked: object) -> set[int]:
        return numbers_in(auditor.get("/audit/", asked).text) & {nora.number, sam.number, other.number}

    assert found(subject="P000001") == {nora.number, sam.number}
    assert found(user="SAM@example.org") == {sam.number}
    assert found(user=world.nora.audit_name) == {nora.number, other.number}
    assert found(user=world.sam.name, **{"user-chosen": world.sam.pk, "user-asked": world.sam.name}) == {
        sam.number
    }
    assert found(operation="alteration") == {other.number}
    assert found(what="person.page", user=world.nora.audit_name) == {nora.number}
    today = dt.datetime.now(dt.UTC).date()
    assert found(since=today - dt.timedelta(days=2), until=today + dt.timedelta(days=1)) == {
        nora.number, sam.number, other.number,
    }  # fmt: skip
    assert found(until=today - dt.timedelta(days=2)) == set()
    assert "Nobody has an account" in auditor.get("/audit/", {"user": "x@example.org"}).text
    assert "before the first" in auditor.get("/audit/", {"since": "2/1/2026", "until": "1/1/2026"}).text


def test_no_name_of_a_person_is_shown_but_those_of_staff(world, auditor):
    entry = note(world.nora, subject=world.ada.reference, reason="Asked by court")
    for path in ("/audit/", f"/audit/entries/{entry.number}", "/audit/exceptional", "/audit/worth-a-look"):
        page = auditor.get(path).text
        assert "Ada Vale" not in page
    assert world.nora.name in auditor.get("/audit/").text
    assert "because: Asked by court" in auditor.get("/audit/").text
    assert "Probation practitioner" in auditor.get("/audit/").text


def test_asking_is_itself_logged(world, auditor):
    auditor.get("/audit/", {"subject": "P000001", "user": "sam@example.org"})
    entry = world.entries().get()
    assert (entry.what, entry.details) == (
        "audit.search", {"subject": "P000001", "user": world.sam.audit_name, "shown": ["P000001"]},
    )  # fmt: skip
    auditor.get(f"/audit/entries/{entry.number}")
    assert Entry.objects.latest("number").what == "audit.entry"


def test_refused_and_exceptional_have_their_tabs(world, auditor):
    plain = note(world.nora, subject="P000001")
    reasoned = note(
        world.nora, "person.exceptional_access", Operation.CONSULTATION, subject="P000002", reason="Duty"
    )
    denied = note(world.nora, "view.denied", Operation.DENIED)
    failed = note(None, "sign_in.failed", Operation.SIGN_IN)
    note(world.nora, "sign_in", Operation.SIGN_IN)
    assert numbers_in(auditor.get("/audit/exceptional").text) == {reasoned.number}
    assert numbers_in(auditor.get("/audit/refused").text) == {denied.number, failed.number}
    assert plain.number in numbers_in(auditor.get("/audit/").text)


def test_older_entries_are_reached_page_by_page(world, auditor):
    for i in range(120):
        note(world.nora, subject=f"P{i}")
    seen: list[int] = []
    query = "?by=any"
    for _ in range(5):
        page = auditor.get(f"/audit/{query}").text
        seen += sorted(numbers_in(page), reverse=True)
        more = re.search(r'href="(\?by=any&amp;before=\d+)"', page)
        if more is None:
            break
        query = more[1].replace("&amp;", "&")
    assert seen == list(range(120 + world.last_entry, 0, -1))


def test_a_table_leaves_only_with_a_reason_and_is_logged_first(world, auditor):
    note(world.nora, subject="P000001", reason="=HYPERLINK(1)", details={"n": 1})
    note(world.sam, subject="P000002")
    address = "/audit/export?subject=P000001"
    assert "1 entry fits" in auditor.get(address).text
    assert not Entry.objects.filter(what="audit.csv").exists()
    response = auditor.post(address, {"recipient": "Inspectorate", "reason": "Yearly audit"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert [r["subject"] for r in rows] == ["P000001", "P000001"], "the entry of this export is among them"
    last = {r["what"]: r for r in rows}
    assert last["person.page"]["reason"] == "'=HYPERLINK(1)", "no spreadsheet runs it"
    entry = Entry.objects.get(what="audit.csv")
    assert (entry.operation, entry.recipient, entry.reason, entry.subject) == (
        "disclosure", "Inspectorate", "Yearly audit", "P000001",
    )  # fmt: skip
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_nothing_leaves_without_recipient_and_reason(world, auditor):
    note(world.nora, subject="P000001")
    page = auditor.post("/audit/export", {"recipient": " ", "reason": ""})
    assert page.headers["Content-Type"].startswith("text/html")
    assert "There is a problem" in page.text
    assert not Entry.objects.filter(what="audit.csv").exists()


def test_the_page_says_whether_the_log_is_sound(world, auditor, settings, tmp_path):
    settings.DATA = tmp_path
    assert "never checked" in auditor.get("/audit/sound").text
    note(world.nora)
    store.make_checkpoint()
    store.check()
    page = auditor.get("/audit/sound").text
    assert f"Intact when last checked, up to entry {world.last_entry + 1}" in page
    assert Verification.objects.latest("pk").checkpoints == 1
    from django.db import connection

    guards.remove(connection)
    Entry.objects.update(subject="P9")
    store.check()
    assert "Entry 1 does not fit (changed)" in auditor.get("/audit/sound").text


def test_stored_scripts_stay_text(world, auditor):
    User.objects.filter(pk=world.nora.pk).update(name=SCRIPT[:100])
    entry = note(world.nora, subject=SCRIPT[:80], reason=SCRIPT, recipient=SCRIPT, details={"x": SCRIPT})
    for path in ("/audit/", f"/audit/entries/{entry.number}", "/audit/exceptional"):
        page = auditor.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


DAY = dt.date(2026, 11, 20)
TABLE = pattern_numbers().model_copy(update={
    "outside_team": PeopleInADay(people_in_a_day_at_least=3), "many_people": PeopleInADay(people_in_a_day_at_least=5),
    "again_and_again": AgainAndAgain(days_at_least=2),
})  # fmt: skip
PEOPLE = {"P1": 1, "P2": 2, "P3": 2, "P4": 2, "P5": None}


@pytest.mark.parametrize(("looks", "expected"), [
    ({("user:1", DAY): {"P1", "P2", "P3"}}, []),
    ({("user:1", DAY): {"P2", "P3", "P4"}}, [("outside_team", 3, "")]),
    ({("user:1", DAY): {"P2", "P3", "P-unknown"}}, [("outside_team", 3, "")]),
    ({("user:9", DAY): {"P2", "P3", "P4"}}, []),
    ({("user:9", DAY): {"P1", "P2", "P3", "P4", "P5"}}, [("many_people", 5, "")]),
    ({("user:1", DAY): {"P2"}, ("user:1", DAY - dt.timedelta(days=3)): {"P2"}}, [("again_and_again", 2, "P2")]),
    ({("user:1", DAY): {"P1"}, ("user:1", DAY - dt.timedelta(days=3)): {"P1"}}, []),
])  # fmt: skip
def test_what_stands_out(looks, expected):
    found = patterns.judge(looks, {"user:1": 1, "user:9": None}, PEOPLE, TABLE)
    assert [(p.kind, p.count, p.subject) for p in found] == expected


def test_what_stands_out_is_shown_with_who_and_leads_to_the_entries(world, auditor):
    for i in range(5):
        note(world.sam, subject=f"P90{i}")
        note(world.users[Role.AUDITOR], "audit.search", subject=f"P90{i}")
    page = auditor.get("/audit/worth-a-look").text
    assert "Opened the records of 5 people outside their team in one day" in page
    assert "Sam South" in page
    assert "Test auditor" not in page.split("<main")[1]
    link = re.search(r'href="(/audit/\?user=[^"]+)"', page)[1].replace("&amp;", "&")
    assert len(numbers_in(auditor.get(link).text)) == 5


def test_every_code_in_the_service_has_plain_words():
    """Codes are found in the source: what is passed as ``what="..."``, and what the doors to records are given."""
    codes = set()
    for file in SERVICE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "what" and isinstance(node.value, ast.Constant):
                codes.add(node.value.value)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "about",
                "listing",
                "consulted",
            ):
                codes |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    codes = {code for code in codes if isinstance(code, str) and "." in code}
    assert len(codes) > 10
    assert codes - audit_words().keys() == set(), "declare them, with words, in the app's capability.py"
    assert set(Operation) == OPERATIONS.keys()


def test_what_comes_again_is_counted_over_more_days_than_a_page_shows(monkeypatch):
    """Only of those who did so on a day that is shown are the days before asked."""
    last = dt.date(2026, 11, 20)
    of_day = {last: {("user:1", last): {"P2"}}}
    monkeypatch.setattr(patterns, "looks_of", lambda day: (of_day.get(day, {}), {"P2": 2}))
    monkeypatch.setattr(patterns.User.objects, "values_list", lambda *names: [(1, 1)])
    asked = []

    def earlier(pairs, first, end):
        asked.append((pairs, first, end))
        return {("user:1", last - dt.timedelta(days=back)): {"P2"} for back in (3, 5)}

    monkeypatch.setattr(patterns, "earlier_looks", earlier)
    found = patterns.find(last)
    assert [(p.kind, p.day, p.count, p.subject) for p in found] == [("again_and_again", last, 3, "P2")]
    assert asked == [({("user:1", "P2")}, dt.date(2026, 11, 14), dt.date(2026, 11, 19))]


def test_older_days_are_a_link_away(auditor):
    page = auditor.get("/audit/worth-a-look?until=2026-11-10").text
    assert "from 9 Nov 2026 to 10 Nov 2026" in page
    assert 'href="?until=2026-11-08"' in page
    assert auditor.get("/audit/worth-a-look?until=never").status_code == 200


def test_a_user_is_picked_by_a_part_of_the_name(world, auditor):
    first = world.nora.name.split()[0].lower()
    options = auditor.get("/audit/users", {"q": first}).json()["options"]
    assert str(world.nora.pk) in [option["key"] for option in options]
    assert "Select one of those" in auditor.get("/audit/", {"user": first}).text
    assert auditor.get("/audit/users", {"q": "a b " * 9_000}).json()["options"] == []
