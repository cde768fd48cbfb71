"""The demo's predictor: of synthetic people, called so, in shadow with a past; and it touches no real registry."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.cache import cache
from django.urls import reverse

from milepost.problems import Problem, UnreadableFile
from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.algorithms.fairness.later import sources
from milepost.service.algorithms.fairness.reports import report_of
from milepost.service.algorithms.models import DriftAlarm, DriftReport, Outcome, OutcomeFile, PredictorStep
from milepost.service.algorithms.predictors import held
from milepost.service.audit.models import Entry as AuditEntry
from milepost.service.demo import commands, predictor_of_town
from milepost.service.demo.population import Staff
from milepost.service.people.models import Person
from tests.service.world import World

VISIT_US = int(dt.datetime(2026, 3, 9, 18, tzinfo=dt.UTC).timestamp() * 1e6)


@pytest.fixture
def made(world: World, settings, tmp_path: Path) -> World:
    settings.PREDICTORS, settings.PREDICTORS_KEY, settings.DEMO = str(tmp_path / "predictors"), "", True
    cache.clear()
    assert predictor_of_town.make_predictor(Staff(others=[world.users[Role.ANALYST]]), VISIT_US, 1)
    return world


def test_it_is_of_synthetic_people_says_so_everywhere_and_has_a_past(made: World, signed_in):
    (entry,) = held().entries
    assert entry.body["synthetic"]
    assert entry.name.startswith("synthetic-")
    assert entry.state == "shadow"
    assert [event["to"] for event in entry.history] == ["trained", "shadow"]
    assert {event["by"] for event in entry.history} == {made.users[Role.ANALYST].name}
    assert PredictorStep.objects.get().to == "shadow"
    assert DriftReport.objects.count() >= 2
    found = DriftReport.objects.first().found
    assert found["overall"]
    assert found["inputs"]
    assert DriftAlarm.objects.filter(over_utc=None, kind="inputs", what="unemployed").exists()
    assert OutcomeFile.objects.count() == 3
    assert Outcome.objects.exists()
    scored = set(Outcome.objects.values_list("person__reference", flat=True))
    assert not scored & {"P000001", "P000002", "P000003"}, "nobody of the town is scored"
    assert not Person.objects.filter(reference__startswith="SO-", synthetic=False).exists()
    assert AuditEntry.objects.filter(what="demo.predictor").exists()
    with clock.pinned(VISIT_US):
        client = signed_in(made.users[Role.ANALYST])
        key = f"predictor:{entry.name}@1"
        pages = {
            "list": reverse("algorithms:list"),
            "page": reverse("algorithms:predictor", args=[entry.name, 1]),
            "card": reverse("algorithms:record", args=[key]) + "?kind=card",
            "alarm": reverse("algorithms:alarm", args=[DriftAlarm.objects.filter(over_utc=None)[0].pk]),
            "fair": reverse("algorithms:fairness") + f"?what=predictor-{entry.name}-1&by=sex",
        }
        for name, address in pages.items():
            assert "rained on synthetic people" in client.get(address).content.decode(), name
        assert "<svg" in client.get(pages["page"]).content.decode()
        report = report_of(f"predictor-{entry.name}-1", sources()[f"predictor-{entry.name}-1"])
    assert report.everybody.people > 300


def test_without_the_library_that_trains_the_demo_is_made_without_it(
    world: World, settings, tmp_path, monkeypatch
):
    settings.PREDICTORS = str(tmp_path / "predictors")

    def missing(model):
        raise UnreadableFile(
            Problem("model", None, "model.kind", "scikit-learn is not installed", "Install it.")
        )

    monkeypatch.setattr(predictor_of_town, "check_installed", missing)
    assert not predictor_of_town.make_predictor(Staff(others=[world.users[Role.ANALYST]]), VISIT_US, 1)
    assert held().entries == []
    assert not User.objects.filter(name__startswith="SO-").exists()


def test_the_demo_never_opens_the_registry_of_a_real_service():
    assert {"MILEPOST_PREDICTORS", "MILEPOST_PREDICTORS_KEY"} <= set(commands.OF_A_REAL_SERVICE)
