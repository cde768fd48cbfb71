from __future__ import annotations

import datetime as dt

from django.core.cache import cache

from milepost.service.accounts.actors import Machine
from milepost.service.accounts.roles import Permission, Role
from milepost.service.algorithms.fairness.reports import report_of
from milepost.service.algorithms.models import DriftAlarm, DriftReport, OutcomeFile, PredictorStep
from milepost.service.algorithms.watching.run import watch_one
from tests.service.algorithms.made import KEY, made_registry, make_many
from tests.service.algorithms.watched import recorded, registry_in_shadow, scored
from tests.service.walk.cases import View
from tests.service.walk.monitoring import having
from tests.service.world import World

SEE, MANAGE = having(Permission.VIEW_ALGORITHMS), having(Permission.MANAGE_ALGORITHMS)


def asked(world: World) -> dict[str, str]:
    make_many(world, 48)
    return {"what": "alerts", "by": "sex"}


def more(world: World) -> None:
    """The report is kept: that making it anew asks no more of the database is tested in tests/service/algorithms."""
    make_many(world, 40, begin=500)
    report_of("alerts")


def in_registry(world: World) -> dict[str, object]:
    entry = made_registry()
    return {"code": entry.name, "version": entry.version}


def step_data(world: World) -> dict[str, object]:
    entry = made_registry()
    return {
        "to": "shadow", "read": "on", "why": "To watch it.",
        "evaluation_hash": entry.facts()["evaluation_hash"],
    }  # fmt: skip


def waiting(world: World) -> dict[str, object]:
    entry = made_registry()
    step = PredictorStep.objects.create(
        name=entry.name, version=entry.version, to="approved", why="It did well.", evaluation_hash="x", by=world.nora
    )  # fmt: skip
    return {"pk": step.pk}


def file_kept(world: World) -> dict[str, object]:
    file = OutcomeFile.objects.create(
        name="o.csv", sha256="0" * 64, source="Synthetic", by=world.nora, rows_read=3, rows_kept=1, rows_bad=2,
        problems=[
            {"row": 2, "field": "reference", "code": "nobody"}, {"row": 3, "field": "", "code": "columns"}
        ],
    )  # fmt: skip
    return {"pk": file.pk}


def one_file(world: World) -> dict[str, object]:
    file_kept(world)
    return {}


def more_files(world: World) -> None:
    for n in range(5):
        OutcomeFile.objects.create(name=f"{n}.csv", sha256=f"{n + 1}" * 64, source="Synthetic", by=world.nora)


def watched(world: World) -> dict[str, object]:
    """A predictor with a whole report, and an alarm."""
    cache.clear()
    entry = registry_in_shadow()
    recorded(scored(entry, 150), world.users[Role.ANALYST])
    report, _ = watch_one(entry, by=Machine("timer", "upkeep"))
    ring_one(report)
    return {"code": entry.name, "version": entry.version}


def ring_one(report: DriftReport, what: str = "age") -> DriftAlarm:
    return DriftAlarm.objects.create(
        name=report.name, version=report.version, kind="inputs", what=what, level="alarm", value=0.4, limit=0.25,
        first=report, last=report,
    )  # fmt: skip


def more_alarms(world: World) -> None:
    for n in range(5):
        ring_one(DriftReport.objects.get(), f"feature_{n}")


def alarm_kept(world: World) -> dict[str, object]:
    report = DriftReport.objects.create(
        name="made-up", version=1, day=dt.date(2026, 3, 2), fingerprint="0" * 64, found={}
    )
    return {"pk": ring_one(report).pk}


VIEWS = {
    "algorithms:list": View(right=SEE),
    "algorithms:record": View(right=SEE, args=lambda world: {"key": KEY}),
    "algorithms:fairness": View(right=SEE, data=asked, more=more),
    "algorithms:fairness-csv": View(right=SEE, data=asked, more=more),
    "algorithms:predictor": View(right=SEE, args=watched, more=more_alarms),
    "algorithms:predictor-step": View(
        right=MANAGE, method="post", args=in_registry, data=step_data, status=302
    ),
    "algorithms:predictor-second": View(right=MANAGE, args=waiting),
    "algorithms:alarm": View(right=MANAGE, args=alarm_kept),
    "algorithms:outcomes": View(right=MANAGE, data=one_file, more=more_files),
    "algorithms:outcomes-file": View(right=MANAGE, args=file_kept),
    "algorithms:outcomes-withdraw": View(
        right=MANAGE, method="post", args=file_kept, data=lambda world: {"why": "Wrong."}, status=302
    ),
}
