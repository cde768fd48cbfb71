"""Messages that arrive together are written together, and each request hears only of its own."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from django.db import DataError, OperationalError, connection, connections

from milepost.service.signals import group_commit, writing
from milepost.service.signals.group_commit import GroupCommit, Ticket
from milepost.service.signals.incoming import Incoming, Outcome
from milepost.service.signals.models import Delivery, Fix, QuarantinedMessage
from milepost.service.signals.policy_data import limits
from milepost.service.signals.writing import NotNow, write_all

NOW_US = 1_773_500_400_000_000


def incoming(n: int, device: str = "tag-1", body: str | None = None, **more) -> Incoming:
    raw = body or f"id={device}&timestamp={NOW_US // 1_000_000 - n}&lat=53.7&lon=1.7"
    return Incoming(raw.encode(), "osmand", NOW_US, "test", **more)


def test_who_comes_during_a_commit_shares_the_next_one():
    groups, first_writes, go_on = [], threading.Event(), threading.Event()

    def write(group):
        groups.append([item.raw for item in group])
        if len(groups) == 1:
            first_writes.set()
            assert go_on.wait(10)
        return [Outcome(accepted=1, delivery=int(item.raw)) for item in group]

    gathered = GroupCommit(write)
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(gathered.submit, incoming(0, body="0"))
        assert first_writes.wait(10)
        others = [threads.submit(gathered.submit, incoming(i, body=str(i))) for i in range(1, 7)]
        while len(gathered._waiting) < 6:
            time.sleep(0.001)
        go_on.set()
        assert [f.result(10).delivery for f in [first, *others]] == list(range(7)), "each its own"
    assert [len(group) for group in groups] == [1, 6]
    assert gathered.submit(incoming(9, body="9")).delivery == 9, "and the next finds the door open"
    gathered.close()
    assert gathered.submit(incoming(8, body="8")).delivery == 8, "closed, it begins anew"
    gathered.close()


def test_a_writer_that_fails_leaves_nobody_waiting():
    first_writes, go_on, calls = threading.Event(), threading.Event(), []

    def write(group):
        calls.append(len(group))
        if len(calls) == 1:
            first_writes.set()
            assert go_on.wait(10)
            raise RuntimeError("a fault of ours")
        return [Outcome(accepted=1) for _ in group]

    gathered = GroupCommit(write)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(gathered.submit, incoming(0))
        assert first_writes.wait(10)
        second = threads.submit(gathered.submit, incoming(1))
        while not gathered._waiting:
            time.sleep(0.001)
        go_on.set()
        with pytest.raises(RuntimeError):
            first.result(10)
        assert second.result(10).accepted == 1
    gathered.close()


@pytest.mark.django_db
def test_one_that_the_database_will_not_have_does_not_sink_the_others(monkeypatch):
    real = writing.take_in

    def picky(signals, **more):
        if signals.fixes.num_rows and "poison" in signals.fixes["device_id"].to_pylist():
            raise DataError("value out of range")
        return real(signals, **more)

    monkeypatch.setattr(writing, "take_in", picky)
    results = write_all([incoming(0), incoming(1, "poison"), incoming(2)])
    assert [r.accepted for r in results] == [1, 0, 1]
    assert results[1].quarantined == 1
    assert Fix.objects.count() == 2
    assert QuarantinedMessage.objects.get().raw == incoming(1, "poison").raw


@pytest.mark.django_db
def test_a_group_knows_whose_row_was_a_repeat():
    results = write_all(
        [incoming(0), incoming(1), incoming(0), incoming(2, body="id=x&timestamp=never&lat=1&lon=1")]
    )
    assert [(r.accepted, r.repeated, r.quarantined) for r in results] == [
        (1, 0, 0),
        (1, 0, 0),
        (0, 1, 0),
        (0, 0, 1),
    ]
    assert Delivery.objects.get().messages == 4


@pytest.mark.django_db
def test_a_foreign_row_is_taken_out_of_the_group_and_the_others_stay_in_place():
    items = [
        incoming(0, "a-1", device_prefix="a-"),
        incoming(1, "b-1", device_prefix="a-"),
        incoming(2, "a-2"),
        incoming(0, "a-1"),
    ]
    results = write_all(items)
    assert [(r.accepted, r.repeated, r.foreign) for r in results] == [
        (1, 0, 0),
        (0, 0, 1),
        (1, 0, 0),
        (0, 1, 0),
    ]


@pytest.mark.django_db
def test_nothing_is_told_to_be_kept_when_the_database_is_away(monkeypatch):
    def away(*args, **more):
        raise OperationalError("no space left")

    monkeypatch.setattr(writing, "take_in", away)
    assert all(isinstance(result, NotNow) for result in write_all([incoming(0), incoming(1)]))


@pytest.mark.django_db(transaction=True)
def test_many_threads_lose_nothing_and_double_nothing(tmp_path, settings):
    """Each of 8 threads sends 60 messages, half of which another thread sends too; ids grow as they appear."""
    if connection.vendor == "sqlite":
        pytest.skip("the tests' SQLite is in memory; test_ingest_file_database.py does this with a file")
    _storm()


def _storm() -> None:
    gathered, seen, stop = GroupCommit(), [], threading.Event()

    def work(k):
        try:
            return [gathered.submit(incoming(n if n % 2 else n + 1000 * k)) for n in range(60)]
        finally:
            connections.close_all()

    def watch():
        try:
            reached = 0
            while not stop.is_set():
                new = list(Fix.objects.filter(id__gt=reached).order_by("id").values_list("id", flat=True))
                seen.extend(new)
                reached = new[-1] if new else reached
                time.sleep(0.002)  # a loop without a pause keeps the interpreter to itself: the takers starve
        finally:
            connections.close_all()

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(8) as threads:
        outcomes = [o for part in threads.map(work, range(8)) for o in part]
    gathered.close()
    stop.set()
    watcher.join(20)
    wanted = {n if n % 2 else n + 1000 * k for k in range(8) for n in range(60)}
    assert sum(o.accepted for o in outcomes) == len(wanted) == Fix.objects.count()
    assert sum(o.repeated for o in outcomes) == 8 * 60 - len(wanted)
    left = set(Fix.objects.filter(id__gt=max(seen, default=0)).values_list("id", flat=True))
    assert set(seen) | left == set(Fix.objects.values_list("id", flat=True)), "who read on by id missed one"


def test_transactions_keep_apart_but_who_comes_alone_does_not_wait(monkeypatch):
    """Each costs the same for one message as for thirty: when many come, more share one."""
    apart_s = 0.5
    slow = limits().model_copy(update={"group": limits().group.model_copy(update={"apart_s": apart_s})})
    monkeypatch.setattr(group_commit, "limits", lambda: slow)
    groups, began_s = [], []

    def write(group):
        began_s.append(time.monotonic())
        groups.append(len(group))
        return [Outcome(accepted=1) for _ in group]

    gathered = GroupCommit(write)
    asked_s = time.monotonic()
    gathered.submit(incoming(0))
    assert began_s[0] - asked_s < apart_s, "alone, it waits for nobody"
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(gathered.submit, [incoming(n) for n in (1, 2, 3)]))
    gathered.close()
    assert sum(groups) == 4
    assert all(later - before >= apart_s for before, later in pairwise(began_s))
    assert len(groups) <= 3


def test_who_takes_back_the_only_message_does_not_end_the_writing(monkeypatch):
    slow = limits().model_copy(update={"group": limits().group.model_copy(update={"apart_s": 0.3})})
    monkeypatch.setattr(group_commit, "limits", lambda: slow)
    gathered = GroupCommit(lambda group: [Outcome(accepted=1) for _ in group])
    gathered.submit(incoming(0))
    ticket = Ticket(incoming(1), 1, threading.Event())
    gathered.add(ticket)
    assert gathered.take_back(ticket)
    time.sleep(0.5)
    assert gathered.submit(incoming(2)).accepted == 1
    gathered.close()
