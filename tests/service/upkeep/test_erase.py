"""Erasing one person: afterwards every table and every file of the lake is searched for what is left of them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest
from django.apps import apps
from django.utils import timezone

from milepost.service.accounts.actors import Machine
from milepost.service.accounts.roles import Role
from milepost.service.algorithms.models import Outcome, OutcomeFile
from milepost.service.api.models import Webhook, WebhookDelivery
from milepost.service.assessments.models import (
    Answer,
    Assessment,
    Contest,
    Judgement,
    Override,
    RecordedFact,
    Score,
    TierRecord,
)
from milepost.service.audit.models import Entry
from milepost.service.audit.store import check
from milepost.service.caseload.models import Snooze
from milepost.service.monitoring.models import Decision, Finding, Incident, IncidentEvent
from milepost.service.orders.models import Absence, Activation, Device, Document, OrderVersion, Upload
from milepost.service.people.models import ContactDetail, Note, Person, StaffRisk
from milepost.service.signals.inbox import take_in
from milepost.service.signals.models import Delivery, Fix, IngestToken, Presence, QuarantinedMessage
from milepost.service.signals.tokens import new_secret
from milepost.service.upkeep.erase import NobodyThere, NotAsPlanned, erase_person
from milepost.service.upkeep.models import UpkeepRun
from milepost.tracks.lake import PositionLake
from tests.service.signals.made import T0_US, fix, signals
from tests.service.world import World, make_person

BY = Machine("command", "erase")
HERS = (1.7654321, 53.7123456)
"""A place where only Ada's tag was."""
FITTED_US = T0_US - 60 * 60_000_000


def presence_row(minute: float, unit: str, tag: str) -> dict:
    return {"device_id": unit, "tag_id": tag, "recorded_us": T0_US + round(minute * 60e6), "state": 1}


@pytest.fixture
def full(world: World, settings, tmp_path) -> World:
    """Ada with a trace in every store; somebody else wore her tag before her."""
    settings.LAKE = str(tmp_path / "lake")
    settings.PREDICTORS = str(tmp_path / "predictors")
    shadow = tmp_path / "predictors" / "any" / "1" / "shadow"
    shadow.mkdir(parents=True)
    scores = {"person": ["P000001", "P000009"], "scored_at": ["x", "x"], "probability": [0.25, 0.5]}
    pl.DataFrame(scores).write_parquet(shadow / "a.parquet")
    nora, ada = world.nora, world.ada
    fitted = dt.datetime.fromtimestamp(FITTED_US / 1e6, dt.UTC)
    Activation.objects.filter(person=ada).update(from_utc=fitted)
    before = make_person("P000009", "Dee Rook", world.north)
    Activation.objects.create(
        reference="A000009", device=world.tag, person=before, from_utc=fitted - dt.timedelta(days=3),
        until_utc=fitted,
    )  # fmt: skip
    ContactDetail.objects.create(person=ada, kind="mobile", value="07700 900123", note="Ada Vale's sister")
    StaffRisk.objects.create(person=ada, text="Ada Vale has a dog", by=nora)
    note = Note.objects.create(person=ada, text="Ada Vale came in", by=nora)
    Note.objects.create(person=ada, text="Correction on Ada Vale", by=nora, corrects=note)
    order = world.order
    version = OrderVersion.objects.get(order=order)
    Document.objects.create(
        order=order, version=version, name="Ada Vale.pdf", content_type="application/pdf", size_bytes=8,
        sha256="0" * 64, content=b"Ada Vale", by=nora,
    )  # fmt: skip
    Snooze.objects.create(
        user=nora, person=ada, kind="change", key="note-1", state="", urgency="new", until_utc=timezone.now(),
        why_code="other", why="Ada Vale rang",
    )  # fmt: skip
    incident = Incident.objects.create(
        person=ada, level="review", kind="late_return", group_key="k", began_us=T0_US, opened_us=T0_US,
        changed_us=T0_US, state="decided",
    )  # fmt: skip
    Finding.objects.create(
        finding_id="F1", person=ada, incident=incident, kind="late_return", status="closed", start_us=T0_US,
        end_us=T0_US, seconds=1, level="review", revision=1, told_us=T0_US, row={"person_id": "P000001"},
    )  # fmt: skip
    absence = Absence.objects.create(
        person=ada, order=order, from_utc=fitted, until_utc=fitted + dt.timedelta(hours=1), reason_code="court",
        by=nora,
    )  # fmt: skip
    first = Decision.objects.create(
        incident=incident, kind="excused", state="replaced", incident_revision=0, by=nora, absence=absence,
        explanation="Ada Vale was at court",
    )  # fmt: skip
    Decision.objects.create(
        incident=incident, kind="warning", state="stands", incident_revision=1, by=nora, replaces=first
    )
    IncidentEvent.objects.create(incident=incident, kind="note", text="Ada Vale rang", by=nora)
    for number, state in ((1, "superseded"), (2, "signed")):
        assessment = Assessment.objects.create(
            person=ada, number=number, state=state, assessed_on=dt.date(2026, 3, 1), why="Ada Vale",
            supersedes=Assessment.objects.filter(person=ada).first(),
        )  # fmt: skip
    Answer.objects.create(
        assessment=assessment, question="belonging", value="Ada Vale's sister", as_of=dt.date(2026, 3, 1)
    )
    Judgement.objects.create(assessment=assessment, by=nora, reasoning="Ada Vale")
    Score.objects.create(assessment=assessment, instrument="arp", scored=True, result={"words": "Ada Vale"})
    override = Override.objects.create(
        person=ada, assessment=assessment, target="tier", explanation="Ada Vale", by=nora
    )
    TierRecord.objects.create(person=ada, tier="A", step="Ada Vale", assessment=assessment, override=override)
    day = {"raised_on": dt.date(2026, 3, 1), "due": dt.date(2026, 3, 22)}
    Contest.objects.create(
        person=ada, assessment=assessment, disputed="Ada Vale", correction=assessment, by=nora, **day
    )
    file = OutcomeFile.objects.create(name="o.csv", sha256="0" * 64, source="x", by=nora)
    for person in (ada, before):
        Outcome.objects.create(
            person=person, file=file, kind="rearrest", followed_until=dt.date(2026, 3, 1)
        )  # fmt: skip
    RecordedFact.objects.create(
        person=ada, question="belonging", value="Ada Vale", source="x", as_of=dt.date(2026, 3, 1)
    )
    hook = Webhook.objects.create(name="w", url="https://example.org/", sealed_secret="s", by=nora)
    for body in ({"incident": incident.pk}, {"person": "P000001"}, {"incident": incident.pk + 1000}):
        WebhookDelivery.objects.create(webhook=hook, event="incident.opened", body={"data": body})
    for raw in (b'{"device_id": "tag-1", "lat": "x"}', b'{"name": "Ada Vale"}', b'{"device_id": "tag-77"}'):
        QuarantinedMessage.objects.create(
            received_us=T0_US, format="ndjson", raw=raw, sha256="0" * 64, device_id=""
        )
    Upload.objects.create(
        kind="orders", name="o.json", content=b'{"id": "P000001"}', sha256="0" * 64, by=nora
    )
    Upload.objects.create(
        kind="orders", name="o.json", content=b'{"id": "P000005"}', sha256="0" * 64, by=nora
    )
    prefix, _, kept = new_secret()
    IngestToken.objects.create(name="t", prefix=prefix, secret_sha256=kept, device_id="tag-1")
    recent = signals(
        [fix(m, lon=HERS[0], lat=HERS[1]) for m in range(5)]
        + [fix(-120), fix(1, device_id="tag-2")],
        [presence_row(0, "unit-1", "tag-1"), presence_row(0, "unit-1", "tag-2")],
    )  # fmt: skip
    Delivery.objects.create(
        received_us=T0_US, messages=1, rows_new=0, rows_repeated=0, digest="0" * 64,
        answer={"unknown_devices": [], "problems": [{"message": "Device tag-1 gives no time", "remedy": "?"}]},
    )  # fmt: skip
    take_in(recent, received_us=T0_US, digest="0" * 64, messages=1, by=Machine("device", "test"))
    lake = PositionLake.create(settings.LAKE, n_buckets=2)
    lake.append(recent, batch_id="one")
    return world


def left_in_tables(words: list[str]) -> dict[str, list[str]]:
    """Table to the words that some row of it holds, by reading every column of every table."""
    found: dict[str, list[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        for row in model._default_manager.values_list():
            text = " ".join(
                bytes(v).decode("latin-1")
                if isinstance(v, bytes | memoryview)
                else json.dumps(v, default=str)
                for v in row
            ).lower()
            for word in words:
                if word.lower() in text and word not in found.get(model._meta.label, []):
                    found.setdefault(model._meta.label, []).append(word)
    return found


WORDS = [
    "Ada Vale", "ada vale", "P000001", "O000001", "A000001", "07700 900123", "1 Example Street",
    str(round(HERS[0] * 1e7)), str(round(HERS[1] * 1e7)),
]  # fmt: skip


def test_the_search_finds_what_is_there(full: World):
    """The test below would be worth nothing if its search were blind."""
    found = left_in_tables(WORDS)
    assert {word for words in found.values() for word in words} == set(WORDS)
    assert {"people.Person", "signals.Fix", "orders.OrderVersion", "orders.Upload", "api.WebhookDelivery",
            "signals.QuarantinedMessage", "monitoring.Finding", "monitoring.Decision"} <= found.keys()  # fmt: skip


def test_nothing_of_the_person_is_left_but_references_in_the_log(full: World, settings):
    erased = erase_person("P000001", reason="Supervision ended", by=BY, dry_run=False)
    found = left_in_tables(WORDS)
    assert found.pop("audit.Entry") == ["P000001"]
    assert found == {}
    assert erased.counts["signals.Fix"] == 5
    assert erased.counts["signals.Presence"] == 1
    assert erased.counts["lake.fixes"] == 5
    assert erased.counts["monitoring.Decision"] == 2
    assert erased.counts["predictors.shadow"] == 1
    (shadow,) = Path(settings.PREDICTORS).rglob("*.parquet")
    assert pl.read_parquet(shadow)["person"].to_list() == ["P000009"]
    rows = pl.concat([pl.read_parquet(p) for p in _parquet(settings.LAKE, "fixes")])
    assert rows.filter(pl.col("lon_e7") == round(HERS[0] * 1e7)).height == 0
    assert rows.height == 2


def _parquet(lake: str, table: str) -> list[Path]:
    return sorted((Path(lake) / table).rglob("*.parquet"))


def test_no_file_of_the_lake_holds_a_position_of_theirs(full: World, settings):
    erase_person("P000001", reason="Supervision ended", by=BY, dry_run=False)
    for table in ("fixes", "presence"):
        for path in _parquet(settings.LAKE, table):
            if "_delta_log" in path.parts:
                continue
            rows = pl.read_parquet(path, hive_partitioning=False)
            text = json.dumps(rows.to_dicts(), default=str)
            assert str(round(HERS[0] * 1e7)) not in text


def test_others_keep_what_is_theirs(full: World):
    erase_person("P000001", reason="Supervision ended", by=BY, dry_run=False)
    assert set(Person.objects.values_list("reference", flat=True)) == {"P000002", "P000003", "P000009"}
    assert sorted(Fix.objects.values_list("sender__device_id", flat=True)) == ["tag-1", "tag-2"]
    assert [p.tag_id for p in Presence.objects.all()] == ["tag-2"]
    assert Activation.objects.get().reference == "A000009"
    assert Device.objects.filter(device_id="tag-1").exists()
    assert [bytes(m.raw) for m in QuarantinedMessage.objects.all()] == [b'{"device_id": "tag-77"}']
    assert Upload.objects.count() == 1
    assert WebhookDelivery.objects.count() == 1
    assert IngestToken.objects.get().revoked_utc is not None


def rows_of_every_table() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models(include_auto_created=True)
    }


def test_a_dry_run_names_all_that_goes_thing_by_thing_and_changes_nothing(full: World):
    """Every table of the database is counted before and after: what is fewer is what the dry run said."""
    words, before = left_in_tables(WORDS), rows_of_every_table()
    dry = erase_person("P000001", reason="Looking", by=BY, dry_run=True)
    assert left_in_tables(WORDS) == words, "a dry run changes nothing"
    assert rows_of_every_table() == before
    done = erase_person("P000001", reason="Supervision ended", by=BY, dry_run=False)
    assert (dry.counts, dry.items) == (done.counts, done.items)
    after = rows_of_every_table()
    fewer = {name: n - after[name] for name, n in before.items() if after[name] < n}
    of_the_database = {name: n for name, n in dry.counts.items() if name in before}
    assert fewer == of_the_database
    rest = {name: n for name, n in dry.counts.items() if name not in before}
    assert rest == {
        "lake.fixes": 5, "lake.presence": 1, "predictors.shadow": 1, "signals.IngestToken revoked": 1,
        "signals.Delivery answer emptied": 1,
    }  # fmt: skip
    assert sum(item.rows for item in dry.items) == sum(dry.counts.values())
    listed = dry.as_plain()
    assert {"store": "people.Person", "key": full.ada.pk, "rows": 1} in listed["items"]
    assert len(listed["items"]) > len(listed["counts"])


def test_what_came_meanwhile_undoes_the_whole_erasure(full: World, monkeypatch):
    """It says what it will take and takes that, or nothing."""
    from milepost.service.upkeep import erase

    real = erase.plan_for

    def plan_and_more(person, worn, *, dry_run):
        plan = real(person, worn, dry_run=dry_run)
        Note.objects.create(person=person, text="written meanwhile", by=full.nora)
        return plan

    monkeypatch.setattr(erase, "plan_for", plan_and_more)
    before = rows_of_every_table()
    with pytest.raises(NotAsPlanned, match=r"people\.Note"):
        erase_person("P000001", reason="x", by=BY, dry_run=False)
    after = rows_of_every_table()
    assert after.pop("audit.Entry") == before.pop("audit.Entry") + 1, "that it began"
    assert after == before


def test_a_person_called_al_takes_no_altitude_with_them(full: World):
    al = make_person("P000077", "Al", full.north)
    device = Device.objects.create(device_id="tag-88")
    fitted = dt.datetime.fromtimestamp(FITTED_US / 1e6, dt.UTC)
    Activation.objects.create(reference="A000077", device=device, person=al, from_utc=fitted)
    spared = [b'{"device_id": "tag-77", "Altitude": %d, "name": "Alison"}' % n for n in range(50)]
    theirs = [b'{"name": "al"}', b'{"person_id": "P000077"}', b'{"device_id": "tag-88", "lat": "?"}']
    doubtful = [b"Al rang", b'{"name": "Al", "person_id": "P000009"}']
    QuarantinedMessage.objects.all().delete()
    for raw in (*spared, *theirs, *doubtful):
        QuarantinedMessage.objects.create(received_us=T0_US, format="ndjson", raw=raw, sha256="0" * 64)
    # The same device, when somebody else wore it.
    early = FITTED_US - 1
    QuarantinedMessage.objects.create(
        received_us=early, format="ndjson", raw=theirs[2], sha256="0" * 64, device_id="tag-88"
    )
    done = erase_person("P000077", reason="Supervision ended", by=BY, dry_run=False)
    assert done.counts["signals.QuarantinedMessage"] == 3
    left = sorted(bytes(m.raw) for m in QuarantinedMessage.objects.all())
    assert left == sorted([*spared, *doubtful, theirs[2]])
    assert len(done.to_look_at) == 3
    assert Upload.objects.count() == 2


def test_it_is_recorded_without_naming_anybody(full: World):
    erase_person("P000001", reason="Supervision ended", by=BY, dry_run=False)
    run = UpkeepRun.objects.get(kind="erasure")
    assert "P000001" not in json.dumps(run.facts)
    entry = Entry.objects.get(number=run.audit_number)
    assert (entry.operation, entry.subject, entry.reason) == ("erasure", "P000001", "Supervision ended")
    assert check().broken is None


def test_who_is_not_there_cannot_be_erased(full: World):
    with pytest.raises(NobodyThere):
        erase_person("P777777", reason="x", by=BY, dry_run=False)
    erase_person("P000001", reason="x", by=BY, dry_run=False)
    with pytest.raises(NobodyThere):
        erase_person("P000001", reason="x", by=BY, dry_run=False)


def test_every_table_that_points_at_a_person_is_known(world: World):
    """A new table with a person in it must be thought of: here it fails until somebody has."""
    pointing = {
        r.related_model._meta.label
        for r in Person._meta.related_objects
    }  # fmt: skip
    assert pointing == {
        "people.NameWord", "people.NamedAccess", "people.ExceptionalAccess", "people.StaffRisk",
        "people.ContactDetail", "people.Note", "orders.Order", "orders.Activation", "orders.Absence",
        "orders.ToJudge", "caseload.Snooze", "people.Characteristics", "assessments.RecordedFact", "assessments.Assessment",
        "assessments.Override", "assessments.TierRecord", "assessments.Contest", "monitoring.Incident",
        "monitoring.Finding", "person_page.TrailRequest", "algorithms.Outcome",
    }  # fmt: skip


def test_the_pages_say_404_afterwards(full: World, signed_in):
    erase_person("P000001", reason="x", by=BY, dry_run=False)
    answer = signed_in(full.users[Role.PRACTITIONER]).get("/people/P000001/edit")
    assert answer.status_code == 404
