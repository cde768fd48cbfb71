"""What a caller would miss: pages, purposes, repeats, revisions, errors with remedies, the log of reads."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

import pytest
from django.utils import timezone

from milepost.service.accounts.roles import Role
from milepost.service.api.models import Repeat
from milepost.service.audit.models import Entry
from milepost.service.monitoring.models import Incident
from milepost.service.orders.models import Activation, Device, OrderVersion
from milepost.service.people.models import Person
from milepost.service.signals.models import Fix
from milepost.service.signals.roll import open_lake, roll
from tests.service.api.cases import ORDER_FILE, an_hour_ago, no_action
from tests.service.api.conftest import Caller, iso, make_fixes, make_incident
from tests.service.world import World, make_person


@pytest.fixture
def nora(world: World) -> Caller:
    return Caller(world.nora)


@pytest.fixture
def officer(world: World) -> Caller:
    return Caller(world.users[Role.MONITORING_OFFICER])


def test_pages_show_every_row_once_though_rows_come_and_go(world, nora):
    for i in range(7):
        make_person(f"P1{i}", f"Person {i}", world.north)
    seen, cursor = [], ""
    while True:
        page = nora.get(f"/people?limit=3{cursor}").json()
        seen += [row["reference"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        Person.objects.filter(reference="P10").delete()  # on a page that was shown: nothing shifts
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["P000001", "P000003", *[f"P1{i}" for i in range(7)]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("sian", ["P20"]), ("SIÂN oneill", ["P20"]), ("neill", []), ("p20", ["P20"]), ("p2", []), ("!", [])],
)
def test_people_are_found_by_beginnings_of_names_and_by_whole_references(world, nora, text, expected):
    make_person("P20", "Siân O’Neill", world.north)
    found = nora.get(f"/people?text={quote(text)}").json()["items"]
    assert [row["reference"] for row in found] == expected


@pytest.mark.parametrize("cursor", ["AAAA", "bm9wZQ", "WzEsMl0", "WyJhIl0", "W3RydWVd"])
def test_a_cursor_of_another_list_is_refused_in_words(nora, cursor):
    response = nora.get(f"/people?cursor={cursor}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "cursor"


def test_alerts_come_by_when_they_are_due_and_those_without_a_clock_last(world, nora):
    due = {}
    for i, minutes in enumerate((30, None, 10)):
        person = make_person(f"P2{i}", f"Due {i}", world.north)
        incident = make_incident(person, order=f"O2{i}")
        us = None if minutes is None else incident.opened_us + minutes * 60_000_000
        Incident.objects.filter(pk=incident.pk).update(due_us=us)
        due[minutes] = incident.pk
    first = nora.get("/incidents?limit=2").json()
    rest = nora.get(f"/incidents?limit=2&cursor={first['next_cursor']}").json()
    assert [r["incident"] for r in first["items"] + rest["items"]] == [due[10], due[30], due[None]]
    assert rest["next_cursor"] is None


def test_a_misspelt_filter_is_an_error_and_not_a_longer_list(nora):
    response = nora.get("/incidents?levle=urgent")
    assert response.status_code == 422
    told = response.json()["errors"][0]
    assert told["field"] == "levle"
    assert "level" in told["remedy"]


def test_a_trail_needs_a_purpose_which_is_kept(world, nora, yesterday):
    make_fixes("tag-1", yesterday, 5)
    window = f"from_utc={iso(yesterday)}&until_utc={iso(yesterday + dt.timedelta(hours=1))}"
    assert nora.get(f"/people/P000001/signals?{window}").status_code == 422
    assert nora.get(f"/people/P000001/signals?{window}&purpose=curiosity").status_code == 422
    assert not Entry.objects.filter(what="api.trail").exists()
    answer = nora.get(f"/people/P000001/signals?{window}&purpose=safeguarding").json()
    assert [round(f["lon"] * 1e7) for f in answer["fixes"]] == [17_000_000 + i for i in range(5)]
    entry = Entry.objects.get(what="api.trail")
    assert (entry.subject, entry.reason, entry.operation) == ("P000001", "safeguarding", "consultation")
    assert entry.details["token"] == nora.token.prefix


def test_a_trail_in_pages_is_the_whole_trail(nora, yesterday):
    make_fixes("tag-1", yesterday, 25)
    window = (
        f"from_utc={iso(yesterday)}&until_utc={iso(yesterday + dt.timedelta(hours=1))}&purpose=court&limit=10"
    )
    seen, cursor, pages = [], "", 0
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        answer = nora.get(f"/people/P000001/signals?{window}{more}").json()
        seen += [round(f["lon"] * 1e7) for f in answer["fixes"]]
        cursor, pages = answer["next_cursor"], pages + 1
    assert seen == [17_000_000 + i for i in range(25)]
    assert pages == 3


def test_a_trail_holds_only_the_time_in_which_the_device_was_on_this_person(world, nora, yesterday):
    """The tag was Ben's before: what it said then is not Ada's."""
    make_fixes("tag-1", yesterday, 60)
    changed = yesterday + dt.timedelta(minutes=30)
    Activation.objects.filter(reference="A000001").update(from_utc=changed)
    Activation.objects.create(
        reference="A2", device=world.tag, person=world.ben, from_utc=yesterday, until_utc=changed
    )
    window = f"from_utc={iso(yesterday)}&until_utc={iso(yesterday + dt.timedelta(hours=1))}&purpose=court"
    ada = nora.get(f"/people/P000001/signals?{window}").json()["fixes"]
    ben = Caller(world.sam).get(f"/people/P000002/signals?{window}").json()["fixes"]
    assert [round(f["lon"] * 1e7) - 17_000_000 for f in ada] == list(range(30, 60))
    assert [round(f["lon"] * 1e7) - 17_000_000 for f in ben] == list(range(30))


def test_a_decision_is_on_the_revision_that_was_seen(world, nora):
    incident = make_incident(world.ada)
    etag = nora.get(f"/incidents/{incident.pk}").headers["ETag"]
    assert (
        nora.post(f"/incidents/{incident.pk}/decisions", no_action()).status_code == 422
    )  # names no revision
    Incident.objects.filter(pk=incident.pk).update(revision=4)  # later signals
    stale = nora.post(f"/incidents/{incident.pk}/decisions", no_action(), If_Match=etag)
    assert stale.status_code == 412
    incident.refresh_from_db()
    assert incident.state == "open"
    fresh = nora.get(f"/incidents/{incident.pk}").headers["ETag"]
    done = nora.post(f"/incidents/{incident.pk}/decisions", no_action(), If_Match=fresh)
    assert done.status_code == 201
    assert done.json()["state"] == "decided"
    assert done.json()["decisions"][0]["findings"] == [f"F{incident.pk}"]
    again = nora.post(f"/incidents/{incident.pk}/decisions", no_action(), If_Match=fresh)
    assert again.status_code == 412  # sent twice, done once


def test_of_two_who_claim_one_is_told(world, nora, officer):
    incident = make_incident(world.ada)
    assert nora.post(f"/incidents/{incident.pk}/claim").json()["claimed_by_me"] is True
    told = officer.post(f"/incidents/{incident.pk}/claim")
    assert told.status_code == 409
    assert "Somebody else has claimed" in told.json()["detail"]


def test_nobody_confirms_their_own_decision(world):
    from tests.service.api.cases import _waiting

    senior = world.users[Role.SENIOR_PRACTITIONER]
    decision = _waiting(world, world.ada, by=senior)
    path = f"/incidents/{decision.incident_id}/decisions/{decision.pk}/second"
    assert Caller(senior).post(path, {"answer": "confirm"}).status_code == 409
    decision = _waiting(world, world.ada)
    path = f"/incidents/{decision.incident_id}/decisions/{decision.pk}/second"
    assert Caller(senior).post(path, {"answer": "refuse"}).status_code == 409  # says not why
    assert Caller(senior).post(path, {"answer": "confirm"}).json()["state"] == "decided"


def test_an_explained_alert_has_sentences_and_evidence(world, nora, yesterday):
    incident = make_incident(world.ada)
    told = nora.get(f"/incidents/{incident.pk}").json()["explanations"]
    assert [one["finding_id"] for one in told] == [f"F{incident.pk}"]
    assert len(told[0]["sentences"]) >= 3
    assert told[0]["drift"] == []


def test_a_create_sent_again_under_its_key_is_done_once(world, officer):
    Device.objects.create(device_id="tag-spare")
    body = {"device_id": "tag-spare", "person": "P000001", "from_utc": an_hour_ago()}
    first = officer.post("/activations", body, Idempotency_Key="fit-spare-1")
    again = officer.post("/activations", body, Idempotency_Key="fit-spare-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert first.json() == again.json()
    assert Activation.objects.filter(device__device_id="tag-spare").count() == 1
    other = officer.post("/activations", body | {"person": "P000002"}, Idempotency_Key="fit-spare-1")
    assert other.status_code in (404, 422)
    used = officer.post("/activations", body | {"place": "home"}, Idempotency_Key="fit-spare-1")
    assert used.status_code == 422
    assert used.json()["type"].endswith("key-used")


def test_a_key_whose_create_was_refused_is_free_again(world, officer):
    spare = Device.objects.create(device_id="tag-spare", state="faulty")
    body = {"device_id": "tag-spare", "person": "P000001", "from_utc": an_hour_ago()}
    assert officer.post("/activations", body, Idempotency_Key="fit-spare-1").status_code == 409
    assert not Repeat.objects.exists()
    Device.objects.filter(pk=spare.pk).update(state="in_stock")
    assert officer.post("/activations", body, Idempotency_Key="fit-spare-1").status_code == 201


def test_an_order_file_becomes_drafts_and_bad_parts_come_back(world, nora):
    own = {**ORDER_FILE["orders"][0], "person_id": "P000001"}
    file = {
        **ORDER_FILE,
        "people": [],
        "orders": [own, {"id": "O888", "person_id": "P000001", "regime": "no such regime"}],
        "activations": [
            {"id": "A9", "device_id": "tag-9", "person_id": "P000001", "from_utc": "2025-03-01T12:00:00Z"}
        ],
    }
    answer = nora.post("/orders", file, Idempotency_Key="file-0001")
    assert answer.status_code == 201, answer.content
    told = answer.json()
    (reference,) = told["orders"]
    assert told["file_references"] == {reference: "O777"}
    assert told["versions"] == [f"{reference}/1"]
    assert OrderVersion.objects.get(order__file_reference="O777").state == "draft"
    assert not Device.objects.filter(device_id="tag-9").exists()
    assert len(told["problems"]) >= 2
    assert all(problem["remedy"] for problem in told["problems"])
    again = nora.post("/orders", file, Idempotency_Key="file-0001")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert OrderVersion.objects.filter(order__file_reference="O777").count() == 1


def test_what_a_person_owes_takes_authorised_absences_out(world, nora):
    window = "from_utc=2025-03-03T12:00:00Z&until_utc=2025-03-04T12:00:00Z"
    before = nora.get(f"/people/P000001/obligations?{window}").json()["items"]
    night = [o for o in before if o["condition_id"] == "curfew"]
    assert [(o["start_utc"], o["end_utc"]) for o in night] == [
        ("2025-03-03T19:00:00Z", "2025-03-04T07:00:00Z")
    ]
    assert next(o for o in before if o["condition_id"] == "market")["end_utc"] is None
    hour = dt.datetime(2025, 3, 3, 20, tzinfo=dt.UTC)
    world.order.absences.create(
        person=world.ada, condition_id="curfew", from_utc=hour, until_utc=hour + dt.timedelta(hours=1),
        reason_code="medical", by=world.nora,
    )  # fmt: skip
    after = nora.get(f"/people/P000001/obligations?{window}").json()["items"]
    assert [(o["start_utc"][11:16], o["end_utc"][11:16]) for o in after if o["condition_id"] == "curfew"] == [
        ("19:00", "20:00"), ("21:00", "07:00")
    ]  # fmt: skip


def test_coverage_says_what_is_not_known(world, nora):
    window = "from_utc=2025-03-03T12:00:00Z&until_utc=2025-03-04T12:00:00Z"
    rows = nora.get(f"/people/P000001/coverage?{window}").json()["items"]
    night = next(r for r in rows if r["condition_id"] == "curfew")
    assert night["judged_s"] == 12 * 3600
    assert night["no_data_s"] == 12 * 3600  # silence is neither keeping nor breaking
    assert night["coverage"] == 0


def test_totals_show_minutes_with_and_without_what_was_excused(world, nora):
    from milepost.service.monitoring.models import Decision

    incident = make_incident(world.ada, minutes=40)
    before = nora.get("/people/P000001/totals").json()["items"]
    Decision.objects.create(
        incident=incident,
        kind="excused",
        state="stands",
        counts_toward_total=False,
        incident_revision=3,
        by=world.nora,
    )
    after = nora.get("/people/P000001/totals").json()["items"]
    counted = [(b["found_minutes"], b["counted_minutes"], a["found_minutes"], a["counted_minutes"])
               for b, a in zip(before, after, strict=True) if b["found_minutes"]]  # fmt: skip
    assert counted
    assert all(row == (40, 40, 40, 0) for row in counted)


def test_every_revision_of_a_finding_can_be_read(world, nora):
    from milepost.service.monitoring.models import Finding

    incident = make_incident(world.ada)
    old = incident.findings.get()
    Finding.objects.filter(pk=old.pk).update(current=False, ended_us=old.told_us + 1)
    old.pk, old.finding_id, old.revision, old.supersedes = None, "F-new", 2, old.finding_id
    old.save()
    current = nora.get(f"/findings?incident={incident.pk}").json()["items"]
    everything = nora.get(f"/findings?incident={incident.pk}&revisions=all").json()["items"]
    assert [f["revision"] for f in current] == [2]
    assert [f["revision"] for f in everything] == [2, 1]


def test_a_window_that_ends_before_it_begins_or_is_too_long_is_refused_in_words(nora):
    for window, words in (
        ("from_utc=2025-03-04T00:00:00Z&until_utc=2025-03-03T00:00:00Z", "ends before"),
        ("from_utc=2025-03-04T00:00:00Z&until_utc=2026-03-03T00:00:00Z", "longer than"),
        ("from_utc=2025-03-04T00:00:00&until_utc=2025-03-05T00:00:00Z", "offset"),
    ):
        response = nora.get(f"/people/P000001/obligations?{window}")
        assert response.status_code == 422
        assert words in str(response.json()["errors"])


def test_a_body_that_is_not_json_is_told_so(nora):
    headers = {"Authorization": f"Bearer {nora.whole}"}
    form = nora.client.post("/api/v1/orders", {"a": "b"}, headers=headers)
    assert form.status_code == 415
    broken = nora.client.generic(
        "POST", "/api/v1/orders", "{", content_type="application/json", headers=headers
    )
    assert broken.status_code == 400
    assert broken.headers["Content-Type"] == "application/problem+json"


def test_reads_are_logged_with_whom_and_by_which_token(world, nora):
    nora.get("/people/P000001")
    entry = Entry.objects.get(what="api.person")
    assert entry.subject == "P000001"
    assert entry.actor == world.nora.audit_name
    assert entry.details == {"token": nora.token.prefix}


def test_rules_say_what_is_in_force_on_a_day(nora):
    tables = nora.get("/rules").json()["items"]
    assert any(t["in_force_for"] for t in tables)
    assert all(t["owner"] and t["source_document"] for t in tables)
    assert not any(t["in_force_for"] for t in nora.get("/rules?on=1975-01-01").json()["items"])


def test_absences_are_withdrawn_and_stay_on_record(world, nora):
    from tests.service.api.cases import CASES

    case = CASES["api:v1:add_absence"]
    made = nora.post("/absences", case.body(world, world.ada)).json()
    assert nora.post(f"/absences/{made['absence']}/withdrawal").json()["withdrawn_utc"]
    assert nora.post(f"/absences/{made['absence']}/withdrawal").status_code == 409
    assert [a["absence"] for a in nora.get("/absences?person=P000001").json()["items"]] == [made["absence"]]


def test_an_absence_for_a_condition_that_is_not_there_is_refused(world, nora):
    from tests.service.api.cases import CASES

    body = CASES["api:v1:add_absence"].body(world, world.ada) | {"condition_id": "curfw"}
    response = nora.post("/absences", body)
    assert response.status_code == 409
    assert "no requirement with this id" in response.json()["detail"]


def test_a_failure_of_ours_tells_nothing_of_the_inside(world, nora, monkeypatch):
    from milepost.service.api.endpoints import people

    def fail(*_: object) -> None:
        raise RuntimeError("secret detail of Ada Vale")

    monkeypatch.setattr(people, "person_of", fail)
    response = nora.get("/people/P000001")
    assert response.status_code == 500
    assert b"secret" not in response.content
    assert b"Ada" not in response.content


def test_old_keys_are_forgotten(world, officer):
    Repeat.objects.create(
        user=world.nora, key="old", asked_sha256="", made="", at_utc=timezone.now() - dt.timedelta(days=9)
    )
    Device.objects.create(device_id="tag-spare")
    body = {"device_id": "tag-spare", "person": "P000001", "from_utc": an_hour_ago()}
    officer.post("/activations", body, Idempotency_Key="fit-spare-1")
    assert list(Repeat.objects.values_list("key", flat=True)) == ["fit-spare-1"]


@pytest.fixture
def days_ago(world: World) -> dt.datetime:
    """Forty days ago at noon: Ada's tag was on, and 30 minutes later still hers."""
    return (timezone.now() - dt.timedelta(days=40)).replace(hour=12, minute=0, second=0, microsecond=0)


def test_days_that_went_to_the_lake_are_told_as_before(world, nora, days_ago, tmp_path, settings):
    """A trail and its coverage do not shrink on the night on which the database lets go of a day."""
    settings.LAKE = str(tmp_path / "lake")
    changed = days_ago + dt.timedelta(minutes=3)
    Activation.objects.filter(reference="A000001").update(from_utc=changed)
    make_fixes("tag-1", days_ago, 8)
    window = f"from_utc={iso(days_ago)}&until_utc={iso(days_ago + dt.timedelta(hours=1))}"

    def told():
        trail = nora.get(f"/people/P000001/signals?{window}&purpose=court").json()
        return trail["fixes"], nora.get(f"/people/P000001/coverage?{window}").json()

    before = told()
    roll(open_lake(tmp_path / "lake"), timezone.now())
    assert not Fix.objects.exists()
    after = told()
    assert [round(f["lon"] * 1e7) for f in after[0]] == [17_000_000 + i for i in range(3, 8)]
    assert after == before


def test_an_alert_says_its_section_and_when_it_ended_as_the_board_does(world, nora):
    incident = make_incident(world.ada)
    Incident.objects.filter(pk=incident.pk).update(still_going=False)
    (row,) = nora.get("/incidents?section=over").json()["items"]
    assert (row["incident"], row["section"]) == (incident.pk, "over")
    assert row["ended_utc"] is not None
    assert nora.get("/incidents?section=now").json()["items"] == []
    Incident.objects.filter(pk=incident.pk).update(still_going=True)
    (row,) = nora.get("/incidents?section=now").json()["items"]
    assert (row["section"], row["ended_utc"]) == ("now", None)


def test_handing_over_names_both_and_never_oneself(world, nora):
    incident = make_incident(world.ada)
    own = nora.post(f"/incidents/{incident.pk}/hand-over", {"to": world.nora.email.upper()})
    assert own.status_code == 409
    assert "to yourself" in own.json()["detail"]
    outside = nora.post(f"/incidents/{incident.pk}/hand-over", {"to": world.sam.email})
    assert outside.status_code == 409, "he may not see the person"
    senior = world.users[Role.SENIOR_PRACTITIONER]
    told = nora.post(f"/incidents/{incident.pk}/hand-over", {"to": senior.email}).json()
    assert told["claimed_by"] == senior.name
    (one,) = told["handed_over"]
    assert (one["from_name"], one["to_name"], one["by"]) == (world.nora.name, senior.name, world.nora.name)


def test_a_time_to_call_again_is_listed_until_somebody_calls(world, nora):
    incident = make_incident(world.ada)
    soon = iso(timezone.now() + dt.timedelta(hours=1))
    assert (
        nora.post(f"/incidents/{incident.pk}/call-back", {"at_utc": soon, "why": "On the bus"}).status_code
        == 201
    )
    assert [one["incident"] for one in nora.get("/call-backs").json()] == [incident.pk]
    assert nora.get("/call-backs?hours=0").json() == []
    assert nora.get(f"/incidents/{incident.pk}").json()["call_back"]["why"] == "On the bus"
    past = iso(timezone.now() - dt.timedelta(hours=1))
    assert nora.post(f"/incidents/{incident.pk}/call-back", {"at_utc": past}).status_code == 409
