"""The watch of predictors: reports from scores and outcomes, alarms that begin, go on, are answered and end."""

from __future__ import annotations

import datetime as dt
import json
import re

import polars as pl
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from milepost.service.accounts.actors import Machine
from milepost.service.accounts.roles import Role
from milepost.service.algorithms.fairness.later import sources
from milepost.service.algorithms.fairness.reports import report_of
from milepost.service.algorithms.models import DriftAlarm, DriftReport
from milepost.service.algorithms.outcomes.actions import withdraw
from milepost.service.algorithms.watching import run
from milepost.service.algorithms.watching.actions import answer
from milepost.service.audit.models import Entry as AuditEntry
from milepost.service.kit.refusals import Refused
from milepost.service.upkeep.models import UpkeepRun
from milepost.service.upkeep.watch import watch_predictors
from tests.service.algorithms.watched import NAME, recorded, registry_in_shadow, scored
from tests.service.world import World

BY = Machine("timer", "upkeep")


@pytest.fixture
def analyst(world: World):
    cache.clear()
    return world.users[Role.ANALYST]


@pytest.fixture
def entry(world: World):
    return registry_in_shadow()


def worse(frame: pl.DataFrame, share: float = 0.5) -> pl.DataFrame:
    """To many of those to whom nothing happened, it happened."""
    day = frame["followed_until"][0] - dt.timedelta(days=100)
    n = int(frame.height * share)
    hit = pl.when(pl.int_range(pl.len()) < n).then(pl.lit(day)).otherwise(None)
    return frame.with_columns(pl.coalesce("happened_on", hit).alias("happened_on"))


def test_scores_are_joined_to_outcomes_and_counted(entry, analyst):
    frame = scored(entry, 300)
    recorded(frame, analyst)
    assert watch_predictors(by=BY) == {"predictors": 1, "reports": 1, "alarms": 0, "failed": 0}
    found = DriftReport.objects.get().found
    assert found["with_outcome"] == 300
    assert found["overall"]["observed"] == frame["happened_on"].is_not_null().sum()
    assert AuditEntry.objects.get(what="predictor.watch").operation == "combination"
    assert UpkeepRun.objects.get(kind="watch").facts["reports"] == 1


def test_watching_again_with_nothing_new_writes_nothing(entry, analyst):
    recorded(worse(scored(entry, 300)), analyst)
    first = watch_predictors(by=BY)
    assert first["alarms"] > 0
    before = (
        AuditEntry.objects.count(),
        list(DriftAlarm.objects.values()),
        list(DriftReport.objects.values()),
    )
    assert watch_predictors(by=BY) == {"predictors": 1, "reports": 0, "alarms": 0, "failed": 0}
    assert (
        AuditEntry.objects.count(),
        list(DriftAlarm.objects.values()),
        list(DriftReport.objects.values()),
    ) == before


def test_killed_before_it_was_done_it_leaves_nothing_and_is_done_the_next_time(entry, analyst, monkeypatch):
    recorded(worse(scored(entry, 300)), analyst)
    real = run.write

    def dies(**more):
        if more["what"] == "predictor.watch":
            raise KeyboardInterrupt
        return real(**more)

    monkeypatch.setattr(run, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        watch_predictors(by=BY)
    assert not DriftReport.objects.exists()
    assert not DriftAlarm.objects.exists()
    assert not AuditEntry.objects.filter(what="predictor.alarm").exists()
    monkeypatch.setattr(run, "write", real)
    assert watch_predictors(by=BY)["reports"] == 1


def test_an_alarm_begins_once_goes_on_and_ends(entry, analyst):
    file = recorded(worse(scored(entry, 300)), analyst)
    watch_predictors(by=BY)
    rung = AuditEntry.objects.filter(what="predictor.alarm").count()
    kinds = set(DriftAlarm.objects.filter(over_utc=None).values_list("kind", flat=True))
    assert kinds >= {"calibration", "cusum"}
    assert rung == DriftAlarm.objects.count()
    DriftReport.objects.update(day=dt.date(2026, 1, 1))
    more = scored(entry, 20, seed=4)
    recorded(more, analyst, name="second.csv")
    watch_predictors(by=BY)
    assert DriftReport.objects.count() == 2
    same = DriftAlarm.objects.get(kind="calibration")
    assert same.first != same.last, "the same alarm goes on"
    withdraw(file=file, by=analyst, why="It was the wrong year.")
    watch_predictors(by=BY)
    assert not DriftAlarm.objects.filter(over_utc=None, kind__in=["calibration", "cusum"]).exists()


def test_an_alarm_is_shown_answered_once_and_the_answer_is_audited(entry, analyst, signed_in):
    recorded(worse(scored(entry, 300)), analyst)
    watch_predictors(by=BY)
    client = signed_in(analyst)
    page = client.get(reverse("algorithms:list")).content.decode()
    assert re.search(r"\d alarms?:</strong> synthetic-rearrest 1", page)
    page = client.get(reverse("algorithms:predictor", args=[NAME, 1])).content.decode()
    assert "times as many people had the outcome as was said" in page
    assert "Trained on synthetic people" in page
    alarm = DriftAlarm.objects.get(kind="calibration")
    client.post(reverse("algorithms:alarm", args=[alarm.pk]), {"text": "Retrain it."})
    alarm.refresh_from_db()
    assert (alarm.answer, alarm.answered_by) == ("Retrain it.", analyst)
    with pytest.raises(Refused, match="already"):
        answer(alarm=alarm, by=analyst, text="Again")
    assert AuditEntry.objects.get(what="predictor.answer").reason == "Retrain it."
    assert "Retrain it." in client.get(reverse("algorithms:predictor", args=[NAME, 1])).content.decode()


def test_a_watch_that_becomes_an_alarm_asks_anew(entry, analyst):
    scored(entry, 150, days_ago=20)
    report, _ = run.watch_one(entry, by=BY)
    told = {"kind": "inputs", "what": "age", "level": "watch", "value": 0.12, "limit": 0.1}
    DriftAlarm.objects.all().delete()
    (first,) = run._ring(report, [told])
    answer(alarm=first, by=analyst, text="Seen.")
    assert run._ring(report, [told]) == []
    (second,) = run._ring(report, [{**told, "level": "alarm", "value": 0.3, "limit": 0.25}])
    assert second.answered_utc is None
    first.refresh_from_db()
    assert first.over_utc is not None


def test_too_few_people_give_no_figure_on_the_page(entry, analyst, signed_in):
    frame = scored(entry, 90)
    recorded(frame[:7], analyst)
    watch_predictors(by=BY)
    page = signed_in(analyst).get(reverse("algorithms:predictor", args=[NAME, 1])).content.decode()
    assert "Too few people to judge it" in page
    assert page.count("not shown: fewer than 10") == 2, "the seven, and those who would give them away"
    assert "<svg" not in page.split("<main", 1)[1]


def test_no_report_names_a_person(entry, analyst):
    recorded(worse(scored(entry, 300)), analyst)
    watch_predictors(by=BY)
    kept = json.dumps(list(DriftReport.objects.values("found"))) + json.dumps(
        list(AuditEntry.objects.values_list("details", flat=True))
    )
    assert not re.search(r"SO-3-\d", kept)


def test_an_altered_predictor_is_not_watched_and_hides_no_other(entry, analyst):
    scored(entry, 150, days_ago=20)
    (entry.folder / "history.jsonl").write_text("")
    assert watch_predictors(by=BY) == {"predictors": 0, "reports": 0, "alarms": 0, "failed": 1}


def test_retired_ones_are_let_be(entry, analyst):
    from milepost.service import clock
    from milepost.service.algorithms.predictors import registry

    scored(entry, 150, days_ago=20)
    registry().move(entry, "retired", by="B", why="it was wrong", at=clock.now_utc())
    assert watch_predictors(by=BY)["predictors"] == 0


def test_fairness_knows_later_outcomes_of_a_predictor(entry, analyst, signed_in):
    key = f"predictor-{NAME}-1"
    frame = scored(entry, 300)
    assert key not in sources(), "there is nothing to judge it by"
    recorded(frame, analyst)
    report = report_of(key)
    hers = frame.gather_every(3, 2)
    women = next(g for g in report.groups if g.values == ("female",))
    assert women.people == hers.height
    assert women.measures["observed_rate"].value == pytest.approx(hers["happened_on"].is_not_null().mean())
    assert {"false_positive_rate", "calibration_gap"} <= set(women.measures)
    assert report.synthetic
    page = signed_in(analyst).get(reverse("algorithms:fairness"), {"what": key, "by": "sex"}).content.decode()
    assert "trained on synthetic people" in page
    assert "new arrest" in page
    assert not re.search(r"SO-3-\d", page)


def test_unknown_is_not_no_in_fairness(entry, analyst):
    frame = scored(entry, 300)
    recorded(frame[:150], analyst)
    everybody = report_of(f"predictor-{NAME}-1").everybody
    assert everybody.people == 300
    assert everybody.measures["observed_rate"].value == pytest.approx(
        frame[:150]["happened_on"].is_not_null().mean()
    )


def test_small_groups_are_hidden_with_outcomes_too(entry, analyst):
    recorded(scored(entry, 24), analyst)
    report = report_of(f"predictor-{NAME}-1")
    assert all(g.hidden for g in report.groups if g.values == ("female",))


def test_watching_more_people_asks_no_more_of_the_database(entry, analyst):
    counts = []
    for n, seed in ((150, 5), (300, 6)):
        recorded(scored(entry, n, seed=seed, days_ago=600 - seed), analyst, name=f"{seed}.csv")
        DriftAlarm.objects.all().delete()
        DriftReport.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            run.watch_one(entry, by=BY)
        counts.append(len([q for q in queries if "driftalarm" not in q["sql"] and "audit" not in q["sql"]]))
    assert counts[0] == counts[1]
