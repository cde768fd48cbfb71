from __future__ import annotations

from milepost.service.accounts.roles import Permission
from milepost.service.algorithms.fairness.reports import report_of
from milepost.service.algorithms.models import PredictorStep
from tests.service.algorithms.made import KEY, made_registry, make_many
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


VIEWS = {
    "algorithms:list": View(right=SEE),
    "algorithms:record": View(right=SEE, args=lambda world: {"key": KEY}),
    "algorithms:fairness": View(right=SEE, data=asked, more=more),
    "algorithms:fairness-csv": View(right=SEE, data=asked, more=more),
    "algorithms:predictor": View(right=SEE, args=in_registry),
    "algorithms:predictor-step": View(
        right=MANAGE, method="post", args=in_registry, data=step_data, status=302
    ),
    "algorithms:predictor-second": View(right=MANAGE, args=waiting),
}
