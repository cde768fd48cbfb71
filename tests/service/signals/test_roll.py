"""Closed days to the lake: every row once, whatever is cut off, whatever comes late."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import pytest
from django.core.management import CommandError, call_command

from milepost.compliance.columns import FIELDS_READ
from milepost.service import clock
from milepost.service.accounts.actors import Machine
from milepost.service.audit.models import Entry
from milepost.service.signals.inbox import take_in
from milepost.service.signals.models import DeviceEvent, Fix, Presence, RolledDay, RollPass
from milepost.service.signals.roll import AlreadyRolling, open_lake, roll, rolling_alone
from milepost.service.signals.worn import (
    TABLES,
    LakeMissing,
    all_signals_of,
    signals_to_judge,
    signals_while_worn,
)
from milepost.times import DAY_US
from tests.service.signals.made import T0_US, fix, signals

pytestmark = pytest.mark.django_db
NOW = dt.datetime.fromtimestamp(T0_US / 1e6, dt.UTC)
DAY_MIN = 24 * 60


class Had(NamedTuple):
    device_id: str
    from_us: int
    until_us: int


class Killed(BaseException):
    pass


def take(parsed):
    take_in(parsed, received_us=T0_US, digest="0" * 64, messages=1, by=Machine("ingest", "test"))


def some_days():
    """Long ago (to be trimmed), three days ago (to be rolled), now (to be left), and before 1970."""
    old, recent = -40 * DAY_MIN, -3 * DAY_MIN
    take(
        signals(
            [fix(m, device) for m in (old, old + 1, recent, 0) for device in ("tag-1", "tag-2", "tag-3")]
            + [fix(recent, "clock", recorded_us=-5), fix(0, "clock", recorded_us=-DAY_US - 5)],
            [{"recorded_us": T0_US - 40 * DAY_US}, {"recorded_us": T0_US}],
            [{"recorded_us": T0_US - 3 * DAY_US, "kind": "strap_tamper"}],
        )
    )


def in_lake(lake):
    found, rows = lake.read(), {}
    for name in ("fixes", "presence", "device_events"):
        told = getattr(found, name).to_pylist()
        rows[name] = sorted((r["device_id"], r["recorded_at_utc"].timestamp(), r.get("lon_e7")) for r in told)
    return rows


@pytest.fixture
def lake(tmp_path):
    return open_lake(tmp_path / "lake")


def test_closed_days_go_to_the_lake_and_old_ones_leave_the_database(lake):
    some_days()
    done = roll(lake, NOW)
    assert done.rows == 3 * 3 + 2 + 1 + 1
    found = in_lake(lake)
    assert [len(found[n]) for n in ("fixes", "presence", "device_events")] == [11, 1, 1]
    assert all(time < NOW.timestamp() - 86400 for _, time, _ in found["fixes"])
    assert Fix.objects.count() == 3 + 3, "three days ago is still here; so is today"
    assert (Presence.objects.count(), DeviceEvent.objects.count()) == (1, 1)
    old = RolledDay.objects.get(day=NOW.date() - dt.timedelta(days=40))
    assert (old.rows, old.removed_utc is not None) == (7, True)
    assert RolledDay.objects.get(day=NOW.date() - dt.timedelta(days=3)).removed_utc is None
    assert {e.what for e in Entry.objects.filter(actor="worker:roll")} == {"signals.roll", "signals.trim"}


def test_the_lake_has_rows_exactly_as_they_came(lake):
    given = signals([fix(-5 * DAY_MIN, precision_m=3.5, sequence=4, quality=2, battery_pct=55.5)])
    take(given)
    roll(lake, NOW)
    back = lake.read().fixes
    plain = lambda t: t.drop(["payload_ref", "received_at_utc"]).to_pylist()  # noqa: E731
    assert plain(back) == plain(given.fixes)


def test_again_does_nothing(lake):
    some_days()
    roll(lake, NOW)
    before = in_lake(lake)
    done = roll(lake, NOW)
    assert (done.passes, done.rows, done.rows_removed) == (0, 0, 0)
    assert in_lake(lake) == before


def test_a_day_that_closes_later_is_rolled_though_nothing_new_came(lake):
    take(signals([fix(-3 * DAY_MIN), fix(-DAY_MIN), fix(0)]))
    roll(lake, NOW)
    assert len(in_lake(lake)["fixes"]) == 1
    roll(lake, NOW + dt.timedelta(days=3))
    assert len(in_lake(lake)["fixes"]) == 3


def test_late_rows_of_a_rolled_day_follow(lake):
    some_days()
    roll(lake, NOW)
    late = [fix(-40 * DAY_MIN + 5, "tag-1"), fix(-3 * DAY_MIN + 5, "tag-9")]
    take(signals(late))
    done = roll(lake, NOW)
    assert (done.passes, done.rows) == (2, 2)
    assert len(in_lake(lake)["fixes"]) == 13
    assert Fix.objects.count() == 3 + 3 + 1, "the late row of the old day left again"
    assert RolledDay.objects.get(day=NOW.date() - dt.timedelta(days=40)).rows == 8
    assert RollPass.objects.filter(number=2).count() == 2


def test_killed_between_any_two_steps_and_run_again(lake, tmp_path):
    """The steps of a run over these days are counted, then a run is killed after each of them in turn."""
    from django.db import transaction

    class Undo(Exception):
        pass

    def run_killed_after(n, folder):
        steps = []

        def step(name):
            steps.append(name)
            if len(steps) == n:
                raise Killed

        some_days()
        own = open_lake(folder)
        try:
            roll(own, NOW, step=step)
        except Killed:
            take(signals([fix(-3 * DAY_MIN + 7, "while-down")]))  # signals arrive meanwhile
            roll(open_lake(folder), NOW)
        result = in_lake(open_lake(folder)), set(Fix.objects.values_list("sender__device_id", "recorded_us"))
        days = {d.day: (d.rows, d.removed_utc is not None) for d in RolledDay.objects.all()}
        return len(steps), result, days

    def undone(n, folder):
        try:
            with transaction.atomic():
                outcome = run_killed_after(n, folder)
                raise Undo
        except Undo:
            return outcome

    total, _, _ = undone(0, tmp_path / "whole")
    assert total >= 10
    results = [undone(n, tmp_path / f"killed-{n}") for n in range(1, total + 1)]
    _, (wanted, left), wanted_days = results[0]
    assert len(wanted["fixes"]) == 12
    for n, (_, (found, kept), days) in enumerate(results, 1):
        assert found == wanted, f"killed after step {n}"
        assert kept == left, f"killed after step {n}"
        assert days == wanted_days, f"killed after step {n}"


def test_at_every_instant_of_a_run_whoever_reads_finds_every_row_once(lake, settings):
    """In the recent tables or in the lake, in both while it moves: never nowhere, never twice. Late rows too."""
    settings.LAKE = lake.path
    some_days()
    devices = ["tag-1", "tag-2", "tag-3", "clock", "tag-9"]
    worn = [Had(device, -(1 << 61), 1 << 61) for device in devices]

    def told():
        own = signals_while_worn(worn, -3 * DAY_US, T0_US + DAY_US)
        whole = all_signals_of(devices, -3 * DAY_US, 1 << 62)
        rows = [[getattr(found, name).to_pylist() for name in TABLES] for found in (own, whole)]
        for table in rows[1]:
            assert table == sorted(table, key=lambda row: (row["device_id"], row["recorded_at_utc"]))
        assert [sorted(map(str, table)) for table in rows[0]] == [
            sorted(map(str, table)) for table in rows[1]
        ]
        read_by_engine = [
            sorted(map(str, found.fixes.select(FIELDS_READ).to_pylist()))
            for found in (signals_to_judge(devices, -3 * DAY_US, 1 << 62), whole)
        ]
        assert read_by_engine[0] == read_by_engine[1]
        return rows[1]

    before, seen = told(), []

    def step(name):
        seen.append(name)
        assert told() == before, f"after {name}"

    roll(lake, NOW, step=step)
    assert {"leaving", "part removed", "day removed"} <= set(seen)
    take(signals([fix(-40 * DAY_MIN + 5, "tag-1"), fix(-3 * DAY_MIN + 5, "tag-9")]))
    assert sum(map(len, told())) == sum(map(len, before)) + 2
    before, seen[:] = told(), []
    roll(lake, NOW, step=step)
    assert "day removed" in seen
    assert told() == before


def test_a_lake_that_is_not_there_is_said_not_taken_for_silence(lake, settings, tmp_path):
    some_days()
    roll(lake, NOW)
    settings.LAKE = tmp_path / "elsewhere"
    with pytest.raises(LakeMissing, match="MILEPOST_LAKE"):
        all_signals_of(["tag-1"], T0_US - 41 * DAY_US, T0_US)
    assert all_signals_of(["tag-1"], T0_US - 4 * DAY_US, T0_US + 1).fixes.num_rows == 2


def test_rows_erased_between_two_tries_do_not_stop_the_rest(lake):
    """A try is cut off after its append; somebody is erased; the next try must not lose the other rows."""
    take(signals([fix(-3 * DAY_MIN, "tag-1"), fix(-3 * DAY_MIN, "tag-2")]))

    def step(name):
        if name == "appended":
            raise Killed

    with pytest.raises(Killed):
        roll(lake, NOW, step=step)
    Fix.objects.filter(sender__device_id="tag-1").delete()
    roll(lake, NOW)
    lake.compact(keep_hours=None)
    assert "tag-2" in {device for device, _, _ in in_lake(lake)["fixes"]}
    assert len(in_lake(lake)["fixes"]) == 2, "the lake's own erasure takes tag-1; nothing is there twice"


def test_one_roller_at_a_time(lake, settings, tmp_path):
    settings.LAKE = lake.path
    with rolling_alone(lake.path):
        with pytest.raises(AlreadyRolling), rolling_alone(lake.path):
            pass
        with pytest.raises(CommandError, match="just now"):
            call_command("roll_days")


def test_the_command_goes_by_the_service_s_clock(settings, tmp_path, monkeypatch, capsys):
    """Where the clock stands in another year, as in a demo, the days of now are not old."""
    settings.LAKE = tmp_path / "lake"
    monkeypatch.setattr(clock, "now_utc", lambda: NOW)
    some_days()
    call_command("roll_days")
    assert Fix.objects.count() == 3 + 3


def test_the_command(settings, tmp_path, capsys):
    settings.LAKE = tmp_path / "new-lake"
    take(signals([fix(-3 * DAY_MIN)]))
    call_command("roll_days", "--compact")
    assert "1 rows in" in capsys.readouterr().out
    assert len(in_lake(open_lake(settings.LAKE))["fixes"]) == 1
