"""The engine worker on a real database: signals in, findings and incidents out, whatever happens to the worker."""

from __future__ import annotations

import datetime as dt

import pytest

from milepost.service import clock
from milepost.service.accounts.actors import Machine
from milepost.service.accounts.roles import Role
from milepost.service.monitoring import lease
from milepost.service.monitoring.models import Finding, Incident, IncidentEvent, IncidentState, Lease
from milepost.service.monitoring.pulse import current as pulse
from milepost.service.monitoring.worker import Worker
from milepost.service.orders.actions.devices import fit
from milepost.service.orders.engine_file import judge_anew
from milepost.service.orders.models import Absence, Activation, Device, ToJudge
from milepost.service.signals.inbox import take_in
from milepost.service.signals.models import Fix
from milepost.service.signals.roll import open_lake, roll
from milepost.service.signals.worn import LakeMissing
from tests.service.engine.tags import AWAY, HOME, MARKET, MINUTE_US, event, fixes, killed_long_ago, us

HOUR_US = 60 * MINUTE_US
EVENING = us("2025-03-03 19:00")
"""A Monday; Ada's curfew begins. In March London keeps UTC."""


@pytest.fixture
def town_clock(monkeypatch):
    """A clock that a test sets: ``town_clock(us)``."""
    now = [EVENING - 2 * HOUR_US]
    monkeypatch.setattr(clock, "now_us", lambda: now[0])
    monkeypatch.setattr(clock, "now_utc", lambda: dt.datetime.fromtimestamp(now[0] / 1e6, dt.UTC))

    def set_to(us: int) -> None:
        now[0] = us

    return set_to


@pytest.fixture
def worker(world, town_clock):
    lease.make_buckets()
    fitted = dt.datetime(2025, 3, 3, 17, tzinfo=dt.UTC)  # no silence before the story begins
    Activation.objects.update(from_utc=fitted)
    return Worker("test")


def send(signals, at_us: int) -> None:
    take_in(signals, received_us=at_us, digest="0" * 64, messages=1, by=Machine("device", "test"))


def live_through(worker, town_clock, signals, until_us: int) -> None:
    """The signals arrive, the clock reaches ``until_us``, the worker takes its rounds."""
    town_clock(until_us)
    send(signals, until_us)
    for _ in range(3):
        worker.step()


def come_home_at(worker, town_clock, back_us: int) -> None:
    live_through(worker, town_clock, fixes(EVENING - HOUR_US, back_us, AWAY), back_us)
    live_through(worker, town_clock, fixes(back_us, back_us + HOUR_US, HOME), back_us + HOUR_US)


def test_a_late_return_becomes_one_incident_with_its_evidence(worker, town_clock, world):
    before = pulse()
    come_home_at(worker, town_clock, EVENING + 30 * MINUTE_US)
    incident = Incident.objects.get()
    finding = Finding.objects.get(current=True)
    assert (incident.person, incident.state, incident.level) == (world.ada, IncidentState.OPEN, "review")
    assert finding.kind == "late_return"
    assert finding.status == "closed"
    assert 29 * 60 <= finding.seconds <= 34 * 60
    assert not incident.still_going
    assert incident.due_us == incident.opened_us + 240 * MINUTE_US
    assert pulse() > before


def test_while_it_lasts_each_revision_names_the_one_before(worker, town_clock):
    for minute in range(20, 60, 10):
        since = EVENING - HOUR_US if minute == 20 else EVENING + (minute - 10) * MINUTE_US
        live_through(
            worker, town_clock, fixes(since, EVENING + minute * MINUTE_US, AWAY), EVENING + minute * MINUTE_US
        )
    come_home = EVENING + 60 * MINUTE_US
    live_through(worker, town_clock, fixes(come_home, come_home + HOUR_US, HOME), come_home + HOUR_US)
    assert Incident.objects.count() == 1
    history = list(Finding.objects.order_by("revision"))
    assert len(history) > 1
    assert [f.revision for f in history] == list(range(1, len(history) + 1))
    assert [f.supersedes for f in history] == ["", *[f.finding_id for f in history[:-1]]]
    assert [f.current for f in history] == [False] * (len(history) - 1) + [True]


def test_a_few_minutes_are_a_note_and_no_incident(worker, town_clock):
    come_home_at(worker, town_clock, EVENING + 8 * MINUTE_US)
    assert Finding.objects.get(current=True).level == "note"
    assert not Incident.objects.exists()


def absent_that_evening(world) -> Absence:
    return Absence.objects.create(
        person=world.ada, order=world.order, condition_id="curfew", kind=Absence.Kind.AUTHORISED_ABSENCE,
        from_utc=dt.datetime(2025, 3, 3, 18, tzinfo=dt.UTC), until_utc=dt.datetime(2025, 3, 3, 20, tzinfo=dt.UTC),
        reason_code="medical", by=world.nora,
    )  # fmt: skip


def test_an_absence_authorised_in_advance_is_honoured_and_its_withdrawal_too(worker, town_clock, world):
    absence = absent_that_evening(world)
    judge_anew(world.ada, absence.from_utc)
    come_home_at(worker, town_clock, EVENING + 45 * MINUTE_US)
    assert not Finding.objects.filter(current=True).exists()
    Absence.objects.filter(pk=absence.pk).update(withdrawn_utc=dt.datetime(2025, 3, 3, 21, tzinfo=dt.UTC))
    judge_anew(world.ada, absence.from_utc)
    worker.step()
    assert Finding.objects.get(current=True).kind == "late_return"
    assert not ToJudge.objects.exists()


def test_late_signals_withdraw_what_they_disprove(worker, town_clock):
    """The tag kept some fixes to itself and sends them an hour later: the person had been home after all."""
    town_clock(EVENING + 40 * MINUTE_US)
    send(fixes(EVENING - HOUR_US, EVENING - 5 * MINUTE_US, HOME), EVENING)
    send(fixes(EVENING + 5 * MINUTE_US, EVENING + 35 * MINUTE_US, AWAY), EVENING + 35 * MINUTE_US)
    for _ in range(2):
        worker.step()
    incident = Incident.objects.get()
    assert incident.state == IncidentState.OPEN
    first = Finding.objects.get(current=True)
    live_through(
        worker, town_clock, fixes(EVENING + 36 * MINUTE_US, EVENING + 60 * MINUTE_US, HOME), EVENING + HOUR_US
    )
    after = Finding.objects.get(current=True)
    assert after.finding_id != first.finding_id
    assert after.status == "closed"
    incident.refresh_from_db()
    assert not incident.still_going


def test_a_new_worker_finds_everything_said_already(worker, town_clock):
    come_home_at(worker, town_clock, EVENING + 30 * MINUTE_US)
    live_through(
        worker, town_clock, event(EVENING + 2 * HOUR_US, "strap_tamper"), EVENING + 2 * HOUR_US + MINUTE_US
    )
    told = ("kind", "start_us", "end_us", "seconds", "level", "incident_id")
    before = set(Finding.objects.filter(current=True).values_list(*told))
    events = list(IncidentEvent.objects.order_by("pk").values())
    assert "strap_tamper" in {row[0] for row in before}
    killed_long_ago()
    second = Worker("second")
    for _ in range(2):
        second.step()
    assert set(Finding.objects.filter(current=True).values_list(*told)) == before
    rows = list(Finding.objects.order_by("pk").values())
    second._forget_everything()
    killed_long_ago()
    second.step()
    assert list(Finding.objects.order_by("pk").values()) == rows  # not one more row the second time
    assert list(IncidentEvent.objects.order_by("pk").values()) == events


def test_a_worker_that_lost_its_lease_writes_nothing(worker, town_clock):
    live_through(worker, town_clock, fixes(EVENING - HOUR_US, EVENING, AWAY), EVENING)
    Lease.objects.update(owner="another", epoch=99, until_us=lease.real_us() + 60_000_000)
    town_clock(EVENING + 30 * MINUTE_US)
    send(fixes(EVENING, EVENING + 30 * MINUTE_US, AWAY), EVENING + 30 * MINUTE_US)
    with pytest.raises(lease.LeaseLost):
        worker.step()
    assert not Finding.objects.exists()


def test_silence_is_told_by_the_clock_alone(worker, town_clock):
    live_through(worker, town_clock, fixes(EVENING - HOUR_US, EVENING + HOUR_US, HOME), EVENING + HOUR_US)
    assert not Finding.objects.exists()
    town_clock(EVENING + 12 * HOUR_US)
    worker.step()
    assert "no_contact" in {f.kind for f in Finding.objects.filter(current=True)}


DAY_US = 24 * HOUR_US


def gone_to_the_lake(now_us: int, settings, tmp_path) -> None:
    settings.LAKE = tmp_path / "lake"
    roll(open_lake(settings.LAKE), dt.datetime.fromtimestamp(now_us / 1e6, dt.UTC))


def what_stands():
    return list(Finding.objects.order_by("pk").values("finding_id", "kind", "status", "start_us", "current"))


@pytest.mark.parametrize("lake_is_there", [True, False])
def test_a_silence_of_forty_days_outlives_its_last_signals(
    worker, town_clock, settings, tmp_path, lake_is_there
):
    """The last signals before it have left the database. A new worker looks for them in the lake; where there is no
    lake it says nothing, and does not take back that somebody is missing."""
    live_through(worker, town_clock, fixes(EVENING - HOUR_US, EVENING + HOUR_US, HOME), EVENING + HOUR_US)
    for day in range(1, 41):
        town_clock(EVENING + day * DAY_US)
        worker.step()
    before = what_stands()
    assert ("no_contact", "open") in {(f["kind"], f["status"]) for f in before if f["current"]}
    gone_to_the_lake(EVENING + 40 * DAY_US, settings, tmp_path)
    assert not Fix.objects.exists()
    killed_long_ago()
    if lake_is_there:
        Worker("second").step()
    else:
        settings.LAKE = tmp_path / "elsewhere"
        with pytest.raises(LakeMissing):
            Worker("second").step()
    assert what_stands() == before


def test_a_signal_of_long_ago_changes_no_finding_whose_evidence_is_in_the_lake(
    worker, town_clock, settings, tmp_path
):
    """A tag sends one position that it had kept for forty days. The evening is judged anew, on all that is known."""
    come_home_at(worker, town_clock, EVENING + 30 * MINUTE_US)
    before = Finding.objects.get(kind="late_return", current=True)
    now = EVENING + 40 * DAY_US
    town_clock(now)
    send(fixes(EVENING + 2 * HOUR_US, now, HOME, every_us=20 * MINUTE_US), now)
    killed_long_ago()
    second = Worker("second")
    for _ in range(2):
        second.step()
    assert second.live.begin_us("P000001") > now - 3 * DAY_US
    gone_to_the_lake(now, settings, tmp_path)
    assert Fix.objects.order_by("recorded_us")[0].recorded_us > EVENING + DAY_US
    kept = EVENING + 45 * MINUTE_US + 1_000_000
    live_through(second, town_clock, fixes(kept, kept + 1, HOME), now + MINUTE_US)
    assert second.live.begin_us("P000001") > now - 3 * DAY_US, "what is settled is let go of again"
    after = Finding.objects.get(kind="late_return", current=True)
    assert (after.start_us, after.end_us, after.status) == (before.start_us, before.end_us, "closed")


def days_later(worker, town_clock, days: int) -> int:
    """Home and heard of ever since; the evening has long been settled."""
    now = EVENING + days * DAY_US
    town_clock(now)
    send(fixes(EVENING + 2 * HOUR_US, now, HOME, every_us=20 * MINUTE_US), now)
    for _ in range(3):
        worker._every_minute = 0.0
        worker.step()
    assert worker.live.begin_us("P000001") > now - 3 * DAY_US
    return now


@pytest.mark.parametrize("days", [4, 40])
def test_an_absence_that_is_entered_days_later_is_honoured_from_its_beginning(
    worker, town_clock, world, settings, tmp_path, days
):
    come_home_at(worker, town_clock, EVENING + 30 * MINUTE_US)
    assert Finding.objects.get(current=True).kind == "late_return"
    gone_to_the_lake(days_later(worker, town_clock, days), settings, tmp_path)
    absence = absent_that_evening(world)
    judge_anew(world.ada, absence.from_utc)
    judge_anew(world.ada, clock.now_utc())  # a second change before the first was heeded
    worker.step()
    assert not Finding.objects.filter(current=True, kind="late_return").exists()
    assert not ToJudge.objects.exists()
    assert worker.live.begin_us("P000001") > clock.now_us() - 3 * DAY_US


def test_a_tag_that_is_put_on_the_register_days_later_is_judged_from_when_it_was_fitted(
    worker, town_clock, world
):
    Activation.objects.update(until_utc=dt.datetime(2025, 3, 3, 17, 30, tzinfo=dt.UTC))
    device = Device.objects.create(device_id="tag-new", kind="tag")
    town_clock(EVENING)
    send(fixes(EVENING - HOUR_US, EVENING + 30 * MINUTE_US, AWAY, device="tag-new"), EVENING)
    now = EVENING + 4 * DAY_US
    send(fixes(EVENING + 30 * MINUTE_US, now, HOME, device="tag-new", every_us=20 * MINUTE_US), now)
    town_clock(now)
    worker.step()
    assert not Finding.objects.filter(kind="late_return").exists()
    officer = world.users[Role.MONITORING_OFFICER]
    fit(by=officer, device=device, person=world.ada, from_utc=dt.datetime(2025, 3, 3, 17, 30, tzinfo=dt.UTC))
    worker.step()
    assert Finding.objects.get(kind="late_return", current=True).status == "closed"


def test_orders_older_than_every_signal_reach_back_to_the_first_signal_only(
    worker, town_clock, world, monkeypatch
):
    """A country's orders come in one file. Nobody judges years in which nothing was heard."""
    worker.step()
    usual, reached = worker._place, []

    def watched(people, reach_us=None):
        reached.extend((person.reference, reach_us) for person in people)
        usual(people, reach_us=reach_us)

    monkeypatch.setattr(worker, "_place", watched)
    judge_anew(world.ada, dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    worker.step()
    assert reached == [("P000001", None)], "it never sent anything"
    days_later(worker, town_clock, 4)
    judge_anew(world.ada, dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    worker.step()
    assert reached[-1] == ("P000001", EVENING + 2 * HOUR_US)


def test_an_incident_that_gets_worse_after_the_decision_comes_back(worker, town_clock):
    live_through(
        worker, town_clock, fixes(EVENING - HOUR_US, EVENING + 30 * MINUTE_US, AWAY), EVENING + 30 * MINUTE_US
    )
    incident = Incident.objects.get()
    Incident.objects.update(state=IncidentState.DECIDED)
    late = EVENING + 130 * MINUTE_US
    live_through(worker, town_clock, fixes(EVENING + 30 * MINUTE_US, late, AWAY), late)
    incident.refresh_from_db()
    assert (incident.state, incident.level) == (IncidentState.OPEN, "urgent")
    assert incident.superseded_since_decision


def test_a_decision_that_is_due_is_told_once(worker, town_clock):
    come_home_at(worker, town_clock, EVENING + 30 * MINUTE_US)
    town_clock(EVENING + 8 * HOUR_US)
    worker._every_second = 0.0
    worker.step()
    worker._every_second = 0.0
    worker.step()
    assert IncidentEvent.objects.filter(kind=IncidentEvent.Kind.OVERDUE).count() == 1


def test_signals_from_before_the_beginning_are_judged_all_the_same(worker, town_clock):
    """A phone that was off the network for two days sends what it kept."""
    now = EVENING + 50 * HOUR_US
    live_through(worker, town_clock, fixes(now - HOUR_US, now, HOME), now)
    begin = worker.live.begin_us("P000001")
    assert begin > EVENING
    late = fixes(EVENING + 2 * HOUR_US, EVENING + 3 * HOUR_US, MARKET)
    live_through(worker, town_clock, late, now + MINUTE_US)
    assert {"zone_entry", "left_during"} & {f.kind for f in Finding.objects.filter(current=True)}


def test_workers_share_the_people_and_take_over(world, town_clock, settings):
    settings.ENGINE_BUCKETS = 4
    lease.make_buckets()
    first = lease.hold("one", {})
    assert len(first) == 4
    assert lease.hold("two", {}) == {}  # nothing is free yet
    first = lease.hold("one", first)
    second = lease.hold("two", {})
    assert (len(first), len(second)) == (2, 2)
    assert not first.keys() & second.keys()
    Lease.objects.filter(owner="two").update(until_us=0)
    from milepost.service.monitoring.models import EngineWorker

    EngineWorker.objects.filter(name="two").delete()
    assert len(lease.hold("one", first)) == 4
    with pytest.raises(lease.LeaseLost):
        lease.check_held("two", second, second)
