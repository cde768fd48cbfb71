"""person_page:trail, person_page:trail-shown and person_page:trail-export: purpose, window, map, table, file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import xml.etree.ElementTree as ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone

from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.downloads import harmless
from milepost.service.person_page.models import TrailRequest
from milepost.service.person_page.subject import Subject
from milepost.service.person_page.trail import thinned, trail_of
from milepost.service.signals.models import Sender
from tests.service.engine.tags import event
from tests.service.monitoring.factory import MINUTE_US, MONDAY, OUT, at, fixes, store
from tests.service.world import HOME, World

pytestmark = pytest.mark.django_db
FROM, UNTIL = at(MONDAY, "12:00"), at(MONDAY, "18:00")


@pytest.fixture
def walked(world: World) -> World:
    """Ada's tag was heard from 12:00 to 13:00 and from 16:00 to 17:00."""
    store(fixes([(FROM, at(MONDAY, "13:00"), HOME), (at(MONDAY, "16:00"), at(MONDAY, "17:00"), OUT)]))
    return world


def asking(**more: object) -> dict:
    """A form for 12:00 to 18:00 on the Monday."""
    return {
        "purpose": "alert", "from_date-day": 16, "from_date-month": 11, "from_date-year": 2026, "from_time": "12:00",
        "until_date-day": 16, "until_date-month": 11, "until_date-year": 2026, "until_time": "18:00",
    } | more  # fmt: skip


def ask(client, reference: str = "P000001", **more: object):
    return client.post(reverse("person_page:trail", args=[reference]), asking(**more))


def shown(world: World, user) -> str:
    made = TrailRequest.objects.create(
        person=world.ada, user=user, purpose="alert", from_us=FROM, until_us=UNTIL
    )
    return reverse("person_page:trail-shown", args=["P000001", made.pk])


def test_a_trail_is_shown_after_its_purpose_and_both_are_in_the_log(walked, signed_in):
    client = signed_in(walked.nora)
    answer = ask(client)
    assert answer.status_code == 302
    page = client.get(answer.headers["Location"])
    text = page.content.decode()
    assert page.status_code == 200
    assert "To look into an alert" in text
    assert "What this does not show" in text
    assert "within 12 m, 95 times in 100" in text
    entry = Entry.objects.get(what="person.trail_shown")
    assert (entry.operation, entry.subject) == ("consultation", "P000001")
    assert entry.details["purpose"] == "alert"
    assert (entry.details["from_us"], entry.details["until_us"]) == (FROM, UNTIL)
    assert "lon" not in json.dumps(entry.details)


def test_a_tag_that_reports_each_quarter_of_an_hour_is_not_silent_in_between(world):
    """Until that is known to be its schedule, three times; then from 16:45 until the end of what is asked."""
    hours = fixes([(FROM, at(MONDAY, "17:00"), HOME)])
    hours.fixes = hours.fixes.take(list(range(0, 300, 15)))
    store(hours)
    gaps = trail_of(Subject(world.ada), FROM, UNTIL).gaps
    assert [(gap.start_us - FROM) // MINUTE_US for gap in gaps] == [0, 15, 30, 285]


def test_without_a_purpose_nothing_is_shown(walked, signed_in):
    answer = ask(signed_in(walked.nora), purpose="")
    assert answer.status_code == 200
    assert (
        "Select what do you need it for" in answer.content.decode()
        or "Answer the question" in answer.content.decode()
    )
    assert not TrailRequest.objects.exists()


def test_something_else_must_be_said_in_words(walked, signed_in):
    assert ask(signed_in(walked.nora), purpose="other").status_code == 200
    assert ask(signed_in(walked.nora), purpose="other", purpose_text="A complaint").status_code == 302
    assert Entry.objects.filter(what="person.trail_asked", reason="A complaint").exists()


@pytest.mark.parametrize(
    ("days", "why", "status"),
    [(2, "", 302), (3, "", 200), (3, "too short", 200), (3, "Pattern before the hearing", 302),
     (29, "Pattern before the hearing", 200)],
)  # fmt: skip
def test_a_longer_time_needs_a_reason_and_has_an_end(walked, signed_in, days, why, status):
    until = dt.date(2026, 10, 20) + dt.timedelta(days=days)
    answer = ask(
        signed_in(walked.nora), why_longer=why,
        **{"from_date-day": 20, "from_date-month": 10, "from_time": "12:00", "until_date-day": until.day,
           "until_date-month": until.month, "until_time": "12:00" if days != 2 else "11:00"},
    )  # fmt: skip
    assert answer.status_code == status


def test_an_end_before_the_start_is_refused(walked, signed_in):
    answer = ask(signed_in(walked.nora), until_time="11:00")
    assert "It ends before it starts" in answer.content.decode()


def test_only_whoever_asked_sees_it_and_only_for_a_while(walked, signed_in):
    url = shown(walked, walked.nora)
    assert signed_in(walked.nora).get(url).status_code == 200
    assert signed_in(walked.users[Role.SENIOR_PRACTITIONER]).get(url).status_code == 404
    assert signed_in(walked.sam).get(url).status_code == 404
    TrailRequest.objects.update(at_utc=timezone.now() - dt.timedelta(minutes=61))
    assert signed_in(walked.nora).get(url).status_code == 404


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_roles_without_trails_get_none(walked, signed_in, role):
    url = shown(walked, walked.users[role])
    assert signed_in(walked.users[role]).get(url).status_code == 403
    assert signed_in(walked.users[role]).get(url + "/export").status_code == 403


def test_a_monitoring_officer_sees_trails_and_exports_none(walked, signed_in):
    url = shown(walked, walked.users[Role.MONITORING_OFFICER])
    client = signed_in(walked.users[Role.MONITORING_OFFICER])
    assert client.get(url).status_code == 200
    assert client.get(url + "/export").status_code == 403


def test_gaps_are_named_with_their_cause(walked):
    store(event(at(MONDAY, "17:05"), "battery_dead"))
    trail = trail_of(Subject(walked.ada), FROM, UNTIL)
    assert trail.positions == 120
    assert [(g.start_us, g.end_us, g.cause) for g in trail.gaps] == [
        (at(MONDAY, "12:59"), at(MONDAY, "16:00"), "no_signal"),
        (at(MONDAY, "16:59"), UNTIL, "battery"),
    ]


def test_what_the_device_said_on_somebody_else_is_not_shown(walked):
    activation = walked.ada.activations.get()
    activation.from_utc = dt.datetime.fromtimestamp(at(MONDAY, "16:00") / 1e6, dt.UTC)
    activation.save()
    assert trail_of(Subject(walked.ada), FROM, UNTIL).positions == 60


def test_a_person_without_signals_is_one_long_gap(world, signed_in):
    trail = trail_of(Subject(world.ada), FROM, UNTIL)
    assert trail.positions == 0
    assert [(g.start_us, g.end_us, g.cause) for g in trail.gaps] == [(FROM, UNTIL, "no_signal")]
    assert "No position was recorded" in signed_in(world.nora).get(shown(world, world.nora)).content.decode()


def test_the_table_is_paged_and_the_map_has_all(walked):
    trail = trail_of(Subject(walked.ada), FROM, UNTIL, "2")
    rows = [
        row for section in trail.shown.table.sections for row in section.rows if row.id.startswith("fix-")
    ]
    drawn = [f for f in trail.shown.features["features"] if f["properties"]["layer"] == "fix"]
    assert [row.id for row in rows] == [f"fix-{n}" for n in range(100, 120)]
    assert len(drawn) == 120


def test_many_positions_are_thinned_evenly_with_both_ends():
    some = thinned(list(range(10_001)), 3000)  # type: ignore[arg-type]
    assert len(some) <= 3000
    assert (some[0], some[-1]) == (0, 10_000)
    assert some[:3] == [0, 4, 8]


def export(world: World, signed_in, kind: str, **more: str):
    url = shown(world, world.nora) + "/export"
    return signed_in(world.nora).post(
        url, {"kind": kind, "recipient": "D.C. Hill, County Police", "reason": "Request in a burglary inquiry",
              "legal_basis": "DPA 2018 s.35", **more},
    )  # fmt: skip


def test_an_export_is_a_disclosure_and_carries_it(walked, signed_in):
    answer = export(walked, signed_in, "csv")
    entry = Entry.objects.get(operation="disclosure")
    assert (entry.what, entry.subject, entry.recipient) == (
        "person.trail_export",
        "P000001",
        "D.C. Hill, County Police",
    )
    assert "DPA 2018 s.35" in entry.reason
    assert entry.details["positions"] == 120
    lines = list(csv.reader(io.StringIO(answer.content.decode())))
    head = [line[0] for line in lines if line[0].startswith("#")]
    assert any("SYNTHETIC" in line for line in head)
    assert f"# Disclosure number: {entry.number}" in head
    rows = [line for line in lines if line and not line[0].startswith("#")]
    assert rows[0][:4] == ["device_id", "recorded_at_utc", "lon", "lat"]
    assert len(rows) == 121
    assert rows[1][2] == "1.7000000"


def test_gpx_and_geojson_are_well_formed_and_marked(walked, signed_in):
    sly = {"recipient": "A & B <Ltd>"}
    gpx = ElementTree.fromstring(export(walked, signed_in, "gpx", **sly).content)
    space = {"g": "http://www.topografix.com/GPX/1/1"}
    assert "Disclosed to: A & B <Ltd>" in gpx.find("g:metadata/g:desc", space).text
    assert len(gpx.findall(".//g:trkpt", space)) == 120
    collection = json.loads(export(walked, signed_in, "geojson", **sly).content)
    assert "Disclosed to: A & B <Ltd>" in collection["milepost_notice"]
    assert len(collection["features"]) == 120


def test_no_file_without_recipient_reason_and_basis(walked, signed_in):
    for missing in ("recipient", "reason", "legal_basis"):
        answer = export(walked, signed_in, "csv", **{missing: ""})
        assert answer.headers["Content-Type"].startswith("text/html")
    assert not Entry.objects.filter(operation="disclosure").exists()


def test_a_spreadsheet_runs_nothing_of_the_file(world, signed_in):
    sly = '=HYPERLINK("http://x","y")'
    device = world.tag
    device.device_id = sly
    device.save()
    store(fixes([(FROM, FROM + 5 * MINUTE_US, HOME)], device=sly))
    assert Sender.objects.filter(device_id=sly).exists()
    text = export(world, signed_in, "csv", recipient="=1+1\n=2+2").content.decode()
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert any(cell == "'" + sly for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_formulas_are_neutralised(text):
    assert harmless(text).startswith("'")
