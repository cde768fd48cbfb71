"""Steps of a predictor: asked for, confirmed or refused. The registry's own rules hold as well; it signs the step."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from milepost.risk.predictors.registry import Entry, NotAllowed, Untrusted
from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.algorithms import policies
from milepost.service.algorithms.models import PredictorStep
from milepost.service.algorithms.predictors import in_registry, registry
from milepost.service.algorithms.states import STEP_LIFE
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused


@transaction.atomic
def ask(*, entry: Entry, to: str, why: str, evaluation_hash: str, by: User) -> PredictorStep:
    """Takes the step, or has it wait for a second person where policy wants one.

    Raises ``Refused`` with the reason, the registry's among them.
    """
    policies.check_can_ask(entry, to, evaluation_hash, by)
    waits = policies.needs_second(to)
    step = PredictorStep.objects.create(
        name=entry.name, version=entry.version, to=to, why=why, evaluation_hash=evaluation_hash, by=by,
        state=PredictorStep.State.WAITING if waits else PredictorStep.State.DONE, needs_second=waits,
    )  # fmt: skip
    _write(step, "predictor.ask" if waits else "predictor.move", by)
    if not waits:
        _move(step, by)
    return step


@transaction.atomic
def confirm(*, step: PredictorStep, by: User, note: str = "") -> PredictorStep:
    """The second person agrees: the predictor is moved, in the second person's name."""
    step = _answer(step, "confirm", by, note)
    _write(step, "predictor.confirm", by)
    _move(step, by)
    return step


@transaction.atomic
def refuse(*, step: PredictorStep, by: User, note: str) -> PredictorStep:
    step = _answer(step, "refuse", by, note)
    _write(step, "predictor.refuse", by)
    return step


def _answer(step: PredictorStep, change: str, by: User, note: str) -> PredictorStep:
    held: PredictorStep = PredictorStep.objects.select_for_update(of=("self",)).get(pk=step.pk)
    policies.check_can_second(held, by)
    held.state = STEP_LIFE.change(change).goes_to
    held.second_by, held.second_utc, held.second_note = by, clock.now_utc(), note
    held.save(update_fields=["state", "second_by", "second_utc", "second_note"])
    return held


def _move(step: PredictorStep, by: User) -> None:
    """Last in the transaction: what the registry refuses is not written here either."""
    try:
        entry = in_registry(step.name, step.version)
        if entry is None:
            raise Refused("The predictor has left the registry.")
        why = step.why if step.by_id == by.pk else f"{step.why} (asked by {step.by.name})"
        registry().move(
            entry, step.to, by=by.name, why=why, at=clock.now_utc(), evaluation_hash=step.evaluation_hash,
            demonstration=settings.DEMO,
        )  # fmt: skip
    except (NotAllowed, Untrusted) as error:
        raise Refused(str(error)) from None


def _write(step: PredictorStep, what: str, by: User) -> None:
    details = {
        "predictor": step.name,
        "version": step.version,
        "to": step.to,
        "evaluation": step.evaluation_hash,
    }
    write(by=by, operation=Operation.ALTERATION, what=what, reason=step.why, details=details)
