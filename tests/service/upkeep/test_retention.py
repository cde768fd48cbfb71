from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from milepost.service.accounts.actors import Machine
from milepost.service.algorithms.models import Outcome, OutcomeFile
from milepost.service.audit.models import Entry
from milepost.service.caseload.models import Snooze
from milepost.service.kit.capabilities import retention_rules
from milepost.service.orders.models import Activation, Upload
from milepost.service.orders.retention import people_past_their_period
from milepost.service.people.models import Person
from milepost.service.signals.models import QuarantinedMessage
from milepost.service.upkeep.policy_data import schedule
from milepost.service.upkeep.retention import retain
from milepost.tracks.lake import PositionLake
from tests.service.signals.made import T0_US, fix, signals

BY = Machine("command", "retention")


@pytest.fixture
def old(world, settings, tmp_path):
    """One record of each kind that is just too old, and one that is just not."""
    settings.LAKE = str(tmp_path / "lake")
    now = timezone.now()
    for days, done in ((91, True), (89, True), (400, False)):
        QuarantinedMessage.objects.create(
            received_us=0, format="ndjson", raw=b"x", sha256="0" * 64,
            state="set_aside" if done else "waiting", handled_utc=now - dt.timedelta(days=days) if done else None,
        )  # fmt: skip
    for days in (31, 29):
        Upload.objects.create(kind="orders", name="o", content=b"", sha256="0" * 64, by=world.nora,
                              at_utc=now - dt.timedelta(days=days))  # fmt: skip
    for days in (91, 89):
        Snooze.objects.create(user=world.nora, person=world.ada, kind="change", key=str(days), state="", urgency="new",
                              until_utc=now - dt.timedelta(days=days), why_code="known")  # fmt: skip
    for key, seconds in (("a" * 32, -10), ("b" * 32, 600)):
        Session.objects.create(
            session_key=key, session_data="", expire_date=now + dt.timedelta(seconds=seconds)
        )
    return world


def test_what_was_kept_long_enough_goes_and_nothing_else(old):
    dry = retain(by=BY, dry_run=True)
    assert QuarantinedMessage.objects.count() == 3, "a dry run changes nothing"
    assert retain(by=BY, dry_run=False) == dry
    assert (dry["quarantine"], dry["uploads"], dry["sessions"]) == (1, 1, 1)
    assert QuarantinedMessage.objects.count() == 2
    assert QuarantinedMessage.objects.filter(state="waiting").count() == 1, "what waits is never let go"
    assert Upload.objects.count() == 1
    assert Snooze.objects.get().key == "89"
    assert Session.objects.get().session_key == "b" * 32
    assert Entry.objects.filter(what="upkeep.retention").count() == 1
    assert retain(by=BY, dry_run=True)["quarantine"] == 0


def test_old_days_leave_the_lake(old, settings):
    lake = PositionLake.create(settings.LAKE, n_buckets=2)
    lake.append(signals([fix(m) for m in range(3)]), batch_id="one")
    day = dt.datetime.fromtimestamp(T0_US / 1e6, dt.UTC)
    kept = day + dt.timedelta(days=schedule().days("lake"))
    assert retain(by=BY, dry_run=False, now_utc=kept)["lake"] == 0
    assert retain(by=BY, dry_run=False, now_utc=kept + dt.timedelta(days=1))["lake"] == 3
    assert not list((PositionLake(settings.LAKE).path / "fixes").rglob("*.parquet"))


def test_people_past_their_period_are_listed_and_never_deleted_by_a_timer(old):
    now = timezone.now()
    end = now - dt.timedelta(days=schedule().days("people") + 1)
    assert people_past_their_period(now) == []
    Activation.objects.update(from_utc=end - dt.timedelta(days=9), until_utc=end)
    old.order.ends_utc = end
    old.order.save()
    before = now - dt.timedelta(days=schedule().days("people"))
    assert people_past_their_period(before) == ["P000001"]
    assert retain(by=BY, dry_run=False)["people"] == 1
    assert Person.objects.filter(reference="P000001").exists()


def test_every_rule_of_the_schedule_is_carried_out_or_says_kept():
    assert {rule.what for rule in schedule().rule if rule.days >= 0} == {
        rule.what for rule in retention_rules() if rule.rule
    }
    assert schedule().days("audit") == -1
    assert all(rule.why for rule in schedule().rule)


def test_outcomes_go_when_their_record_is_old_and_reports_of_numbers_stay(old):
    day = timezone.now().date() - dt.timedelta(days=schedule().days("outcomes"))
    file = OutcomeFile.objects.create(name="o.csv", sha256="0" * 64, source="x", by=old.nora)
    for days in (1, -1):
        Outcome.objects.create(
            person=old.ada, file=file, kind="rearrest", followed_until=day - dt.timedelta(days=days)
        )
    assert retain(by=BY, dry_run=False)["outcomes"] == 1
    assert Outcome.objects.get().followed_until > day
    assert OutcomeFile.objects.exists()


def test_one_part_of_the_timer_that_fails_holds_up_no_other(old, monkeypatch):
    from milepost.service.upkeep import commands, retention
    from milepost.service.upkeep.models import UpkeepRun

    watched = []

    def fails(**more):
        raise OSError("full")

    monkeypatch.setattr(retention, "retain", fails)
    monkeypatch.setattr("milepost.service.upkeep.watch.watch_predictors", lambda by: watched.append(by))
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)
    commands.once(daily_too=True)
    assert [by.audit_name for by in watched] == ["command:timer"]
    assert UpkeepRun.objects.filter(kind="roll").exists()
    commands.once(daily_too=False)
    assert len(watched) == 1
