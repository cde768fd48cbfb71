"""In which state what may be done with a predictor. ``check_...`` raises ``Refused`` with the reason."""

from __future__ import annotations

from django.utils.translation import gettext as _

from milepost.risk.predictors.data_files import load
from milepost.risk.predictors.registry import Entry
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.algorithms.models import PredictorStep
from milepost.service.algorithms.policy_data import numbers
from milepost.service.algorithms.states import STEP_LIFE
from milepost.service.kit.refusals import Refused, need
from milepost.service.kit.states import check_step


def next_states(entry: Entry) -> list[str]:
    """Where it can go from here, as the registry has it."""
    return list(load("states")["states"][entry.state]["to"])


def needs_second(to: str) -> bool:
    return to in numbers().steps.second_person


def check_can_ask(entry: Entry, to: str, evaluation_hash: str, by: User) -> None:
    need(by, Permission.MANAGE_ALGORITHMS)
    if to not in next_states(entry):
        raise Refused(_("The predictor is not in a state from which this can be done."))
    if evaluation_hash != entry.facts()["evaluation_hash"]:
        raise Refused(_("The evaluation has changed since you read it. Read it again."))
    if PredictorStep.objects.filter(
        name=entry.name, version=entry.version, state=PredictorStep.State.WAITING
    ).exists():
        raise Refused(_("A step of this predictor waits for a second person already."))


def check_can_second(step: PredictorStep, by: User) -> None:
    check_step(STEP_LIFE, "confirm", step.state, by, _("It was answered already."))
    if step.by_id == by.pk:
        raise Refused(_("You asked for it yourself. A second person must answer."))
