"""From the first word of an order to its approval, through the pages, without JavaScript."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from milepost.service import events
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.refusals import Refused
from milepost.service.orders.actions import deciding, drafts
from milepost.service.orders.draft_checks import check_draft
from milepost.service.orders.draft_document import timetables
from milepost.service.orders.models import Order, OrderVersion, ToJudge, VersionState
from milepost.service.orders.policies import can_decide

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def grid(**changes) -> dict[str, str]:
    data = {"weeks_on": "1", "weeks_off": "0", "weeks_offset": "0", "public_holidays": "apply",
            "travel_before_min": "0", "travel_after_min": "0"}  # fmt: skip
    for number, day in enumerate(DAYS):
        data |= {f"{day}_from": "", f"{day}_day": DAYS[(number + 1) % 7], f"{day}_until": ""}
    return {**data, **changes}


def at(version: OrderVersion, view: str, **more) -> str:
    return reverse(
        f"orders:{view}", kwargs={"reference": version.order.reference, "number": version.version, **more}
    )


def day_parts(name: str, day: dt.date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


@pytest.fixture
def varied(world) -> OrderVersion:
    return drafts.vary_order(
        by=world.nora,
        order=world.order,
        why="New work hours",
        effective_from_utc=timezone.now() + dt.timedelta(7),
    )


def test_an_order_is_made_page_by_page_and_approved_by_somebody_else(world, signed_in):
    """The whole journey: start, terms, a place, a curfew with its hours, a zone, check, approve."""
    world.order.delete()
    client = signed_in(world.nora)
    started = client.post(
        reverse("orders:start"), {"person": "p000001", "regime": "community_order", "source": "Court"}
    )
    version = OrderVersion.objects.get()
    assert started.headers["Location"] == at(version, "terms")
    first = timezone.now().date() + dt.timedelta(3)
    last = first + dt.timedelta(80)
    terms = {"regime": "community_order", "source": "Exampletown Magistrates", "from_time": "", "ends_time": "",
             **day_parts("from_date", first), **day_parts("ends_date", last),
             **day_parts("convicted_on", first)}  # fmt: skip
    assert client.post(at(version, "terms"), terms).status_code == 302
    place = {
        "name": "Home",
        "address": "1 Example Street",
        "latitude": "53.7",
        "longitude": "1.7",
        "radius_m": "60",
    }
    assert client.post(at(version, "place-add"), place).status_code == 302
    span = {**day_parts("from_date", first), **day_parts("until_date", last)}
    curfew = {"place": "home", "holiday_nation": "england_and_wales", **span}
    made = client.post(at(version, "condition-add", kind="curfew"), curfew)
    assert made.headers["Location"] == at(version, "timetable", part_id="curfew", index=0)
    copied = client.post(made.headers["Location"], grid(mon_from="7pm", mon_until="7am", copy="all"))
    assert copied.status_code == 200
    assert copied.content.decode().count('value="7pm"') == 7
    hours = grid()
    for day in DAYS:
        hours |= {f"{day}_from": "7pm", f"{day}_until": "07:00"}
    assert client.post(made.headers["Location"], hours).status_code == 302
    zone = {"kind": "exclusion_zone", "how": "drawn", "zone_name": "Market", **span,
            "geojson": '{"type":"Polygon","coordinates":[[[1.8,53.8],[1.81,53.8],[1.81,53.81],[1.8,53.8]]]}'}  # fmt: skip
    assert client.post(at(version, "condition-add", kind="exclusion_zone"), zone).status_code == 302
    version.refresh_from_db()
    assert [c["id"] for c in version.document["conditions"]] == ["curfew", "market"]
    page = client.get(at(version, "check")).content.decode()
    assert "Every day: 7pm until 7am the next day" in page
    warnings = {a.key for a in check_draft(version)}
    sent = client.post(at(version, "check"), {"read": list(warnings), "reason": "Checked with the court"})
    assert sent.status_code == 302
    version.refresh_from_db()
    assert version.state == VersionState.WAITING
    senior = signed_in(world.users[Role.SENIOR_PRACTITIONER])
    assert version.order.reference in senior.get(reverse("orders:list")).content.decode()
    heard = []
    listener = lambda event, body: heard.append((event, body))  # noqa: E731
    events.listen(listener)
    try:
        answer = {"decision": "approve", "revision": version.revision, "note": ""}
        assert senior.post(at(version, "version"), answer).status_code == 302
    finally:
        events._listeners.remove(listener)
    version.refresh_from_db()
    order = Order.objects.get()
    assert version.state == VersionState.APPROVED
    assert order.ends_utc is not None
    assert order.source == "Exampletown Magistrates"
    assert order.extra == {"x_convicted_on": first.isoformat()}
    assert ToJudge.objects.filter(person=world.ada).exists()
    assert [(event, body["order"]) for event, body in heard] == [("order.approved", order.reference)]
    assert {"order.start", "order.draft", "order.submit", "order.approve"} <= set(
        Entry.objects.filter(subject="P000001").values_list("what", flat=True)
    )


def test_nobody_approves_what_they_wrote_in(world, signed_in, varied):
    """A senior who corrected one word may not approve it, whoever sent it."""
    senior = world.users[Role.SENIOR_PRACTITIONER]
    drafts.save_draft(by=senior, version=varied, section="order", why="Another reason")
    deciding.submit(by=world.nora, version=varied, read=[a.key for a in check_draft(varied)], reason="Read")
    assert not can_decide(varied, senior)
    with pytest.raises(Refused, match="somebody else must approve"):
        deciding.approve(by=senior, version=varied)
    page = signed_in(senior).get(at(varied, "version")).content.decode()
    assert "somebody else must approve" in page
    assert (
        varied.order.reference + "/versions/2"
        not in signed_in(senior).get(reverse("orders:list")).content.decode()
    )


def test_an_error_stops_a_draft_and_says_its_source(world, signed_in, varied):
    document = varied.document
    for rule in document["conditions"][0]["schedule"]:  # 23 hours a day: more than any court may order
        rule["from_time"], rule["until_time"] = "08:00", "07:00"
    drafts.save_draft(by=world.nora, version=varied, section="curfew", document=document)
    page = signed_in(world.nora).get(at(varied, "section", part="curfew")).content.decode()
    assert "Sentencing Act 2020, schedule 9" in page
    with pytest.raises(Refused, match="Correct the errors"):
        deciding.submit(by=world.nora, version=varied, read=[a.key for a in check_draft(varied)], reason="x")
    assert "Send for approval" not in signed_in(world.nora).get(at(varied, "check")).content.decode()


def test_a_warning_must_be_read_with_a_reason(world, signed_in, varied):
    document = varied.document
    document["conditions"][1]["circle"]["radius_m"] = 10
    drafts.save_draft(by=world.nora, version=varied, section="zones", document=document)
    warnings = [a for a in check_draft(varied) if a.level == "warning"]
    assert warnings
    client = signed_in(world.nora)
    untold = client.post(at(varied, "check"), {"reason": "Because"})
    assert "Tick every warning" in untold.content.decode()
    assert "Say why" in client.post(at(varied, "check"), {"read": [w.key for w in warnings]}).content.decode()
    told = client.post(at(varied, "check"), {"read": [w.key for w in warnings], "reason": "A narrow yard"})
    assert told.status_code == 302
    varied.refresh_from_db()
    assert varied.warnings_read["reason"] == "A narrow yard"
    assert [w["rule"] for w in varied.warnings_read["warnings"]] == [w.rule for w in warnings]


def test_two_writers_cannot_overwrite_each_other(world, varied):
    mine, theirs = OrderVersion.objects.get(pk=varied.pk), OrderVersion.objects.get(pk=varied.pk)
    drafts.save_draft(by=world.nora, version=mine, section="order", why="First")
    with pytest.raises(Refused, match="Someone else has changed this draft"):
        drafts.save_draft(
            by=world.users[Role.SENIOR_PRACTITIONER], version=theirs, section="order", why="Second"
        )
    varied.refresh_from_db()
    assert varied.why == "First"


def test_a_returned_version_comes_back_with_the_reason(world, signed_in, varied):
    deciding.submit(by=world.nora, version=varied, read=[a.key for a in check_draft(varied)], reason="Read")
    senior = world.users[Role.SENIOR_PRACTITIONER]
    with pytest.raises(Refused, match="what has to change"):
        deciding.send_back(by=senior, version=varied, note=" ")
    varied.refresh_from_db()
    deciding.send_back(by=senior, version=varied, note="Sunday is missing")
    page = signed_in(world.nora).get(at(varied, "draft")).content.decode()
    assert "Sunday is missing" in page
    assert varied.state == VersionState.RETURNED


def test_a_variation_shows_old_and_new_side_by_side(world, signed_in, varied):
    document = varied.document
    document["conditions"][0]["schedule"][6]["from_time"] = "22:00"
    del document["conditions"][1]
    drafts.save_draft(by=world.nora, version=varied, section="curfew", document=document)
    page = signed_in(world.nora).get(at(varied, "version")).content.decode()
    assert "Every day: 7pm until 7am the next day" in page
    assert "Sunday: 10pm until 7am the next day" in page
    assert "Removed" in page
    assert "19:00 → 22:00" in page


def test_a_past_start_must_be_acknowledged_before_approval(world, signed_in, varied):
    drafts.save_draft(by=world.nora, version=varied, section="order",
                      effective_from_utc=timezone.now() - dt.timedelta(2))  # fmt: skip
    deciding.submit(by=world.nora, version=varied, read=[a.key for a in check_draft(varied)], reason="Read")
    senior = signed_in(world.users[Role.SENIOR_PRACTITIONER])
    answer = {"decision": "approve", "revision": varied.revision}
    assert "Tick that you know" in senior.post(at(varied, "version"), answer).content.decode()
    assert senior.post(at(varied, "version"), {**answer, "past_seen": "true"}).status_code == 302
    varied.refresh_from_db()
    assert varied.state == VersionState.APPROVED


def test_an_approved_version_can_never_be_changed(world):
    approved = world.order.versions.get()
    with pytest.raises(Refused):
        drafts.save_draft(by=world.nora, version=approved, section="order", why="x")


def test_one_open_draft_at_a_time(world, varied):
    with pytest.raises(Refused, match="a draft already"):
        drafts.vary_order(by=world.nora, order=world.order, why="x", effective_from_utc=None)


def test_changing_one_thing_keeps_what_is_not_known_here(world, signed_in, varied):
    document = varied.document
    document["x_file"] = {"kept": True}
    document["conditions"][0] |= {"x_court_code": 7, "from": "2025-03-01T19:00:00+00:00"}
    document["conditions"][0]["schedule"][0]["x_note"] = "Monday only"
    drafts.save_draft(by=world.nora, version=varied, section="curfew", document=document)
    client = signed_in(world.nora)
    span = {**day_parts("from_date", dt.date(2025, 3, 1)), "from_time": "19:00"}
    saved = client.post(at(varied, "condition-change", part_id="curfew"),
                        {"place": "home", "holiday_nation": "england_and_wales", **span, "description": "More"})  # fmt: skip
    assert saved.status_code == 302
    hours = grid(mon_from="20:00", mon_until="07:00", travel_before_min="15")
    assert client.post(at(varied, "timetable", part_id="curfew", index=0), hours).status_code == 302
    varied.refresh_from_db()
    curfew = varied.document["conditions"][0]
    assert varied.document["x_file"] == {"kept": True}
    assert (curfew["x_court_code"], curfew["from"], curfew["description"]) == (
        7,
        "2025-03-01T19:00:00+00:00",
        "More",
    )
    assert curfew["schedule"] == [
        {"from_day": "mon", "from_time": "20:00", "until_day": "tue", "until_time": "07:00", "x_note": "Monday only",
         "travel_before_min": 15}
    ]  # fmt: skip


def test_a_place_that_is_in_use_cannot_be_removed(world, signed_in, varied):
    client = signed_in(world.nora)
    answer = client.post(at(varied, "part-remove", kind="places", part_id="home"))
    assert "still uses this place" in answer.content.decode()
    assert client.post(at(varied, "part-remove", kind="conditions", part_id="market")).status_code == 302
    varied.refresh_from_db()
    assert [c["id"] for c in varied.document["conditions"]] == ["curfew"]


@pytest.mark.parametrize(
    ("geojson", "said"),
    [
        ("{", "This is not JSON"),
        ('{"type":"Polygon","coordinates":[[[53.8,181],[1,2],[2,2],[53.8,181]]]}', "not on the globe"),
        ('{"type":"Polygon","coordinates":[[[0,50],[1,51],[1,50],[0,51],[0,50]]]}', "crosses itself"),
        ('{"type":"LineString","coordinates":[[0,50],[1,51]]}', "has no inside"),
        ('{"type":"Point","coordinates":[0,50]}', "no size"),
    ],
)
def test_a_zone_that_cannot_be_judged_is_refused_with_the_remedy(world, signed_in, varied, geojson, said):
    data = {"kind": "exclusion_zone", "how": "drawn", "geojson": geojson,
            **day_parts("from_date", dt.date(2027, 1, 1))}  # fmt: skip
    answer = signed_in(world.nora).post(at(varied, "condition-add", kind="exclusion_zone"), data)
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_hours_of_several_kinds_become_grids_of_one_rule_a_day():
    rules = [{"from_day": "mon", "from_time": "19:00", "until_day": "tue", "until_time": "07:00"},
             {"from_day": "mon", "from_time": "09:00", "until_day": "mon", "until_time": "12:00"},
             {"from_day": "tue", "from_time": "19:00", "until_day": "wed", "until_time": "07:00",
              "weeks_off": 1}]  # fmt: skip
    groups = timetables({"schedule": rules})
    assert [[rule["from_time"] for rule in group] for group in groups] == [["19:00"], ["09:00"], ["19:00"]]


SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def test_stored_scripts_are_shown_as_text(world, signed_in, varied):
    """Every text that a person or a file can write into an order."""
    document = varied.document
    document["places"][0] |= {"name": SCRIPT, "address": SCRIPT}
    document["conditions"][0] |= {"description": SCRIPT, "purpose": SCRIPT, "source_document": SCRIPT}
    document["conditions"][1] |= {"x_name": SCRIPT}
    drafts.save_draft(by=world.nora, version=varied, section="x", document=document, why=SCRIPT,
                      terms={**varied.terms, "source": SCRIPT}, decision_note=SCRIPT)  # fmt: skip
    world.order.source = SCRIPT
    world.order.save()
    client = signed_in(world.nora)
    for view, more in (
        ("draft", {}), ("version", {}), ("check", {}), ("section", {"part": "places"}), ("section", {"part": "curfew"}),
        ("condition", {"part_id": "curfew"}), ("place", {"part_id": "home"}), ("condition-change", {"part_id": "market"}),
        ("timetable", {"part_id": "curfew", "index": 0}), ("part-remove", {"kind": "places", "part_id": "home"}),
        ("terms", {}),
    ):  # fmt: skip
        text = client.get(at(varied, view, **more)).content.decode()
        assert "<script>alert(1)" not in text, view
        assert "<img src=x" not in text, view
    assert "<img src=x" not in client.get(reverse("orders:order", args=["O000001"])).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' SQLite lives in memory, one connection")
def test_two_seniors_who_approve_at_once_approve_once(world):
    """One is told; there is one entry in the log."""
    draft = drafts.vary_order(by=world.nora, order=world.order, why="x", effective_from_utc=timezone.now())
    deciding.submit(by=world.nora, version=draft, read=[a.key for a in check_draft(draft)], reason="Read")
    told = []

    def approve() -> None:
        try:
            version = OrderVersion.objects.get(pk=draft.pk)
            gate.wait()
            deciding.approve(by=world.users[Role.SENIOR_PRACTITIONER], version=version)
        except Refused as refused:
            told.append(str(refused))
        finally:
            connection.close()

    gate = threading.Barrier(2)
    threads = [threading.Thread(target=approve) for _i in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(told) == 1
    assert world.entries().filter(what="order.approve").count() == 1
