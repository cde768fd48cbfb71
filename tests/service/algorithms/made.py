"""People with characteristics and decided alerts, and a registry with one predictor, for tests."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings

from milepost.risk.predictors.registry import Entry, Registry
from milepost.service.monitoring.models import Decision, Incident
from milepost.service.orders.models import Activation, Device
from milepost.service.people.models import Characteristics, Person
from tests.service.monitoring.factory import MONDAY, at
from tests.service.world import FITTED, World, make_person

KEY = "arp"
DAY_US = 86_400_000_000


def make_many(world: World, n: int, begin: int = 0, *, seed: int = 1) -> list[Person]:
    """``n`` people on tag, men and women, each with two alerts of a past week; most of them decided."""
    chance, people = random.Random(seed), []
    for i in range(begin, begin + n):
        person = make_person(
            f"PF{i:05d}", f"Made {i}", world.north, date_of_birth=dt.date(1970 + i % 35, 1, 2)
        )
        Characteristics.objects.create(
            person=person, sex="female" if i % 4 == 0 else "male",
            ethnicity=chance.choice(["white", "white", "white", "black", "asian", ""]),
        )  # fmt: skip
        device = Device.objects.create(device_id=f"tag-f-{i}", kind="tag", state="fitted")
        Activation.objects.create(reference=f"AF{i:05d}", device=device, person=person, from_utc=FITTED)
        for n_th in range(2):
            alert(person, n_th, chance, by=world.nora)
        people.append(person)
    return people


def alert(person: Person, n: int, chance: random.Random, by: Any) -> Incident:
    start = at(MONDAY, "19:00") - 30 * DAY_US + n * DAY_US
    incident = Incident.objects.create(
        person=person, state="decided", level=chance.choice(["urgent", "review", "note"]), kind="late_return",
        group_key=f"made|{n}", began_us=start, opened_us=start, changed_us=start, still_going=False,
    )  # fmt: skip
    kind = chance.choice(["warning", "breach", "excused", "no_action", None])
    if kind:
        Decision.objects.create(
            incident=incident, kind=kind, state="stands", incident_revision=0, by=by,
            at_utc=dt.datetime.fromtimestamp(start / 1e6, dt.UTC),
        )  # fmt: skip
    return incident


class Plain:
    """Stands for a predictor: only its numbers are kept."""

    def as_dict(self) -> dict[str, Any]:
        return {"kind": "mean", "numbers": [0.3]}


BODY: dict[str, Any] = {
    "name": "made-up", "task": "Orders nothing: a test.", "owner": "Tests", "source": "None", "cohort": "Made-up people",
    "index_date": "2024-01-01", "horizon_days": 730, "outcome": "Made up", "features": [], "excluded": [],
    "groups": ["sex"], "justification": {}, "data": {"rows": 100, "from": "2024-01-01", "until": "2024-12-31", "hash": "x"},
    "model": {"kind": "logistic", "settings": {}, "library versions": {}},
    "evaluation": {"brier": {"value": 0.21, "interval": [0.19, 0.23]}, "auc": {"value": 0.7}}, "fairness": None,
    "calibration": {"slope": 1.02}, "confidence": {}, "reference": {}, "retrospective": False, "synthetic": True,
    "trained_at": "2026-11-01T10:00:00+00:00", "study": {},
}  # fmt: skip


def made_registry() -> Entry:
    """A registry with one predictor, anew, in a folder of this process's own."""
    folder = Path(settings.DATA) / f"predictors-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    settings.PREDICTORS = str(folder)
    at_utc = dt.datetime(2026, 11, 1, 10, tzinfo=dt.UTC)
    return Registry(folder).add(dict(BODY), Plain(), by="Test Trainer", at=at_utc)  # type: ignore[arg-type]
