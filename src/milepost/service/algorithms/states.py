"""The life of a step of a predictor that somebody asks for, as data. The predictor's own states are the registry's."""

from __future__ import annotations

from milepost.service.accounts.roles import Permission
from milepost.service.algorithms.models import PredictorStep
from milepost.service.kit.states import Change, Life

S = PredictorStep.State
STEP_LIFE = Life(
    page="predictor-step-states",
    title="States of a step of a predictor",
    intro="This page is made from `milepost.service.algorithms.states`. A step takes a predictor from one state of the\n"
          "registry into another; those are in [Learned predictors](predictors.md).",
    begins=((S.WAITING, "ask, where policy asks for a second person"), (S.DONE, "ask")),
    changes=(
        Change("confirm", (S.WAITING,), S.DONE, "Never by whoever asked, and only as the registry's own rules allow.",
               Permission.MANAGE_ALGORITHMS),
        Change("refuse", (S.WAITING,), S.REFUSED, "With a reason. Never by whoever asked.",
               Permission.MANAGE_ALGORITHMS),
    ),
    meanings={
        S.WAITING: "A second person is asked. The predictor stays as it is.",
        S.DONE: "The registry has the new state, signed.",
        S.REFUSED: "The predictor stays as it is.",
    },
    ends=(S.DONE, S.REFUSED),
)  # fmt: skip
