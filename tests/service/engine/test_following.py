"""What only goes on is followed without a revision; what changes is one at once; what settles is what batch says."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pyarrow as pa
import pytest

from milepost.compliance.batch import evaluate
from milepost.compliance.rule_tables import read_rules
from milepost.orders.schedules import expand
from milepost.service.monitoring import actions, reconcile
from milepost.service.monitoring.models import Decision, Finding, Incident
from milepost.service.monitoring.person_totals import totals_of_person
from milepost.service.orders.engine_file import order_file_of
from milepost.service.signals.read import signals_of
from milepost.tracks.record import Signals
from tests.service.engine.tags import AWAY, HOME, MARKET, MINUTE_US, fixes, killed_long_ago
from tests.service.engine.test_worker import (  # noqa: F401
    EVENING,
    HOUR_US,
    come_home_at,
    live_through,
    town_clock,
    worker,
)

FITTED = EVENING - 2 * HOUR_US
STEP_US = 5 * MINUTE_US


def at_the_market(worker, town_clock, from_us: int, until_us: int) -> None:  # noqa: F811
    """Every five minutes the tag sends what it has, and each time a position that it had held back: late signals are
    what makes the engine judge a person at every step."""
    for now in range(from_us + STEP_US, until_us + 1, STEP_US):
        held_back = fixes(now - 2 * STEP_US + MINUTE_US, now - 2 * STEP_US + 2 * MINUTE_US, MARKET)
        fresh = [fixes(now - STEP_US, now - STEP_US + MINUTE_US, MARKET)]
        fresh.append(fixes(now - STEP_US + 2 * MINUTE_US, now, MARKET))
        parts = [held_back, *fresh] if now > from_us + STEP_US else fresh
        signals = Signals(fixes=pa.concat_tables([part.fixes for part in parts]))
        live_through(worker, town_clock, signals, now)


def of_batch(person: Any, until_us: int) -> list[dict[str, Any]]:
    table = evaluate(
        order_file_of([person]), expand, signals_of(["tag-1"], 0, 1 << 62), read_rules(),
        begin_us=FITTED, until_us=until_us,
    ).findings  # fmt: skip
    columns = [c.cast(pa.int64()) if pa.types.is_timestamp(c.type) else c for c in table.columns]
    return pa.Table.from_arrays(columns, names=table.column_names).to_pylist()


def said(row: dict[str, Any]) -> dict[str, Any]:
    """Without what only the record knows, and when batch is told another begin."""
    return {
        name: row[name]
        for name in row
        if name not in ("finding_id", "revision", "supersedes", "obligation_coverage")
    }


def test_a_day_in_a_zone_is_a_handful_of_revisions_and_ends_as_batch_says(worker, town_clock, world):  # noqa: F811
    left = FITTED + 24 * HOUR_US
    at_the_market(worker, town_clock, FITTED, left)
    entry = Finding.objects.get(kind="zone_entry", current=True)
    assert entry.status == "open"
    assert entry.revision == 2  # it entered; as it lasted it became surer: nothing else was ever true of it
    assert 24 * 3600 - 900 <= entry.seconds_so_far <= 24 * 3600
    assert entry.row_so_far["finding_id"] == entry.finding_id
    assert entry.row_so_far["evidence_count"] > 1_000
    live_through(worker, town_clock, fixes(left, left + HOUR_US, HOME), left + HOUR_US)
    for hour in range(1, 26):  # past the end of the local day in which it ended
        now = left + HOUR_US * (1 + hour)
        live_through(worker, town_clock, fixes(now - HOUR_US, now, HOME), now)
    history = Finding.objects.filter(kind="zone_entry").order_by("revision")
    # In, surer of it, out, and the day's coverage once it is over.
    assert [f.status for f in history] == ["open", "open", "closed", "closed"]
    assert history[0].row["certainty"] < history[1].row["certainty"]
    assert [f.supersedes for f in history] == ["", *[f.finding_id for f in history][:-1]]
    last = history.last()
    expected = next(row for row in of_batch(world.ada, now) if row["kind"] == "zone_entry")
    assert said(last.row) == said(expected)
    assert last.row["obligation_coverage"] == expected["obligation_coverage"]
    assert last.row_so_far == last.row


def test_without_following_every_step_would_be_a_revision(worker, town_clock, monkeypatch):  # noqa: F811
    """So that the test above holds something."""
    monkeypatch.setattr(reconcile, "news_and_followed", lambda changes, *rest: (list(changes), []))
    at_the_market(worker, town_clock, FITTED, FITTED + HOUR_US)
    assert Finding.objects.filter(kind="zone_entry").count() > 8


def test_a_curfew_that_begins_while_somebody_is_in_a_zone_is_told_at_once(worker, town_clock):  # noqa: F811
    """No boundary is crossed at seven in the evening."""
    for now in range(FITTED + STEP_US, EVENING + 8 * MINUTE_US, MINUTE_US):
        live_through(worker, town_clock, fixes(now - MINUTE_US, now, MARKET), now)
    late = Finding.objects.get(kind="out_at_start")
    assert late.told_us - EVENING <= 6 * MINUTE_US
    assert late.status == "open"


def test_a_higher_level_is_a_revision_at_once_while_it_goes_on(worker, town_clock):  # noqa: F811
    live_through(worker, town_clock, fixes(EVENING - HOUR_US, EVENING, AWAY), EVENING)
    for minute in range(1, 130):
        now = EVENING + minute * MINUTE_US
        live_through(worker, town_clock, fixes(now - MINUTE_US, now, AWAY), now)
    history = list(Finding.objects.filter(kind="out_at_start").order_by("revision"))
    assert [level for level, _ in groupby(f.level for f in history)] == ["note", "review", "urgent"]
    assert len(history) <= 4  # one more where it became surer
    for finding, limit in zip(history[-2:], (15, 120), strict=True):
        assert limit * 60 <= finding.seconds < (limit + 3) * 60
        assert finding.told_us - finding.end_us <= 2 * MINUTE_US


def test_totals_count_what_goes_on_as_far_as_it_is_known(worker, town_clock, world):  # noqa: F811
    now = EVENING + 4 * HOUR_US
    at_the_market(worker, town_clock, FITTED, now)
    lines = totals_of_person(world.ada, order_file_of([world.ada]), read_rules(), until_us=now)
    assert max(line.found_minutes for line in lines) >= 4 * 60 - 15


def test_a_decision_rests_on_a_revision_of_what_was_seen(worker, town_clock, world):  # noqa: F811
    at_the_market(worker, town_clock, FITTED, FITTED + HOUR_US)
    incident = Incident.objects.get()
    before = Finding.objects.get(current=True)
    assert before.so_far is not None
    decision = actions.decide(
        incident=incident, revision=incident.revision, by=world.nora, kind="warning", reason_code="excuse_not_accepted",
        explanation="Said to go home.",
    )  # fmt: skip
    seen = Finding.objects.get(current=True)
    assert decision.finding_ids == [seen.finding_id]
    assert (seen.supersedes, seen.revision, seen.so_far) == (before.finding_id, before.revision + 1, None)
    assert seen.seconds >= 50 * 60
    before.refresh_from_db()
    assert (before.current, before.row["seconds"]) == (False, before.seconds)
    at_the_market(worker, town_clock, FITTED + HOUR_US, FITTED + 90 * MINUTE_US)
    incident.refresh_from_db()
    assert not incident.superseded_since_decision  # it only went on
    assert Finding.objects.get(current=True).pk == seen.pk
    assert Decision.objects.get().finding_ids == [seen.finding_id]


@pytest.mark.parametrize("restarts", [1, 3])
def test_a_new_worker_goes_on_following_and_writes_nothing(worker, town_clock, restarts):  # noqa: F811
    from milepost.service.monitoring.worker import Worker

    at_the_market(worker, town_clock, FITTED, FITTED + 2 * HOUR_US)
    before = Finding.objects.count()
    for n in range(restarts):
        killed_long_ago()
        second = Worker(f"another-{n}")
        second.step()
    assert Finding.objects.count() == before
